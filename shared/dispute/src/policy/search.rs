//! A search over sequences of calls for one by which a party puts another at its mercy.
//!
//! From every situation that a dispute can get into, each role takes up to six actions alone, at
//! the worst moments: at once, or just before an end. No such sequence closes a claim of somebody
//! else out of turn, keeps a dispute open longer than its stages last together, postpones an end a
//! second time, or brings a merchant's own record to where no end comes.

use std::collections::{BTreeMap, HashSet};

use crate::channel::Channel;
use crate::deadlines::{Deadlines, OnExpiry};
use crate::dispute::Dispute;
use crate::dispute::tests::dispute;
use crate::event::PerformedBy;
use crate::lifecycle::{Action, Actor, Category, Closing, Right, Side, Stage, State};
use crate::policy::actions::right;
use crate::time::UnixMillis;

/// How many calls one role makes alone.
const CALLS: usize = 6;
/// How long a stage lasts as it ships, in milliseconds.
const STAGE_MS: i64 = 20 * 24 * 60 * 60 * 1000;

/// A dispute on the way, and how long it has been live in all.
#[derive(Clone)]
struct Point {
    dispute: Dispute,
    now: UnixMillis,
    live_ms: i64,
}

impl Point {
    fn new(deadlines: &Deadlines, mut dispute: Dispute) -> Self {
        dispute.deadline = dispute.deadline_under(deadlines);
        Self { now: dispute.opened_at, dispute, live_ms: 0 }
    }

    /// What becomes of it by an action at once and just before its end.
    fn after(&self, deadlines: &Deadlines, role: Actor, action: Action) -> Vec<Self> {
        let end = self.dispute.deadline.map(|deadline| deadline.ends_at.plus(-1)).filter(|end| *end > self.now);
        let moments = [Some(self.now), end];
        moments.into_iter().flatten().filter_map(|now| self.at(deadlines, role, action, now)).collect()
    }

    fn at(&self, deadlines: &Deadlines, role: Actor, action: Action, now: UnixMillis) -> Option<Self> {
        let before = &self.dispute;
        let state = before.step(role, action, now).ok()?;
        let mut after =
            before.moved(action, state, PerformedBy { actor: role, name: "x".to_owned() }, None, now).dispute;
        if after.state != before.state {
            after.deadline = after.deadline_under(deadlines);
        }
        let was_live = matches!(before.state, State::Live(_));
        let live_ms = self.live_ms + if was_live { now.0 - self.now.0 } else { 0 };
        Some(Self { dispute: after, now, live_ms })
    }

    /// All that decides what can still become of it.
    fn key(&self) -> (State, Option<Action>, bool, BTreeMap<Stage, i64>, i64, Option<i64>) {
        let Dispute { state, closed_by, parties_acted, ref time_left, deadline, .. } = self.dispute;
        let left = deadline.map(|deadline| deadline.ends_at.0 - self.now.0);
        (state, closed_by, parties_acted, time_left.clone(), self.live_ms, left)
    }
}

/// How disputes begin at each API, with and without evidence.
fn beginnings(deadlines: &Deadlines) -> Vec<Point> {
    let of = |channel, category| Dispute { category, state: State::initial(category), ..dispute(channel) };
    let every = Channel::ALL
        .into_iter()
        .flat_map(|channel| channel.policy().categories.iter().map(move |category| of(channel, *category)));
    let draft = Dispute { state: State::Draft, ..of(Channel::Connect, Category::Chargeback) };
    every.chain([draft]).map(|dispute| Point::new(deadlines, dispute)).collect()
}

/// Every point that the parties reach together, a few steps from each beginning.
fn reachable(deadlines: &Deadlines) -> Vec<Point> {
    let mut found = beginnings(deadlines);
    let mut seen: HashSet<_> =
        found.iter().map(|point| (point.dispute.channel, point.dispute.category, point.key())).collect();
    let mut fresh = found.clone();
    while let Some(point) = fresh.pop() {
        for (role, action) in Actor::ALL.into_iter().flat_map(|role| Action::ALL.map(|action| (role, action))) {
            // Each role's own repetitions are what the search itself tries.
            if matches!(action, Action::Reopen(_) | Action::Update) {
                continue;
            }
            let Some(next) = point.at(deadlines, role, action, point.now) else { continue };
            if seen.insert((next.dispute.channel, next.dispute.category, next.key())) {
                found.push(next.clone());
                fresh.push(next);
            }
        }
    }
    found
}

/// Whether `role` may end the dispute in its own favour in its present state.
fn is_its_to_end(before: &Dispute, role: Actor, action: Action) -> bool {
    let is_own_record = right(before.channel, role, action) == Right::OwnRecord && !before.parties_acted;
    before.state.party_due() == Some(role.side()) || is_own_record || role.side() == Side::Operator
}

/// Whether a live dispute that no bank has acted on would wait for ever, and keep the banks' claims
/// out. A report waits for an operator: its contract gives it no time.
fn is_without_end(dispute: &Dispute) -> bool {
    let waits = dispute.deadline.is_none_or(|deadline| deadline.on_expiry == OnExpiry::Stay);
    matches!(dispute.state, State::Live(_)) && dispute.channel.policy().has_deadlines && !dispute.parties_acted && waits
}

#[test]
fn no_party_alone_ends_anothers_claim_or_moves_an_end_on_without_limit() {
    let deadlines = Deadlines::shipped().unwrap();
    let mut tried = 0_u32;
    for start in reachable(&deadlines) {
        let longest = STAGE_MS * i64::try_from(start.dispute.category.stages().len()).unwrap();
        for role in Actor::ALL.into_iter().filter(|role| role.side() != Side::Operator) {
            let mut points = vec![start.clone()];
            let mut seen = HashSet::new();
            for _ in 0..CALLS {
                let mut next = Vec::new();
                for point in &points {
                    for action in Action::ALL {
                        for after in point.after(&deadlines, role, action) {
                            tried += 1;
                            let what = format!("{role:?} {action:?}: {:?} to {:?}", point.dispute, after.dispute);
                            if let (Some(closing), true) =
                                (after.dispute.state.closing(), point.dispute.state.is_open())
                            {
                                let wins = matches!(
                                    (closing, role.side()),
                                    (Closing::Merchant, Side::Respondent) | (Closing::Customer, Side::Claimant)
                                );
                                assert!(!wins || is_its_to_end(&point.dispute, role, action), "{what}");
                            }
                            assert!(!is_without_end(&after.dispute), "no end comes: {what}");
                            assert!(after.live_ms <= longest, "live for {} ms: {what}", after.live_ms);
                            if seen.insert(after.key()) {
                                next.push(after);
                            }
                        }
                    }
                }
                points = next;
            }
        }
    }
    assert!(tried > 1_000, "{tried} calls were tried");
}
