//! Many deliveries: of each dispute one at a time, up to ten disputes in one call.

use std::collections::VecDeque;

use futures_util::future::join_all;
use recourse_dispute::environment::Environment;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use recourse_store::{ClaimedDelivery, Delivery, DeliveryAttempt, DeliveryEnd, DeliveryId, StoreError};

use super::EventBus;
use super::put::{Bus, MAX_ENTRIES, fitting};
use crate::deliveries::{Claim, DeliveryOutcome, Tally, after_failure, chains, claim, count};
use crate::unpanicked::unpanicked;

/// Whose events there are.
const ENVIRONMENTS: [Environment; 2] = [Environment::Production, Environment::Staging];
/// How many deliveries a sweep takes at once.
const PAGE: i32 = 50;
/// The status of an attempt that succeeded: PutEvents answers it, and each entry has its own error.
const TAKEN: u16 = 200;

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
        all.late_ms = Some(all.late_ms.unwrap_or_default());
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
            let ids = due.into_iter().map(|(id, _)| id).collect();
            let mut tally = Tally::default();
            Box::pin(self.put_all(bus, environment, ids, until, &mut tally)).await;
            let moved = tally.moved();
            all.join(tally);
            if !moved {
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
            if !matches!(outcome, Some(DeliveryOutcome::ClaimedByOther | DeliveryOutcome::Behind)) {
                all.late_ms = all.late_ms.max(Some(self.context.since(since)));
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
    async fn claim(&self, id: &DeliveryId) -> Result<ClaimedDelivery, DeliveryOutcome> {
        match claim(&self.store, &self.context, id).await {
            Ok(Claim::Claimed(claimed)) => Ok(*claimed),
            Ok(Claim::Behind(_)) => Err(DeliveryOutcome::Behind),
            Ok(Claim::ClaimedByOther) => Err(DeliveryOutcome::ClaimedByOther),
            Ok(Claim::Unreached) => Err(DeliveryOutcome::Unreached),
            Err(error) => Err(unworkable(id, &error)),
        }
    }

    /// Stores the attempt, and when the delivery is due again, if it is.
    async fn end(
        &self,
        mut claimed: ClaimedDelivery,
        result: Result<(), String>,
        begun: UnixMillis,
    ) -> DeliveryOutcome {
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
            Some(_) => after_failure(&self.context, delivery.tries, None, self.context.now()),
        };
        let outcome = match end {
            // No receiver misses an event that tried the bus out.
            DeliveryEnd::Dead if delivery.dispute.is_none() => DeliveryOutcome::Failed,
            end => DeliveryOutcome::of(end),
        };
        tracing::info!(delivery = %id, outcome = ?outcome, tries = delivery.tries, error = error.as_deref(), "an event was put on the bus, or refused");
        match self.store.end_delivery(&claimed, end).await {
            Ok(true) => outcome,
            Ok(false) => DeliveryOutcome::ClaimedByOther,
            Err(error) => unworkable(&id, &error),
        }
    }
}

/// Since when a delivery waits: it was handed out then, or asked to be put once more.
fn waiting_since(delivery: &Delivery) -> UnixMillis {
    delivery.replayed_at.unwrap_or(delivery.created_at)
}

/// The outcome of a delivery that the store could not work on.
fn unworkable(id: &DeliveryId, error: &StoreError) -> DeliveryOutcome {
    if error.is_temporary() {
        tracing::warn!(delivery = %id, error = %error, "an event for the bus could not be worked on");
        return DeliveryOutcome::Unreached;
    }
    broken(id, error)
}

/// The outcome of a delivery that no further attempt would help.
fn broken(id: &DeliveryId, error: &impl std::fmt::Display) -> DeliveryOutcome {
    tracing::error!(delivery = %id, error = %error, "an event for the bus cannot be worked on");
    DeliveryOutcome::Broken
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
}
