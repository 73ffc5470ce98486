//! Deliveries of events, whatever they go to: what `worker-webhooks` and `worker-bus` have in
//! common.
//!
//! Both get new deliveries from the ephemeral table's stream, and by a schedule all that are due.
//! Both claim one by a conditional write for a minute. The events of a dispute go one after the
//! other, and one that failed is tried again by the same `schedule`.

pub(crate) mod schedule;

use std::collections::{BTreeMap, VecDeque};

use recourse_aws::metrics::{EmfRecord, Unit};
use recourse_dispute::time::UnixMillis;
use recourse_store::{ClaimDeliveryOutcome, ClaimedDelivery, DeliveryEnd, DeliveryId, Store, StoreError};

use crate::SystemContext;
use crate::stream::Trigger;

/// What a worker of deliveries is called for: the deliveries in a batch of the ephemeral table's
/// stream, or all deliveries that are due.
pub type DeliveryTrigger = Trigger<DeliveryId>;

/// How long a claim holds. The attempt at an endpoint has 15 seconds and a call of EventBridge
/// four, and calls of DynamoDB come with them.
const LEASE_MS: i64 = 60_000;
/// How long to wait for an earlier delivery that is being made, in milliseconds.
const SOON_MS: i64 = 1_000;

/// The result of the work on one delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryOutcome {
    Delivered,
    /// It is tried again. On the bus also one that only tried it out.
    Failed,
    Dead,
    /// It waits for an earlier event of its dispute, or a script of faults holds it back.
    Behind,
    /// Another worker has it, or it is not due, over, or missing.
    ClaimedByOther,
    /// The store is out of reach.
    Unreached,
    /// It cannot be read, or the work on it panicked.
    Broken,
    /// It was not begun.
    Left,
}

impl DeliveryOutcome {
    /// The outcome of a delivery whose claim ended so.
    pub(crate) fn of(end: DeliveryEnd) -> Self {
        match end {
            DeliveryEnd::Delivered => Self::Delivered,
            DeliveryEnd::Dead => Self::Dead,
            DeliveryEnd::Later(_) | DeliveryEnd::Held(_) => Self::Failed,
        }
    }
}

/// Counts of the outcomes of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) delivered: u32,
    pub(crate) failed: u32,
    pub(crate) dead: u32,
    pub(crate) behind: u32,
    pub(crate) claimed_by_other: u32,
    pub(crate) broken: u32,
    pub(crate) left: u32,
    /// What waits because its endpoint's account may get no events.
    pub(crate) suspended: u32,
    /// How many endpoints were disabled.
    pub(crate) disabled: u32,
    /// For how long the delivery has waited that has waited longest, where that was asked. Each
    /// worker says from when that counts.
    pub(crate) late_ms: Option<u64>,
    pub(crate) unreached: Vec<DeliveryId>,
}

impl Tally {
    pub(crate) fn add(&mut self, id: DeliveryId, done: DeliveryOutcome) {
        match done {
            DeliveryOutcome::Delivered => self.delivered += 1,
            DeliveryOutcome::Failed => self.failed += 1,
            DeliveryOutcome::Dead => self.dead += 1,
            DeliveryOutcome::Behind => self.behind += 1,
            DeliveryOutcome::ClaimedByOther => self.claimed_by_other += 1,
            DeliveryOutcome::Broken => self.broken += 1,
            DeliveryOutcome::Left => self.left += 1,
            DeliveryOutcome::Unreached => self.unreached.push(id),
        }
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.failed += other.failed;
        self.dead += other.dead;
        self.behind += other.behind;
        self.claimed_by_other += other.claimed_by_other;
        self.broken += other.broken;
        self.left += other.left;
        self.suspended += other.suspended;
        self.disabled += other.disabled;
        self.late_ms = self.late_ms.max(other.late_ms);
        self.unreached.extend(other.unreached);
    }

    /// Whether any delivery left the list of what is due.
    pub(crate) fn moved(&self) -> bool {
        self.delivered + self.failed + self.dead + self.behind > 0
    }

    /// A worker's log record with what both workers report of a call. A sweep that could not read
    /// what is due does not count as one, so that the alarm on missing sweeps goes off.
    pub(crate) fn record(
        &self,
        record: EmfRecord,
        trigger: &DeliveryTrigger,
        done: bool,
        dynamodb_calls: u32,
    ) -> EmfRecord {
        let record = record
            .with("call", Some(trigger.name()))
            .with("claimed_by_other", Some(self.claimed_by_other))
            .with("behind", Some(self.behind))
            .with("left", Some(self.left))
            .with("unreached", Some(self.unreached.len()))
            .with("dynamodb_calls", Some(dynamodb_calls))
            .metric("failed", self.failed.into(), Unit::Count)
            .metric("dead", self.dead.into(), Unit::Count)
            .metric("broken", self.broken.into(), Unit::Count);
        if *trigger != DeliveryTrigger::Sweep {
            return record;
        }
        let record = record.metric("sweeps", u64::from(done), Unit::Count);
        match self.late_ms {
            Some(late_ms) => record.metric("late_ms", late_ms, Unit::Milliseconds),
            None => record,
        }
    }
}

/// What became of a claim.
#[derive(Debug)]
pub(crate) enum Claim {
    /// This worker has it, and it is the delivery's turn.
    Claimed(Box<ClaimedDelivery>),
    /// The delivery waits for an earlier event of its dispute, and is due again then.
    Behind(UnixMillis),
    /// Another worker has the delivery, or it is not due, over, or missing.
    ClaimedByOther,
    /// There is no randomness to claim it with.
    Unreached,
}

/// Claims a delivery, and puts it back where an earlier event of its dispute waits.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn claim(store: &Store, context: &SystemContext, id: &DeliveryId) -> Result<Claim, StoreError> {
    let Ok(owner) = context.write_token() else { return Ok(Claim::Unreached) };
    let claimed = match store.claim_delivery(id, &owner, context.now(), LEASE_MS).await? {
        ClaimDeliveryOutcome::Claimed(claimed) => claimed,
        ClaimDeliveryOutcome::ClaimedByOther => return Ok(Claim::ClaimedByOther),
    };
    let Some(due) = store.ahead_of(&claimed.delivery).await? else { return Ok(Claim::Claimed(claimed)) };
    let due = due.plus(1).max(context.now().plus(SOON_MS));
    store.end_delivery(&claimed, DeliveryEnd::Later(due)).await?;
    Ok(Claim::Behind(due))
}

/// How the claim on a delivery ends that failed the last of so many `tries`: it is tried again, or
/// given up. `not_before` is what the endpoint asked for.
pub(crate) fn after_failure(
    context: &SystemContext,
    tries: u32,
    not_before: Option<UnixMillis>,
    now: UnixMillis,
) -> DeliveryEnd {
    let random = u64::from_be_bytes(context.bytes().unwrap_or_default());
    schedule::next(tries, random, not_before, now).map_or(DeliveryEnd::Dead, DeliveryEnd::Later)
}

/// The deliveries of each dispute, in the order of their sequence numbers.
pub(crate) fn chains(ids: Vec<DeliveryId>) -> BTreeMap<String, VecDeque<DeliveryId>> {
    let mut disputes: BTreeMap<String, Vec<(u64, DeliveryId)>> = BTreeMap::new();
    for id in ids {
        let (dispute, sequence) = id.event.rsplit_once('_').unwrap_or((&id.event, ""));
        let entry = (sequence.parse().unwrap_or_default(), id.clone());
        disputes.entry(dispute.to_owned()).or_default().push(entry);
    }
    let in_order = |(dispute, mut chain): (String, Vec<(u64, DeliveryId)>)| {
        chain.sort();
        (dispute, chain.into_iter().map(|(_, id)| id).collect::<VecDeque<_>>())
    };
    disputes.into_iter().map(in_order).collect()
}

/// So many, as a tally counts them.
pub(crate) fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use recourse_dispute::environment::Environment;
    use recourse_dispute::webhook::WebhookId;

    use super::*;

    #[test]
    fn the_events_of_a_dispute_are_a_chain_in_their_order() {
        let id = |event: &str| DeliveryId {
            endpoint: WebhookId::bus(Environment::Production),
            created_at: UnixMillis(7),
            event: event.to_owned(),
        };
        let ids = ["evt_551_10", "evt_7_1", "evt_551_9", "evt_551_2", "evt_test_0a"].map(id);
        let chains: Vec<Vec<_>> =
            chains(ids.to_vec()).into_values().map(|chain| chain.into_iter().map(|id| id.event).collect()).collect();
        assert_eq!(chains, [vec!["evt_551_2", "evt_551_9", "evt_551_10"], vec!["evt_7_1"], vec!["evt_test_0a"]]);
    }

    /// The alarms on missing sweeps and on late deliveries watch these.
    #[test]
    fn only_a_sweep_says_that_it_was_one_and_how_late_it_was() {
        let text = |tally: &Tally, trigger: DeliveryTrigger, done: bool| {
            tally.record(EmfRecord::new("INFO", "test"), &trigger, done, 2).text(0)
        };
        let late = Tally { late_ms: Some(9), ..Tally::default() };
        let line = text(&late, DeliveryTrigger::Sweep, true);
        assert!(line.contains(r#""sweeps":1"#) && line.contains(r#""late_ms":9"#), "{line}");
        let line = text(&Tally::default(), DeliveryTrigger::Sweep, false);
        assert!(line.contains(r#""sweeps":0"#) && !line.contains("late_ms"), "{line}");
        let line = text(&late, DeliveryTrigger::Stream(Vec::new()), true);
        assert!(!line.contains("sweeps") && !line.contains("late_ms"), "{line}");
    }
}
