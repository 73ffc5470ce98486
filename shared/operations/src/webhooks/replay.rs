//! Sending once more what was delivered or given up.

use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use recourse_store::{DELIVERY_DAYS, Delivery, DeliveryRange, DeliveryState, ReplayRequest, Store};

use super::{RequestId, WebhookError};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// After every delivery: the last moment of the year 9999.
const LAST: UnixMillis = UnixMillis(253_402_300_799_999);

/// Which deliveries are sent once more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplayFilter {
    /// That of this event alone.
    pub event: Option<String>,
    /// Those that were made from this moment on.
    pub since: Option<UnixMillis>,
    /// Those that were made until this moment.
    pub until: Option<UnixMillis>,
    /// Those alone that were given up.
    pub failed: bool,
}

impl ReplayFilter {
    /// Whether a delivery is meant. What waits because of an earlier replay is, where nothing else
    /// tells which replay that was.
    fn has(&self, delivery: &Delivery, is_named: bool) -> bool {
        let is_wanted = match delivery.delivery_state {
            DeliveryState::Dead => true,
            DeliveryState::Delivered => !self.failed,
            DeliveryState::Pending | DeliveryState::Sending => !is_named && waits_again(delivery),
        };
        is_wanted && self.event.as_ref().is_none_or(|event| *event == delivery.event)
    }

    /// A digest of it.
    fn fingerprint(&self) -> String {
        let time = |at: Option<UnixMillis>| at.map(|at| at.0.to_string()).unwrap_or_default();
        let (event, failed) = (self.event.as_deref().unwrap_or_default(), if self.failed { "failed" } else { "" });
        RequestId::of(&[event, &time(self.since), &time(self.until), failed]).text()
    }
}

/// When a request for a replay first came.
///
/// # Errors
/// [`WebhookError::Store`], and [`WebhookError::DoneBefore`] where it asked for something else.
async fn first_requested(
    store: &Store,
    request: &RequestId,
    filter: &ReplayFilter,
    now: UnixMillis,
) -> Result<UnixMillis, WebhookError> {
    let fingerprint = filter.fingerprint();
    let first = store.note_replay(&request.text(), ReplayRequest { fingerprint, requested_at: now }).await?;
    if first.fingerprint == filter.fingerprint() { Ok(first.requested_at) } else { Err(WebhookError::DoneBefore) }
}

/// Whether a delivery waits for the first attempt of an earlier replay, such as that of a command
/// that broke off.
fn waits_again(delivery: &Delivery) -> bool {
    delivery.replayed_at.is_some() && delivery.delivery_state == DeliveryState::Pending && delivery.tries == 0
}

/// A time, both ends included, as far as deliveries are kept. What is newest has no end, since the
/// clock of a function may be ahead.
#[must_use]
pub fn retained(since: Option<UnixMillis>, until: Option<UnixMillis>, now: UnixMillis) -> (UnixMillis, UnixMillis) {
    let first = now.plus(-(DELIVERY_DAYS + 1) * DAY_MS);
    (since.unwrap_or(first).max(first), until.unwrap_or(LAST))
}

/// Whether the last attempt failed, or none succeeded.
#[must_use]
pub fn has_failed(delivery: &Delivery) -> bool {
    match delivery.delivery_state {
        DeliveryState::Dead => true,
        DeliveryState::Delivered => false,
        DeliveryState::Pending | DeliveryState::Sending => delivery.tries > 0,
    }
}

/// Has deliveries to an endpoint sent once more at `now`, the oldest first, and returns their
/// events. What still waits is left as it is. Without a `request`, what waits because of an earlier
/// replay is among the events. A `request` that is sent again goes on where it stopped: what it had
/// sent once more before is among the events, and is not sent a third time. What was over only
/// after the request first came is not meant by it.
///
/// # Errors
/// [`WebhookError::Store`], [`WebhookError::TooMany`] where more than `most` match, and
/// [`WebhookError::DoneBefore`] where the `request` asked for something else before: nothing is
/// sent then.
pub async fn replay(
    store: &Store,
    endpoint: &WebhookId,
    filter: &ReplayFilter,
    request: Option<&RequestId>,
    most: usize,
    now: UnixMillis,
) -> Result<Vec<String>, WebhookError> {
    let requested_at = match request {
        Some(request) => first_requested(store, request, filter, now).await?,
        None => now,
    };
    let is_meant = |delivery: &Delivery| {
        let last = delivery.attempt_log.last();
        requested_at == now || last.is_none_or(|last| last.at <= requested_at)
    };
    let request = request.map(RequestId::text);
    let is_done = |delivery: &Delivery| request.is_some() && delivery.replayed_by == request;
    let (from, to) = retained(filter.since, filter.until, now);
    // An event has one delivery at an endpoint: nothing is read behind it.
    let limit = if filter.event.is_some() { 1 } else { most.saturating_add(1) };
    let range = DeliveryRange { from, to, limit };
    let wanted =
        |delivery: &Delivery| is_done(delivery) || (filter.has(delivery, request.is_some()) && is_meant(delivery));
    let mut found = store.deliveries(endpoint, range, wanted).await?;
    if found.len() > most {
        return Err(WebhookError::TooMany(most));
    }
    // The oldest first, as they happened.
    found.reverse();
    let mut replayed = Vec::new();
    for delivery in found {
        let is_replayed = match &request {
            _ if is_done(&delivery) || waits_again(&delivery) => true,
            Some(request) => store.replay_delivery_for(&delivery.id(), (request.as_str(), requested_at), now).await?,
            None => store.replay_delivery(&delivery.id(), now).await?,
        };
        if is_replayed {
            replayed.push(delivery.event);
        }
    }
    Ok(replayed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_780_000_000_000);

    #[test]
    fn a_time_ends_where_deliveries_are_kept_no_more() {
        let days = |count: i64| NOW.plus(-count * DAY_MS);
        assert_eq!(retained(None, None, NOW), (days(31), LAST));
        assert_eq!(retained(Some(days(400)), Some(days(2)), NOW), (days(31), days(2)));
        assert_eq!(retained(Some(days(5)), None, NOW), (days(5), LAST));
    }

    #[test]
    fn what_is_asked_for_has_one_fingerprint() {
        let (event, time) = (Some("evt_1_2".to_owned()), Some(NOW));
        let some = ReplayFilter { event, since: time, until: None, failed: true };
        assert_eq!(some.fingerprint(), some.clone().fingerprint());
        for other in [
            ReplayFilter { event: None, ..some.clone() },
            ReplayFilter { since: None, until: time, ..some.clone() },
            ReplayFilter { until: time, ..some.clone() },
            ReplayFilter { failed: false, ..some.clone() },
            ReplayFilter::default(),
        ] {
            assert_ne!(other.fingerprint(), some.fingerprint(), "{other:?}");
        }
    }
}
