//! What becomes of received mails, whatever happens on the way.

mod files;
mod hostile;
mod once;
mod which_case;

use recourse_dispute::dispute::Dispute;
use recourse_store::{Message, MessageRole};
use recourse_support::case::State;

use super::testing::{Bench, CUSTOMER, Draft, OWN, PNG, SUPPORT};
use crate::testing::{log, pass};

/// Texts and roles of a case's messages that came in, in their order.
async fn messages(bench: &Bench, number: u64) -> Vec<(MessageRole, String)> {
    let messages = bench.record(number).await.messages;
    messages.into_iter().filter(|message| message.object.is_some()).map(|one| (one.role, one.text)).collect()
}

/// The only message of a case that came in.
async fn message(bench: &Bench, number: u64) -> Message {
    let mut messages = bench.record(number).await.messages;
    messages.retain(|message| message.object.is_some());
    let [message] = messages.try_into().unwrap();
    message
}

async fn dispute(bench: &Bench, number: u64) -> Dispute {
    bench.record(number).await.record.dispute
}

#[tokio::test]
async fn a_reply_becomes_a_message_with_its_files_as_evidence() {
    let bench = Bench::new().await;
    let mail = bench.reply("Here is the photo").await.with_file("voucher.png", "image/png", PNG);
    bench.receive("a", &mail).await;
    let message = message(&bench, 551).await;
    assert_eq!((message.role, message.text.as_str()), (MessageRole::Customer, "Here is the photo"));
    assert_eq!(message.object.as_deref(), Some("inbound/a"));
    assert_eq!(message.message_id.as_deref(), Some("<first@mail.customer.example>"));
    let [attachment] = message.attachments.try_into().unwrap();
    let [file] = dispute(&bench, 551).await.claim.evidence.try_into().unwrap();
    assert!(attachment.accepted && attachment.file.as_ref() == Some(&file.id));
    assert_eq!((file.media.as_str(), file.size), ("image/png", 8));
    assert_eq!(bench.evidence(), [format!("evidence/{}", file.object)]);
    let line = bench.line();
    for field in [
        "INFO",
        "outcome=recorded",
        "class=written",
        "matched_by=token",
        "role=customer",
        "verdict=spam=pass virus=pass dmarc=pass",
        "dispute=RC-0000008t",
        "attachments=1",
        "refused_attachments=0",
        "support_from=new",
        "received=1",
        "third_party=0",
        "failed_verdict=0",
    ] {
        assert!(line.contains(field), "{field} in {line}");
    }
}

/// Of each mail in this file's tests: no address, no subject, no text, no file's name, no id.
#[tokio::test]
async fn no_line_of_the_log_has_anything_of_a_mail() {
    let bench = Bench::new().await;
    let mut mail =
        bench.reply("secret-text").await.with_id("secret-id").with_file("secret-name.exe", "image/png", b"MZ");
    mail.subject = "secret-subject".to_owned();
    bench.receive("a", &mail).await;
    mail.from = "secret-sender@x.example".to_owned();
    bench.receive("b", &mail).await;
    mail.to = OWN.replace('@', "+secrettokenaaaaaaaaaaaaaaa@");
    bench.receive("c", &mail).await;
    bench.on_call(|_, _| crate::testing::cloud::Fault::Lost);
    bench.store("d", mail.raw());
    bench.event("d").await.unwrap_err();
    assert_eq!(log::lines("message=inbound").len(), 4);
    for secret in ["secret", "@", "customer.example"] {
        assert_eq!(log::lines(secret), Vec::<String>::new());
    }
}

/// Nobody relies on it. It is taken out of what a model sees.
#[tokio::test]
async fn the_name_beside_the_senders_address_stays_with_the_message() {
    let bench = Bench::new().await;
    let mut mail = bench.reply("Hello?").await;
    mail.from = format!("Ada Obi <{CUSTOMER}>");
    bench.receive("a", &mail).await;
    assert_eq!(message(&bench, 551).await.from_name.as_deref(), Some("Ada Obi"));
    assert!(log::lines("Obi").is_empty());
}

#[tokio::test]
async fn a_customer_who_writes_that_it_works_closes_the_case_and_frees_the_transaction() {
    let bench = Bench::new().await;
    bench.receive("a", &bench.reply("It works now, thank you").await).await;
    assert_eq!(bench.support(551).await.state, State::Resolved);
    assert!(!dispute(&bench, 551).await.state.is_open());
    assert!(bench.line().contains("support_to=resolved"), "{}", bench.line());
    assert!(dispute(&bench, 552).await.state.is_open());
}

#[tokio::test]
async fn a_failed_verdict_moves_nothing_but_to_an_agent() {
    let failing: [fn(&mut Draft); 3] =
        [|mail| mail.spam = "FAIL", |mail| mail.virus = "FAIL", |mail| mail.dmarc = "fail"];
    for fail in failing {
        let bench = Bench::new().await;
        let mut mail = bench.reply("It works now").await.with_file("voucher.png", "image/png", PNG);
        fail(&mut mail);
        bench.receive("a", &mail).await;
        let after = dispute(&bench, 551).await;
        assert!(after.state.is_open() && after.claim.evidence.is_empty());
        assert_eq!(bench.support(551).await.state, State::WaitingForAgent);
        assert!(bench.line().contains("failed_verdict=1"));
        assert!(message(&bench, 551).await.verdicts.is_some_and(|text| text.contains("fail")));
        // A virus is not even stored.
        assert_eq!(bench.evidence().is_empty(), mail.virus == "FAIL");
    }
}

#[tokio::test]
async fn a_case_without_the_process_keeps_its_mails() {
    let bench = Bench::new().await;
    bench.report_without_process(553).await;
    let to = bench.address(553).await;
    bench.receive("a", &Draft::new(CUSTOMER, &to, "Hello?")).await;
    let record = bench.record(553).await;
    assert_eq!(record.messages.len(), 1);
    assert!(record.case.is_some_and(|case| case.support.is_none()) && bench.line().contains("outcome=recorded"));
}

#[tokio::test]
async fn a_mail_to_no_case_is_told_once_a_day_for_each_sender() {
    let bench = Bench::new().await;
    let mail = Draft::new("stranger@x.example", OWN, "Hello");
    bench.receive("a", &mail).await;
    assert!(bench.line().contains("outcome=no_case") && bench.line().contains(" no_case=1"), "{}", bench.line());
    let told = bench.no_case_mail("stranger@x.example").await.unwrap();
    assert!(told.notification.recipients.all().all(|address| address.as_str() == SUPPORT));
    bench.receive("b", &mail.clone().with_id("second")).await;
    assert_eq!(bench.no_case_mail("stranger@x.example").await.unwrap(), told);
    bench.receive("c", &Draft::new("other@x.example", OWN, "Hello")).await;
    assert!(bench.no_case_mail("other@x.example").await.is_some());
    pass(24 * 60 * 60 * 1000);
    assert!(bench.no_case_mail("stranger@x.example").await.is_none());
    bench.receive("d", &mail.with_id("third")).await;
    assert!(bench.no_case_mail("stranger@x.example").await.is_some());
}

#[tokio::test]
async fn nobody_is_told_of_what_could_answer_for_ever() {
    let bench = Bench::new().await;
    let stranger = "stranger@x.example";
    let mail = Draft::new(stranger, OWN, "Hello");
    let mut spam = mail.clone();
    spam.spam = "FAIL";
    for (id, mail) in [
        ("a", mail.clone().with_headers("Auto-Submitted: auto-replied\r\n")),
        ("b", mail.clone().with_headers("X-Failed-Recipients: a@b.example\r\n")),
        ("c", mail.clone().with_headers("X-Zendesk-Priority: 1\r\n")),
        ("d", spam),
    ] {
        bench.receive(id, &mail).await;
        assert!(bench.line().contains(" no_case=1"), "{}", bench.line());
    }
    assert_eq!(bench.no_case_mail(stranger).await, None);
    bench.receive("e", &Draft::new(SUPPORT, OWN, "What is this?")).await;
    assert_eq!(bench.no_case_mail(SUPPORT).await, None);
    bench.receive("f", &Draft::new(OWN, OWN, "A loop")).await;
    assert_eq!(bench.no_case_mail(OWN).await, None);
}

#[tokio::test]
async fn programs_are_noted_and_never_answered() {
    let bench = Bench::new().await;
    for (id, headers, class) in [
        ("a", "Auto-Submitted: auto-replied\r\n", "auto_reply"),
        ("b", "X-Failed-Recipients: a@b.example\r\n", "delivery_report"),
        ("c", "X-Zendesk-Priority: 1\r\n", "helpdesk"),
        ("d", "Precedence: bulk\r\n", "auto_reply"),
    ] {
        let before = bench.support(551).await;
        let mail = bench.reply("It works now").await.with_id(id).with_headers(headers);
        bench.receive(id, &mail.with_file("voucher.png", "image/png", PNG)).await;
        let after = bench.support(551).await;
        assert_eq!((after.state, after.counters), (before.state, before.counters), "{id}");
        assert!(bench.line().contains(&format!("class={class}")), "{}", bench.line());
    }
    assert_eq!(messages(&bench, 551).await.len(), 4);
    assert!(bench.support_mails(551).await.is_empty() && dispute(&bench, 551).await.state.is_open());
    let classes: Vec<_> = bench.record(551).await.messages.into_iter().filter_map(|message| message.class).collect();
    assert!(!classes.contains(&Message::WRITTEN.to_owned()), "{classes:?}");
}

#[tokio::test]
async fn an_object_that_is_no_mail_needs_no_work() {
    let bench = Bench::new().await;
    let event = serde_json::json!({ "source": "aws.s3", "detail": { "object": { "key": "evidence/1-a" } } });
    bench.worker.handle(&super::InboundEvent::read(&event).unwrap()).await.unwrap();
    assert!(bench.line().contains("outcome=not_a_mail") && bench.line().contains("received=0"));
}
