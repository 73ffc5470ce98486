//! `recourse webhook add`: a new endpoint, whose secret is printed once.

use clap::Args;
use recourse_dispute::ids::AccountId;
use recourse_dispute::webhook::{EventType, WebhookId};
use recourse_operations::webhooks::{self, EndpointView, NewEndpoint, WebhookError};
use recourse_store::{MAX_WEBHOOKS, Sealer, Store};
use serde::Serialize;

use super::{failed, view};
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
    endpoint: EndpointView<'a>,
    secret: &'a str,
}

impl Add {
    pub(super) async fn run(&self, store: &Store, sealer: &Sealer, is_local: bool) -> Result<Ending, Failure> {
        let audit = self.audited.context()?;
        recourse_provider::check_address(&self.url, is_local)
            .map_err(|error| Failure::refused(format!("{}: it {}.", self.url, webhooks::address_rule(error))))?;
        let id = WebhookId::new(system::random()?);
        let secret = super::secret()?;
        let new = NewEndpoint {
            account: &self.account,
            url: &self.url,
            events: self.events.iter().copied().collect(),
            secret: &secret,
            nonce: system::random()?,
        };
        let added = webhooks::add(store, sealer, id.clone(), new, &audit, system::write_tokens()?).await;
        let lost = format!(
            "If `recourse webhook list {}` lists {id}, `recourse webhook rotate {id}` makes it a new secret.",
            self.account
        );
        match added {
            Ok(endpoint) => {
                let made = Added { endpoint: view(&endpoint), secret: &secret };
                let text = || format!("WEBHOOK_ID={id}\nWEBHOOK_SECRET={secret}");
                self.audited.format.print(&made, text).map_err(|failure| failure.then(&lost))?;
                note("the secret is printed this once and never again; store it where only the receiver can read it");
                Ok(Ending::Done)
            }
            Err(WebhookError::Store(error)) => Err(Failure::from(error).then(&lost)),
            Err(WebhookError::NoAccount) => Err(unknown(&self.account)),
            Err(WebhookError::Full) => Err(Failure::refused(format!(
                "{} has {MAX_WEBHOOKS} webhook endpoints that are enabled already, or the platform's accounts have as many as \
                 an environment may have. `recourse webhook list {}` lists them; disable one.",
                self.account, self.account
            ))),
            Err(WebhookError::Taken) => {
                Err(Failure::refused(format!("the random id {id} exists already. Run the command again.")))
            }
            Err(error) => Err(failed(&id, error)),
        }
    }
}
