//! `recourse webhook deliveries`: what was delivered to an endpoint in the last 30 days.

use clap::Args;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use recourse_operations::webhooks::{self, DeliveryView};
use recourse_store::{Delivery, DeliveryRange, Store};

use super::unknown;
use crate::ending::{Ending, Failure};
use crate::output::{Format, note, utc};
use crate::system;
use crate::when;

const EXAMPLES: &str = "\
Examples:
  recourse webhook deliveries we_0f1e2d3c4b5a69788796a5b4
  recourse webhook deliveries we_0f1e2d3c4b5a69788796a5b4 --failed --since 2026-01-15 --json";

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

impl Deliveries {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        store.webhook(&self.id).await?.ok_or_else(|| unknown(&self.id))?;
        let (from, to) = webhooks::retained(self.since, None, system::now());
        let range = DeliveryRange { from, to, limit: self.limit };
        let wanted = |delivery: &Delivery| !self.failed || webhooks::has_failed(delivery);
        let found = store.deliveries(&self.id, range, wanted).await?;
        if found.is_empty() {
            note("no delivery matches");
        }
        if self.format.is_json() || !found.is_empty() {
            let shown: Vec<_> = found.iter().map(DeliveryView::of).collect();
            self.format.print(&shown, || found.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        }
        Ok(Ending::Done)
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
    let attempts = delivery.attempt_log.len();
    let due = delivery.due.map(|due| format!("  due {}", utc(due))).unwrap_or_default();
    format!(
        "{}  {:<22}  {:<30}  {:<9}  {attempts} attempt{}, {last}{due}",
        utc(delivery.created_at),
        delivery.event,
        delivery.event_type,
        delivery.delivery_state.name(),
        if attempts == 1 { "" } else { "s" },
    )
}
