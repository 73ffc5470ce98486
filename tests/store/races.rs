//! Many at once on one transaction: one dispute, whoever is first, and never an active one on a
//! refunded transaction.

use std::sync::Arc;

use recourse_dispute::lifecycle::{Closing, Stage, State};
use recourse_dispute::transaction::Status;
use recourse_store::{OpenOutcome, Replayed, UpsertOutcome};

use crate::bench::Bench;
use crate::things::{later, opening, transaction};
use recourse_test_harness::run_alone;

#[test]
fn one_of_many_openings_at_once_opens() {
    run_alone(async {
        let bench = Arc::new(Bench::start().await);
        for round in 0..10 {
            let paid = transaction(&format!("5{round:04}"), Status::Succesful);
            bench.upsert(&paid).await;
            let openings: Vec<_> = (0..32)
                .map(|_| {
                    let (bench, opening) = (Arc::clone(&bench), opening(&paid));
                    tokio::spawn(async move { (bench.open(&opening).await, opening.dispute.number) })
                })
                .collect();
            let (mut opened, mut duplicates) = (Vec::new(), Vec::new());
            for one in openings {
                match one.await.unwrap() {
                    (OpenOutcome::Opened(_), number) => opened.push(number),
                    (OpenOutcome::Duplicate(live), _) => duplicates.push(live.number),
                    (other, _) => panic!("{other:?}"),
                }
            }
            assert_eq!((opened.len(), duplicates.len()), (1, 31));
            assert!(duplicates.iter().all(|number| *number == opened[0]), "and all know whose duplicate they are");
            let known =
                bench.store.transaction_record(paid.facts.environment, &paid.facts.trxid).await.unwrap().unwrap();
            assert_eq!(known.disputes, opened);
        }
    });
}

#[test]
fn one_nonce_at_once_opens_once_and_every_other_is_a_replay() {
    run_alone(async {
        let bench = Arc::new(Bench::start().await);
        let paid = transaction("50001", Status::Succesful);
        bench.upsert(&paid).await;
        let nonce = opening(&paid).guard;
        let openings: Vec<_> = (0..16)
            .map(|_| {
                let (bench, mut opening) = (Arc::clone(&bench), opening(&paid));
                opening.guard = nonce.clone();
                tokio::spawn(async move { bench.open(&opening).await })
            })
            .collect();
        let mut opened = 0;
        for one in openings {
            match one.await.unwrap() {
                OpenOutcome::Opened(_) => opened += 1,
                other => assert_eq!(other, OpenOutcome::Guarded(Replayed)),
            }
        }
        assert_eq!(opened, 1);
    });
}

#[test]
fn a_refund_while_disputes_are_opened_leaves_none_active() {
    run_alone(async {
        let bench = Arc::new(Bench::start().await);
        for round in 0..20 {
            let paid = transaction(&format!("5{round:04}"), Status::Succesful);
            bench.upsert(&paid).await;
            let refund = {
                let (bench, refund) = (Arc::clone(&bench), later(&paid, Status::Refund, 60));
                async move { bench.upsert(&refund).await }
            };
            let openings: Vec<_> = (0..8)
                .map(|_| {
                    let (bench, opening) = (Arc::clone(&bench), opening(&paid));
                    tokio::spawn(async move { bench.open(&opening).await })
                })
                .collect();
            // Somewhere among them, another place each round.
            tokio::time::sleep(std::time::Duration::from_micros(round * 500)).await;
            assert_eq!(refund.await, UpsertOutcome::Replaced);
            for one in openings {
                let ended = one.await.unwrap();
                let expected = matches!(
                    ended,
                    OpenOutcome::Opened(_) | OpenOutcome::Duplicate(_) | OpenOutcome::NotDisputable(Status::Refund)
                );
                assert!(expected, "{ended:?}");
            }
            assert!(!bench.keys().await.contains(&format!("TXN#production#5{round:04} LIVE")));
            let known =
                bench.store.transaction_record(paid.facts.environment, &paid.facts.trxid).await.unwrap().unwrap();
            assert_eq!(known.transaction.status, Status::Refund);
            assert!(known.disputes.len() <= 1);
            for number in known.disputes {
                let record = bench.store.record_of(number).await.unwrap().unwrap();
                assert_eq!(record.dispute.state, State::Closed { closing: Closing::Refunded, stage: Stage::First });
                assert_eq!((record.events.len(), record.mails.len()), (2, 2));
            }
        }
    });
}

#[test]
fn a_refund_sent_many_times_at_once_closes_once() {
    run_alone(async {
        let bench = Arc::new(Bench::start().await);
        for round in 0..10 {
            let (paid, dispute) = bench.disputed(&format!("5{round:04}")).await;
            let sent: Vec<_> = (0..8)
                .map(|_| {
                    let (bench, refund) = (Arc::clone(&bench), later(&paid, Status::Refund, 60));
                    tokio::spawn(async move { bench.upsert(&refund).await })
                })
                .collect();
            for one in sent {
                assert_eq!(one.await.unwrap(), UpsertOutcome::Replaced);
            }
            let record = bench.store.record_of(dispute.number).await.unwrap().unwrap();
            assert_eq!((record.dispute.version, record.events.len(), record.mails.len()), (2, 2, 2));
        }
    });
}

#[test]
fn a_first_update_sent_many_times_at_once_is_created_once() {
    run_alone(async {
        let bench = Arc::new(Bench::start().await);
        for round in 0..10 {
            let paid = transaction(&format!("5{round:04}"), Status::Succesful);
            let sent: Vec<_> = (0..8)
                .map(|_| {
                    let (bench, paid) = (Arc::clone(&bench), paid.clone());
                    tokio::spawn(async move { bench.upsert(&paid).await })
                })
                .collect();
            let mut created = 0;
            for one in sent {
                match one.await.unwrap() {
                    UpsertOutcome::Created => created += 1,
                    other => assert_eq!(other, UpsertOutcome::Replaced),
                }
            }
            assert_eq!(created, 1);
        }
    });
}
