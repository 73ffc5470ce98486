//! `recourse webhook deliveries`: what was delivered to an endpoint in the last 30 days.

use clap::Args;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use recourse_store::{DELIVERY_DAYS, Delivery, DeliveryAttempt, DeliveryRange, DeliveryState, Store};
use serde::Serialize;

use super::unknown;
use crate::ending::{Ending, Failure};
use crate::output::{Format, note, utc};
use crate::system;
use crate::when;

const EXAMPLES: &str = "\
Examples:
  recourse webhook deliveries we_0f1e2d3c4b5a69788796a5b4
  recourse webhook deliveries we_0f1e2d3c4b5a69788796a5b4 --failed --since 2026-01-15 --json";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// After every delivery: the last moment of the year 9999.
const LAST: UnixMillis = UnixMillis(253_402_300_799_999);

/// List what was delivered to an endpoint, the newest first
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Deliveries {
    /// The endpoint's id
    #[arg(value_parser = WebhookId::parse)]
    id: WebhookId,
    /// Only deliveries that failed so far, or were given up
    #[arg(long)]
    failed: bool,
    /// From this day or time on, as in 2026-01-15
    #[arg(long, value_name = "TIME", value_parser = when::from)]
    since: Option<UnixMillis>,
    /// The most deliveries
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    format: Format,
}

/// A delivery for a program.
#[derive(Serialize)]
pub(super) struct DeliveryJson<'a> {
    event: &'a str,
    #[serde(rename = "type")]
    event_type: &'a str,
    dispute: Option<String>,
    sequence: u64,
    state: DeliveryState,
    created_at: String,
    due_at: Option<String>,
    body: &'a str,
    attempts: Vec<AttemptJson<'a>>,
}

#[derive(Serialize)]
struct AttemptJson<'a> {
    at: String,
    status: Option<u16>,
    error: Option<&'a str>,
    answer: Option<&'a str>,
    duration_ms: u64,
}

impl<'a> DeliveryJson<'a> {
    pub(super) fn of(delivery: &'a Delivery) -> Self {
        Self {
            event: &delivery.event,
            event_type: &delivery.event_type,
            dispute: delivery.dispute.map(|number| number.case_id()),
            sequence: delivery.sequence,
            state: delivery.delivery_state,
            created_at: delivery.created_at.iso8601(),
            due_at: delivery.due.map(|due| due.iso8601()),
            body: &delivery.body,
            attempts: delivery.attempt_log.iter().map(AttemptJson::of).collect(),
        }
    }
}

impl<'a> AttemptJson<'a> {
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

impl Deliveries {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        store.webhook(&self.id).await?.ok_or_else(|| unknown(&self.id))?;
        let range = DeliveryRange { limit: self.limit, ..range(self.since, None) };
        let found = store.deliveries(&self.id, range, |delivery| !self.failed || has_failed(delivery)).await?;
        if found.is_empty() {
            note("no delivery matches");
        }
        if self.format.is_json() || !found.is_empty() {
            let shown: Vec<_> = found.iter().map(DeliveryJson::of).collect();
            self.format.print(&shown, || found.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        }
        Ok(Ending::Done)
    }
}

/// All that was made in a time, of the days for which deliveries are kept.
pub(super) fn range(since: Option<UnixMillis>, until: Option<UnixMillis>) -> DeliveryRange {
    let first = system::now().plus(-(DELIVERY_DAYS + 1) * DAY_MS);
    // The clock of a function may be ahead, so what is newest has no end.
    DeliveryRange { from: since.unwrap_or(first).max(first), to: until.unwrap_or(LAST), limit: usize::MAX }
}

/// Whether the last attempt failed, or none succeeded.
pub(super) fn has_failed(delivery: &Delivery) -> bool {
    match delivery.delivery_state {
        DeliveryState::Dead => true,
        DeliveryState::Delivered => false,
        DeliveryState::Pending | DeliveryState::Sending => delivery.tries > 0,
    }
}

/// A delivery for a person.
pub(super) fn line(delivery: &Delivery) -> String {
    let last = delivery.attempt_log.last().map_or_else(
        || "not tried yet".to_owned(),
        |attempt| {
            let result =
                attempt.status.map_or_else(|| attempt.error.clone().unwrap_or_default(), |status| status.to_string());
            format!("{result} in {} ms", attempt.duration_ms)
        },
    );
    let due = delivery.due.map(|due| format!("  due {}", utc(due))).unwrap_or_default();
    format!(
        "{}  {:<22}  {:<30}  {:<9}  {} tries, {last}{due}",
        utc(delivery.created_at),
        delivery.event,
        delivery.event_type,
        delivery.delivery_state.name(),
        delivery.attempt_log.len(),
    )
}
