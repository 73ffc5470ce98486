//! Many deliveries: of each dispute one at a time, up to ten disputes in one call.

use std::collections::{BTreeMap, VecDeque};

use futures_util::future::join_all;
use recourse_dispute::environment::Environment;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use recourse_store::{
    ClaimDeliveryOutcome, ClaimedDelivery, Delivery, DeliveryAttempt, DeliveryEnd, DeliveryId, StoreError,
};

use super::EventBus;
use super::put::{Bus, MAX_ENTRIES, fitting};
use crate::unpanicked::unpanicked;
use crate::webhooks::schedule;

/// Whose events there are.
const ENVIRONMENTS: [Environment; 2] = [Environment::Production, Environment::Staging];
/// How long a claim holds: a call takes four seconds, and calls of DynamoDB come with it.
const LEASE_MS: i64 = 60_000;
/// How long to wait for an earlier event that is being put, in milliseconds.
const SOON_MS: i64 = 1_000;
/// How many deliveries a sweep takes at once.
const PAGE: i32 = 50;
/// The status of an attempt that succeeded: PutEvents answers it, and each entry has its own error.
const TAKEN: u16 = 200;

/// The result of the work on one delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PutOutcome {
    Put,
    /// It is tried again, or only tried the bus out.
    Failed,
    Dead,
    /// It waits for an earlier event of its dispute.
    Behind,
    /// Another worker has it, or it is not due, over, or missing.
    ClaimedByOther,
    /// The store is out of reach.
    Unreached,
    /// It cannot be read, or the work on it panicked.
    Broken,
}

/// Counts of the outcomes of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) put: u32,
    pub(super) failed: u32,
    pub(super) dead: u32,
    pub(super) behind: u32,
    pub(super) claimed_by_other: u32,
    pub(super) broken: u32,
    /// Those that were not begun.
    pub(super) left: u32,
    /// For how long the delivery has waited that has waited longest, of those that were due.
    pub(super) late_ms: u64,
    pub(super) unreached: Vec<DeliveryId>,
}

impl Tally {
    fn add(&mut self, id: DeliveryId, done: PutOutcome) {
        match done {
            PutOutcome::Put => self.put += 1,
            PutOutcome::Failed => self.failed += 1,
            PutOutcome::Dead => self.dead += 1,
            PutOutcome::Behind => self.behind += 1,
            PutOutcome::ClaimedByOther => self.claimed_by_other += 1,
            PutOutcome::Broken => self.broken += 1,
            PutOutcome::Unreached => self.unreached.push(id),
        }
    }

    /// How many deliveries left the list of what is due.
    fn moved(&self) -> u32 {
        self.put + self.failed + self.dead + self.behind
    }
}

impl EventBus {
    /// Puts the deliveries of a batch of the stream.
    pub(super) async fn batch(&self, ids: impl Iterator<Item = DeliveryId>, until: UnixMillis, all: &mut Tally) {
        let ids: Vec<_> = ids.collect();
        for environment in ENVIRONMENTS {
            let queue = WebhookId::bus(environment);
            let of_queue: Vec<_> = ids.iter().filter(|id| id.endpoint == queue).cloned().collect();
            match &self.bus {
                Some(bus) => Box::pin(self.put_all(bus, environment, of_queue, until, all)).await,
                None => all.left += count(of_queue.len()),
            }
        }
    }

    /// Follows the parameter, and puts all that is due.
    ///
    /// # Errors
    /// [`StoreError`] where the destinations or the index could not be read, or the first could not
    /// be changed. What is due was put all the same, as far as it could be read.
    pub(super) async fn sweep(&self, until: UnixMillis, all: &mut Tally) -> Result<(), StoreError> {
        let mut first = Box::pin(self.follow_parameter()).await;
        let Some(bus) = &self.bus else { return first };
        for environment in ENVIRONMENTS {
            first = first.and(Box::pin(self.sweep_one(bus, environment, until, all)).await);
        }
        first
    }

    /// Has events handed out to the bus, or to none.
    async fn follow_parameter(&self) -> Result<(), StoreError> {
        let destinations = Box::pin(self.store.destinations()).await?;
        let bus = self.bus.as_ref().map(Bus::arn);
        for environment in ENVIRONMENTS {
            let before = destinations.iter().find(|known| known.id == WebhookId::bus(environment));
            let Ok(token) = self.context.write_token() else { return Ok(()) };
            let changing = self.store.set_event_bus(before, environment, bus, self.context.now(), &token);
            if Box::pin(changing).await? {
                let environment = environment.name();
                tracing::info!(environment, bus, "what events are handed out to was changed");
            }
        }
        Ok(())
    }

    async fn sweep_one(
        &self,
        bus: &Bus,
        environment: Environment,
        until: UnixMillis,
        all: &mut Tally,
    ) -> Result<(), StoreError> {
        let queue = WebhookId::bus(environment);
        while self.context.now() < until {
            let due = self.store.deliveries_due(&queue, self.context.now(), PAGE).await?;
            let before = all.moved();
            let ids = due.into_iter().map(|(id, _)| id).collect();
            Box::pin(self.put_all(bus, environment, ids, until, all)).await;
            if all.moved() == before {
                break;
            }
        }
        Ok(())
    }

    /// Puts these deliveries of one environment: those of one dispute one after the other, in the
    /// order of their sequence numbers, and up to ten disputes at once.
    async fn put_all(
        &self,
        bus: &Bus,
        environment: Environment,
        ids: Vec<DeliveryId>,
        until: UnixMillis,
        all: &mut Tally,
    ) {
        let mut chains = chains(ids);
        while self.context.now() < until {
            let next: Vec<_> = chains.values_mut().filter_map(VecDeque::pop_front).take(MAX_ENTRIES).collect();
            if next.is_empty() {
                return;
            }
            chains.retain(|_, chain| !chain.is_empty());
            Box::pin(self.put_some(bus, environment, next, all)).await;
        }
        all.left += count(chains.values().map(VecDeque::len).sum());
    }

    /// Claims these deliveries, puts those that could be claimed, and stores how that ended.
    async fn put_some(&self, bus: &Bus, environment: Environment, ids: Vec<DeliveryId>, all: &mut Tally) {
        let claims = join_all(ids.iter().map(|id| unpanicked(self.claim(id)))).await;
        let mut claimed = Vec::new();
        for (id, claim) in ids.into_iter().zip(claims) {
            let (since, outcome) = match claim {
                Ok(Ok(one)) => {
                    let since = waiting_since(&one.delivery);
                    claimed.push(one);
                    (since, None)
                }
                Ok(Err(outcome)) => (id.created_at, Some(outcome)),
                Err(panicked) => (id.created_at, Some(broken(&id, &panicked))),
            };
            // One that is over, or waits for an earlier event, is not late.
            if !matches!(outcome, Some(PutOutcome::ClaimedByOther | PutOutcome::Behind)) {
                all.late_ms = all.late_ms.max(self.context.since(since));
            }
            if let Some(outcome) = outcome {
                all.add(id, outcome);
            }
        }
        while !claimed.is_empty() {
            let fitting = fitting(claimed.iter().map(|one| &one.delivery), environment);
            let now: Vec<ClaimedDelivery> = claimed.drain(..fitting).collect();
            let begun = self.context.now();
            let events: Vec<_> = now.iter().map(|one| &one.delivery).collect();
            let results = Box::pin(bus.put(&events, environment)).await;
            let ids: Vec<_> = now.iter().map(|one| one.delivery.id()).collect();
            let ended = now.into_iter().zip(results).map(|(one, result)| unpanicked(self.end(one, result, begun)));
            for (id, outcome) in ids.into_iter().zip(join_all(ended).await) {
                let outcome = outcome.unwrap_or_else(|panicked| broken(&id, &panicked));
                all.add(id, outcome);
            }
        }
    }

    /// Claims a delivery. An error is the outcome of one that is not put now.
    async fn claim(&self, id: &DeliveryId) -> Result<ClaimedDelivery, PutOutcome> {
        self.try_to_claim(id).await.unwrap_or_else(|error| Err(unworkable(id, &error)))
    }

    async fn try_to_claim(&self, id: &DeliveryId) -> Result<Result<ClaimedDelivery, PutOutcome>, StoreError> {
        let Ok(owner) = self.context.write_token() else { return Ok(Err(PutOutcome::Unreached)) };
        let claimed = match self.store.claim_delivery(id, &owner, self.context.now(), LEASE_MS).await? {
            ClaimDeliveryOutcome::Claimed(claimed) => *claimed,
            ClaimDeliveryOutcome::ClaimedByOther => return Ok(Err(PutOutcome::ClaimedByOther)),
        };
        let Some(due) = self.store.ahead_of(&claimed.delivery).await? else { return Ok(Ok(claimed)) };
        let due = due.plus(1).max(self.context.now().plus(SOON_MS));
        self.store.end_delivery(&claimed, DeliveryEnd::Later(due)).await?;
        Ok(Err(PutOutcome::Behind))
    }

    /// Stores the attempt, and when the delivery is due again, if it is.
    async fn end(&self, mut claimed: ClaimedDelivery, result: Result<(), String>, begun: UnixMillis) -> PutOutcome {
        let (id, error) = (claimed.delivery.id(), result.err());
        claimed.delivery.tried(DeliveryAttempt {
            at: begun,
            status: error.is_none().then_some(TAKEN),
            error: error.clone(),
            answer: None,
            duration_ms: self.context.since(begun),
        });
        let delivery = &claimed.delivery;
        let end = match error {
            None => DeliveryEnd::Delivered,
            // An event that tries the bus out is put once.
            Some(_) if delivery.dispute.is_none() => DeliveryEnd::Dead,
            Some(_) => {
                let random = u64::from_be_bytes(self.context.bytes().unwrap_or_default());
                let due = schedule::next(delivery.tries, random, None, self.context.now());
                due.map_or(DeliveryEnd::Dead, DeliveryEnd::Later)
            }
        };
        let outcome = match end {
            DeliveryEnd::Delivered => PutOutcome::Put,
            // No receiver misses an event that tried the bus out.
            DeliveryEnd::Dead if delivery.dispute.is_none() => PutOutcome::Failed,
            DeliveryEnd::Dead => PutOutcome::Dead,
            DeliveryEnd::Later(_) | DeliveryEnd::Held(_) => PutOutcome::Failed,
        };
        tracing::info!(delivery = %id, outcome = ?outcome, tries = delivery.tries, error = error.as_deref(), "an event was put on the bus, or refused");
        match self.store.end_delivery(&claimed, end).await {
            Ok(true) => outcome,
            Ok(false) => PutOutcome::ClaimedByOther,
            Err(error) => unworkable(&id, &error),
        }
    }
}

/// Since when a delivery waits: it was handed out then, or asked to be put once more.
fn waiting_since(delivery: &Delivery) -> UnixMillis {
    delivery.replayed_at.unwrap_or(delivery.created_at)
}

/// The outcome of a delivery that the store could not work on.
fn unworkable(id: &DeliveryId, error: &StoreError) -> PutOutcome {
    if error.is_temporary() {
        tracing::warn!(delivery = %id, error = %error, "an event for the bus could not be worked on");
        return PutOutcome::Unreached;
    }
    broken(id, error)
}

/// The outcome of a delivery that no further attempt would help.
fn broken(id: &DeliveryId, error: &impl std::fmt::Display) -> PutOutcome {
    tracing::error!(delivery = %id, error = %error, "an event for the bus cannot be worked on");
    PutOutcome::Broken
}

/// The deliveries of each dispute, in the order of their sequence numbers.
fn chains(ids: Vec<DeliveryId>) -> BTreeMap<String, VecDeque<DeliveryId>> {
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

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the alarm BusLate watches: a replay of an old event sets off none.
    #[test]
    fn a_delivery_waits_since_it_was_made_or_is_to_be_put_once_more() {
        let mut delivery: Delivery = serde_json::from_value(serde_json::json!({
            "endpoint": WebhookId::bus(Environment::Production), "event": "evt_551_2",
            "event_type": "dispute.updated", "dispute": 551, "sequence": 2, "body": "{}",
            "delivery_state": "pending", "created_at": 7, "claims": 0, "tries": 0,
        }))
        .unwrap();
        assert_eq!(waiting_since(&delivery), UnixMillis(7));
        delivery.replayed_at = Some(UnixMillis(900));
        assert_eq!(waiting_since(&delivery), UnixMillis(900));
    }

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
}
