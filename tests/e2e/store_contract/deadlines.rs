//! What is due: found by the index, decided on the dispute, and out of the index once it is done.

use recourse_dispute::deadlines::Due;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::lifecycle::{Action, Actor, Category, Door, State};
use recourse_dispute::notice::Letter;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;
use recourse_store::{Changed, Dropped, Opened};

use super::bench::Bench;
use super::things::{NOW, attempt, opening, step_of, transaction};
use crate::harness::run;

const DAY: i64 = 24 * 60 * 60 * 1000;

async fn opened(bench: &Bench, trxid: &str, door: Door, state: State) -> Dispute {
    let paid = transaction(trxid, Status::Succesful);
    bench.tell(&paid).await;
    let mut opening = opening(&paid);
    (opening.dispute.door, opening.dispute.category, opening.dispute.state) = (door, Category::Chargeback, state);
    assert_eq!(bench.open(&opening).await, Opened::Opened);
    bench.stored(opening.dispute.number).await
}

async fn overdue(bench: &Bench, at: UnixMillis) -> Vec<u64> {
    let mut overdue: Vec<_> =
        bench.store.overdue(at, 25).await.unwrap().into_iter().map(|number| number.get()).collect();
    overdue.sort_unstable();
    overdue
}

#[test]
fn a_dispute_is_found_when_its_reminder_and_when_its_end_is_due() {
    run(async {
        let bench = Bench::start().await;
        let dispute = opened(&bench, "50001", Door::Arbiter, State::born(Category::Chargeback)).await;
        let number = dispute.number.get();
        assert_eq!(dispute.deadline.unwrap().ends_at, NOW.plus(20 * DAY));
        assert!(overdue(&bench, NOW.plus(18 * DAY - 1)).await.is_empty());
        assert_eq!(overdue(&bench, NOW.plus(18 * DAY)).await, [number]);

        let at = NOW.plus(18 * DAY);
        assert_eq!(dispute.due(at), Due::Reminder);
        let reminder = dispute.reminded(dispute.notice(Letter::Reminder).unwrap(), at);
        let change = async || bench.store.change(&dispute, &reminder, None, None, &attempt(), at).await.unwrap();
        assert_eq!(change().await, Changed::Changed);
        assert_eq!(change().await, Changed::Overtaken, "once, however often it is tried");
        assert!(overdue(&bench, NOW.plus(20 * DAY - 1)).await.is_empty());
        assert_eq!(overdue(&bench, NOW.plus(20 * DAY)).await, [number]);

        let reminded = bench.stored(dispute.number).await;
        assert_eq!(reminded.deadline.unwrap().ends_at, NOW.plus(20 * DAY), "the end stays where it was");
        let lapsed = reminded.lapsed(Action::Expire, NOW.plus(20 * DAY)).unwrap();
        let changed = bench.store.change(&reminded, &lapsed, None, None, &attempt(), NOW.plus(20 * DAY)).await;
        assert_eq!(changed.unwrap(), Changed::Changed);
        assert!(overdue(&bench, NOW.plus(400 * DAY)).await.is_empty(), "what is closed is never due again");
    });
}

#[test]
fn a_reminder_that_nobody_gets_is_dropped_without_a_change() {
    run(async {
        let bench = Bench::start().await;
        let dispute = opened(&bench, "50001", Door::Arbiter, State::born(Category::Chargeback)).await;
        let (number, at) = (dispute.number.get(), NOW.plus(18 * DAY));
        for _ in 0..2 {
            assert_eq!(bench.store.drop_reminder(&dispute, &attempt()).await.unwrap(), Dropped::Dropped);
            let dropped = bench.store.record_of(dispute.number).await.unwrap().unwrap();
            assert_eq!((dropped.dispute, dropped.events.len()), (dispute.without_reminder(), 1));
        }
        assert!(overdue(&bench, at).await.is_empty());
        assert_eq!(overdue(&bench, NOW.plus(20 * DAY)).await, [number]);
        // A change that was decided before it holds, and one that came before it is not undone.
        let step = step_of(&dispute, Actor::Acquirer, Action::Represent);
        assert_eq!(bench.store.change(&dispute, &step, None, None, &attempt(), at).await.unwrap(), Changed::Changed);
        let stepped = bench.stored(dispute.number).await;
        assert_eq!(bench.store.drop_reminder(&dispute, &attempt()).await.unwrap(), Dropped::Overtaken);
        assert_eq!(bench.stored(dispute.number).await, stepped);
    });
}

#[test]
fn a_step_begins_a_deadline_of_its_own() {
    run(async {
        let bench = Bench::start().await;
        let dispute = opened(&bench, "50001", Door::Tutelar, State::born(Category::Chargeback)).await;
        let step = step_of(&dispute, Actor::Acquirer, Action::Represent);
        let now = NOW.plus(DAY);
        let step = recourse_dispute::dispute::Change { dispute: Dispute { state_since: now, ..step.dispute }, ..step };
        assert_eq!(bench.store.change(&dispute, &step, None, None, &attempt(), now).await.unwrap(), Changed::Changed);
        let stored = bench.stored(dispute.number).await;
        assert_eq!(stored.deadline.unwrap().ends_at, NOW.plus(21 * DAY));
        assert!(overdue(&bench, NOW.plus(18 * DAY)).await.is_empty());
        assert_eq!(overdue(&bench, NOW.plus(19 * DAY)).await, [dispute.number.get()]);
    });
}

#[test]
fn a_draft_is_due_after_seven_days_and_a_report_never() {
    run(async {
        let bench = Bench::start().await;
        let draft = opened(&bench, "50001", Door::Connect, State::Draft).await;
        opened(&bench, "50002", Door::Iimmpact, State::born(Category::Chargeback)).await;
        assert!(overdue(&bench, NOW.plus(7 * DAY - 1)).await.is_empty());
        assert_eq!(overdue(&bench, NOW.plus(400 * DAY)).await, [draft.number.get()]);
        let lapsed = draft.lapsed(Action::Expire, NOW.plus(7 * DAY)).unwrap();
        let changed = bench.store.change(&draft, &lapsed, None, None, &attempt(), NOW.plus(7 * DAY)).await.unwrap();
        assert_eq!(changed, Changed::Changed);
        assert!(!bench.keys().await.contains(&"TXN#50001 LIVE".to_owned()), "another one may be opened");
    });
}

#[test]
fn a_line_says_what_is_so_in_every_list() {
    run(async {
        let bench = Bench::start().await;
        let dispute = opened(&bench, "50001", Door::Arbiter, State::born(Category::Chargeback)).await;
        let lines = async || {
            let items = bench.disputes().await;
            let lines = items.into_iter().filter(|((pk, _), _)| pk.starts_with("PTY#"));
            lines.map(|(_, item)| item["shown_status"]["S"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(lines().await, ["Chargeback"; 3]);
        let step = step_of(&dispute, Actor::Acquirer, Action::Represent);
        bench.store.change(&dispute, &step, None, None, &attempt(), NOW).await.unwrap();
        assert_eq!(lines().await, ["Representment"; 3]);
    });
}
