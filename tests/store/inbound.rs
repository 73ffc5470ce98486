//! Received mails: each object and each Message-ID of one sender counts once, mail of no case is
//! mailed about once a day, and an answer finds the mail that it answers.

use std::sync::Arc;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::number::DisputeNumber;
use recourse_local::dynamodb::Fault;
use recourse_store::{
    CommitOutcome, InboundOutcome, MailId, Received, ReviseSupportOutcome, StoreError, SupportSnapshot,
};

use crate::bench::Bench;
use crate::cases::{noted, notification, received};
use crate::things::{NOW, token};
use recourse_test_harness::{run, run_alone};
use tokio::runtime::Handle;

/// How often an SDK's client sends one call.
const SENT: u32 = 3;

/// Records a mail in a case, as the inbound worker does.
async fn receive(
    bench: &Bench,
    number: DisputeNumber,
    received: &Received,
) -> Result<ReviseSupportOutcome, StoreError> {
    let decide = async |snapshot: &SupportSnapshot, now| {
        let mut commit = noted(snapshot, "hello", now);
        commit.received = Some(received.clone());
        Ok(Some(commit))
    };
    bench.store.revise_support(number, decide, || NOW, token).await
}

async fn messages(bench: &Bench, number: DisputeNumber) -> usize {
    bench.store.case_record(number).await.unwrap().unwrap().messages.len()
}

fn outcome(name: &str) -> InboundOutcome {
    InboundOutcome { at: NOW, outcome: name.to_owned(), number: None, class: "reply".to_owned() }
}

#[test]
fn an_object_that_comes_twice_is_recorded_once() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        let mut mail = received("a", "<1@customer.example>");
        mail.outcome.number = Some(number);
        assert_eq!(bench.store.inbound_outcome(&mail.object_key).await.unwrap(), None);
        assert!(matches!(receive(&bench, number, &mail).await.unwrap(), ReviseSupportOutcome::Written(_)));
        assert_eq!(bench.store.inbound_outcome(&mail.object_key).await.unwrap(), Some(mail.outcome.clone()));
        let everything = bench.everything().await;
        let again = Received { message_id: "<2@customer.example>".to_owned(), ..mail };
        assert_eq!(receive(&bench, number, &again).await.unwrap(), ReviseSupportOutcome::AlreadyReceived);
        assert_eq!(bench.everything().await, everything);
    });
}

#[test]
fn a_message_id_of_one_sender_counts_once_in_a_case() {
    run(async {
        let bench = Bench::start().await;
        let (number, other) = (bench.case("50001").await, bench.case("50002").await);
        let first = received("a", "<1@customer.example>");
        receive(&bench, number, &first).await.unwrap();
        let mut twice = received("b", "<1@customer.example>");
        twice.sender = "USER@Customer.example".to_owned();
        let everything = bench.everything().await;
        assert_eq!(receive(&bench, number, &twice).await.unwrap(), ReviseSupportOutcome::AlreadyReceived);
        assert_eq!(bench.everything().await, everything);
        let record = async || {
            let duplicate = outcome("duplicate_message");
            bench.store.record_inbound(&twice.object_key, &duplicate, None, token, NOW).await.unwrap()
        };
        assert!(record().await, "the second object is recorded without the case");
        assert!(!record().await);
        let stored = bench.store.inbound_outcome(&twice.object_key).await.unwrap().unwrap();
        assert_eq!(stored.outcome, "duplicate_message");
        let mut stranger = received("c", "<1@customer.example>");
        stranger.sender = "stranger@elsewhere.example".to_owned();
        for (number, mail) in [(number, &stranger), (other, &received("d", "<1@customer.example>"))] {
            assert!(matches!(receive(&bench, number, mail).await.unwrap(), ReviseSupportOutcome::Written(_)));
        }
        assert_eq!((messages(&bench, number).await, messages(&bench, other).await), (2, 1));
    });
}

#[test]
fn of_many_workers_with_one_object_one_records_it() {
    run_alone(async {
        let bench = Arc::new(Bench::start().await);
        for round in 0..5 {
            let number = bench.case(&format!("5{round:04}")).await;
            let mail = received(&format!("object-{round}"), "<1@customer.example>");
            let workers: Vec<_> = (0..6)
                .map(|_| {
                    let (bench, mail) = (Arc::clone(&bench), mail.clone());
                    tokio::task::spawn_blocking(move || {
                        Handle::current().block_on(receive(&bench, number, &mail)).unwrap()
                    })
                })
                .collect();
            let mut written = 0;
            for worker in workers {
                match worker.await.unwrap() {
                    ReviseSupportOutcome::Written(_) => written += 1,
                    other => assert_eq!(other, ReviseSupportOutcome::AlreadyReceived),
                }
            }
            assert_eq!((written, messages(&bench, number).await), (1, 1));
        }
    });
}

#[test]
fn a_mail_whose_answer_is_lost_is_recorded_once() {
    run(async {
        let bench = Bench::alone().await;
        let number = bench.case("50001").await;
        bench.db.set_fault(Fault::LoseAnswer { times: 1 });
        let mail = received("a", "<1@customer.example>");
        assert!(matches!(receive(&bench, number, &mail).await.unwrap(), ReviseSupportOutcome::Written(_)));
        // The whole worker is run again, since nobody knows what became of this one.
        let mail = received("b", "<2@customer.example>");
        bench.db.set_fault(Fault::LoseAnswer { times: SENT });
        assert!(receive(&bench, number, &mail).await.unwrap_err().is_temporary());
        assert_eq!(receive(&bench, number, &mail).await.unwrap(), ReviseSupportOutcome::AlreadyReceived);
        assert_eq!(messages(&bench, number).await, 2);
        // Nothing of it is there where the transaction never came through.
        let mail = received("c", "<3@customer.example>");
        let everything = bench.everything().await;
        bench.db.set_fault(Fault::Unreachable);
        assert!(receive(&bench, number, &mail).await.unwrap_err().is_temporary());
        bench.db.set_fault(Fault::None);
        assert_eq!(bench.everything().await, everything);
        assert!(matches!(receive(&bench, number, &mail).await.unwrap(), ReviseSupportOutcome::Written(_)));
    });
}

#[test]
fn that_a_mail_was_received_outranks_a_version_conflict() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        let stale = bench.snapshot(number).await;
        let mail = received("a", "<1@customer.example>");
        receive(&bench, number, &mail).await.unwrap();
        let mut commit = noted(&stale, "hello", NOW);
        commit.received = Some(mail);
        assert_eq!(bench.commit(&commit).await, CommitOutcome::AlreadyReceived);
    });
}

#[test]
fn mail_of_no_case_is_mailed_about_once_a_day_for_each_sender() {
    run(async {
        let bench = Bench::alone().await;
        let dispute = bench.snapshot(bench.case("50001").await).await.dispute;
        let mut about = notification(&dispute);
        about.number = DisputeNumber::NO_CASE;
        let sender = |text| MailAddress::parse(text).unwrap();
        let (one, other) = (sender("one@elsewhere.example"), sender("other@elsewhere.example"));
        let record = async |object: &str, id| {
            let mail = Some((id, &about));
            bench
                .store
                .record_inbound(&format!("inbound/{object}"), &outcome("no_case"), mail, token, NOW)
                .await
                .unwrap()
        };
        assert!(record("a", MailId::no_case(&one, 20_000)).await);
        assert!(record("b", MailId::no_case(&one, 20_000)).await, "recorded, without a second mail");
        assert!(!record("b", MailId::no_case(&one, 20_000)).await, "recorded before");
        assert!(!record("a", MailId::no_case(&one, 20_001)).await, "and then not mailed about");
        bench.db.set_fault(Fault::LoseAnswer { times: 1 });
        assert!(record("c", MailId::no_case(&one, 20_002)).await);
        assert!(record("d", MailId::no_case(&other, 20_000)).await);
        let keys = bench.keys().await;
        let mails = keys.iter().filter(|key| key.starts_with(&format!("DSP#{} MAIL#", DisputeNumber::NO_CASE)));
        assert_eq!(mails.count(), 3);
        assert_eq!(keys.iter().filter(|key| key.starts_with("INB#")).count(), 4);
    });
}

#[test]
fn an_answer_finds_the_mail_that_it_answers() {
    run(async {
        let bench = Bench::alone().await;
        let number = bench.case("50001").await;
        let (first, second) = (MailId::support(number, 1), MailId { version: 1, ..MailId::support(number, 1) });
        for _ in 0..2 {
            bench.store.remember_sent_id(first, "0100018c-Abc@email.amazonses.com").await.unwrap();
        }
        // An id that is remembered keeps its first mail.
        bench.store.remember_sent_id(second, "0100018c-Abc@email.amazonses.com").await.unwrap();
        bench.store.remember_sent_id(second, "<0100018d@eu-west-1.amazonses.com>").await.unwrap();
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let asked = ids(&[
            "<0100018D@eu-west-1.amazonses.com>",
            "<unknown@elsewhere.example>",
            "<0100018c-abc@EMAIL.amazonses.com>",
            "0100018d@eu-west-1.amazonses.com",
        ]);
        bench.db.clear_calls();
        let found = bench.store.case_of_message_ids(&asked).await.unwrap();
        assert_eq!(found, [Some(second), None, Some(first), Some(second)]);
        assert_eq!(bench.operations(), ["BatchGetItem"]);
        assert!(bench.store.case_of_message_ids(&[]).await.unwrap().is_empty());
        // A hostile mail has as many references as its sender likes.
        let mut many: Vec<_> = (0..150).map(|n| format!("<{n}@elsewhere.example>")).collect();
        many[99] = asked[0].clone();
        many[100] = asked[0].clone();
        let found = bench.store.case_of_message_ids(&many).await.unwrap();
        assert_eq!((found.len(), found[99], found[100]), (150, Some(second), None));
    });
}
