//! Openings that are rejected: nothing is written, and of several reasons the one that ranks
//! highest is returned.

use recourse_dispute::channel::Channel;
use recourse_dispute::transaction::Status;
use recourse_store::{LiveDispute, NonceUse, OpenOutcome, Replayed, StoreError};

use crate::bench::Bench;
use crate::things::{NOW, account, number, opening, token, transaction};
use recourse_test_harness::run;

#[test]
fn a_second_one_is_a_duplicate_and_says_of_what() {
    run(async {
        let bench = Bench::start().await;
        let (paid, first) = bench.disputed("50001").await;
        let before = bench.everything().await;
        let mut second = opening(&paid);
        second.dispute.channel = Channel::Connect;
        let live = LiveDispute { number: first.number, channel: Channel::Iimmpact, opener: account("acct_demo") };
        assert_eq!(bench.open(&second).await, OpenOutcome::Duplicate(live));
        assert_eq!(bench.everything().await, before, "and nothing is written, not even its nonce");
    });
}

#[test]
fn a_replay_outranks_whatever_else_is_wrong() {
    run(async {
        let bench = Bench::start().await;
        let (paid, _) = bench.disputed("50001").await;
        let first = opening(&paid);
        let nonce = first.guard.clone();
        assert_eq!(bench.store.use_nonce(&nonce, &token(), NOW).await.unwrap(), NonceUse::Fresh);
        let before = bench.everything().await;
        assert_eq!(bench.open(&first).await, OpenOutcome::Guarded(Replayed), "a duplicate besides");
        let mut absent = opening(&transaction("50002", Status::Succesful));
        absent.guard = nonce;
        assert_eq!(
            bench.open(&absent).await,
            OpenOutcome::Guarded(Replayed),
            "of a transaction that is not there besides"
        );
        assert_eq!(bench.everything().await, before);
    });
}

#[test]
fn the_transactions_status_outranks_a_live_dispute() {
    run(async {
        let bench = Bench::start().await;
        let (paid, _) = bench.disputed("50001").await;
        let before = bench.everything().await;
        let mut second = opening(&paid);
        second.transaction_is = Status::Failed;
        assert_eq!(bench.open(&second).await, OpenOutcome::NotDisputable(Status::Succesful));
        assert_eq!(bench.everything().await, before);
    });
}

#[test]
fn each_status_is_returned_and_opens_nothing() {
    run(async {
        let bench = Bench::start().await;
        for (trxid, status) in [
            ("50001", Status::Accepted),
            ("50002", Status::Processing),
            ("50003", Status::Refund),
            ("50004", Status::Failed),
        ] {
            let known = transaction(trxid, status);
            bench.upsert(&known).await;
            assert_eq!(bench.open(&opening(&known)).await, OpenOutcome::NotDisputable(status));
        }
        let absent = opening(&transaction("50005", Status::Succesful));
        let missing = bench.store.open(&absent, &token(), NOW).await;
        assert_eq!(
            missing,
            Err(StoreError::InvariantViolated {
                what: "the transaction that a dispute is about is missing",
                key: "TXN#production#50005 TXN".to_owned(),
            })
        );
        assert!(
            bench
                .keys()
                .await
                .iter()
                .all(|key| key.starts_with("TXN#") && key.ends_with(" TXN") || key.starts_with("REF#"))
        );
        assert!(bench.ephemeral().await.is_empty());
    });
}

#[test]
fn a_number_of_another_dispute_is_drawn_again() {
    run(async {
        let bench = Bench::start().await;
        let (_, first) = bench.disputed("50001").await;
        let paid = transaction("50002", Status::Succesful);
        bench.upsert(&paid).await;
        let before = bench.everything().await;
        let mut second = opening(&paid);
        second.dispute.number = first.number;
        assert_eq!(bench.open(&second).await, OpenOutcome::NumberTaken);
        assert_eq!(bench.everything().await, before);
        second.dispute.number = number();
        assert!(matches!(bench.open(&second).await, OpenOutcome::Opened(_)), "with the same nonce");
    });
}
