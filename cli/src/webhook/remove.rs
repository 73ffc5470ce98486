//! `recourse webhook remove`: an endpoint goes, for good.

use clap::Args;
use recourse_dispute::webhook::WebhookId;
use recourse_operations::accounts::Done;
use recourse_operations::webhooks;
use recourse_store::{Sealer, Store};

use super::change::Outcome;
use super::failed;
use crate::ending::{Ending, Failure};
use crate::operator::Audited;
use crate::system;

const EXAMPLES: &str = "\
Examples:
  recourse webhook remove we_0f1e2d3c4b5a69788796a5b4 --why 'the client has left'

What waits at the endpoint is given up, and its secrets are erased. `recourse webhook deliveries` shows
for 30 days what was delivered. To stop deliveries for a time, disable the endpoint instead.";

/// Remove an endpoint for good
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Remove {
    /// The endpoint's id
    #[arg(value_parser = WebhookId::parse)]
    id: WebhookId,
    #[command(flatten)]
    audited: Audited,
}

impl Remove {
    pub(super) async fn run(&self, store: &Store, sealer: &Sealer) -> Result<Ending, Failure> {
        let (id, audit) = (&self.id, self.audited.context()?);
        let lost = format!("Run the command again: it goes on where it stopped. {id} gets no event after that.");
        let removed = webhooks::remove(store, sealer, id, &audit, system::write_tokens()?).await;
        let (_, done) = removed.map_err(|error| match error {
            webhooks::WebhookError::Store(error) => Failure::from(error).then(&lost),
            error => failed(id, error),
        })?;
        let outcome = if done == Done::Changed { "removed" } else { "unchanged" };
        let text = || match done {
            Done::Changed => format!("{id}: removed"),
            Done::Already => format!("{id}: was removed already; nothing waits at it"),
        };
        self.audited.format.print(&Outcome { id, outcome, secret: None, other_secret_until: None }, text)?;
        Ok(Ending::Done)
    }
}
