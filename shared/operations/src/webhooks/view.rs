//! Endpoints and deliveries as the command line and the Platform API show them. No view has a
//! secret.

use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use recourse_store::{Delivery, DeliveryAttempt, DeliveryState, Endpoint, EndpointState};
use serde::Serialize;

/// An endpoint, without its secrets. Times are RFC 3339.
#[derive(Debug, Serialize)]
pub struct EndpointView<'a> {
    /// Its id.
    pub id: &'a WebhookId,
    /// Whose it is.
    pub account: &'a str,
    /// The account's environment.
    pub environment: &'static str,
    /// Where events are posted to.
    pub url: &'a str,
    /// Which events it gets; empty for all of them.
    pub events: Vec<&'static str>,
    /// Whether it gets the events of every account of its environment.
    pub everything: bool,
    /// Whether events are delivered.
    pub state: EndpointState,
    /// Why they are not.
    pub reason: Option<&'a str>,
    /// How many secrets sign.
    pub secrets: usize,
    /// When it was added.
    pub created_at: String,
    /// Since when no delivery has succeeded, while its deliveries fail.
    pub failing_since: Option<String>,
}

impl<'a> EndpointView<'a> {
    /// The endpoint as it is at `now`.
    #[must_use]
    pub fn of(endpoint: &'a Endpoint, now: UnixMillis) -> Self {
        Self {
            id: &endpoint.id,
            account: endpoint.account.as_str(),
            environment: endpoint.environment.name(),
            url: &endpoint.url,
            events: endpoint.events.iter().map(|event| event.name()).collect(),
            everything: endpoint.everything,
            state: endpoint.endpoint_state,
            reason: endpoint.reason.as_deref(),
            secrets: endpoint.live(now).count(),
            created_at: endpoint.created_at.iso8601(),
            failing_since: endpoint.failing_since.map(UnixMillis::iso8601),
        }
    }
}

/// A delivery with its attempts. Times are RFC 3339.
#[derive(Debug, Serialize)]
pub struct DeliveryView<'a> {
    event: &'a str,
    #[serde(rename = "type")]
    event_type: &'a str,
    dispute: Option<String>,
    sequence: u64,
    state: DeliveryState,
    created_at: String,
    due_at: Option<String>,
    body: &'a str,
    attempts: Vec<AttemptView<'a>>,
}

/// One attempt, with its duration in milliseconds.
#[derive(Debug, Serialize)]
struct AttemptView<'a> {
    at: String,
    status: Option<u16>,
    error: Option<&'a str>,
    answer: Option<&'a str>,
    duration_ms: u64,
}

impl<'a> DeliveryView<'a> {
    /// The delivery.
    #[must_use]
    pub fn of(delivery: &'a Delivery) -> Self {
        Self {
            event: &delivery.event,
            event_type: &delivery.event_type,
            dispute: delivery.dispute.map(|number| number.case_id()),
            sequence: delivery.sequence,
            state: delivery.delivery_state,
            created_at: delivery.created_at.iso8601(),
            due_at: delivery.due.map(UnixMillis::iso8601),
            body: &delivery.body,
            attempts: delivery.attempt_log.iter().map(AttemptView::of).collect(),
        }
    }
}

impl<'a> AttemptView<'a> {
    fn of(attempt: &'a DeliveryAttempt) -> Self {
        Self {
            at: attempt.at.iso8601(),
            status: attempt.status,
            error: attempt.error.as_deref(),
            answer: attempt.answer.as_deref(),
            duration_ms: attempt.duration_ms,
        }
    }
}
