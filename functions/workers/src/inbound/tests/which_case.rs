//! Which case a mail belongs to, and who may do what in it.

use recourse_dispute::notification::Audience;
use recourse_signing::reply::ReplyRole;
use recourse_store::MailId;
use recourse_support::reason::Reason;

use super::*;

/// Remembers under which id our first mail of a case went out.
async fn sent(bench: &Bench, number: u64, wire_id: &str) {
    let id = MailId { number: number.try_into().unwrap(), version: 1, audience: Audience::Case };
    bench.worker.store.remember_sent_id(id, wire_id).await.unwrap();
}

#[tokio::test]
async fn the_token_goes_before_everything_else() {
    let bench = Bench::new().await;
    sent(&bench, 552, "0100-1@email.amazonses.com").await;
    let mut mail = bench.reply("Hello?").await.with_headers("In-Reply-To: <0100-1@email.amazonses.com>\r\n");
    mail.subject = format!("Re: [{}] x", dispute(&bench, 552).await.number.case_id());
    mail.to = mail.to.to_uppercase();
    bench.receive("a", &mail).await;
    assert!(bench.line().contains("matched_by=token") && bench.line().contains("dispute=RC-0000008t"));
}

#[tokio::test]
async fn a_forged_token_counts_and_the_references_decide() {
    let bench = Bench::new().await;
    sent(&bench, 552, "0100-2@eu-west-1.amazonses.com").await;
    let good = bench.address(551).await;
    let forged = good.replacen("+a", "+b", 1);
    for (id, headers) in [
        ("a", "References: <0100-2@eu-west-1.amazonses.com> <unknown@x.example>\r\n"),
        ("b", "In-Reply-To: <0100-2@EU-WEST-1.amazonses.com>\r\nReferences: <unknown@x.example>\r\n"),
    ] {
        let mail = Draft::new(CUSTOMER, &forged, "Hello?").with_id(id).with_headers(headers);
        bench.receive(id, &mail).await;
        for field in ["forged_token=1", "matched_by=reference", "dispute=RC-0000008u"] {
            assert!(bench.line().contains(field), "{field} in {}", bench.line());
        }
    }
    assert!(messages(&bench, 551).await.is_empty());
}

/// A bank has the address of its own notices. With it, nobody writes as the customer whose domain
/// publishes no policy.
#[tokio::test]
async fn an_answer_to_a_partys_notice_never_counts_as_the_customers() {
    let bench = Bench::new().await;
    let party = bench.address_for(551, ReplyRole::Party).await;
    let mut forged = Draft::new(CUSTOMER, &party, "It works now, thank you.").with_id("a");
    forged.dmarc = "none";
    bench.receive("a", &forged).await;
    for field in ["matched_by=party_token", "dispute=RC-0000008t", "forged_token=0"] {
        assert!(bench.line().contains(field), "{field} in {}", bench.line());
    }
    let record = bench.record(551).await;
    assert!(record.record.dispute.state.is_open());
    assert_eq!(record.case.unwrap().support.unwrap().reason, Reason::SenderNotVerified);
    // The customer's own address goes before it.
    let both = format!("{party}, {}", bench.address(552).await);
    bench.receive("b", &Draft::new(CUSTOMER, &both, "Hello?").with_id("b")).await;
    assert!(bench.line().contains("matched_by=token") && bench.line().contains("dispute=RC-0000008u"));
}

#[tokio::test]
async fn an_id_of_ses_is_found_under_the_other_host_too() {
    let bench = Bench::new().await;
    sent(&bench, 551, "0100-1@email.amazonses.com").await;
    let mail = Draft::new(CUSTOMER, OWN, "Hello?").with_headers("In-Reply-To: <0100-1@eu-west-1.amazonses.com>\r\n");
    bench.receive("a", &mail).await;
    assert!(bench.line().contains("matched_by=reference"), "{}", bench.line());
}

#[tokio::test]
async fn a_subject_names_the_case_of_its_recipient_alone() {
    let bench = Bench::new().await;
    let named = |subject: &str, from: &str, id: &str| {
        let mut mail = Draft::new(from, OWN, "Hello?").with_id(id);
        mail.subject = subject.to_owned();
        mail
    };
    bench.receive("a", &named("Fwd: [RC-0000008t] your report", CUSTOMER, "a")).await;
    assert!(bench.line().contains("matched_by=subject"), "{}", bench.line());
    let mut forged = named("RC-0000008t", CUSTOMER, "b");
    forged.dmarc = "fail";
    bench.receive("b", &forged).await;
    for (id, subject, from) in [
        ("c", "RC-0000008t", "stranger@x.example"),
        ("d", "RC-0000008t RC-0000008u", CUSTOMER),
        ("e", "RC-00000000", CUSTOMER),
        ("f", "RC-", CUSTOMER),
    ] {
        bench.receive(id, &named(subject, from, id)).await;
        assert!(bench.line().contains("outcome=no_case"), "{subject}: {}", bench.line());
    }
    assert_eq!(messages(&bench, 551).await.len(), 1);
}

#[tokio::test]
async fn texts_and_quotes_name_no_case() {
    let bench = Bench::new().await;
    let address = bench.address(551).await;
    let text = format!("RC-0000008t {address}\r\n> To: {address}\r\n> Subject: RC-0000008t\r\n");
    bench.receive("a", &Draft::new(CUSTOMER, OWN, &text)).await;
    assert!(bench.line().contains("outcome=no_case"), "{}", bench.line());
}

#[tokio::test]
async fn a_stranger_with_a_true_token_is_noted_and_moves_nothing() {
    let bench = Bench::new().await;
    let before = bench.support(551).await;
    let to = bench.address(551).await;
    let mail = Draft::new("stranger@x.example", &to, "It works now").with_file("voucher.png", "image/png", PNG);
    bench.receive("a", &mail).await;
    let (after, note) = (bench.support(551).await, message(&bench, 551).await);
    assert_eq!((after.state, after.owner), (before.state, before.owner));
    assert!(after.facts.third_party_wrote && note.role == MessageRole::ThirdParty);
    assert!(note.attachments.iter().all(|one| one.accepted && one.file.is_none() && one.object.is_some()));
    let dispute = dispute(&bench, 551).await;
    assert!(dispute.state.is_open() && dispute.claim.evidence.is_empty());
    assert!(bench.support_mails(551).await.is_empty());
    assert!(bench.line().contains("role=third_party") && bench.line().contains("third_party=1"));
}

#[tokio::test]
async fn a_mail_to_several_cases_belongs_to_the_first_one_of_them() {
    let bench = Bench::new().await;
    let to = format!("{}, {}", bench.address(552).await, bench.address(551).await);
    bench.receive("a", &Draft::new(CUSTOMER, &to, "Hello?")).await;
    assert_eq!((messages(&bench, 552).await.len(), messages(&bench, 551).await.len()), (1, 0));
    assert_eq!(log::lines("a mail came to the addresses of several cases").len(), 1);
    // A case that does not exist is passed over.
    let to = format!("{}, {}", bench.address(999).await, bench.address(551).await);
    bench.receive("b", &Draft::new(CUSTOMER, &to, "Hello?").with_id("b")).await;
    assert_eq!(messages(&bench, 551).await.len(), 1);
}

#[tokio::test]
async fn an_answer_to_the_mail_about_no_case_is_to_no_case() {
    let bench = Bench::new().await;
    let to = bench.address(0).await;
    bench.receive("a", &Draft::new("stranger@x.example", &to, "Hello")).await;
    assert!(bench.line().contains("outcome=no_case") && bench.line().contains("forged_token=0"), "{}", bench.line());
}

#[tokio::test]
async fn our_own_mail_that_comes_back_is_noted() {
    let bench = Bench::new().await;
    sent(&bench, 551, "0100-1@email.amazonses.com").await;
    let mut mail = bench.reply("It works now").await;
    mail.message_id = Some("0100-1@email.amazonses.com".to_owned());
    bench.receive("a", &mail).await;
    assert!(bench.line().contains("class=our_own"), "{}", bench.line());
    assert!(dispute(&bench, 551).await.state.is_open() && bench.support_mails(551).await.is_empty());
}
