//! Lengths, reminders, ends.

use super::*;
use crate::addresses::{MailAddress, Recipients};
use crate::channel::Channel;
use crate::dispute::Dispute;
use crate::dispute::tests::dispute as dispute_at;
use crate::event::{EventKind, PerformedBy};
use crate::lifecycle::{Actor, Category, Closing, Stage, State};

const DAY: i64 = 24 * 60 * 60 * 1000;
/// 2019-02-28T11:15:23.403Z, the beginning of the vendor's Arbiter "Create Dispute"'s status.
const SINCE: UnixMillis = UnixMillis(1_551_352_523_403);

fn dispute(channel: Channel, category: Category, state: State) -> Dispute {
    Dispute {
        category,
        state,
        state_since: SINCE,
        opened_at: SINCE,
        recipients: Some(Recipients::parse(&[], &MailAddress::parse("disputes@fbn.example").unwrap()).unwrap()),
        ..dispute_at(channel)
    }
}

fn with(deadlines: &Deadlines, channel: Channel, category: Category, state: State) -> Dispute {
    let mut dispute = dispute(channel, category, state);
    dispute.deadline = dispute.deadline_under(deadlines);
    dispute
}

#[test]
fn what_ships_is_twenty_days_for_every_status_of_every_category() {
    let shipped = Deadlines::shipped().unwrap();
    for category in Category::ALL {
        for stage in category.stages() {
            let deadline = dispute(Channel::Arbiter, category, State::Live(*stage)).deadline_under(&shipped).unwrap();
            assert_eq!(deadline.ends_at, SINCE.plus(20 * DAY), "{category} {stage:?}");
            let is_operators = *stage == Stage::Arbitration;
            assert_eq!(deadline.remind_at, (!is_operators).then(|| SINCE.plus(18 * DAY)));
            assert_eq!(deadline.on_expiry, if is_operators { OnExpiry::Stay } else { OnExpiry::AgainstPartyDue });
            assert_eq!(deadline.due().is_none(), is_operators);
        }
    }
    let published =
        dispute(Channel::Arbiter, Category::Chargeback, State::Live(Stage::First)).deadline_under(&shipped).unwrap();
    assert_eq!(published.ends_at.iso8601(), "2019-03-20T11:15:23.403Z");
    for channel in Channel::ALL {
        let draft = dispute(channel, Category::Chargeback, State::Draft).deadline_under(&shipped).unwrap();
        assert_eq!((draft.ends_at, draft.remind_at), (SINCE.plus(7 * DAY), None));
        assert_eq!(dispute(channel, Category::Chargeback, State::CLOSED_ON_CREATION).deadline_under(&shipped), None);
    }
    assert_eq!(dispute(Channel::Iimmpact, Category::Inquiry, State::Live(Stage::First)).deadline_under(&shipped), None);
}

#[test]
fn a_deployments_own_says_what_is_different() {
    let own = r#"{"remind":"PT2S","draft":"PT1S","categories":{"Chargeback":{"Chargeback":{"length":"PT5S"},"Arbitration":{"on_expiry":"merchant"}}}}"#;
    let own = Deadlines::configured(own).unwrap();
    let of = |state| dispute(Channel::Tutelar, Category::Chargeback, state).deadline_under(&own).unwrap();
    let first = of(State::Live(Stage::First));
    assert_eq!((first.ends_at, first.remind_at), (SINCE.plus(5_000), Some(SINCE.plus(3_000))));
    assert_eq!(of(State::Live(Stage::Representment)).ends_at, SINCE.plus(20 * DAY));
    assert_eq!(of(State::Live(Stage::Arbitration)).on_expiry, OnExpiry::Merchant);
    assert_eq!(of(State::Draft).ends_at, SINCE.plus(1_000));
    assert_eq!(Deadlines::configured("{}"), Deadlines::shipped());
}

#[test]
fn a_reminder_that_would_come_before_the_beginning_does_not_come() {
    for (remind, at) in [("PT5S", None), ("PT6S", None), ("PT0S", None), ("PT4S", Some(SINCE.plus(1_000)))] {
        let own = format!(r#"{{"remind":"{remind}","categories":{{"Refund":{{"Refund":{{"length":"PT5S"}}}}}}}}"#);
        let refund = dispute(Channel::Arbiter, Category::Refund, State::Live(Stage::First));
        assert_eq!(refund.deadline_under(&Deadlines::configured(&own).unwrap()).unwrap().remind_at, at, "{remind}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    for (json, named) in [
        ("", "JSON"),
        (r#"{"reminder":"PT1H"}"#, "reminder"),
        (r#"{"remind":"48h"}"#, "remind"),
        (r#"{"draft":"PT0S"}"#, "draft"),
        (r#"{"categories":{"Chargebacks":{}}}"#, "Chargebacks must be a category: Chargeback, Co Acquired, Good Faith"),
        (r#"{"categories":{"Inquiry":{"Chargeback":{"length":"P1D"}}}}"#, "Inquiry, Chargeback"),
        (r#"{"categories":{"Inquiry":{"Accepted":{"length":"P1D"}}}}"#, "that ends by itself: Inquiry"),
        (r#"{"categories":{"Government Biller":{"Accepted":{}}}}"#, "no status of this category ends by itself"),
        (r#"{"categories":{"Inquiry":{"Inquiry":{"length":"P1M"}}}}"#, "ISO 8601"),
        (r#"{"categories":{"Inquiry":{"Inquiry":{"on_expiry":"issuer"}}}}"#, "issuer"),
        (r#"{"categories":{"Chargeback":{"Arbitration":{"on_expiry":"against_party_due"}}}}"#, "an operator"),
    ] {
        let error = Deadlines::configured(json).unwrap_err().to_string();
        assert!(error.contains(named), "{json}: {error}");
    }
}

/// scripts/check_deploy.py checks the parameter before a deployment. Its test reads the same
/// examples, so both accept and refuse the same.
#[test]
fn the_examples_are_taken_and_refused() {
    let examples: serde_json::Value = serde_json::from_str(include_str!("../../data/deadlines-examples.json")).unwrap();
    for (kind, is_taken) in [("taken", true), ("refused", false)] {
        let examples = examples[kind].as_array().unwrap();
        assert!(!examples.is_empty());
        for json in examples.iter().map(|json| json.as_str().unwrap()) {
            assert_eq!(Deadlines::configured(json).is_ok(), is_taken, "{json}");
            let marked = format!("\u{feff}{json}");
            assert_eq!(Deadlines::configured(&marked).is_ok(), is_taken, "a byte order mark is skipped: {json}");
        }
    }
}

#[test]
fn first_the_reminder_then_the_end_and_each_once() {
    let shipped = Deadlines::shipped().unwrap();
    let open = with(&shipped, Channel::Arbiter, Category::Chargeback, State::Live(Stage::First));
    assert_eq!(open.due(SINCE.plus(18 * DAY - 1)), DueAction::Nothing);
    assert_eq!(open.due(SINCE.plus(18 * DAY)), DueAction::Reminder);
    assert_eq!(open.due(SINCE.plus(20 * DAY)), DueAction::End(Action::Expire), "too late for a reminder");
    let now = SINCE.plus(18 * DAY);
    let reminded = open.reminded(None, now);
    assert_eq!(
        (reminded.dispute.version, reminded.event.kind, reminded.dispute.state),
        (2, EventKind::Reminded, open.state)
    );
    assert_eq!(reminded.dispute.due(SINCE.plus(20 * DAY - 1)), DueAction::Nothing);
    let quiet = open.without_reminder();
    assert_eq!(
        (quiet.version, quiet.due(now), quiet.due(SINCE.plus(20 * DAY))),
        (1, DueAction::Nothing, DueAction::End(Action::Expire))
    );
    assert_eq!(reminded.dispute.due(SINCE.plus(20 * DAY)), DueAction::End(Action::Expire));
    let expired = reminded.dispute.expire(Action::Expire, SINCE.plus(20 * DAY)).unwrap();
    assert_eq!(expired.dispute.state, State::Closed { closing: Closing::Customer, stage: Stage::First });
    assert_eq!(expired.dispute.due(SINCE.plus(40 * DAY)), DueAction::Nothing, "never after closing");
    assert_eq!(expired.dispute.deadline, None);
    assert_eq!(expired.dispute.expire(Action::Expire, SINCE.plus(40 * DAY)), None);
}

#[test]
fn time_is_up_with_the_end_unless_nothing_happens_then() {
    let shipped = Deadlines::shipped().unwrap();
    let open = with(&shipped, Channel::Arbiter, Category::Chargeback, State::Live(Stage::First));
    assert!(!open.time_is_up(SINCE.plus(20 * DAY - 1)), "a reminder that is due ends nothing");
    assert!(open.time_is_up(SINCE.plus(20 * DAY)));
    let is_operators = with(&shipped, Channel::Arbiter, Category::Chargeback, State::Live(Stage::Arbitration));
    assert!(!is_operators.time_is_up(SINCE.plus(20 * DAY)), "it stays");
    let report = with(&shipped, Channel::Iimmpact, Category::Inquiry, State::Live(Stage::First));
    assert!(!report.time_is_up(UnixMillis(i64::MAX)), "it has no end");
}

#[test]
fn a_draft_that_nobody_submits_is_cancelled() {
    let draft = with(&Deadlines::shipped().unwrap(), Channel::Connect, Category::Chargeback, State::Draft);
    assert_eq!(draft.due(SINCE.plus(7 * DAY - 1)), DueAction::Nothing);
    assert_eq!(draft.due(SINCE.plus(7 * DAY)), DueAction::End(Action::Expire));
    let expired = draft.expire(Action::Expire, SINCE.plus(7 * DAY)).unwrap();
    assert_eq!(expired.dispute.state.closing(), Some(Closing::Cancelled));
}

#[test]
fn what_passes_on_a_test_clock_brings_reminder_and_end_nearer() {
    let shipped = Deadlines::shipped().unwrap();
    let live = with(&shipped, Channel::Arbiter, Category::Chargeback, State::Live(Stage::First));
    let passed = live.with_time_passed(5 * DAY, 3, SINCE);
    assert_eq!((passed.version, passed.clock_moves, passed.state_since), (live.version, 3, live.state_since));
    assert_eq!(passed.due(SINCE.plus(13 * DAY - 1)), DueAction::Nothing);
    assert_eq!(passed.due(SINCE.plus(13 * DAY)), DueAction::Reminder);
    assert_eq!(passed.due(SINCE.plus(15 * DAY)), DueAction::End(Action::Expire));
    let none = Dispute { deadline: None, ..live };
    assert_eq!(none.with_time_passed(i64::MAX, 1, SINCE).deadline, None);
}

#[test]
fn what_a_test_clock_brings_to_its_end_is_due_now_and_not_earlier() {
    let shipped = Deadlines::shipped().unwrap();
    let live = with(&shipped, Channel::Arbiter, Category::Chargeback, State::Live(Stage::First));
    let now = SINCE.plus(2 * DAY);
    for passed_ms in [18 * DAY, 19 * DAY, i64::MAX] {
        let passed = live.with_time_passed(passed_ms, 1, now);
        let deadline = passed.deadline.unwrap();
        assert_eq!((deadline.ends_at, deadline.remind_at), (now, Some(now)), "{passed_ms}");
        assert_eq!(passed.due(now), DueAction::End(Action::Expire));
    }
    // The reminder is due, and the end is still to come.
    let reminder = live.with_time_passed(17 * DAY, 1, now).deadline.unwrap();
    assert_eq!((reminder.ends_at, reminder.remind_at), (SINCE.plus(3 * DAY), Some(now)));
    // What was due before stays as late as it was.
    let later = SINCE.plus(30 * DAY);
    assert_eq!(live.with_time_passed(DAY, 1, later).deadline.unwrap().ends_at, SINCE.plus(20 * DAY));
}

#[test]
fn rests_as_json() {
    let deadline =
        Deadline { ends_at: UnixMillis(2), remind_at: Some(UnixMillis(1)), on_expiry: OnExpiry::AgainstPartyDue };
    let stored = serde_json::to_string(&deadline).unwrap();
    assert_eq!(stored, r#"{"ends_at":2,"remind_at":1,"on_expiry":"against_party_due"}"#);
    assert_eq!(serde_json::from_str::<Deadline>(&stored).unwrap(), deadline);
    assert_eq!(serde_json::from_str::<Deadline>(r#"{"ends_at":2,"on_expiry":"stay"}"#).unwrap().due(), None);
}

#[test]
fn a_stage_that_is_resumed_has_no_more_than_the_time_that_was_left() {
    let shipped = Deadlines::shipped().unwrap();
    let mut dispute = with(&shipped, Channel::Tutelar, Category::Chargeback, State::Live(Stage::First));
    let by = || PerformedBy { actor: Actor::Account, name: "x".to_owned() };
    for day in 1..=19 {
        let (closed, reopened) = (SINCE.plus(day * DAY), SINCE.plus(day * DAY));
        let state = dispute.step(Actor::Account, Action::VerdictWon, closed).unwrap();
        let won = dispute.moved(Action::VerdictWon, state, by(), None, closed).dispute;
        let again = Action::Reopen(crate::lifecycle::Level::One);
        let state = won.step(Actor::Account, again, reopened).unwrap();
        dispute = won.moved(again, state, by(), None, reopened).dispute;
        dispute.deadline = dispute.deadline_under(&shipped);
        assert_eq!(dispute.deadline.unwrap().ends_at, SINCE.plus(20 * DAY), "day {day}");
    }
    assert!(dispute.time_is_up(SINCE.plus(20 * DAY)));
    let other = dispute.moved(Action::MoveLevel, State::Live(Stage::PreArbitration), by(), None, SINCE.plus(19 * DAY));
    let fresh = other.dispute.deadline_under(&shipped).unwrap();
    assert_eq!(fresh.ends_at, SINCE.plus(39 * DAY), "a stage that was not begun has all of its time");
}
