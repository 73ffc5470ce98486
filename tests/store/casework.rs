//! What casework decides is what the store writes: a case from its report to its end, each step
//! read, decided and committed as the workers and the command line do it.

use recourse_aws::Aws;
use recourse_casework::{
    AgentAction, AttachmentOutcome, CaseError, CaseInput, Casework, InboundMail, MailAttachment, MatchedBy,
    PlaybookSet, ProcessStart, Settings,
};
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::channels::iimmpact::support::SupportConfiguration;
use recourse_dispute::channels::tutelar::configuration::Configuration;
use recourse_dispute::claim::{FileId, ObjectId};
use recourse_dispute::event::EventKind;
use recourse_dispute::ids::AccountId;
use recourse_dispute::lifecycle::{Action, Actor, Closing};
use recourse_dispute::notification::{EmailTemplate, ThreadEntry};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;
use recourse_inbound::{Class, Verdict, Verdicts};
use recourse_operations::{ActOutcome, AgentOrder, Seen, Submission, act};
use recourse_store::{
    CaseRecord, ConfigureOutcome, MailId, OpenOutcome, ReviseSupportOutcome, Sealer, SetProviderSecretOutcome,
};
use recourse_support::case::{AgentName, State};
use recourse_support::event::{InFavourOf, ProviderAnswer, ProviderState};

use crate::accounts::{demo, kms, sealer};
use crate::bench::Bench;
use crate::things::{NOW, audit, opening, token, transaction};
use recourse_test_harness::run;

const CUSTOMER: &str = "user@customer.example";

fn environment() -> Aws {
    Aws::with(|name| {
        Some(
            match name {
                "SUPPORT_PROCESS" | "INBOUND_MAIL" => "on",
                "SUPPORT_TIME_LIMITS" => r#"{"mail_interval": 1}"#,
                "AWS_REGION" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "x",
                _ => return None,
            }
            .to_owned(),
        )
    })
    .unwrap()
}

fn casework() -> Casework {
    Casework::new(Settings::from_environment(&environment()).unwrap(), PlaybookSet::shipped().unwrap()).unwrap()
}

fn mail(id: &str, text: &str, number: DisputeNumber) -> InboundMail {
    InboundMail {
        object_key: format!("inbound/{id}"),
        digest: "d".repeat(64),
        class: Class::Written,
        mark: "",
        from: Some(MailAddress::parse(CUSTOMER).unwrap()),
        from_name: None,
        matched_by: MatchedBy::Token,
        message_id: Some(format!("{id}@customer.example")),
        subject: String::new(),
        text: text.to_owned(),
        truncated: false,
        verdicts: Verdicts { spam: Verdict::Pass, virus: Verdict::Pass, dmarc: Verdict::Pass, ..Verdicts::default() },
        attachments: vec![MailAttachment {
            name: "photo.png".to_owned(),
            size: 9,
            outcome: AttachmentOutcome::Stored {
                media: "image/png".to_owned(),
                sha256: "a".repeat(64),
                object: ObjectId::new(number, [1; 16]),
                file: FileId::new(number, [2; 16]),
            },
        }],
        more_attachments: 0,
        is_unreadable: false,
    }
}

/// Reads, decides and writes, as everybody does.
async fn step(bench: &Bench, number: DisputeNumber, input: &CaseInput<'_>, now: UnixMillis) -> ReviseSupportOutcome {
    let casework = casework();
    let decide = async |snapshot: &_, now| casework.decide(snapshot, input, now);
    let revised = bench.store.revise_support::<CaseError>(number, decide, || now, token);
    Box::pin(revised).await.unwrap()
}

async fn record(bench: &Bench, number: DisputeNumber) -> CaseRecord {
    bench.store.case_record(number).await.unwrap().unwrap()
}

async fn secret(bench: &Bench, sealer: &Sealer, account: &AccountId, secret: &str) -> SetProviderSecretOutcome {
    let nonce = [u8::try_from(secret.len()).unwrap(); 12];
    bench.store.set_provider_secret(sealer, account, secret, nonce, &audit("bob"), token).await.unwrap()
}

/// A voucher of an account with a provider, reported at [`NOW`].
async fn reported(bench: &Bench, sealer: &Sealer) -> DisputeNumber {
    bench.store.create_account(&demo(), &audit("alice"), &token()).await.unwrap();
    let providers = [("voucher".to_owned(), "https://provider.example".to_owned())].into();
    let support = SupportConfiguration { providers, ..SupportConfiguration::default() };
    let configuration = Configuration { support, ..Configuration::default() };
    let configured = bench.store.configure(&demo().id, &configuration, &audit("alice"), token).await.unwrap();
    assert_eq!(configured, ConfigureOutcome::Changed);
    assert_eq!(secret(bench, sealer, &demo().id, "whsec_abc").await, SetProviderSecretOutcome::Changed);
    let paid = transaction("50001", Status::Succesful);
    bench.upsert(&paid).await;
    let mut opening = opening(&paid);
    opening.support =
        ProcessStart::read(|name| environment().variable(name).ok()).unwrap().begin(&opening.dispute, NOW);
    assert!(matches!(bench.store.open(&opening, &token(), NOW).await.unwrap(), OpenOutcome::Opened(_)));
    opening.dispute.number
}

#[test]
fn a_case_is_written_from_its_report_to_its_end() {
    run(async {
        let bench = Bench::start().await;
        let kms = kms().await;
        let number = reported(&bench, &sealer(&kms)).await;
        let mut now = NOW.plus(1_000);
        let mut next = || {
            now = now.plus(10_000);
            now
        };
        step(&bench, number, &CaseInput::Opened, next()).await;
        let first = record(&bench, number).await;
        assert_eq!(first.case.as_ref().unwrap().support.as_ref().unwrap().state, State::WaitingForCustomer);
        let asked = MailId::support(number, 1);
        let stored = bench.store.mail(asked).await.unwrap().unwrap();
        let words = stored.notification.support.clone().unwrap();
        assert_eq!(
            (stored.notification.template, words.name.as_str()),
            (EmailTemplate::SupportReply, "ask_voucher_photo")
        );

        let reply = mail("1", "Here it is", number);
        let at = next();
        step(&bench, number, &CaseInput::Mail(&reply), at).await;
        let again = step(&bench, number, &CaseInput::Mail(&reply), next()).await;
        assert_eq!(again, ReviseSupportOutcome::AlreadyReceived, "the same object");
        let copy = InboundMail { object_key: "inbound/copy".to_owned(), ..reply };
        let again = step(&bench, number, &CaseInput::Mail(&copy), next()).await;
        assert_eq!(again, ReviseSupportOutcome::AlreadyReceived, "the same Message-ID");
        let second = record(&bench, number).await;
        assert_eq!((second.messages.len(), second.record.dispute.claim.evidence.len()), (2, 1));
        assert_eq!(second.record.events.last().unwrap().kind, EventKind::Attached);
        let snapshot = bench.store.support_snapshot(number).await.unwrap().unwrap();
        let work = snapshot.case.as_ref().unwrap().work.unwrap();
        assert!(casework().provider_order(&snapshot, work).is_some());

        let delivered = ProviderAnswer::new(ProviderState::Delivered, Some("R-1"), None, None);
        step(&bench, number, &CaseInput::Provider { work: work.id, result: Ok(&delivered) }, next()).await;
        let answer = MailId::support(number, 3);
        let received = ThreadEntry::Received {
            message_id: "<1@customer.example>".to_owned(),
            from: MailAddress::parse(CUSTOMER).unwrap(),
        };
        assert_eq!(bench.store.thread(answer).await.unwrap().earlier, [received], "the answer threads on the mail");

        let mut objection = mail("2", "It does not work", number);
        objection.attachments.clear();
        step(&bench, number, &CaseInput::Mail(&objection), next()).await;
        let agent = |action| CaseInput::Agent { name: "alice", action };
        step(&bench, number, &agent(AgentAction::Reply("Please try again.")), next()).await;
        let resolve = AgentAction::Resolve { side: InFavourOf::Customer, why: "never redeemed" };
        step(&bench, number, &agent(resolve), next()).await;
        let last = record(&bench, number).await;
        assert_eq!(last.record.dispute.state.closing(), Some(Closing::Customer));
        assert_eq!(last.case.unwrap().support.unwrap().state, State::Resolved);
        let places: Vec<_> = last.messages.iter().map(|message| message.seq).collect();
        assert_eq!(places, (1..=u64::try_from(places.len()).unwrap()).collect::<Vec<_>>(), "one order without a gap");
        assert!(last.messages.is_sorted_by(|one, other| one.at < other.at));
        let texts = bench.store.messages(number, [2, 4, 99]).await.unwrap();
        assert_eq!(
            texts.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(),
            ["Here it is", "It does not work"]
        );
        assert!(last.record.mails.iter().any(|mail| mail.notification.template == EmailTemplate::DecidedForCustomer));
        assert!(last.record.unread.is_empty(), "{:?}", last.record.unread);
    });
}

#[test]
fn the_customers_word_closes_the_dispute_and_frees_the_payment() {
    run(async {
        let bench = Bench::start().await;
        let kms = kms().await;
        let number = reported(&bench, &sealer(&kms)).await;
        step(&bench, number, &CaseInput::Opened, NOW.plus(1_000)).await;
        let mut works = mail("1", "It works now", number);
        works.attachments.clear();
        step(&bench, number, &CaseInput::Mail(&works), NOW.plus(9_000)).await;
        let record = record(&bench, number).await;
        let event = record.record.events.last().unwrap();
        assert_eq!((event.by.actor, event.kind), (Actor::Automation, EventKind::Did(Action::CloseForMerchant)));
        let case_mails = record.record.mails.iter().filter(|mail| mail.id.audience == Default::default());
        let templates: Vec<_> = case_mails.map(|mail| mail.notification.template).collect();
        let process = EmailTemplate::SupportReply;
        assert_eq!(templates, [EmailTemplate::Received, process, process], "nobody is told twice");
        let again = opening(&transaction("50001", Status::Succesful));
        assert!(matches!(bench.store.open(&again, &token(), NOW.plus(10_000)).await.unwrap(), OpenOutcome::Opened(_)));
    });
}

#[test]
fn a_providers_secret_is_sealed_for_its_account() {
    run(async {
        let bench = Bench::start().await;
        let kms = kms().await;
        let sealer = sealer(&kms);
        let number = reported(&bench, &sealer).await;
        let account = demo().id;
        let sealed = bench.store.support_snapshot(number).await.unwrap().unwrap().provider_secret.unwrap();
        assert!(!format!("{sealed:?}").contains("whsec"));
        let opened = bench.store.open_provider_secret(&sealer, &account, &sealed).await.unwrap();
        assert_eq!(opened.expose(), "whsec_abc");
        let other = crate::things::account("acct_other");
        assert!(
            bench.store.open_provider_secret(&sealer, &other, &sealed).await.is_err(),
            "it is bound to its account"
        );
        assert_eq!(secret(&bench, &sealer, &other, "whsec_x").await, SetProviderSecretOutcome::NoAccount);
        assert_eq!(secret(&bench, &sealer, &account, "whsec_new2").await, SetProviderSecretOutcome::Changed);
        let sealed = bench.store.support_snapshot(number).await.unwrap().unwrap().provider_secret.unwrap();
        assert_eq!(bench.store.open_provider_secret(&sealer, &account, &sealed).await.unwrap().expose(), "whsec_new2");
        let record = bench.store.account_record(&account).await.unwrap().unwrap();
        let last = record.audit.last().unwrap();
        assert_eq!(
            (last.event.clone(), last.by.name.as_str()),
            (recourse_store::AccountEvent::ProviderSecretSet, "bob")
        );
        for (key, item) in bench.everything().await {
            assert!(!item.to_string().contains("whsec"), "{key:?}");
        }
    });
}

/// What an agent looked at, and what is written of it: as the console does it.
#[test]
fn an_order_holds_while_the_case_is_as_its_agent_saw_it() {
    run(async {
        let bench = Bench::start().await;
        let kms = kms().await;
        let number = reported(&bench, &sealer(&kms)).await;
        let (casework, now) = (casework(), NOW.plus(10_000));
        let (alice, bob) = (AgentName::parse("alice").unwrap(), AgentName::parse("bob").unwrap());
        let seen = async || {
            let record = record(&bench, number).await;
            Seen::of(&record.record.dispute, record.case.as_ref())
        };
        let mut drawn = 0_u128;
        let mut draw = || {
            drawn += 1;
            (0x5eed_u128 << 64 | drawn).to_be_bytes()
        };
        let old = seen().await;
        // A worker that only claims its work is no news.
        let mut snapshot = bench.store.support_snapshot(number).await.unwrap().unwrap();
        assert!(bench.store.claim_work(&mut snapshot, 1_000, &token(), now).await.unwrap().is_some());
        assert_ne!(seen().await, old);
        let form = Submission::new([1; 16]);
        let order = |agent, action, seen| AgentOrder { number, agent, action, seen: Some((seen, &form)) };
        let note = order(&alice, AgentAction::Note("Called the biller."), old);
        let done = Box::pin(act(&bench.store, &casework, note, || now, &mut draw)).await.unwrap();
        assert!(matches!(done, ActOutcome::Written(_)), "{done:?}");
        // The same form again, also after further steps; with other words or of another agent, the
        // case has moved.
        let take = order(&bob, AgentAction::Take { force: false }, seen().await);
        let done = Box::pin(act(&bench.store, &casework, take, || now, &mut draw)).await.unwrap();
        assert!(matches!(done, ActOutcome::Written(_)), "{done:?}");
        let again = Box::pin(act(&bench.store, &casework, note, || now, &mut draw)).await.unwrap();
        assert!(matches!(again, ActOutcome::Repeated), "{again:?}");
        for other in [
            order(&alice, AgentAction::Note("Another text."), old),
            order(&bob, AgentAction::Note("Called the biller."), old),
        ] {
            let told = Box::pin(act(&bench.store, &casework, other, || now, &mut draw)).await.unwrap();
            assert!(matches!(told, ActOutcome::Moved), "{told:?}");
        }
        // At the very same time, with requests of their own, one form is one step.
        let at = seen().await;
        let reply = order(&bob, AgentAction::Reply("We look into it."), at);
        let draws = [[10; 16], [11; 16], [12; 16]];
        let all = draws.map(|draw| act(&bench.store, &casework, reply, || now, move || draw));
        let all = futures_util::future::join_all(all.into_iter().map(Box::pin)).await;
        assert!(all.iter().all(|done| matches!(done, Ok(ActOutcome::Written(_) | ActOutcome::Repeated))), "{all:?}");
        let after = record(&bench, number).await;
        let texts = after.messages.iter().filter(|message| message.text == "We look into it.").count();
        let notes = after.history.iter().filter(|event| event.note.is_some()).count();
        assert_eq!((texts, notes), (1, 1));
    });
}
