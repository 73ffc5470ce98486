//! The numbers of the console: every dispute is counted once in each dimension, by what it is now,
//! however often and in whatever order its changes are counted.

use std::collections::BTreeMap;
use std::sync::Arc;

use recourse_dispute::channel::Channel;
use recourse_dispute::environment::Environment;
use recourse_dispute::lifecycle::{Action, Actor, Category, State as DisputeState};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::{Day, UnixMillis};
use recourse_dispute::transaction::Status;
use recourse_local::dynamodb::Fault;
use recourse_store::{
    AtMost, Dimension, Direction, Message, MessageRole, NoGuard, NumbersRow, OpenOutcome, RecountOutcome,
    SupportCommit, WriteToken,
};
use recourse_support::Event;
use recourse_support::case::AgentName;
use recourse_support::event::{CustomerMessage, InFavourOf, Intent, SenderTag};

use crate::bench::Bench;
use crate::cases::{noted, stepped};
use crate::things::{NOW, decision, opening, step_of, token, transaction};
use recourse_test_harness::{run, run_alone};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

async fn count(bench: &Bench, number: DisputeNumber) -> RecountOutcome {
    bench.store.recount(number, token).await.unwrap()
}

/// All numbers of ten days of an environment, of each day and value. What counts nothing any more
/// is left out.
async fn rows(bench: &Bench, environment: Environment, dimension: Dimension) -> Vec<NumbersRow> {
    let (from, to) = (Day::of(NOW), Day::of(NOW.plus(10 * DAY)));
    let mut rows = bench.store.numbers(environment, dimension, from, to).await.unwrap();
    rows.retain(|row| *row != NumbersRow::empty(row.day, row.value.clone()));
    rows
}

async fn counts(bench: &Bench, dimension: Dimension) -> Vec<(String, String, [u64; 4])> {
    let rows = rows(bench, Environment::Production, dimension).await.into_iter();
    rows.map(|row| (row.day.to_string(), row.value, [row.opened, row.answered, row.resolved, row.unaided])).collect()
}

fn is(expected: &[(&str, &str, [u64; 4])]) -> Vec<(String, String, [u64; 4])> {
    expected.iter().map(|(day, value, counts)| ((*day).to_owned(), (*value).to_owned(), *counts)).collect()
}

/// A step of the process with the mail that it sends.
async fn stepped_by(bench: &Bench, number: DisputeNumber, event: &Event, role: MessageRole, now: UnixMillis) {
    let mut commit = stepped(&bench.snapshot(number).await, event, now);
    commit.add_message(Message::new(Direction::Out, role, "hello"), now);
    written(bench, &commit, now).await;
}

async fn written(bench: &Bench, commit: &SupportCommit, now: UnixMillis) {
    bench.store.commit_support(commit, &token(), now).await.unwrap();
}

fn agent() -> AgentName {
    AgentName::parse("Aisyah #1").unwrap()
}

/// The steps of a case, one after the other: the process asks after one hour, an agent replies
/// after a day, resolves after two, and the customer writes after the end.
async fn story(bench: &Bench, number: DisputeNumber, step: u32) {
    match step {
        0 => stepped_by(bench, number, &Event::Opened, MessageRole::Automation, NOW.plus(HOUR)).await,
        1 => {
            let mut commit = stepped(&bench.snapshot(number).await, &Event::AgentTook(agent()), NOW.plus(DAY));
            commit.after.last_agent = Some(agent());
            written(bench, &commit, NOW.plus(DAY)).await;
            stepped_by(bench, number, &Event::AgentReplied(agent()), MessageRole::Agent, NOW.plus(DAY)).await;
        }
        2 => {
            let snapshot = bench.snapshot(number).await;
            let resolved = Event::AgentResolved { by: agent(), in_favour_of: InFavourOf::Customer };
            let mut commit = stepped(&snapshot, &resolved, NOW.plus(2 * DAY));
            let mut change = decision(&snapshot.dispute);
            change.dispute.state_since = NOW.plus(2 * DAY);
            commit.change = Some(change);
            written(bench, &commit, NOW.plus(2 * DAY)).await;
        }
        _ => {
            let mut commit = stepped(&bench.snapshot(number).await, &Event::CustomerWrote(wrote()), NOW.plus(3 * DAY));
            commit.add_message(Message::new(Direction::In, MessageRole::Customer, "again"), NOW.plus(3 * DAY));
            written(bench, &commit, NOW.plus(3 * DAY)).await;
        }
    }
}

fn wrote() -> CustomerMessage {
    CustomerMessage {
        sender: SenderTag::parse("customer").unwrap(),
        is_verified: true,
        accepted_attachments: 0,
        refused_attachments: 0,
        intent: Intent::Unclear,
        has_account_number: false,
        has_topup_number: false,
    }
}

#[test]
fn a_case_is_counted_where_it_is_and_taken_back_where_it_was() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        assert_eq!(count(&bench, number).await, RecountOutcome::Counted);
        let [first, second, third] = ["2025-12-01", "2025-12-02", "2025-12-03"];
        assert_eq!(counts(&bench, Dimension::All).await, is(&[(first, "", [1, 0, 0, 0])]));
        for (dimension, value) in [
            (Dimension::Channel, "iimmpact"),
            (Dimension::Kind, "voucher"),
            (Dimension::Reason, "reported"),
            (Dimension::Outcome, "unresolved"),
            (Dimension::Agent, ""),
        ] {
            assert_eq!(counts(&bench, dimension).await, is(&[(first, value, [1, 0, 0, 0])]));
        }
        story(&bench, number, 0).await;
        assert_eq!(count(&bench, number).await, RecountOutcome::Counted);
        assert_eq!(counts(&bench, Dimension::All).await, is(&[(first, "", [1, 1, 0, 0])]));
        let answer = rows(&bench, Environment::Production, Dimension::All).await[0].to_answer.percentile(50).unwrap();
        assert!(matches!(answer, AtMost::Seconds(3_600..4_500)), "{answer:?}");
        story(&bench, number, 1).await;
        count(&bench, number).await;
        assert_eq!(counts(&bench, Dimension::Agent).await, is(&[(first, "Aisyah #1", [1, 1, 0, 0])]));
        story(&bench, number, 2).await;
        count(&bench, number).await;
        let resolved = [(first, "customer", [1, 1, 0, 0]), (third, "customer", [0, 0, 1, 0])];
        assert_eq!(counts(&bench, Dimension::Outcome).await, is(&resolved));
        let rows = rows(&bench, Environment::Production, Dimension::Agent).await;
        assert_eq!((rows[1].value.as_str(), rows[1].resolved, rows[1].unaided), ("Aisyah #1", 1, 0));
        assert!(matches!(rows[1].to_resolution.percentile(90), Some(AtMost::Seconds(172_800..216_000))));
        story(&bench, number, 3).await;
        count(&bench, number).await;
        assert_eq!(counts(&bench, Dimension::All).await, is(&[(first, "", [1, 1, 0, 0])]), "it waits again");
        let none = bench.store.numbers(
            Environment::Production,
            Dimension::All,
            Day::parse(second).unwrap(),
            Day::parse(first).unwrap(),
        );
        assert!(none.await.unwrap().is_empty());
    });
}

/// The numbers of all dimensions.
async fn all(bench: &Bench) -> BTreeMap<Dimension, Vec<NumbersRow>> {
    let mut all = BTreeMap::new();
    for dimension in Dimension::EVERY {
        all.insert(dimension, rows(bench, Environment::Production, dimension).await);
    }
    all
}

#[test]
fn the_numbers_are_the_same_whenever_and_however_often_a_case_is_counted() {
    run(async {
        let (often, seldom) = (Bench::start().await, Bench::start().await);
        let (one, other) = (often.case("50001").await, seldom.case("50001").await);
        for step in 0..4 {
            story(&often, one, step).await;
            story(&seldom, other, step).await;
            assert_eq!(count(&often, one).await, RecountOutcome::Counted);
            for _ in 0..2 {
                let before = often.everything().await;
                assert_eq!(count(&often, one).await, RecountOutcome::Already);
                assert_eq!(often.everything().await, before);
            }
            if step == 2 {
                assert_eq!(count(&seldom, other).await, RecountOutcome::Counted);
                assert_eq!(all(&seldom).await, all(&often).await);
            }
        }
        count(&seldom, other).await;
        assert_eq!(all(&seldom).await, all(&often).await);
        let [answered] = &all(&often).await[&Dimension::All][..] else { panic!() };
        assert_eq!((answered.to_answer.count(), answered.to_resolution.count()), (1, 0));
    });
}

#[test]
fn many_workers_at_once_count_each_dispute_once() {
    run_alone(async {
        let bench = Arc::new(Bench::start().await);
        let mut numbers = Vec::new();
        for trxid in 50_001..50_007 {
            numbers.push(bench.case(&trxid.to_string()).await);
        }
        let workers: Vec<_> = (0..18)
            .map(|worker| {
                let (bench, number) = (Arc::clone(&bench), numbers[worker % numbers.len()]);
                tokio::spawn(async move { count(&bench, number).await })
            })
            .collect();
        let mut counted = 0;
        for worker in workers {
            counted += usize::from(worker.await.unwrap() == RecountOutcome::Counted);
        }
        assert!(counted >= numbers.len(), "{counted}");
        assert_eq!(counts(&bench, Dimension::All).await, is(&[("2025-12-01", "", [6, 0, 0, 0])]));
    });
}

#[test]
fn a_count_whose_answer_is_lost_is_one_count() {
    run(async {
        let bench = Bench::alone().await;
        let number = bench.case("50001").await;
        bench.db.set_fault(Fault::LoseAnswer { times: 2 });
        let counted = bench.store.recount(number, token).await;
        bench.db.set_fault(Fault::LoseAnswer { times: 0 });
        if counted.is_err() {
            count(&bench, number).await;
        }
        assert_eq!(count(&bench, number).await, RecountOutcome::Already);
        assert_eq!(counts(&bench, Dimension::All).await, is(&[("2025-12-01", "", [1, 0, 0, 0])]));
        assert_eq!(bench.keys().await.iter().filter(|key| key.starts_with("FIND#email#")).count(), 2);
    });
}

/// A record that a release of the day before wrote, or that a worker read before others wrote.
#[test]
fn a_worker_that_read_an_old_version_counts_nothing() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        count(&bench, number).await;
        let mut old = bench.disputes().await.remove(&(format!("DSP#{number}"), "DSP".to_owned())).unwrap();
        story(&bench, number, 2).await;
        count(&bench, number).await;
        let before = all(&bench).await;
        old["write_token"] = serde_json::json!({ "S": "old" });
        bench.put(&old).await;
        let late = bench.store.recount(number, || WriteToken::new([7; 16])).await;
        assert!(late.unwrap_err().is_temporary(), "the stream sends the record again");
        assert_eq!(all(&bench).await, before);
    });
}

#[test]
fn a_draft_counts_when_it_is_submitted_and_a_bank_dispute_when_it_is_closed() {
    run(async {
        let bench = Bench::start().await;
        let paid = transaction("50001", Status::Succesful);
        bench.upsert(&paid).await;
        let mut draft = opening(&paid);
        (draft.dispute.channel, draft.dispute.category) = (Channel::Connect, Category::Chargeback);
        draft.dispute.state = DisputeState::Draft;
        assert!(matches!(bench.open(&draft).await, OpenOutcome::Opened(_)));
        let number = draft.dispute.number;
        assert_eq!(count(&bench, number).await, RecountOutcome::Counted, "a search finds it");
        assert!(all(&bench).await.values().all(Vec::is_empty));
        let submitted = step_of(&bench.stored(number).await, Actor::Opener, Action::Submit);
        bench.store.change(&draft.dispute, &submitted, &NoGuard, &token(), NOW).await.unwrap();
        count(&bench, number).await;
        assert_eq!(counts(&bench, Dimension::Channel).await, is(&[("2025-12-01", "connect", [1, 0, 0, 0])]));
        assert_eq!(counts(&bench, Dimension::Kind).await, is(&[("2025-12-01", "voucher", [1, 0, 0, 0])]));
        let before = bench.stored(number).await;
        bench.store.change(&before, &decision(&before), &NoGuard, &token(), NOW).await.unwrap();
        count(&bench, number).await;
        assert_eq!(counts(&bench, Dimension::Outcome).await, is(&[("2025-12-01", "customer", [1, 0, 1, 1])]));
        assert!(rows(&bench, Environment::Staging, Dimension::All).await.is_empty());
    });
}

#[test]
fn a_case_of_the_customer_alone_has_no_answer() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        written(&bench, &noted(&bench.snapshot(number).await, "hello", NOW.plus(HOUR)), NOW.plus(HOUR)).await;
        let mut notice = noted(&bench.snapshot(number).await, "again", NOW.plus(HOUR));
        notice.add_message(Message::new(Direction::Out, MessageRole::System, "a notification"), NOW.plus(HOUR));
        written(&bench, &notice, NOW.plus(HOUR)).await;
        count(&bench, number).await;
        assert_eq!(counts(&bench, Dimension::All).await, is(&[("2025-12-01", "", [1, 0, 0, 0])]));
    });
}
