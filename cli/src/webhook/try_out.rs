//! `recourse webhook test`: delivers an event that tries an endpoint out, and waits for the result.

use std::time::Duration;

use clap::Args;
use recourse_dispute::webhook::WebhookId;
use recourse_store::{DeliveryState, Store};

use super::deliveries::{DeliveryJson, line};
use super::{how_to_enable, unknown};
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
        let endpoint = store.webhook(&self.id).await?.ok_or_else(|| unknown(&self.id))?;
        if !endpoint.is_enabled() {
            return Err(Failure::refused(format!("{} is disabled. {}", self.id, how_to_enable(&self.id))));
        }
        if !store.may_get_events(&endpoint).await? {
            return Err(Failure::refused(format!(
                "{} gets no events at present: its account {} is suspended, or has no live key of the Platform API any \
                 more. `recourse account show {}` says which.",
                self.id, endpoint.account, endpoint.account
            )));
        }
        let event = format!("evt_test_{:032x}", u128::from_be_bytes(system::random()?));
        let id = store.test_webhook(&endpoint, &event, system::now(), &system::write_token()?).await?;
        for look in 0.. {
            let delivery = store.delivery(&id).await?.ok_or_else(|| unknown(&self.id))?;
            let is_over = matches!(delivery.delivery_state, DeliveryState::Delivered | DeliveryState::Dead);
            if is_over || look == MAX_LOOKS {
                self.format.print(&DeliveryJson::of(&delivery), || line(&delivery))?;
                let is_done = delivery.delivery_state == DeliveryState::Delivered;
                return Ok(if is_done { Ending::Done } else { Ending::No });
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(Ending::No)
    }
}
