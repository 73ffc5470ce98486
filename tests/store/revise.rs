//! Revisions are decided on the stored version, again after a version conflict, and known as done
//! when only the answer was lost.

use std::cell::Cell;

use recourse_dispute::channels::tutelar::configuration::Configuration;
use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::lifecycle::{Action, Actor};
use recourse_local::dynamodb::Fault;
use recourse_store::{ChangeOutcome, ConfigureOutcome, NoGuard, ReviseOutcome, StoreError, WriteToken};

use crate::accounts::demo;
use crate::bench::Bench;
use crate::things::{NOW, account, audit, step_of, token};
use recourse_test_harness::run;

fn updated(before: &Dispute) -> Change {
    step_of(before, Actor::Merchant, Action::Update)
}

#[test]
fn after_a_version_conflict_the_change_is_decided_again() {
    run(async {
        let bench = Bench::alone().await;
        let (_, before) = bench.disputed("50001").await;
        let rounds = Cell::new(0);
        // Between its read and its write, the first time, somebody else does both.
        let quicker = async {
            let change = updated(&before);
            bench.store.change(&before, &change, &NoGuard, &token(), NOW).await.unwrap()
        };
        let mut quicker = Some(quicker);
        let revised = bench.store.revise(
            before.number,
            async || Ok::<_, StoreError>(bench.stored(before.number).await),
            async |dispute: &Dispute, _| {
                rounds.set(rounds.get() + 1);
                if let Some(quicker) = quicker.take() {
                    let done = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(quicker));
                    assert!(matches!(done, ChangeOutcome::Changed(_)));
                }
                Ok((updated(dispute), NoGuard))
            },
            || NOW,
            token,
        );
        let revised = revised.await;
        let ReviseOutcome::Written { read, change } = revised.unwrap() else { panic!("not written") };
        assert_eq!(change.dispute, bench.stored(before.number).await);
        assert_eq!((read.version, change.dispute.version, rounds.get()), (2, 3, 2));
        let record = bench.store.record_of(before.number).await.unwrap().unwrap();
        assert_eq!((record.dispute.version, record.events.len()), (3, 3));
    });
}

#[test]
fn no_change_and_no_dispute_write_nothing() {
    run(async {
        let bench = Bench::start().await;
        let (_, before) = bench.disputed("50001").await;
        let items = bench.everything().await;
        let number = before.number;
        let read = async || Ok::<_, StoreError>(bench.stored(number).await);
        let nothing = async |_: &Dispute, _| Ok(None::<(Change, NoGuard)>);
        let unchanged = bench.store.revise(number, read, nothing, || NOW, token).await;
        assert_eq!(unchanged, Ok(ReviseOutcome::Unchanged(())));
        let refusal = || StoreError::InvariantViolated { what: "refused", key: String::new() };
        let refused = async |_: &Dispute, _| Err::<Option<(Change, NoGuard)>, _>(refusal());
        assert_eq!(bench.store.revise(number, read, refused, || NOW, token).await, Err(refusal()));
        let nobody = async || Err::<Dispute, _>(refusal());
        assert_eq!(bench.store.revise(number, nobody, nothing, || NOW, token).await, Err(refusal()));
        assert_eq!(bench.everything().await, items);
    });
}

/// The dispute records its last change alone. The history records each.
#[test]
fn a_change_whose_answer_was_lost_is_known_as_done_also_after_somebody_elses() {
    run(async {
        let bench = Bench::alone().await;
        let (_, before) = bench.disputed("50001").await;
        let (mine, change) = (WriteToken::new([7; 16]), updated(&before));
        assert!(matches!(
            bench.store.change(&before, &change, &NoGuard, &mine, NOW).await.unwrap(),
            ChangeOutcome::Changed(_)
        ));
        let theirs = updated(&change.dispute);
        let changed = bench.store.change(&change.dispute, &theirs, &NoGuard, &token(), NOW).await.unwrap();
        assert!(matches!(changed, ChangeOutcome::Changed(_)));
        let again = bench.store.change(&before, &change, &NoGuard, &mine, NOW.plus(700_000)).await.unwrap();
        assert!(matches!(again, ChangeOutcome::Changed(_)), "it was done");
        assert_eq!(bench.stored(before.number).await, theirs.dispute, "once");
        let other = bench.store.change(&before, &change, &NoGuard, &token(), NOW).await.unwrap();
        assert_eq!(other, ChangeOutcome::VersionConflict);
        bench.db.set_fault(Fault::LoseAnswer { times: 1 });
        let revised = bench.store.revise(
            before.number,
            async || Ok::<_, StoreError>(bench.stored(before.number).await),
            async |dispute: &Dispute, _| Ok((updated(dispute), NoGuard)),
            || NOW,
            token,
        );
        assert!(matches!(revised.await.unwrap(), ReviseOutcome::Written { .. }));
        assert_eq!(bench.stored(before.number).await.version, 4);
    });
}

#[test]
fn a_configuration_is_set_as_a_whole_audited_and_read_with_a_dispute() {
    run(async {
        let bench = Bench::alone().await;
        bench.store.create_account(&demo(), &audit("alice"), &token()).await.unwrap();
        let (_, dispute) = bench.disputed("50001").await;
        let (id, number) = (demo().id, dispute.number);
        let first = Configuration::default();
        let second = Configuration { due_days: 30, ..Configuration::default() };
        assert_eq!(bench.store.configuration(&id).await.unwrap(), None);
        assert_eq!(bench.store.dispute_and_configuration(number, &id).await.unwrap(), (Some(dispute.clone()), None));
        for (configuration, became) in [
            (&first, ConfigureOutcome::Changed),
            (&first, ConfigureOutcome::Already),
            (&second, ConfigureOutcome::Changed),
        ] {
            assert_eq!(bench.store.configure(&id, configuration, &audit("bob"), token).await.unwrap(), became);
        }
        bench.db.clear_calls();
        let read = bench.store.dispute_and_configuration(number, &id).await.unwrap();
        assert_eq!((read, bench.operations()), ((Some(dispute), Some(second)), vec!["BatchGetItem".to_owned()]));
        let record = bench.store.account_record(&id).await.unwrap().unwrap();
        let events: Vec<_> = record.audit.iter().map(|entry| (entry.version, entry.by.name.as_str())).collect();
        assert_eq!(events, [(1, "alice"), (2, "bob"), (3, "bob")]);
        let nobody = account("acct_nobody");
        assert_eq!(
            bench.store.configure(&nobody, &first, &audit("bob"), token).await.unwrap(),
            ConfigureOutcome::NoAccount
        );
    });
}
