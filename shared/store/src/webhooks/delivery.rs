//! A delivery as it is stored.

use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items::{Item, item, text, value};
use crate::keys::{self, DELIVERIES, ItemKey, PK, SK};
use crate::retention::EXPIRES_AT;

/// For how many days a delivery is kept with its attempts.
pub const DELIVERY_DAYS: i64 = 30;
const DAY_SECONDS: i64 = 86_400;
/// How many attempts a delivery shows: all of a schedule, and those of a replay.
const MAX_LOGGED: usize = 20;

/// The partition of the index of what is due: the endpoint.
pub(super) const WAITING: &str = "hook_waiting";
/// When a delivery is due.
pub(super) const DUE: &str = "hook_due";
/// When it was last asked to be sent once more.
pub(super) const REPLAYED_AT: &str = "replayed_at";

/// Which delivery: an event at an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId {
    /// The endpoint.
    pub endpoint: WebhookId,
    /// When the delivery was made.
    pub created_at: UnixMillis,
    /// The event's id.
    pub event: String,
}

impl DeliveryId {
    /// The delivery whose item has this key, as a record of the stream names it; `None` for every
    /// other item.
    #[must_use]
    pub fn from_key(pk: &str, sk: &str) -> Option<Self> {
        let endpoint = WebhookId::parse(pk.strip_prefix(DELIVERIES)?).ok()?;
        let (created, event) = sk.split_once('#')?;
        Some(Self { endpoint, created_at: UnixMillis(created.parse().ok()?), event: event.to_owned() })
    }

    /// The delivery of an item, or of an entry of an index.
    pub(super) fn of_item(item: &Item) -> Option<Self> {
        Self::from_key(text(item, PK)?, text(item, SK)?)
    }

    pub(super) fn key(&self) -> ItemKey {
        keys::delivery(&self.endpoint, self.created_at, &self.event)
    }
}

/// The endpoint and the event, for logs.
impl std::fmt::Display for DeliveryId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}/{}", self.endpoint, self.event)
    }
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits for its next attempt.
    Pending,
    /// A worker is delivering it.
    Sending,
    /// The endpoint took it.
    Delivered,
    /// It was given up.
    Dead,
}

impl DeliveryState {
    /// The name in views and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// One attempt to deliver an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryAttempt {
    /// When it began.
    pub at: UnixMillis,
    /// The status of the answer, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there was none, as a stable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The beginning of the answer's body, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// An event that is delivered to an endpoint, and what happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// To which endpoint.
    pub endpoint: WebhookId,
    /// The event's id, which is the header `webhook-id`.
    pub event: String,
    /// The event's type.
    pub event_type: String,
    /// About which dispute; `None` of an event that tries an endpoint out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispute: Option<DisputeNumber>,
    /// The event's place among those of its dispute.
    pub sequence: u64,
    /// The body of the request, the same in every attempt.
    pub body: String,
    /// The sort key of the delivery of the dispute's last event before this one at this endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) behind: Option<String>,
    /// How far it has come.
    pub delivery_state: DeliveryState,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it is due, or when the claim on it ends; `None` once it is over.
    #[serde(default, rename = "hook_due", skip_serializing_if = "Option::is_none")]
    pub due: Option<UnixMillis>,
    /// Whether a script of faults held it back: the later events of its dispute pass it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
    /// How many moves of its account's test clock are in the time at which it is due.
    #[serde(default)]
    pub clock_moves: u32,
    /// How often it was claimed.
    pub claims: u32,
    /// How often it was sent under the present schedule.
    pub tries: u32,
    /// The last attempts, oldest first.
    #[serde(default)]
    pub attempt_log: Vec<DeliveryAttempt>,
    /// Which request had it sent once more, as a digest, where that request may be sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed_by: Option<String>,
    /// When it was last asked to be sent once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed_at: Option<UnixMillis>,
}

impl Delivery {
    /// Which one it is.
    #[must_use]
    pub fn id(&self) -> DeliveryId {
        DeliveryId { endpoint: self.endpoint.clone(), created_at: self.created_at, event: self.event.clone() }
    }

    /// Adds an attempt, which counts for the schedule.
    pub fn tried(&mut self, attempt: DeliveryAttempt) {
        self.tries += 1;
        self.attempt_log.push(attempt);
        let over = self.attempt_log.len().saturating_sub(MAX_LOGGED);
        self.attempt_log.drain(..over);
    }

    /// A new delivery, which is due at once.
    pub(super) fn new(
        endpoint: &WebhookId,
        event: &str,
        event_type: &str,
        about: Option<(DisputeNumber, u64)>,
        body: String,
        now: UnixMillis,
    ) -> Self {
        Self {
            endpoint: endpoint.clone(),
            event: event.to_owned(),
            event_type: event_type.to_owned(),
            dispute: about.map(|(dispute, _)| dispute),
            sequence: about.map_or(0, |(_, sequence)| sequence),
            body,
            behind: None,
            delivery_state: DeliveryState::Pending,
            created_at: now,
            due: Some(now),
            held: false,
            clock_moves: 0,
            claims: 0,
            tries: 0,
            attempt_log: Vec::new(),
            replayed_by: None,
            replayed_at: None,
        }
    }

    pub(super) fn item(&self) -> Result<Item, StoreError> {
        let mut stored = item(&self.id().key(), "delivery", self)?;
        stored.insert(WAITING.to_owned(), value(&self.endpoint)?);
        let expires_at = self.created_at.seconds().saturating_add(DELIVERY_DAYS * DAY_SECONDS);
        stored.insert(EXPIRES_AT.to_owned(), value(expires_at)?);
        Ok(stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items::body;

    fn delivery() -> Delivery {
        let number = DisputeNumber::try_from(551).unwrap();
        let endpoint = WebhookId::new([1; 12]);
        let now = UnixMillis(1_780_000_000_000);
        Delivery::new(&endpoint, "evt_551_2", "dispute.updated", Some((number, 2)), "{}".to_owned(), now)
    }

    #[test]
    fn a_delivery_is_read_as_it_was_stored_and_found_by_its_key() {
        let before = delivery();
        let stored = before.item().unwrap();
        let id = DeliveryId::from_key(text(&stored, "PK").unwrap(), text(&stored, "SK").unwrap()).unwrap();
        assert_eq!((&id, id.to_string()), (&before.id(), format!("{}/evt_551_2", before.endpoint)));
        assert_eq!(text(&stored, WAITING), Some(before.endpoint.as_str()));
        assert_eq!(body::<Delivery>(stored).unwrap(), before);
        for (pk, sk) in [("HOOK#we_1", "1#evt_1"), ("DSP#551", "HOOK"), ("HOOK#", "1#evt_1"), ("SESS#1", "SESS#1")] {
            assert_eq!(DeliveryId::from_key(pk, sk), None, "{pk} {sk}");
        }
    }

    #[test]
    fn the_last_attempts_are_kept() {
        let mut delivery = delivery();
        for at in 0..50 {
            let attempt =
                DeliveryAttempt { at: UnixMillis(at), status: Some(500), error: None, answer: None, duration_ms: 1 };
            delivery.tried(attempt);
        }
        assert_eq!((delivery.tries, delivery.attempt_log.len()), (50, MAX_LOGGED));
        assert_eq!(delivery.attempt_log.first().unwrap().at, UnixMillis(30));
    }
}
