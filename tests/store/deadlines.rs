//! What is due: found by the index, decided on the dispute, and out of the index once it is done.

use recourse_dispute::channel::Channel;
use recourse_dispute::deadlines::DueAction;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::lifecycle::{Action, Actor, Category, State};
use recourse_dispute::notification::EmailTemplate;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;
use recourse_store::{ChangeOutcome, Cursor, DropReminderOutcome, NoGuard, OpenOutcome};

use crate::bench::Bench;
use crate::things::{NOW, opening, step_of, token, transaction};
use recourse_test_harness::run;

const DAY: i64 = 24 * 60 * 60 * 1000;

async fn opened(bench: &Bench, trxid: &str, channel: Channel, state: State) -> Dispute {
    let paid = transaction(trxid, Status::Succesful);
    bench.upsert(&paid).await;
    let mut opening = opening(&paid);
    (opening.dispute.channel, opening.dispute.category, opening.dispute.state) = (channel, Category::Chargeback, state);
    assert!(matches!(bench.open(&opening).await, OpenOutcome::Opened(_)));
    bench.stored(opening.dispute.number).await
}

async fn overdue(bench: &Bench, at: UnixMillis) -> Vec<u64> {
    let (mut cursor, mut overdue) = (Cursor::over(at), Vec::new());
    while !cursor.is_over() {
        overdue
            .extend(bench.store.overdue(&mut cursor, 1).await.unwrap().into_iter().map(|overdue| overdue.number.get()));
    }
    overdue.sort_unstable();
    overdue
}

#[test]
fn a_dispute_is_found_when_its_reminder_and_when_its_end_is_due() {
    run(async {
        let bench = Bench::start().await;
        let dispute = opened(&bench, "50001", Channel::Arbiter, State::initial(Category::Chargeback)).await;
        let number = dispute.number.get();
        assert_eq!(dispute.deadline.unwrap().ends_at, NOW.plus(20 * DAY));
        assert!(overdue(&bench, NOW.plus(18 * DAY - 1)).await.is_empty());
        assert_eq!(overdue(&bench, NOW.plus(18 * DAY)).await, [number]);

        let at = NOW.plus(18 * DAY);
        assert_eq!(dispute.due(at), DueAction::Reminder);
        let reminder = dispute.reminded(dispute.recipients.clone(), at);
        let change = async || bench.store.change(&dispute, &reminder, &NoGuard, &token(), at).await.unwrap();
        assert!(matches!(change().await, ChangeOutcome::Changed(_)));
        assert_eq!(change().await, ChangeOutcome::VersionConflict, "once, however often it is tried");
        assert!(overdue(&bench, NOW.plus(20 * DAY - 1)).await.is_empty());
        assert_eq!(overdue(&bench, NOW.plus(20 * DAY)).await, [number]);

        let reminded = bench.stored(dispute.number).await;
        assert_eq!(reminded.deadline.unwrap().ends_at, NOW.plus(20 * DAY), "the end stays where it was");
        let expired = reminded.expire(Action::Expire, NOW.plus(20 * DAY)).unwrap();
        let changed = bench.store.change(&reminded, &expired, &NoGuard, &token(), NOW.plus(20 * DAY)).await;
        assert!(matches!(changed.unwrap(), ChangeOutcome::Changed(_)));
        assert!(overdue(&bench, NOW.plus(400 * DAY)).await.is_empty(), "what is closed is never due again");
    });
}

#[test]
fn a_reminder_without_a_recipient_is_dropped_without_a_change() {
    run(async {
        let bench = Bench::start().await;
        let dispute = opened(&bench, "50001", Channel::Arbiter, State::initial(Category::Chargeback)).await;
        let (number, at) = (dispute.number.get(), NOW.plus(18 * DAY));
        for _ in 0..2 {
            assert_eq!(bench.store.drop_reminder(&dispute, &token()).await.unwrap(), DropReminderOutcome::Dropped);
            let dropped = bench.store.record_of(dispute.number).await.unwrap().unwrap();
            assert_eq!((dropped.dispute, dropped.events.len()), (dispute.without_reminder(), 1));
        }
        assert!(overdue(&bench, at).await.is_empty());
        assert_eq!(overdue(&bench, NOW.plus(20 * DAY)).await, [number]);
        // A change that was decided before it holds, and one that came before it is not undone.
        let step = step_of(&dispute, Actor::Acquirer, Action::Represent);
        let changed = bench.store.change(&dispute, &step, &NoGuard, &token(), at).await.unwrap();
        assert!(matches!(changed, ChangeOutcome::Changed(_)));
        let stepped = bench.stored(dispute.number).await;
        assert_eq!(bench.store.drop_reminder(&dispute, &token()).await.unwrap(), DropReminderOutcome::VersionConflict);
        assert_eq!(bench.stored(dispute.number).await, stepped);
    });
}

#[test]
fn a_step_begins_a_deadline_of_its_own() {
    run(async {
        let bench = Bench::start().await;
        let dispute = opened(&bench, "50001", Channel::Tutelar, State::initial(Category::Chargeback)).await;
        let step = step_of(&dispute, Actor::Acquirer, Action::Represent);
        let now = NOW.plus(DAY);
        let step = recourse_dispute::dispute::Change { dispute: Dispute { state_since: now, ..step.dispute }, ..step };
        assert!(matches!(
            bench.store.change(&dispute, &step, &NoGuard, &token(), now).await.unwrap(),
            ChangeOutcome::Changed(_)
        ));
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
        let draft = opened(&bench, "50001", Channel::Connect, State::Draft).await;
        opened(&bench, "50002", Channel::Iimmpact, State::initial(Category::Chargeback)).await;
        assert!(overdue(&bench, NOW.plus(7 * DAY - 1)).await.is_empty());
        assert_eq!(overdue(&bench, NOW.plus(400 * DAY)).await, [draft.number.get()]);
        let expired = draft.expire(Action::Expire, NOW.plus(7 * DAY)).unwrap();
        let changed = bench.store.change(&draft, &expired, &NoGuard, &token(), NOW.plus(7 * DAY)).await.unwrap();
        assert!(matches!(changed, ChangeOutcome::Changed(_)));
        assert!(!bench.keys().await.contains(&"TXN#production#50001 LIVE".to_owned()), "another one may be opened");
    });
}

#[test]
fn a_list_entry_is_current_in_every_list() {
    run(async {
        let bench = Bench::start().await;
        let dispute = opened(&bench, "50001", Channel::Arbiter, State::initial(Category::Chargeback)).await;
        let summaries = async || {
            let items = bench.disputes().await;
            let summaries = items.into_iter().filter(|((pk, _), _)| pk.starts_with("PTY#"));
            summaries.map(|(_, item)| item["shown_status"]["S"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(summaries().await, ["Chargeback"; 3]);
        let step = step_of(&dispute, Actor::Acquirer, Action::Represent);
        bench.store.change(&dispute, &step, &NoGuard, &token(), NOW).await.unwrap();
        assert_eq!(summaries().await, ["Representment"; 3]);
    });
}

/// Nothing is done about any of them, and still each comes by, and only once.
#[test]
fn the_cursor_passes_what_stays_due() {
    run(async {
        let bench = Bench::start().await;
        let mut all = Vec::new();
        for n in 0..20 {
            let dispute =
                opened(&bench, &format!("5{n:04}"), Channel::Arbiter, State::initial(Category::Chargeback)).await;
            all.push(dispute.number.get());
        }
        all.sort_unstable();
        assert_eq!(overdue(&bench, NOW.plus(20 * DAY)).await, all);
        let (mut cursor, due) = (Cursor::over(NOW.plus(20 * DAY)), NOW.plus(18 * DAY));
        let first = bench.store.overdue(&mut cursor, 1).await.unwrap();
        assert!(first.len() <= 8 && first.iter().all(|overdue| overdue.since == due), "{first:?}");
    });
}

/// The API decides before the store fixes the deadline; what it hands in says nothing of one.
#[test]
fn a_mail_to_the_parties_names_the_deadline_that_begins_with_its_change() {
    run(async {
        let bench = Bench::start().await;
        let dispute = opened(&bench, "50001", Channel::Arbiter, State::initial(Category::Chargeback)).await;
        let mut step = step_of(&dispute, Actor::Acquirer, Action::Represent);
        step.parties = dispute.recipients.clone();
        let undated = step.dispute.notifications(&step.event, step.parties.as_ref()).remove(0);
        assert_eq!(undated.status.unwrap().ends_at, None);
        let changed = bench.store.change(&dispute, &step, &NoGuard, &token(), NOW).await.unwrap();
        let ChangeOutcome::Changed(after) = changed else { panic!("{changed:?}") };
        let ends_at = after.deadline.unwrap().ends_at;
        let record = bench.store.record_of(dispute.number).await.unwrap().unwrap();
        assert_eq!(record.dispute, *after);
        let sent = record.mails.iter().find(|mail| mail.notification.template == EmailTemplate::Advanced).unwrap();
        assert_eq!(sent.notification.status.as_ref().unwrap().ends_at, Some(ends_at));
    });
}
