//! Faults that no engine shows by itself: lost answers, conflicts, throttles, no connection. Each
//! test has an engine of its own.

use std::time::{Duration, Instant};

use recourse_dispute::transaction::Status;
use recourse_local::dynamodb::Fault;
use recourse_store::{ChangeOutcome, NoGuard, Nonce, OpenOutcome, Opening, Replayed, StoreError, UpsertOutcome};

use crate::bench::Bench;
use crate::things::{NOW, decision, later, nonce, opening, platform, token, transaction};
use recourse_test_harness::run;

/// How often an SDK's client sends one call.
const SENT: u32 = 3;
/// How often a transaction that met another one is sent.
const MAX_ATTEMPTS: u32 = 16;

/// A transaction that succeeded, told of before anything fails.
async fn paid(bench: &Bench, trxid: &str) -> Opening<Nonce> {
    let paid = transaction(trxid, Status::Succesful);
    assert_eq!(bench.upsert(&paid).await, UpsertOutcome::Created);
    bench.db.clear_calls();
    opening(&paid)
}

async fn try_open(bench: &Bench, opening: &Opening<Nonce>) -> Result<OpenOutcome<Replayed>, StoreError> {
    bench.store.open(opening, &token(), NOW).await
}

/// How often a transaction was sent since the last [`paid`].
fn transactions(bench: &Bench) -> usize {
    bench.operations().iter().filter(|operation| *operation == "TransactWriteItems").count()
}

#[test]
fn an_opening_whose_answer_is_lost_has_opened_once() {
    run(async {
        let bench = Bench::alone().await;
        for lost in 1..SENT {
            let opening = paid(&bench, &format!("5000{lost}")).await;
            bench.db.set_fault(Fault::LoseAnswer { times: lost });
            assert!(matches!(try_open(&bench, &opening).await.unwrap(), OpenOutcome::Opened(_)));
            assert_eq!(transactions(&bench), lost as usize + 1);
            let record = bench.store.record_of(opening.dispute.number).await.unwrap().unwrap();
            assert_eq!((record.events.len(), record.mails.len()), (1, 1));
        }
    });
}

#[test]
fn an_opening_whose_every_answer_is_lost_is_not_opened_again() {
    run(async {
        let bench = Bench::alone().await;
        let opening = paid(&bench, "50001").await;
        bench.db.set_fault(Fault::LoseAnswer { times: SENT });
        assert!(try_open(&bench, &opening).await.unwrap_err().is_temporary());
        let everything = bench.everything().await;
        assert_eq!(try_open(&bench, &opening).await.unwrap(), OpenOutcome::Guarded(Replayed), "the same request again");
        let mut afresh = opening.clone();
        afresh.guard = nonce();
        assert!(matches!(try_open(&bench, &afresh).await.unwrap(), OpenOutcome::Duplicate(_)), "signed afresh");
        assert_eq!(bench.everything().await, everything);
    });
}

#[test]
fn a_change_and_an_update_whose_answers_are_lost_are_done_once() {
    run(async {
        let bench = Bench::alone().await;
        let dispute = {
            let opening = paid(&bench, "50001").await;
            bench.open(&opening).await;
            opening.dispute
        };
        bench.db.set_fault(Fault::LoseAnswer { times: 1 });
        let changed = bench.store.change(&dispute, &decision(&dispute), &NoGuard, &token(), NOW).await;
        assert!(matches!(changed.unwrap(), ChangeOutcome::Changed(_)));
        bench.db.set_fault(Fault::LoseAnswer { times: 1 });
        let second = transaction("50002", Status::Succesful);
        assert_eq!(bench.upsert(&second).await, UpsertOutcome::Created);
        let live = opening(&second);
        bench.open(&live).await;
        bench.db.set_fault(Fault::LoseAnswer { times: 2 });
        assert_eq!(bench.upsert(&later(&second, Status::Refund, 60)).await, UpsertOutcome::Replaced);
        for number in [dispute.number, live.dispute.number] {
            let record = bench.store.record_of(number).await.unwrap().unwrap();
            assert_eq!((record.dispute.version, record.events.len(), record.mails.len()), (2, 2, 2));
        }
    });
}

#[test]
fn a_conflict_is_retried_and_is_never_a_duplicate() {
    run(async {
        let bench = Bench::alone().await;
        for times in [1, 4, MAX_ATTEMPTS - 1] {
            let opening = paid(&bench, &format!("500{times:02}")).await;
            bench.db.set_fault(Fault::Conflict { times });
            assert!(
                matches!(try_open(&bench, &opening).await.unwrap(), OpenOutcome::Opened(_)),
                "after {times} conflicts"
            );
            assert_eq!(transactions(&bench), times as usize + 1);
        }
        let opening = paid(&bench, "50099").await;
        let before = bench.everything().await;
        bench.db.set_fault(Fault::Conflict { times: MAX_ATTEMPTS });
        let started = Instant::now();
        assert!(try_open(&bench, &opening).await.unwrap_err().is_temporary());
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
        assert_eq!(bench.everything().await, before);
        assert!(matches!(try_open(&bench, &opening).await.unwrap(), OpenOutcome::Opened(_)), "with the same nonce");
    });
}

#[test]
fn a_throttled_request_is_retried() {
    run(async {
        let bench = Bench::alone().await;
        let opening = paid(&bench, "50001").await;
        bench.db.set_fault(Fault::Throttle { times: 4 });
        assert!(matches!(try_open(&bench, &opening).await.unwrap(), OpenOutcome::Opened(_)));
        for times in 1..SENT {
            bench.db.set_fault(Fault::Throttle { times });
            assert_eq!(bench.stored(opening.dispute.number).await, opening.dispute);
        }
        bench.db.set_fault(Fault::Throttle { times: 1000 });
        assert!(bench.store.dispute(opening.dispute.number).await.unwrap_err().is_temporary());
    });
}

#[test]
fn an_unreachable_dynamodb_is_a_temporary_error_in_time_and_writes_nothing() {
    run(async {
        let bench = Bench::alone().await;
        let (opening, update) = (paid(&bench, "50001").await, transaction("50002", Status::Succesful));
        let before = bench.everything().await;
        for fault in [Fault::Unreachable, Fault::ServerError, Fault::Hang] {
            bench.db.set_fault(fault);
            let started = Instant::now();
            let opened = try_open(&bench, &opening).await;
            assert!(opened.as_ref().is_err_and(StoreError::is_temporary), "{fault:?}: {opened:?}");
            let sent = bench.store.upsert_transaction(&update, &platform(), NOW, token).await;
            assert!(sent.as_ref().is_err_and(StoreError::is_temporary), "{fault:?}: {sent:?}");
            let used = bench.store.use_nonce(&nonce(), &token(), NOW).await;
            assert!(used.as_ref().is_err_and(StoreError::is_temporary), "{fault:?}: {used:?}");
            assert!(started.elapsed() < Duration::from_secs(13), "{fault:?}: {:?}", started.elapsed());
            bench.db.set_fault(Fault::None);
            assert_eq!(bench.everything().await, before, "{fault:?}");
        }
        assert!(matches!(try_open(&bench, &opening).await.unwrap(), OpenOutcome::Opened(_)), "once it is back");
    });
}

#[test]
fn a_malformed_request_is_not_retried() {
    run(async {
        let bench = Bench::alone().await;
        let mut opening = paid(&bench, "50001").await;
        opening.dispute.facts.product = Some("x".repeat(500_000));
        let before = bench.everything().await;
        bench.db.clear_calls();
        let error = try_open(&bench, &opening).await.unwrap_err();
        assert!(!error.is_temporary(), "{error}");
        assert_eq!(transactions(&bench), 1, "{error}");
        assert_eq!(bench.everything().await, before);
    });
}
