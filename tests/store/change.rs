//! Changes are conditional on the version that they were decided on, with event, active-dispute
//! lock and mail in the same write.

use recourse_dispute::channel::Channel;
use std::convert::Infallible;

use recourse_dispute::deadlines::Deadlines;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::event::EventKind;
use recourse_dispute::lifecycle::{Action, Actor, Category, Level, Stage, State};
use recourse_dispute::notification::EmailTemplate;
use recourse_dispute::transaction::Status;
use recourse_store::{ChangeOutcome, LiveDispute, NoGuard, NotLocked, OpenOutcome, StoreError};

use crate::bench::Bench;
use crate::things::{NOW, decision, later, opening, step_of, token, transaction};
use recourse_test_harness::run;

/// A chargeback that is open.
async fn chargeback(bench: &Bench, trxid: &str) -> Dispute {
    let paid = transaction(trxid, Status::Succesful);
    bench.upsert(&paid).await;
    let mut opening = opening(&paid);
    opening.dispute.category = Category::Chargeback;
    opening.dispute.channel = Channel::Tutelar;
    assert!(matches!(bench.open(&opening).await, OpenOutcome::Opened(_)));
    opening.dispute
}

/// The dispute as it is stored when its status has just begun, with the deadline that the store
/// sets.
fn as_opened(dispute: &Dispute) -> Dispute {
    Dispute { deadline: dispute.deadline_under(&Deadlines::shipped().unwrap()), ..dispute.clone() }
}

async fn change(bench: &Bench, before: &Dispute, actor: Actor, action: Action) -> (ChangeOutcome<Infallible>, Dispute) {
    let change = step_of(before, actor, action);
    let changed = bench.store.change(before, &change, &NoGuard, &token(), NOW).await.unwrap();
    (changed, change.dispute)
}

#[test]
fn a_step_is_a_version_and_a_line_of_history() {
    run(async {
        let bench = Bench::start().await;
        let before = chargeback(&bench, "50001").await;
        let lock = bench.disputes().await[&("TXN#production#50001".to_owned(), "LIVE".to_owned())].clone();
        let represented = step_of(&before, Actor::Acquirer, Action::Represent);
        let changed = bench.store.change(&before, &represented, &NoGuard, &token(), NOW).await.unwrap();
        assert!(matches!(changed, ChangeOutcome::Changed(_)));
        let record = bench.store.record_of(before.number).await.unwrap().unwrap();
        assert_eq!(record.dispute, as_opened(&represented.dispute));
        assert_eq!((record.dispute.version, record.dispute.state), (2, State::Live(Stage::Representment)));
        assert_eq!(record.events.len(), 2);
        assert_eq!(record.events[1], represented.event);
        assert_eq!(record.mails.len(), 1, "no mail was enqueued for it");
        let items = bench.disputes().await;
        assert_eq!(items[&("TXN#production#50001".to_owned(), "LIVE".to_owned())], lock, "the lock is not touched");
    });
}

#[test]
fn closing_frees_the_lock_and_enqueues_its_mail() {
    run(async {
        let bench = Bench::start().await;
        let (paid, before) = bench.disputed("50001").await;
        let decision = decision(&before);
        let changed = bench.store.change(&before, &decision, &NoGuard, &token(), NOW).await.unwrap();
        assert!(matches!(changed, ChangeOutcome::Changed(_)));
        assert!(!bench.keys().await.contains(&"TXN#production#50001 LIVE".to_owned()));
        let record = bench.store.record_of(before.number).await.unwrap().unwrap();
        assert_eq!(record.dispute, decision.dispute);
        assert_eq!(record.events[1].note.as_deref(), Some("the voucher was never sent"));
        let templates: Vec<_> = record.mails.iter().map(|mail| (mail.id.version, mail.notification.template)).collect();
        assert_eq!(templates, [(1, EmailTemplate::Received), (2, EmailTemplate::DecidedForCustomer)]);
        assert!(matches!(bench.open(&opening(&paid)).await, OpenOutcome::Opened(_)), "and another one may be opened");
    });
}

#[test]
fn a_decision_on_an_older_version_changes_nothing() {
    run(async {
        let bench = Bench::start().await;
        let first = chargeback(&bench, "50001").await;
        let (changed, _) = change(&bench, &first, Actor::Acquirer, Action::Represent).await;
        assert!(matches!(changed, ChangeOutcome::Changed(_)));
        let before = bench.everything().await;
        for (actor, action) in [
            (Actor::Acquirer, Action::Represent),
            (Actor::Merchant, Action::VerdictLost),
            (Actor::Opener, Action::Cancel),
        ] {
            assert_eq!(change(&bench, &first, actor, action).await.0, ChangeOutcome::VersionConflict, "{action:?}");
        }
        assert_eq!(bench.everything().await, before);
    });
}

#[test]
fn closing_a_closed_dispute_changes_nothing() {
    run(async {
        let bench = Bench::start().await;
        let (paid, before) = bench.disputed("50001").await;
        let close = async || bench.store.change(&before, &decision(&before), &NoGuard, &token(), NOW).await.unwrap();
        assert!(matches!(close().await, ChangeOutcome::Changed(_)));
        assert_eq!(close().await, ChangeOutcome::VersionConflict);
        // This dispute must not free the lock that another one holds by now.
        let second = opening(&paid);
        assert!(matches!(bench.open(&second).await, OpenOutcome::Opened(_)));
        let everything = bench.everything().await;
        let changed = bench.store.change(&before, &decision(&before), &NoGuard, &token(), NOW).await.unwrap();
        assert_eq!(changed, ChangeOutcome::VersionConflict);
        assert_eq!(bench.everything().await, everything);
    });
}

#[test]
fn reopening_takes_the_lock_again() {
    run(async {
        let bench = Bench::start().await;
        let before = chargeback(&bench, "50001").await;
        let (_, closed) = change(&bench, &before, Actor::Merchant, Action::VerdictWon).await;
        let (changed, reopened) = change(&bench, &closed, Actor::Merchant, Action::Reopen(Level::Two)).await;
        let stored = bench.stored(before.number).await;
        assert_eq!(stored, as_opened(&reopened));
        assert_eq!(
            changed,
            ChangeOutcome::Changed(Box::new(stored)),
            "what is written is handed back, its deadline too"
        );
        assert_eq!(reopened.state, State::Live(Stage::PreArbitration));
        let live = LiveDispute { number: before.number, channel: Channel::Tutelar, opener: before.opener.clone() };
        let second = opening(&transaction("50001", Status::Succesful));
        assert_eq!(bench.open(&second).await, OpenOutcome::Duplicate(live));
        let events = bench.store.record_of(before.number).await.unwrap().unwrap().events;
        let did: Vec<_> = events.iter().map(|event| event.kind).collect();
        assert_eq!(
            did,
            [EventKind::Opened, EventKind::Did(Action::VerdictWon), EventKind::Did(Action::Reopen(Level::Two))]
        );
    });
}

#[test]
fn reopening_is_refused_while_another_one_is_live() {
    run(async {
        let bench = Bench::start().await;
        let before = chargeback(&bench, "50001").await;
        let (_, closed) = change(&bench, &before, Actor::Merchant, Action::VerdictLost).await;
        let second = opening(&transaction("50001", Status::Succesful));
        assert!(matches!(bench.open(&second).await, OpenOutcome::Opened(_)));
        let everything = bench.everything().await;
        let (changed, _) = change(&bench, &closed, Actor::Merchant, Action::Reopen(Level::One)).await;
        let second = second.dispute;
        assert_eq!(
            changed,
            ChangeOutcome::NotLocked(NotLocked::Duplicate(LiveDispute {
                number: second.number,
                channel: second.channel,
                opener: second.opener
            }))
        );
        assert_eq!(bench.everything().await, everything);
    });
}

#[test]
fn reopening_is_refused_when_the_transaction_was_refunded_since() {
    run(async {
        let bench = Bench::start().await;
        let before = chargeback(&bench, "50001").await;
        let (_, closed) = change(&bench, &before, Actor::Merchant, Action::VerdictLost).await;
        for (seconds, status) in [(1, Status::Refund), (2, Status::Failed)] {
            bench.upsert(&later(&transaction("50001", Status::Succesful), status, seconds)).await;
            let everything = bench.everything().await;
            let (changed, _) = change(&bench, &closed, Actor::Merchant, Action::Reopen(Level::One)).await;
            assert_eq!(changed, ChangeOutcome::NotLocked(NotLocked::NotDisputable(status)));
            assert_eq!(bench.everything().await, everything, "there is no live dispute of a refunded transaction");
        }
    });
}

#[test]
fn one_of_many_changes_at_once_is_made() {
    run(async {
        let bench = std::sync::Arc::new(Bench::start().await);
        let before = chargeback(&bench, "50001").await;
        let changes: Vec<_> = (0..16)
            .map(|_| {
                let (bench, before) = (std::sync::Arc::clone(&bench), before.clone());
                tokio::spawn(async move { change(&bench, &before, Actor::Merchant, Action::MoveLevel).await.0 })
            })
            .collect();
        let mut made = 0;
        for change in changes {
            match change.await.unwrap() {
                ChangeOutcome::Changed(_) => made += 1,
                other => assert_eq!(other, ChangeOutcome::VersionConflict),
            }
        }
        assert_eq!(made, 1);
        let record = bench.store.record_of(before.number).await.unwrap().unwrap();
        assert_eq!((record.dispute.version, record.events.len()), (2, 2));
    });
}

/// The lock that blocks the later one is the dispute's own.
#[test]
fn of_many_reopenings_at_once_one_is_made_and_none_is_a_duplicate() {
    run(async {
        let bench = std::sync::Arc::new(Bench::start().await);
        let before = chargeback(&bench, "50001").await;
        let (_, closed) = change(&bench, &before, Actor::Merchant, Action::VerdictLost).await;
        let reopenings: Vec<_> = (0..16)
            .map(|_| {
                let (bench, closed) = (std::sync::Arc::clone(&bench), closed.clone());
                let reopen = Action::Reopen(Level::One);
                tokio::spawn(async move { change(&bench, &closed, Actor::Merchant, reopen).await.0 })
            })
            .collect();
        let mut made = 0;
        for reopening in reopenings {
            match reopening.await.unwrap() {
                ChangeOutcome::Changed(_) => made += 1,
                other => assert_eq!(other, ChangeOutcome::VersionConflict),
            }
        }
        assert_eq!(made, 1);
        assert_eq!(bench.store.record_of(before.number).await.unwrap().unwrap().events.len(), 3);
    });
}

#[test]
fn reopening_is_refused_when_the_transaction_is_not_there() {
    run(async {
        let bench = Bench::start().await;
        let before = chargeback(&bench, "50001").await;
        let (_, mut closed) = change(&bench, &before, Actor::Merchant, Action::VerdictLost).await;
        closed.facts.trxid = transaction("59999", Status::Succesful).facts.trxid;
        let everything = bench.everything().await;
        let reopened = step_of(&closed, Actor::Merchant, Action::Reopen(Level::One));
        let changed = bench.store.change(&closed, &reopened, &NoGuard, &token(), NOW).await;
        assert_eq!(
            changed,
            Err(StoreError::InvariantViolated {
                what: "the transaction that a dispute is about is missing",
                key: "TXN#production#59999 TXN".to_owned(),
            })
        );
        assert_eq!(bench.everything().await, everything);
    });
}
