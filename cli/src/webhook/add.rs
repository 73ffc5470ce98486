//! `recourse webhook add`: a new endpoint, whose secret is printed once.

use clap::Args;
use recourse_dispute::ids::AccountId;
use recourse_dispute::webhook::{EventType, WebhookId};
use recourse_store::{AddWebhookOutcome, MAX_WEBHOOKS, NewWebhook, Sealer, Store};
use serde::Serialize;

use super::EndpointJson;
use crate::account::unknown;
use crate::ending::{Ending, Failure};
use crate::operator::Audited;
use crate::output::note;
use crate::system;

const EXAMPLES: &str = "\
Examples:
  recourse webhook add acct_new https://client.example/recourse/events
  recourse webhook add acct_new https://client.example/hooks --events dispute.decided,dispute.cancelled

The secret is printed this once and never again. The endpoint of an account that has a live platform
key gets the events of every account of its environment. docs/webhooks.md has receivers.";

/// Add an endpoint that gets an account's events, and print its secret once
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Add {
    /// The account whose events it gets
    #[arg(value_parser = AccountId::parse)]
    account: AccountId,
    /// Where events are posted to: an https:// address
    url: String,
    /// Only these events, with commas between them; every event by default
    #[arg(long, value_name = "EVENTS", value_delimiter = ',', value_parser = super::event)]
    events: Vec<EventType>,
    #[command(flatten)]
    audited: Audited,
}

/// A new endpoint for a program. There is no Debug, because it has the secret.
#[derive(Serialize)]
struct Added<'a> {
    #[serde(flatten)]
    endpoint: EndpointJson<'a>,
    secret: &'a str,
}

impl Add {
    pub(super) async fn run(&self, store: &Store, sealer: &Sealer, is_local: bool) -> Result<Ending, Failure> {
        let audit = self.audited.context()?;
        recourse_provider::check_address(&self.url, is_local)
            .map_err(|error| Failure::refused(format!("{}: {}.", self.url, rule(error))))?;
        let id = WebhookId::new(system::random()?);
        let secret = super::secret()?;
        let new = NewWebhook {
            id: id.clone(),
            account: &self.account,
            url: &self.url,
            events: self.events.iter().copied().collect(),
            secret: &secret,
        };
        let added = Box::pin(store.add_webhook(sealer, &new, system::random()?, &audit, system::write_tokens()?)).await;
        let lost = format!(
            "If `recourse webhook list {}` lists {id}, `recourse webhook rotate {id}` makes it a new secret.",
            self.account
        );
        match added.map_err(|error| Failure::from(error).then(&lost))? {
            AddWebhookOutcome::Added(endpoint) => {
                let made = Added { endpoint: EndpointJson::of(&endpoint), secret: &secret };
                let text = || format!("WEBHOOK_ID={id}\nWEBHOOK_SECRET={secret}");
                self.audited.format.print(&made, text).map_err(|failure| failure.then(&lost))?;
                note("the secret is printed this once and never again; store it where only the receiver can read it");
                Ok(Ending::Done)
            }
            AddWebhookOutcome::NoAccount => Err(unknown(&self.account)),
            AddWebhookOutcome::Full => Err(Failure::refused(format!(
                "{} has {MAX_WEBHOOKS} webhook endpoints that are enabled already, or the platform's accounts have as many as \
                 an environment may have. `recourse webhook list {}` lists them; disable one.",
                self.account, self.account
            ))),
            AddWebhookOutcome::Taken => {
                Err(Failure::refused(format!("the random id {id} exists already. Run the command again.")))
            }
        }
    }
}

/// What is wrong with an address.
fn rule(error: recourse_provider::ProviderError) -> &'static str {
    match error {
        recourse_provider::ProviderError::PrivateAddress => "it is no address of the public internet",
        _ => "it must be https://, without user, password or fragment, and at most 2048 characters",
    }
}
