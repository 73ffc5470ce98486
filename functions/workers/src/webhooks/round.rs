//! Many deliveries: the endpoints beside each other, and at each endpoint a few disputes at once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use recourse_signing::{Secret, webhook};
use recourse_store::{DeliveryId, Endpoint, StoreError};

use super::Webhooks;
use crate::deliveries::{DeliveryOutcome, Tally, chains, count};
use crate::stream::StreamRecord;
use crate::unpanicked::unpanicked;

/// How many endpoints are worked on at once.
const ENDPOINTS_AT_A_TIME: usize = 32;
/// How often the schedule sweeps, in milliseconds.
const SWEEP_MS: i64 = 60_000;
/// How many requests one endpoint gets at once, each of another dispute.
const DISPUTES_AT_A_TIME: usize = 4;
/// How many deliveries of an endpoint a sweep takes at once.
const PAGE: i32 = 25;
/// The longest that a sweep waits for the second try of a delivery, in milliseconds.
const LONGEST_PAUSE_MS: i64 = 8_000;
/// How often a sweep waits so at one endpoint.
const MAX_PAUSES: u32 = 3;

/// An endpoint in one run.
pub(super) struct Run<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) secrets: Vec<Secret>,
    /// No further delivery is begun.
    pub(super) is_over: AtomicBool,
    /// Whether it is noted that the endpoint fails.
    pub(super) is_failing: AtomicBool,
    /// Whether this run has disabled the endpoint.
    pub(super) is_disabled: AtomicBool,
    /// The earliest time at which a delivery of this run is due again.
    next_due: AtomicI64,
}

impl Run<'_> {
    /// Notes that a delivery is due again then.
    pub(super) fn due_again(&self, due: UnixMillis) {
        self.next_due.fetch_min(due.0, Ordering::Relaxed);
    }
}

impl Webhooks {
    /// Works on the deliveries of a batch of the stream. Those of an endpoint that fails are left
    /// to the sweep, so that it holds up no other endpoint's.
    pub(super) async fn batch(
        &self,
        records: &[StreamRecord<DeliveryId>],
        until: UnixMillis,
        all: &mut Tally,
    ) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let endpoints = self.store.webhooks().await?;
        let mut of_endpoints: BTreeMap<_, Vec<DeliveryId>> = BTreeMap::new();
        for StreamRecord { id, .. } in records {
            of_endpoints.entry(&id.endpoint).or_default().push(id.clone());
        }
        let one = |(endpoint, ids): (&WebhookId, Vec<DeliveryId>)| {
            let endpoint = endpoints.iter().find(|known| known.id == *endpoint);
            async move {
                let left = Tally { left: count(ids.len()), ..Tally::default() };
                match endpoint.filter(|endpoint| endpoint.is_enabled() && endpoint.failing_since.is_none()) {
                    Some(endpoint) => self.batch_of(endpoint, ids, until).await.unwrap_or_else(|error| {
                        tracing::warn!(webhook = %endpoint.id, error = %error, "deliveries were left to the sweep");
                        left
                    }),
                    None => left,
                }
            }
        };
        let mut tallies = stream::iter(of_endpoints).map(one).buffer_unordered(ENDPOINTS_AT_A_TIME);
        while let Some(tally) = tallies.next().await {
            all.join(tally);
        }
        Ok(())
    }

    /// Works on deliveries of one endpoint.
    ///
    /// # Errors
    /// [`StoreError`] where none of them was begun.
    async fn batch_of(
        &self,
        endpoint: &Endpoint,
        ids: Vec<DeliveryId>,
        until: UnixMillis,
    ) -> Result<Tally, StoreError> {
        let run = self.run(endpoint).await?;
        if !self.store.may_get_events(endpoint).await? {
            return Ok(Tally { suspended: count(ids.len()), ..Tally::default() });
        }
        let mut tally = self.chains(&run, ids, until).await;
        tally.disabled += u32::from(run.is_disabled.load(Ordering::Relaxed));
        Ok(tally)
    }

    /// Works on all that is due, endpoint by endpoint. What is due at one endpoint hides nothing of
    /// another.
    ///
    /// # Errors
    /// [`StoreError`] where the endpoints, an index, an account or the secrets of an endpoint could
    /// not be read. The other endpoints were worked on all the same.
    pub(super) async fn sweep(&self, until: UnixMillis, all: &mut Tally) -> Result<(), StoreError> {
        let mut endpoints = self.store.webhooks().await?;
        endpoints.retain(Endpoint::is_enabled);
        let one = |endpoint: Endpoint| async move {
            let mut tally = Tally::default();
            let swept = self.sweep_one(&endpoint, until, &mut tally).await;
            if let Err(error) = &swept {
                tracing::error!(webhook = %endpoint.id, error = %error, "a webhook endpoint could not be swept");
            }
            (tally, swept)
        };
        let endpoints = in_turn(endpoints, self.context.now());
        let mut sweeps = stream::iter(endpoints).map(one).buffer_unordered(ENDPOINTS_AT_A_TIME);
        let mut first = Ok(());
        all.late_ms = Some(all.late_ms.unwrap_or_default());
        while let Some((tally, swept)) = sweeps.next().await {
            all.join(tally);
            first = first.and(swept);
        }
        first
    }

    /// An endpoint's run, with its secrets opened.
    pub(super) async fn run<'a>(&self, endpoint: &'a Endpoint) -> Result<Run<'a>, StoreError> {
        let texts = self.store.webhook_secrets(&self.sealer, endpoint, self.context.now()).await?;
        let secrets = texts.iter().map(|text| {
            webhook::parse_secret(text.expose())
                .map_err(|_| StoreError::invariant("a webhook endpoint's secret has not the form of one", &endpoint.id))
        });
        Ok(Run {
            endpoint,
            secrets: secrets.collect::<Result<_, _>>()?,
            is_over: AtomicBool::new(false),
            is_failing: AtomicBool::new(endpoint.failing_since.is_some()),
            is_disabled: AtomicBool::new(false),
            next_due: AtomicI64::new(i64::MAX),
        })
    }

    async fn sweep_one(&self, endpoint: &Endpoint, until: UnixMillis, all: &mut Tally) -> Result<(), StoreError> {
        let run = &self.run(endpoint).await?;
        let swept = self.sweep_pages(run, until, all).await;
        all.disabled += u32::from(run.is_disabled.load(Ordering::Relaxed));
        swept
    }

    async fn sweep_pages(&self, run: &Run<'_>, until: UnixMillis, all: &mut Tally) -> Result<(), StoreError> {
        let mut pauses = 0;
        while self.context.now() < until && !run.is_over.load(Ordering::Relaxed) {
            let due = self.store.deliveries_due(&run.endpoint.id, self.context.now(), PAGE).await?;
            // Asked for each page. While the answer is no, the deliveries wait, and are not late.
            if !due.is_empty() && !self.store.may_get_events(run.endpoint).await? {
                all.suspended += count(due.len());
                break;
            }
            if run.endpoint.failing_since.is_none() {
                let late = due.iter().map(|(_, due)| self.context.since(*due)).max();
                all.late_ms = all.late_ms.max(late);
            }
            let tally = self.chains(run, due.into_iter().map(|(id, _)| id).collect(), until).await;
            let moved = tally.moved();
            all.join(tally);
            if moved {
                continue;
            }
            // The second try is due after seconds, and the next sweep only comes in a minute.
            let wait = run.next_due.swap(i64::MAX, Ordering::Relaxed).saturating_sub(self.context.now().0);
            pauses += 1;
            if wait > LONGEST_PAUSE_MS || pauses > MAX_PAUSES {
                break;
            }
            tokio::time::sleep(Duration::from_millis(u64::try_from(wait).unwrap_or_default())).await;
        }
        Ok(())
    }

    /// Works on these deliveries of one endpoint: those of one dispute one after the other, in the
    /// order of their sequence numbers.
    async fn chains(&self, run: &Run<'_>, ids: Vec<DeliveryId>, until: UnixMillis) -> Tally {
        let one_dispute = |chain: VecDeque<DeliveryId>| async move {
            let mut tally = Tally::default();
            for id in chain {
                let is_late = self.context.now() >= until || run.is_over.load(Ordering::Relaxed);
                let done = if is_late { DeliveryOutcome::Left } else { self.work_without_panic(run, &id).await };
                tally.add(id, done);
            }
            tally
        };
        let mut tallies = stream::iter(chains(ids).into_values()).map(one_dispute).buffer_unordered(DISPUTES_AT_A_TIME);
        let mut all = Tally::default();
        while let Some(tally) = tallies.next().await {
            all.join(tally);
        }
        all
    }

    async fn work_without_panic(&self, run: &Run<'_>, id: &DeliveryId) -> DeliveryOutcome {
        unpanicked(self.work(run, id)).await.unwrap_or_else(|_| {
            tracing::error!(delivery = %id, "the work on a delivery panicked");
            DeliveryOutcome::Broken
        })
    }
}

/// The endpoints in the order in which a sweep at `now` begins them. Each minute's begins behind
/// those that had the places of the minute before, so that endpoints which hold their places until
/// a sweep ends do not keep the others waiting.
fn in_turn<T>(mut endpoints: Vec<T>, now: UnixMillis) -> Vec<T> {
    let sweep = usize::try_from(now.0.div_euclid(SWEEP_MS)).unwrap_or_default();
    if let Some(first) = sweep.wrapping_mul(ENDPOINTS_AT_A_TIME).checked_rem(endpoints.len()) {
        endpoints.rotate_left(first);
    }
    endpoints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_has_a_place_in_turn() {
        for count in [0, 1, 31, 32, 33, 64, 100] {
            let mut began = vec![false; count];
            let sweeps = i64::try_from(count.div_ceil(ENDPOINTS_AT_A_TIME)).unwrap();
            for sweep in 0..sweeps {
                let order = in_turn((0..count).collect(), UnixMillis(1_780_000_000_000 + sweep * SWEEP_MS));
                assert_eq!(order.len(), count);
                order.iter().take(ENDPOINTS_AT_A_TIME).for_each(|endpoint| began[*endpoint] = true);
            }
            assert!(began.iter().all(|began| *began), "{count} endpoints in {sweeps} sweeps: {began:?}");
        }
    }
}
