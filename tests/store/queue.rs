//! The queue: each case is in one place, in one order, whatever moves while it is read, and a page
//! costs the same however many cases there are.

use std::collections::BTreeSet;

use recourse_dispute::channel::Channel;
use recourse_dispute::environment::Environment;
use recourse_dispute::lifecycle::{Actor, Category, State as DisputeState};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;
use recourse_store::{
    ChangeOutcome, CommitOutcome, Direction, Message, MessageRole, NoGuard, OpenOutcome, QueueCursor, QueueFilter,
    QueueOwner, QueuePage, QueueView, SupportCommit,
};
use recourse_support::Event;
use recourse_support::case::{AgentName, Kind, State};
use recourse_support::limits::Limits;
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::cases::stepped;
use crate::things::{NOW, decision, next, opening, platform, step_of, token, transaction};
use recourse_test_harness::{run, until};

const DAY: i64 = 24 * 60 * 60 * 1000;

fn agent(name: &str) -> AgentName {
    AgentName::parse(name).unwrap()
}

fn state(state: State) -> QueueFilter {
    QueueFilter::of(QueueView::State(state))
}

fn waiting() -> QueueFilter {
    state(State::WaitingForAgent)
}

fn numbers(page: &QueuePage) -> Vec<DisputeNumber> {
    page.rows.iter().map(|row| row.dispute.number).collect()
}

impl Bench {
    async fn page(&self, filter: &QueueFilter, after: Option<QueueCursor>, limit: usize) -> QueuePage {
        self.store.queue(filter, after, limit).await.unwrap()
    }

    /// Every case of a list, page by page.
    async fn queue(&self, filter: &QueueFilter, limit: usize) -> Vec<DisputeNumber> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self.page(filter, after, limit).await;
            assert!(page.rows.len() <= limit && page.unread.is_empty());
            all.extend(numbers(&page));
            after = page.next;
            if after.is_none() {
                return all;
            }
        }
    }

    /// Waits until the index, which may lag behind the table, has these cases.
    async fn queued(&self, filter: &QueueFilter, expected: &[DisputeNumber]) {
        let what = format!("{filter:?} has {expected:?}");
        until(&what, async || (self.queue(filter, 50).await == expected).then_some(())).await;
    }

    async fn stepped(&self, number: DisputeNumber, event: &Event, now: UnixMillis) {
        let commit = stepped(&self.snapshot(number).await, event, now);
        let done = self.store.commit_support(&commit, &token(), now).await.unwrap();
        assert!(matches!(done, CommitOutcome::Done(_)), "{done:?}");
    }

    async fn taken(&self, trxid: &str, by: &str, now: UnixMillis) -> DisputeNumber {
        let number = self.case_opened(trxid, now).await;
        self.stepped(number, &Event::AgentTook(agent(by)), now).await;
        number
    }

    /// A dispute without the support process. Its deadline, where it has one, begins at `now`.
    async fn other(&self, channel: Channel, environment: Environment, now: UnixMillis) -> DisputeNumber {
        let mut paid = transaction(&format!("other-{}", next()), Status::Succesful);
        paid.facts.environment = environment;
        self.store.upsert_transaction(&paid, &platform(), NOW, token).await.unwrap();
        let mut opening = opening(&paid);
        let dispute = &mut opening.dispute;
        (dispute.channel, dispute.state_since) = (channel, now);
        if channel != Channel::Iimmpact {
            (dispute.category, dispute.state) = (Category::Chargeback, DisputeState::initial(Category::Chargeback));
        }
        assert!(matches!(self.store.open(&opening, &token(), now).await.unwrap(), OpenOutcome::Opened(_)));
        opening.dispute.number
    }

    /// A mail comes in that no process answers.
    async fn announced(&self, number: DisputeNumber, at: UnixMillis) {
        let mut commit = SupportCommit::of(&self.snapshot(number).await);
        commit.add_message(Message::new(Direction::In, MessageRole::Customer, "And now?"), at);
        commit.after.announced_at = Some(at);
        assert!(matches!(self.store.commit_support(&commit, &token(), at).await.unwrap(), CommitOutcome::Done(_)));
    }

    async fn closed(&self, number: DisputeNumber) {
        let before = self.stored(number).await;
        let closed = self.store.change(&before, &decision(&before), &NoGuard, &token(), NOW).await.unwrap();
        assert!(matches!(closed, ChangeOutcome::Changed(_)));
    }
}

#[test]
fn cases_of_a_state_come_by_the_time_that_is_left() {
    run(async {
        let bench = Bench::start().await;
        let mut cases = Vec::new();
        for n in 0..12 {
            cases.push(bench.case_opened(&format!("5{n:04}"), NOW.plus(-1000 * n)).await);
        }
        cases.reverse();
        bench.queued(&state(State::New), &cases).await;
        for limit in [1, 2, 5, 12, 13] {
            assert_eq!(bench.queue(&state(State::New), limit).await, cases, "{limit} a page");
        }
        let first = bench.page(&state(State::New), None, 3).await;
        let limit = i64::from(Limits::shipped().unwrap().first_answer) * 1000;
        let due: Vec<_> = first.rows.iter().map(|row| row.due).collect();
        assert_eq!(due, [11, 10, 9].map(|n| NOW.plus(limit - 1000 * n)));
        assert!(first.rows[0].case.is_some());
        assert_eq!(first.next, Some(QueueCursor { due: due[2], number: cases[2] }));
        for other in State::ALL.into_iter().filter(|state| *state != State::New) {
            assert!(bench.queue(&state(other), 50).await.is_empty(), "{other:?}");
        }
    });
}

/// All are due at the same millisecond, and the case at which a page ends moves on before the next
/// page is read.
#[test]
fn of_many_cases_with_one_time_none_is_missed_and_none_comes_twice() {
    run(async {
        let bench = Bench::start().await;
        let mut all = BTreeSet::new();
        for n in 0..30 {
            all.insert(bench.case(&format!("5{n:04}")).await);
        }
        let filter = state(State::New);
        until("all are listed", async || (bench.queue(&filter, 50).await.len() == 30).then_some(())).await;
        let whole = bench.queue(&filter, 50).await;
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = bench.page(&filter, after, 4).await;
            seen.extend(numbers(&page));
            let Some(next) = page.next else { break };
            bench.stepped(next.number, &Event::AgentTook(agent("Aisyah")), NOW).await;
            let moved = async || (!bench.queue(&filter, 50).await.contains(&next.number)).then_some(());
            until("it is gone from the index", moved).await;
            after = Some(next);
        }
        assert_eq!(seen, whole, "in the same order as at once");
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), all);
    });
}

#[test]
fn a_case_that_moves_is_in_one_place_at_a_time() {
    run(async {
        let bench = Bench::start().await;
        let number = bench.case("50001").await;
        let is_only_in = async |place: &QueueFilter| {
            bench.queued(place, &[number]).await;
            for other in State::ALL.map(state).iter().filter(|other| *other != place) {
                assert!(bench.queue(other, 50).await.is_empty(), "{place:?} and {other:?}");
            }
        };
        let mine = QueueFilter::of(QueueView::Agent(agent("Aisyah")));
        is_only_in(&state(State::New)).await;
        bench.stepped(number, &Event::Opened, NOW).await;
        is_only_in(&state(State::WaitingForCustomer)).await;
        assert!(bench.queue(&mine, 50).await.is_empty());
        bench.stepped(number, &Event::AgentTook(agent("Aisyah")), NOW).await;
        is_only_in(&waiting()).await;
        bench.queued(&mine, &[number]).await;
        let assigned = Event::AgentAssigned { by: agent("Carol"), to: Some(agent("Ben")) };
        bench.stepped(number, &assigned, NOW).await;
        is_only_in(&waiting()).await;
        bench.queued(&mine, &[]).await;
        let bens = QueueFilter::of(QueueView::Agent(agent("Ben")));
        bench.queued(&bens, &[number]).await;
        bench.stepped(number, &Event::AgentReplied(agent("Ben")), NOW).await;
        is_only_in(&state(State::WaitingForCustomer)).await;
        bench.queued(&bens, &[number]).await;
        bench.stepped(number, &Event::DisputeEnded, NOW).await;
        is_only_in(&state(State::Resolved)).await;
        bench.queued(&bens, &[]).await;
        let attributes = &bench.disputes().await[&(format!("DSP#{number}"), "SUP".to_owned())];
        assert!(attributes.get("queue_owner").is_none(), "{attributes}");
    });
}

/// A case that nobody worked in time stays where it came in, however often the supervisors are
/// mailed and whoever takes it.
#[test]
fn a_case_that_is_overdue_comes_before_those_that_are_not() {
    run(async {
        let bench = Bench::start().await;
        let late = bench.taken("50001", "Aisyah", NOW).await;
        let limit = i64::from(Limits::shipped().unwrap().agent) * 1000;
        let mut now = NOW;
        for _ in 0..3 {
            now = now.plus(limit);
            bench.stepped(late, &Event::TimeReached, now).await;
        }
        let new = bench.taken("50002", "Ben", now).await;
        let handed_back = Event::AgentAssigned { by: agent("Carol"), to: None };
        bench.stepped(late, &handed_back, now.plus(1000)).await;
        bench.stepped(late, &Event::AgentTook(agent("Ben")), now.plus(2000)).await;
        bench.queued(&waiting(), &[late, new]).await;
        bench.queued(&QueueFilter::of(QueueView::Agent(agent("Ben"))), &[late, new]).await;
        let page = bench.page(&waiting(), None, 50).await;
        let due: Vec<_> = page.rows.iter().map(|row| row.due).collect();
        assert_eq!(due, [NOW.plus(limit), now.plus(limit)]);
        let case = page.rows[0].case.as_ref().unwrap();
        assert_eq!(case.due(), Some(now.plus(limit)), "when the supervisors are mailed again");
    });
}

#[test]
fn resolved_cases_come_with_the_last_one_first() {
    run(async {
        let bench = Bench::start().await;
        let mut cases = Vec::new();
        for n in 0..14 {
            // Two in each second.
            let (number, at) = (bench.case(&format!("5{n:04}")).await, NOW.plus(n / 2 * 1000));
            bench.stepped(number, &Event::DisputeEnded, at).await;
            cases.push((n / 2, number));
        }
        let filter = state(State::Resolved);
        until("all are listed", async || (bench.queue(&filter, 50).await.len() == 14).then_some(())).await;
        let seconds = |numbers: Vec<DisputeNumber>| -> Vec<i64> {
            numbers.iter().map(|number| cases.iter().find(|(_, other)| other == number).unwrap().0).collect()
        };
        let whole = bench.queue(&filter, 50).await;
        for limit in [1, 3, 4, 14] {
            assert_eq!(bench.queue(&filter, limit).await, whole, "{limit} a page");
        }
        assert_eq!(seconds(whole), [6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0]);
        assert_eq!(bench.page(&filter, None, 1).await.rows[0].due, NOW.plus(6000));
    });
}

#[test]
fn filters_leave_out_what_they_say() {
    run(async {
        let bench = Bench::start().await;
        let mine = bench.taken("50001", "Aisyah", NOW).await;
        let bens = bench.taken("50002", "Ben", NOW.plus(1000)).await;
        let nobodys = bench.case_opened("50003", NOW.plus(2000)).await;
        let handed_back = Event::AgentAssigned { by: agent("Carol"), to: None };
        bench.stepped(nobodys, &handed_back, NOW.plus(2000)).await;
        let mut bill = stepped(&bench.snapshot(bens).await, &Event::AutoReplyNoted, NOW.plus(1000));
        bill.after.support.as_mut().unwrap().kind = Kind::Bill;
        bench.written(&bill).await;
        let arbiter = bench.other(Channel::Arbiter, Environment::Production, NOW).await;
        let staging = bench.other(Channel::Iimmpact, Environment::Staging, NOW).await;
        bench.announced(arbiter, NOW.plus(-2000)).await;
        bench.announced(staging, NOW.plus(-1000)).await;
        bench.queued(&waiting(), &[arbiter, staging, mine, bens, nobodys]).await;
        let of = |narrow: &dyn Fn(&mut QueueFilter)| {
            let mut filter = waiting();
            narrow(&mut filter);
            filter
        };
        let expected: [(QueueFilter, &[DisputeNumber]); 9] = [
            (of(&|filter| filter.channel = Some(Channel::Arbiter)), &[arbiter]),
            (of(&|filter| filter.channel = Some(Channel::Connect)), &[]),
            (of(&|filter| filter.environment = Some(Environment::Staging)), &[staging]),
            (of(&|filter| filter.environment = Some(Environment::Production)), &[arbiter, mine, bens, nobodys]),
            (of(&|filter| filter.kind = Some(Kind::Bill)), &[bens]),
            (of(&|filter| filter.kind = Some(Kind::Voucher)), &[mine, nobodys]),
            (of(&|filter| filter.owner = Some(QueueOwner::NoAgent)), &[arbiter, staging, nobodys]),
            (of(&|filter| filter.owner = Some(QueueOwner::Agent(agent("Ben")))), &[bens]),
            (QueueFilter { kind: Some(Kind::Voucher), ..QueueFilter::of(QueueView::Agent(agent("Ben"))) }, &[]),
        ];
        for (filter, cases) in &expected {
            for limit in [1, 2, 50] {
                assert_eq!(bench.queue(filter, limit).await, *cases, "{filter:?}, {limit} a page");
            }
        }
    });
}

#[test]
fn a_mail_that_no_process_answers_waits_for_an_agent() {
    run(async {
        let bench = Bench::start().await;
        let other = bench.other(Channel::Arbiter, Environment::Production, NOW).await;
        let over = bench.case("50001").await;
        bench.stepped(over, &Event::DisputeEnded, NOW).await;
        bench.queued(&state(State::Resolved), &[over]).await;
        assert!(bench.queue(&waiting(), 50).await.is_empty());
        for (number, seconds) in [(other, 10), (over, 20)] {
            bench.announced(number, NOW.plus(seconds * 1000)).await;
        }
        bench.queued(&waiting(), &[other, over]).await;
        bench.queued(&state(State::Resolved), &[]).await;
        let page = bench.page(&waiting(), None, 50).await;
        assert_eq!(page.rows.iter().map(|row| row.due).collect::<Vec<_>>(), [NOW.plus(10_000), NOW.plus(20_000)]);
        // An agent replies, or the dispute is closed: the mail of a closed one still waits.
        bench.closed(other).await;
        bench.queued(&waiting(), &[other, over]).await;
        for number in [other, over] {
            let mut commit = SupportCommit::of(&bench.snapshot(number).await);
            commit.after.announced_at = None;
            bench.written(&commit).await;
        }
        bench.queued(&waiting(), &[]).await;
        bench.queued(&state(State::Resolved), &[over]).await;
    });
}

/// The index is not asked whether a case is over: the dispute was closed since its last step.
#[test]
fn a_case_whose_dispute_was_closed_since_waits_for_nobody() {
    run(async {
        let bench = Bench::start().await;
        let (closed, open) = (bench.taken("50001", "Aisyah", NOW).await, bench.taken("50002", "Aisyah", NOW).await);
        let mine = QueueFilter::of(QueueView::Agent(agent("Aisyah")));
        bench.queued(&mine, &[closed, open]).await;
        bench.closed(closed).await;
        for filter in [&mine, &waiting()] {
            assert_eq!(bench.queue(filter, 50).await, [open]);
        }
    });
}

#[test]
fn live_disputes_of_the_other_apis_come_by_their_next_deadline() {
    run(async {
        let bench = Bench::start().await;
        let mut disputes = Vec::new();
        for n in 0..24 {
            // Four at each time.
            let channel = if n % 2 == 0 { Channel::Arbiter } else { Channel::Tutelar };
            disputes.push((n / 4, channel, bench.other(channel, Environment::Production, NOW.plus(n / 4 * DAY)).await));
        }
        bench.case("50001").await;
        bench.other(Channel::Iimmpact, Environment::Production, NOW).await;
        let filter = QueueFilter::of(QueueView::Disputes);
        until("all are listed", async || (bench.queue(&filter, 50).await.len() == 24).then_some(())).await;
        let whole = bench.queue(&filter, 50).await;
        let day = |number: &DisputeNumber| disputes.iter().find(|(.., other)| other == number).unwrap().0;
        assert!(whole.windows(2).all(|pair| day(&pair[0]) <= day(&pair[1])), "{whole:?}");
        for limit in [1, 3, 5, 24] {
            assert_eq!(bench.queue(&filter, limit).await, whole, "{limit} a page");
        }
        let first = &bench.page(&filter, None, 1).await.rows[0];
        assert!(first.case.is_none());
        assert_eq!(first.due, NOW.plus(18 * DAY), "its reminder comes before its end");
        let tutelar = QueueFilter { channel: Some(Channel::Tutelar), ..filter.clone() };
        let is_tutelar = |number: &DisputeNumber| {
            disputes.iter().any(|(_, channel, other)| other == number && *channel == Channel::Tutelar)
        };
        let only: Vec<_> = whole.iter().copied().filter(is_tutelar).collect();
        for limit in [1, 5, 50] {
            assert_eq!(bench.queue(&tutelar, limit).await, only, "{limit} a page");
        }
        let staging = QueueFilter { environment: Some(Environment::Staging), ..filter.clone() };
        assert!(bench.queue(&staging, 50).await.is_empty());
        // One that closes is gone, and one that moves has a deadline of its own.
        bench.closed(whole[0]).await;
        let before = bench.stored(whole[1]).await;
        let mut step = step_of(&before, Actor::Acquirer, recourse_dispute::lifecycle::Action::Represent);
        step.dispute.state_since = NOW.plus(90 * DAY);
        bench.store.change(&before, &step, &NoGuard, &token(), NOW.plus(90 * DAY)).await.unwrap();
        let mut expected = whole[2..].to_vec();
        expected.push(whole[1]);
        bench.queued(&filter, &expected).await;
    });
}

#[test]
fn a_case_that_this_release_cannot_read_is_named_beside_the_others() {
    run(async {
        let bench = Bench::start().await;
        let (good, bad) = (bench.case("50001").await, bench.case("50002").await);
        let mut item = bench.disputes().await.remove(&(format!("DSP#{bad}"), "SUP".to_owned())).unwrap();
        item["version"] = json!({ "S": "of a later release" });
        bench.put(&item).await;
        until("both are listed", async || {
            let page = bench.page(&state(State::New), None, 10).await;
            (numbers(&page) == [good] && page.unread == [bad]).then_some(())
        })
        .await;
    });
}

/// Copies the case `number` and its dispute, `count` times.
async fn copy(bench: &Bench, number: DisputeNumber, count: u64) {
    let items = bench.disputes().await;
    for n in 0..count {
        let copy = DisputeNumber::try_from(1_000_000 + n).unwrap();
        for sk in ["DSP", "SUP"] {
            let mut item: Value = items[&(format!("DSP#{number}"), sk.to_owned())].clone();
            item["PK"] = json!({ "S": format!("DSP#{copy}") });
            item["number"] = json!({ "N": copy.to_string() });
            if sk == "SUP" {
                let shard = item["queue_shard"]["S"].as_str().unwrap().rsplit_once('-').unwrap().0.to_owned();
                item["queue_shard"] = json!({ "S": format!("{shard}-{}", copy.get() % 4) });
            }
            bench.put(&item).await;
        }
    }
}

#[test]
fn a_page_costs_the_same_with_few_cases_and_with_many() {
    run(async {
        let mine = QueueFilter::of(QueueView::Agent(agent("Aisyah")));
        let narrow = |filter: QueueFilter, kind: Kind| QueueFilter { kind: Some(kind), ..filter };
        let vouchers = [narrow(waiting(), Kind::Voucher), narrow(mine.clone(), Kind::Voucher)];
        let bills = [narrow(waiting(), Kind::Bill), narrow(mine.clone(), Kind::Bill)];
        let mut costs = Vec::new();
        for count in [250, 2_200] {
            let bench = Bench::alone().await;
            let number = bench.taken("50001", "Aisyah", NOW).await;
            copy(&bench, number, count).await;
            // A filter that leaves nothing out costs what none does. One that leaves out everything
            // has each partition looked at twice, and reads no case.
            let pages = [
                (&waiting(), 4, 50),
                (&vouchers[0], 4, 50),
                (&mine, 1, 50),
                (&vouchers[1], 1, 50),
                (&bills[0], 8, 0),
                (&bills[1], 2, 0),
            ];
            let mut cost = Vec::new();
            for (filter, queries, rows) in pages {
                bench.db.clear_calls();
                let page = bench.page(filter, None, 50).await;
                assert_eq!(page.rows.len(), rows, "{filter:?}");
                // The shorter lists are looked through as a whole.
                assert_eq!(page.next.is_some(), rows > 0 || count > 2_000, "{filter:?}");
                let mut operations = vec!["Query"; queries];
                operations.extend((rows > 0).then_some("BatchGetItem"));
                assert_eq!(bench.operations(), operations, "{filter:?}");
                cost.push(bench.db.answered("tests"));
            }
            costs.push(cost);
        }
        let (few, many) = (&costs[0], &costs[1]);
        for (few, many) in few.iter().zip(many).take(4) {
            assert!(*many <= few + few / 100, "{costs:?}");
        }
        for unfiltered in [0, 2] {
            let (none, all) = (many[unfiltered], many[unfiltered + 1]);
            assert!(all <= none + none / 100, "{costs:?}");
        }
        // At most the 500th entry of each partition, of some 200 bytes each, and none twice.
        assert!(many[4] <= 4 * 500 * 400 && many[5] <= 500 * 400, "{costs:?}");
    });
}

/// The only bills are behind more entries than a page begins with, in a list without and with an
/// end that a page reaches.
#[test]
fn a_page_looks_further_where_a_filter_leaves_too_few() {
    run(async {
        let bench = Bench::alone().await;
        let number = bench.taken("50001", "Aisyah", NOW).await;
        copy(&bench, number, 250).await;
        let mut bills = Vec::new();
        for n in 0..3 {
            let bill = bench.taken(&format!("6{n:04}"), "Ben", NOW.plus(DAY + n * 1000)).await;
            let mut commit = stepped(&bench.snapshot(bill).await, &Event::AutoReplyNoted, NOW.plus(DAY + n * 1000));
            commit.after.support.as_mut().unwrap().kind = Kind::Bill;
            bench.written(&commit).await;
            bills.push(bill);
        }
        let filter = QueueFilter { kind: Some(Kind::Bill), ..waiting() };
        bench.queued(&filter, &bills).await;
        bench.db.clear_calls();
        let page = bench.page(&filter, None, 50).await;
        assert_eq!((numbers(&page), page.next), (bills.clone(), None));
        assert_eq!(bench.operations().iter().filter(|name| *name == "Query").count(), 8, "none is read twice");
        // Each page goes on where the last one ended, wherever that is.
        for limit in [1, 2, 3] {
            assert_eq!(bench.queue(&filter, limit).await, bills, "{limit} a page");
        }
        let vouchers = QueueFilter { kind: Some(Kind::Voucher), ..waiting() };
        let whole = bench.queue(&vouchers, 50).await;
        assert_eq!(whole.len(), 251);
        assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), 251);
        for limit in [7, 49] {
            assert_eq!(bench.queue(&vouchers, limit).await, whole, "{limit} a page");
        }
    });
}
