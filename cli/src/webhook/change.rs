//! `recourse webhook rotate`, `disable` and `enable`.

use clap::Args;
use recourse_dispute::webhook::WebhookId;
use recourse_operations::accounts::Done;
use recourse_operations::webhooks;
use recourse_store::{Endpoint, EndpointChange, Sealer, Store};
use serde::Serialize;

use super::failed;
use crate::ending::{Ending, Failure};
use crate::operator::Audited;
use crate::output::note;
use crate::system;

const ROTATE_EXAMPLES: &str = "\
Examples:
  recourse webhook rotate we_0f1e2d3c4b5a69788796a5b4 --why 'once a year'

For a day, each delivery is signed under the new secret and under the one before. The new one is
printed this once and never again.";
const DISABLE_EXAMPLES: &str = "\
Examples:
  recourse webhook disable we_0f1e2d3c4b5a69788796a5b4 --why 'the client asked for it'

What happens while an endpoint is disabled makes no delivery to it, then or later, so there is nothing
to replay of it. Deliveries that wait are kept for 30 days.";
const ENABLE_EXAMPLES: &str = "\
Examples:
  recourse webhook enable we_0f1e2d3c4b5a69788796a5b4

Deliveries that waited when it was disabled are due again. `recourse webhook replay` sends those that
were over. What happened meanwhile has none.";

/// Give an endpoint a new secret, and print it once
#[derive(Args)]
#[command(after_help = ROTATE_EXAMPLES)]
pub(crate) struct Rotate {
    /// The endpoint's id
    #[arg(value_parser = WebhookId::parse)]
    id: WebhookId,
    #[command(flatten)]
    audited: Audited,
}

/// Deliver no more events to an endpoint
#[derive(Args)]
#[command(after_help = DISABLE_EXAMPLES)]
pub(crate) struct Disable {
    /// The endpoint's id
    #[arg(value_parser = WebhookId::parse)]
    id: WebhookId,
    #[command(flatten)]
    audited: Audited,
}

/// Deliver events to an endpoint again
#[derive(Args)]
#[command(after_help = ENABLE_EXAMPLES)]
pub(crate) struct Enable {
    /// The endpoint's id
    #[arg(value_parser = WebhookId::parse)]
    id: WebhookId,
    #[command(flatten)]
    audited: Audited,
}

/// The outcome for a program. There is no Debug, because it may have a secret.
#[derive(Serialize)]
pub(super) struct Outcome<'a> {
    pub(super) id: &'a WebhookId,
    pub(super) outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret: Option<&'a str>,
    /// Until when the secret before signs, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) other_secret_until: Option<String>,
}

impl Rotate {
    pub(super) async fn run(&self, store: &Store, sealer: &Sealer) -> Result<Ending, Failure> {
        let id = &self.id;
        webhooks::find(store, id).await.map_err(|error| failed(id, error))?;
        let secret = super::secret()?;
        let change = EndpointChange::Rotate { secret: &secret, nonce: system::random()?, request: None };
        let lost = format!("Whether {id} has the new secret is not known, and nobody has it. Run the command again.");
        let (endpoint, _) =
            changed(store, sealer, id, &change, &self.audited).await.map_err(|failure| failure.then(&lost))?;
        let until = endpoint.secrets.iter().find_map(|secret| secret.good_until);
        let outcome = Outcome {
            id,
            outcome: "rotated",
            secret: Some(&secret),
            other_secret_until: until.map(|until| until.iso8601()),
        };
        self.audited.format.print(&outcome, || format!("WEBHOOK_ID={id}\nWEBHOOK_SECRET={secret}"))?;
        if let Some(until) = until {
            note(&format!("the secret before signs, too, until {}", until.iso8601()));
        }
        Ok(Ending::Done)
    }
}

impl Disable {
    pub(super) async fn run(&self, store: &Store, sealer: &Sealer) -> Result<Ending, Failure> {
        let change = EndpointChange::Disable("an operator disabled it");
        set(store, sealer, &self.id, &change, &self.audited, "disabled").await
    }
}

impl Enable {
    pub(super) async fn run(&self, store: &Store, sealer: &Sealer) -> Result<Ending, Failure> {
        set(store, sealer, &self.id, &EndpointChange::Enable, &self.audited, "enabled").await
    }
}

async fn set(
    store: &Store,
    sealer: &Sealer,
    id: &WebhookId,
    change: &EndpointChange<'_>,
    audited: &Audited,
    done: &'static str,
) -> Result<Ending, Failure> {
    let (_, is_new) = changed(store, sealer, id, change, audited).await?;
    let outcome = if is_new { done } else { "unchanged" };
    let text = || if is_new { format!("{id}: {done}") } else { format!("{id}: was {done} already; nothing changed") };
    audited.format.print(&Outcome { id, outcome, secret: None, other_secret_until: None }, text)?;
    Ok(Ending::Done)
}

/// Changes an endpoint; the endpoint as it is now, and whether it was another before.
async fn changed(
    store: &Store,
    sealer: &Sealer,
    id: &WebhookId,
    change: &EndpointChange<'_>,
    audited: &Audited,
) -> Result<(Endpoint, bool), Failure> {
    let audit = audited.context()?;
    let changed = webhooks::change_endpoint(store, sealer, id, change, &audit, system::write_tokens()?).await;
    let (endpoint, done) = changed.map_err(|error| failed(id, error))?;
    Ok((endpoint, done == Done::Changed))
}
