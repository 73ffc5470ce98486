//! Captures that are sent later are added with their pointers, and never removed.

use recourse_dispute::environment::Environment;
use recourse_dispute::ids::CaptureId;
use recourse_dispute::transaction::{Status, Transaction};
use recourse_store::UpsertOutcome;

use crate::bench::Bench;
use crate::things::{account, later, transaction};
use recourse_test_harness::run;

fn capture(name: &str) -> CaptureId {
    CaptureId::parse(name).unwrap()
}

/// The transaction some seconds later, with these captures.
fn with(first: &Transaction, status: Status, seconds: i64, captures: &[&str]) -> Transaction {
    let mut update = later(first, status, seconds);
    update.facts.details.captures = captures.iter().copied().map(capture).collect();
    update
}

#[test]
fn captures_are_added_with_their_pointers_and_never_taken_away() {
    run(async {
        let bench = Bench::start().await;
        let first = transaction("50001", Status::Accepted);
        let with = |status, seconds, captures: &[&str]| with(&first, status, seconds, captures);
        let owner = &first.facts.account;
        bench.upsert(&first).await;
        let late = with(Status::Succesful, 1, &["a"]);
        assert_eq!(bench.upsert(&late).await, UpsertOutcome::Replaced);
        assert_eq!(bench.known(&first).await, Some(late.clone()));
        assert_eq!(
            bench.store.by_capture(Environment::Production, owner, &capture("a")).await.unwrap(),
            Some(late.facts.clone())
        );
        assert_eq!(bench.upsert(&with(Status::Succesful, 2, &[])).await, UpsertOutcome::Replaced);
        assert_eq!(bench.upsert(&with(Status::Succesful, 3, &["b", "a"])).await, UpsertOutcome::Replaced);
        assert_eq!(bench.upsert(&with(Status::Succesful, 3, &["b"])).await, UpsertOutcome::Replaced, "sent twice");
        let known = with(Status::Succesful, 3, &["a", "b"]);
        assert_eq!(bench.known(&first).await, Some(known.clone()));
        assert_eq!(
            bench.store.by_capture(Environment::Production, owner, &capture("b")).await.unwrap(),
            Some(known.facts.clone())
        );

        // Another transaction's capture is rejected together with the rest of its update. A stale
        // update adds nothing.
        let mut other = transaction("50002", Status::Succesful);
        other.facts.details.captures = vec![capture("c")];
        bench.upsert(&other).await;
        let before = bench.everything().await;
        assert_eq!(bench.upsert(&with(Status::Refund, 4, &["d", "c"])).await, UpsertOutcome::Taken("details.captures"));
        assert_eq!(bench.upsert(&with(Status::Succesful, 1, &["d"])).await, UpsertOutcome::Stale);
        let many: Vec<_> = (0..19).map(|number| format!("m{number}")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert_eq!(bench.upsert(&with(Status::Succesful, 4, &many)).await, UpsertOutcome::TooManyCaptures);
        assert_eq!(bench.everything().await, before);
        assert_eq!(bench.upsert(&with(Status::Succesful, 4, &many[..18])).await, UpsertOutcome::Replaced);
        assert!(bench.store.by_capture(Environment::Production, owner, &capture("m17")).await.unwrap().is_some());
    });
}

#[test]
fn of_two_transactions_that_add_one_capture_at_once_one_has_it() {
    run(async {
        let bench = Bench::start().await;
        for round in 0..10 {
            let name = format!("raced-{round}");
            let added = async |trxid: String| {
                let mut update = transaction(&trxid, Status::Accepted);
                bench.upsert(&update).await;
                update.status = Status::Succesful;
                update.facts.details.captures = vec![capture(&name)];
                let sent = bench.upsert(&update).await;
                let known = bench.known(&update).await.unwrap();
                assert_eq!(!known.facts.details.captures.is_empty(), sent == UpsertOutcome::Replaced);
                (sent, update.facts.trxid)
            };
            let (one, other) = tokio::join!(added(format!("one-{round}")), added(format!("other-{round}")));
            let mut outcomes = [one, other];
            outcomes.sort_by_key(|(sent, _)| *sent != UpsertOutcome::Replaced);
            let [(UpsertOutcome::Replaced, winner), (UpsertOutcome::Taken("details.captures"), _)] = &outcomes else {
                panic!("{outcomes:?}")
            };
            let pointed = bench
                .store
                .by_capture(Environment::Production, &account("acct_demo"), &capture(&name))
                .await
                .unwrap()
                .unwrap();
            assert_eq!(&pointed.trxid, winner);
        }
    });
}
