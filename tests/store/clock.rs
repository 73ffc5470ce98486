//! Test clocks of staging accounts: a move counts once for each deadline and each retry, whoever
//! applies it and however often.

use recourse_dispute::channel::Channel;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::lifecycle::{Category, State};
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;
use recourse_store::{
    Account, AccountClock, CaughtUp, Cursor, DateRange, ListOwner, MoveClockOutcome, OpenOutcome, RegisterOutcome,
};

use crate::accounts::demo;
use crate::bench::Bench;
use crate::things::{NOW, account, audit, opening, token, transaction};
use recourse_test_harness::run;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A bench whose `acct_demo` is a staging account.
async fn bench() -> Bench {
    let bench = Bench::start().await;
    let staging = Account { environment: Environment::Staging, ..demo() };
    let created = bench.store.create_account(&staging, &audit("alice"), &token()).await.unwrap();
    assert_eq!(created, RegisterOutcome::Created);
    bench
}

/// A chargeback of an environment that has twenty days.
async fn opened(bench: &Bench, trxid: &str, environment: Environment) -> Dispute {
    let mut paid = transaction(trxid, Status::Succesful);
    paid.facts.environment = environment;
    bench.upsert(&paid).await;
    let mut opening = opening(&paid);
    opening.dispute.channel = Channel::Arbiter;
    opening.dispute.category = Category::Chargeback;
    opening.dispute.state = State::initial(Category::Chargeback);
    assert!(matches!(bench.open(&opening).await, OpenOutcome::Opened(_)));
    bench.stored(opening.dispute.number).await
}

async fn moved(bench: &Bench, days: i64, at: UnixMillis) -> AccountClock {
    let id = account("acct_demo");
    match bench.store.move_clock(&id, days * DAY, "alice", at, token).await.unwrap() {
        MoveClockOutcome::Moved(clock) => clock,
        other => panic!("{other:?}"),
    }
}

async fn caught_up(bench: &Bench, clock: &AccountClock) -> u64 {
    let CaughtUp { disputes, deliveries } = bench.store.catch_up(clock, NOW, token).await.unwrap();
    assert_eq!(deliveries, 0);
    disputes
}

fn ends_at(dispute: &Dispute) -> UnixMillis {
    dispute.deadline.unwrap().ends_at
}

#[test]
fn a_deadline_is_nearer_by_each_move_once() {
    run(async {
        let bench = bench().await;
        let first = opened(&bench, "50001", Environment::Staging).await;
        let end = ends_at(&first);
        let clock = moved(&bench, 5, NOW.plus(1)).await;
        // What begins after a move has all of its time.
        assert_eq!(caught_up(&bench, &clock).await, 1);
        assert_eq!(caught_up(&bench, &clock).await, 0, "nothing twice");
        let after = bench.stored(first.number).await;
        assert_eq!((ends_at(&after), after.version), (end.plus(-5 * DAY), first.version));
        assert_eq!(after.deadline.unwrap().remind_at, first.deadline.unwrap().remind_at.map(|at| at.plus(-5 * DAY)));

        // Two moves whose commands died before they applied them, and an old clock that is applied
        // after a newer one.
        let old = moved(&bench, 1, NOW.plus(2)).await;
        let new = moved(&bench, 2, NOW.plus(3)).await;
        assert_eq!((caught_up(&bench, &new).await, caught_up(&bench, &old).await), (1, 0));
        let after = bench.stored(first.number).await;
        assert_eq!(ends_at(&after), end.plus(-8 * DAY));
        // The index and the lists say the same.
        let mut cursor = Cursor::over(end.plus(-10 * DAY));
        assert_eq!(bench.store.overdue(&mut cursor, 10).await.unwrap().len(), 1);
        let owner = ListOwner::Account(account("acct_demo"));
        let listed = bench.store.dispute_summaries(&owner, DateRange::default(), None, 10).await.unwrap();
        assert_eq!(listed.summaries[0].ends_at, Some(end.plus(-8 * DAY)));
    });
}

/// What was due days ago is late, and an alarm goes off.
#[test]
fn what_a_move_brings_to_its_end_is_due_now_and_not_late() {
    run(async {
        let bench = bench().await;
        let dispute = opened(&bench, "50001", Environment::Staging).await;
        let clock = moved(&bench, 300, NOW.plus(1)).await;
        assert_eq!(caught_up(&bench, &clock).await, 1);
        assert_eq!(ends_at(&bench.stored(dispute.number).await), NOW);
        let mut cursor = Cursor::over(NOW);
        let overdue = bench.store.overdue(&mut cursor, 10).await.unwrap();
        assert_eq!(overdue.iter().map(|overdue| overdue.since).collect::<Vec<_>>(), [NOW]);
        // Neither does a second move bring it further back.
        let clock = moved(&bench, 300, NOW.plus(2)).await;
        assert_eq!((caught_up(&bench, &clock).await, caught_up(&bench, &clock).await), (1, 0));
        assert_eq!(ends_at(&bench.stored(dispute.number).await), NOW);
    });
}

#[test]
fn a_status_that_begins_after_a_move_has_all_of_its_time() {
    run(async {
        let bench = bench().await;
        let before = moved(&bench, 5, NOW.plus(-1)).await;
        let dispute = opened(&bench, "50001", Environment::Staging).await;
        assert_eq!(caught_up(&bench, &before).await, 0);
        let clock = moved(&bench, 7, NOW.plus(1)).await;
        assert_eq!(caught_up(&bench, &clock).await, 1);
        assert_eq!(ends_at(&bench.stored(dispute.number).await), ends_at(&dispute).plus(-7 * DAY));
    });
}

#[test]
fn moves_that_are_applied_at_once_count_once() {
    run(async {
        let bench = bench().await;
        let mut disputes = Vec::new();
        for trxid in ["50001", "50002", "50003"] {
            disputes.push(opened(&bench, trxid, Environment::Staging).await);
        }
        let (first, second) = tokio::join!(moved(&bench, 1, NOW.plus(1)), moved(&bench, 2, NOW.plus(1)));
        let last = if first.moves.len() > second.moves.len() { &first } else { &second };
        assert_eq!(last.moves.len(), 2, "neither move is lost");
        tokio::join!(caught_up(&bench, &first), caught_up(&bench, &second), caught_up(&bench, last));
        caught_up(&bench, last).await;
        for dispute in disputes {
            assert_eq!(ends_at(&bench.stored(dispute.number).await), ends_at(&dispute).plus(-3 * DAY));
        }
    });
}

#[test]
fn no_time_passes_in_production() {
    run(async {
        let bench = bench().await;
        let dispute = opened(&bench, "50001", Environment::Production).await;
        let clock = moved(&bench, 19, NOW.plus(1)).await;
        assert_eq!(caught_up(&bench, &clock).await, 0);
        assert_eq!(bench.stored(dispute.number).await, dispute);

        let production = Account { id: account("acct_live"), ..demo() };
        bench.store.create_account(&production, &audit("alice"), &token()).await.unwrap();
        let before = bench.everything().await;
        for (id, expected) in
            [("acct_live", MoveClockOutcome::NotStaging), ("acct_nobody", MoveClockOutcome::NoAccount)]
        {
            let refused = bench.store.move_clock(&account(id), DAY, "alice", NOW, token).await.unwrap();
            assert_eq!(refused, expected, "{id}");
        }
        assert_eq!(bench.everything().await, before);
    });
}
