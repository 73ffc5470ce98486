//! Several transaction updates at once: each becomes what it would become by itself, and many new
//! transactions cost one write.

use recourse_dispute::lifecycle::{Closing, Stage, State};
use recourse_dispute::transaction::{Status, Transaction};
use recourse_local::dynamodb::Fault;
use recourse_store::{Store, StoreError, UpsertOutcome};

use crate::bench::Bench;
use crate::things::{NOW, later, platform, token, transaction};
use crate::upsert::pointed;
use recourse_test_harness::run;

/// What became of updates, in their order.
async fn upserted(bench: &Bench, updates: &[Transaction]) -> Vec<Result<UpsertOutcome, StoreError>> {
    bench.store.upsert_transactions(updates, &platform(), NOW, token).await
}

/// The same, where none fails.
async fn outcomes(bench: &Bench, updates: &[Transaction]) -> Vec<UpsertOutcome> {
    upserted(bench, updates).await.into_iter().map(Result::unwrap).collect()
}

fn many(first: u32, count: u32) -> Vec<Transaction> {
    (first..first + count).map(|trxid| transaction(&trxid.to_string(), Status::Succesful)).collect()
}

#[test]
fn many_new_transactions_are_one_read_and_one_write() {
    run(async {
        let bench = Bench::alone().await;
        let new = many(50_001, 50);
        assert_eq!(outcomes(&bench, &new).await, [UpsertOutcome::Created; 50]);
        assert_eq!(bench.operations(), ["BatchGetItem", "TransactWriteItems"]);
        for transaction in [&new[0], &new[49]] {
            assert_eq!(bench.known(transaction).await.as_ref(), Some(transaction));
        }
        // Each has its own pointer besides, and one more than fits makes a second write.
        assert_eq!(bench.keys().await.len(), 100);
        bench.db.clear_calls();
        assert_eq!(outcomes(&bench, &many(60_001, 51)).await, [UpsertOutcome::Created; 51]);
        let writes = bench.operations().into_iter().filter(|operation| operation == "TransactWriteItems").count();
        assert_eq!(writes, 2);
    });
}

#[test]
fn what_is_stored_is_what_each_would_have_stored_by_itself() {
    run(async {
        let (together, alone) = (Bench::start().await, Bench::start().await);
        let new: Vec<Transaction> = (50_001..50_006).map(|trxid| pointed(&trxid.to_string())).collect();
        assert_eq!(outcomes(&together, &new).await, [UpsertOutcome::Created; 5]);
        for transaction in &new {
            alone.upsert(transaction).await;
        }
        assert_eq!(together.keys().await, alone.keys().await);
        for transaction in &new {
            assert_eq!(together.known(transaction).await.as_ref(), Some(transaction));
        }
    });
}

#[test]
fn each_update_is_decided_by_itself() {
    run(async {
        let bench = Bench::start().await;
        let (disputed, dispute) = bench.disputed("50001").await;
        let [old, fixed] = [transaction("50002", Status::Processing), pointed("50003")];
        assert_eq!(outcomes(&bench, &[old.clone(), fixed.clone()]).await, [UpsertOutcome::Created; 2]);
        let mut other = later(&fixed, Status::Succesful, 9);
        other.facts.product = Some("is not fixed".to_owned());
        other.facts.parties.issuer = None;
        let mut taking = pointed("50004");
        taking.facts.details.reference = fixed.facts.details.reference.clone();
        let updates = [
            later(&old, Status::Accepted, -1),
            transaction("50005", Status::Succesful),
            other,
            taking.clone(),
            later(&disputed, Status::Refund, 60),
            transaction("50006", Status::Succesful),
        ];
        let expected = [
            UpsertOutcome::Stale,
            UpsertOutcome::Created,
            UpsertOutcome::Contradicts("parties.issuer"),
            UpsertOutcome::Taken("details.reference"),
            UpsertOutcome::Replaced,
            UpsertOutcome::Created,
        ];
        assert_eq!(outcomes(&bench, &updates).await, expected);
        assert_eq!(bench.known(&taking).await, None);
        let closed = bench.stored(dispute.number).await;
        assert_eq!(closed.state, State::Closed { closing: Closing::Refunded, stage: Stage::First });
        // Again: nothing is created twice.
        let again = outcomes(&bench, &updates).await;
        assert_eq!((again[1], again[3], again[5]), (UpsertOutcome::Replaced, expected[3], UpsertOutcome::Replaced));
    });
}

#[test]
fn of_two_with_one_pointer_one_is_created() {
    run(async {
        let bench = Bench::start().await;
        let first = transaction("50001", Status::Succesful);
        let mut second = transaction("50002", Status::Succesful);
        second.facts.refid = first.facts.refid.clone();
        let outcomes =
            outcomes(&bench, &[first.clone(), second.clone(), transaction("50003", Status::Succesful)]).await;
        let created = |outcome: &&UpsertOutcome| **outcome == UpsertOutcome::Created;
        assert_eq!(outcomes.iter().filter(created).count(), 2, "{outcomes:?}");
        assert!(outcomes[..2].contains(&UpsertOutcome::Taken("refid")), "{outcomes:?}");
        let known = [bench.known(&first).await, bench.known(&second).await];
        assert_eq!(known.iter().flatten().count(), 1);
    });
}

#[test]
fn a_lost_answer_and_a_conflict_are_no_refusal() {
    run(async {
        let bench = Bench::alone().await;
        for (first, fault) in [(50_001, Fault::LoseAnswer { times: 1 }), (60_001, Fault::Conflict { times: 3 })] {
            bench.db.set_fault(fault);
            assert_eq!(outcomes(&bench, &many(first, 20)).await, [UpsertOutcome::Created; 20], "{fault:?}");
        }
        assert_eq!(bench.keys().await.len(), 80);
    });
}

#[test]
fn out_of_reach_all_fail_for_now_and_nothing_is_written() {
    run(async {
        let bench = Bench::alone().await;
        let new = many(50_001, 3);
        bench.db.set_fault(Fault::Unreachable);
        let failed = upserted(&bench, &new).await;
        assert!(failed.len() == 3 && failed.iter().all(|one| one.as_ref().is_err_and(StoreError::is_temporary)));
        bench.db.set_fault(Fault::None);
        assert!(bench.keys().await.is_empty());
        assert!(outcomes(&bench, &[]).await.is_empty());
    });
}

#[test]
fn as_many_as_one_read_takes_are_stored_at_once() {
    run(async {
        let bench = Bench::start().await;
        let all = many(50_001, u32::try_from(Store::MAX_UPDATES).unwrap());
        let created = outcomes(&bench, &all).await;
        assert!(created.len() == 100 && created.iter().all(|outcome| *outcome == UpsertOutcome::Created));
        let replaced = outcomes(&bench, &all).await;
        assert!(replaced.iter().all(|outcome| *outcome == UpsertOutcome::Replaced), "sent twice");
    });
}
