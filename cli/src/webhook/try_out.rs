//! `recourse webhook test`: delivers an event that tries an endpoint out, and waits for the result.

use std::time::Duration;

use clap::Args;
use recourse_dispute::webhook::WebhookId;
use recourse_operations::webhooks::{self, DeliveryView, WebhookError};
use recourse_store::{DeliveryState, Store};

use super::deliveries::line;
use super::{failed, unknown};
use crate::ending::{Ending, Failure};
use crate::output::Format;
use crate::system;

const EXAMPLES: &str = "\
Examples:
  recourse webhook test we_0f1e2d3c4b5a69788796a5b4

The event is webhook.test, which is sent once. The exit code is 1 where the endpoint did not take it,
or did not answer within two minutes.";
/// How often the delivery is looked at.
const PAUSE: Duration = Duration::from_millis(500);
/// How long: the worker's next sweep, and an attempt.
const MAX_LOOKS: u32 = 240;

/// Deliver an event that tries an endpoint out, and wait for the result
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Test {
    /// The endpoint's id
    #[arg(value_parser = WebhookId::parse)]
    id: WebhookId,
    #[command(flatten)]
    format: Format,
}

impl Test {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let endpoint = webhooks::find(store, &self.id).await.map_err(|error| failed(&self.id, error))?;
        let made = webhooks::test(store, &endpoint, system::random()?, system::now(), &system::write_token()?).await;
        let id = made.map_err(|error| match error {
            WebhookError::NoEvents => Failure::refused(format!(
                "{} gets no events at present: its account {} is suspended, or has no live key of the Platform API any \
                 more. `recourse account show {}` says which.",
                self.id, endpoint.account, endpoint.account
            )),
            error => failed(&self.id, error),
        })?;
        for look in 0.. {
            let delivery = store.delivery(&id).await?.ok_or_else(|| unknown(&self.id))?;
            let is_over = matches!(delivery.delivery_state, DeliveryState::Delivered | DeliveryState::Dead);
            if is_over || look == MAX_LOOKS {
                self.format.print(&DeliveryView::of(&delivery), || line(&delivery))?;
                let is_done = delivery.delivery_state == DeliveryState::Delivered;
                return Ok(if is_done { Ending::Done } else { Ending::No });
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(Ending::No)
    }
}
