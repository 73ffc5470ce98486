//! `recourse webhook`: the endpoints that get an account's events, and what was delivered to them.

mod add;
mod change;
mod deliveries;
mod list;
mod remove;
mod replay;
mod try_out;

use clap::Subcommand;
use recourse_dispute::webhook::{EventType, WebhookId};
use recourse_operations::webhooks::{self, EndpointView, WebhookError};
use recourse_store::Endpoint;

use crate::ending::{Ending, Failure};
use crate::settings::{Settings, TABLES};
use crate::system;

/// Add endpoints that get an account's events, and see what was delivered
#[derive(Subcommand)]
#[command(after_help = TABLES)]
pub(crate) enum Webhook {
    Add(add::Add),
    List(list::List),
    Test(try_out::Test),
    Rotate(change::Rotate),
    Disable(change::Disable),
    Enable(change::Enable),
    Remove(remove::Remove),
    Deliveries(deliveries::Deliveries),
    Replay(replay::Replay),
}

impl Webhook {
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        match self {
            Self::Add(add) => {
                let is_local = settings.is_local();
                let (store, sealer) = settings.store_and_sealer()?;
                system::wait(add.run(&store, &sealer, is_local))
            }
            Self::Rotate(rotate) => {
                let (store, sealer) = settings.store_and_sealer()?;
                system::wait(rotate.run(&store, &sealer))
            }
            Self::Disable(disable) => {
                let (store, sealer) = settings.store_and_sealer()?;
                system::wait(disable.run(&store, &sealer))
            }
            Self::Enable(enable) => {
                let (store, sealer) = settings.store_and_sealer()?;
                system::wait(enable.run(&store, &sealer))
            }
            Self::Remove(remove) => {
                let (store, sealer) = settings.store_and_sealer()?;
                system::wait(remove.run(&store, &sealer))
            }
            Self::List(list) => {
                let store = settings.store()?;
                system::wait(list.run(&store))
            }
            Self::Test(test) => {
                let store = settings.store()?;
                system::wait(test.run(&store))
            }
            Self::Deliveries(deliveries) => {
                let store = settings.store()?;
                system::wait(deliveries.run(&store))
            }
            Self::Replay(replay) => {
                let store = settings.store()?;
                system::wait(replay.run(&store))
            }
        }
    }
}

/// An endpoint for a program, without its secrets.
fn view(endpoint: &Endpoint) -> EndpointView<'_> {
    EndpointView::of(endpoint, system::now())
}

/// A new secret, which every published verifier takes.
fn secret() -> Result<String, Failure> {
    let none = || Failure::refused("the operating system's random bytes make no secret. Run the command again.");
    webhooks::secret(system::random)?.ok_or_else(none)
}

/// What became of a change of the endpoint `id`, for a person.
fn failed(id: &WebhookId, error: WebhookError) -> Failure {
    match error {
        WebhookError::Store(error) => error.into(),
        WebhookError::Unknown => unknown(id),
        WebhookError::Full => Failure::refused(format!(
            "{id} cannot be enabled: as many endpoints are enabled as may be. `recourse webhook list` lists them."
        )),
        WebhookError::Disabled => Failure::refused(format!("{id} is disabled. {}", how_to_enable(id))),
        error => Failure::refused(format!("{id}: {error}.")),
    }
}

fn unknown(id: &WebhookId) -> Failure {
    if id.is_bus() {
        return Failure::refused(format!(
            "there is no event bus {id}. The parameter EventBus alone switches it on and off. Within a minute of a \
             deployment with it, test, deliveries and replay take this id."
        ));
    }
    Failure::refused(format!("there is no webhook endpoint {id}. `recourse webhook list` lists all."))
}

/// How an endpoint that is disabled is enabled again, as a sentence.
fn how_to_enable(id: &WebhookId) -> String {
    if id.is_bus() {
        return "The parameter EventBus enables it.".to_owned();
    }
    format!("`recourse webhook enable {id}` enables it.")
}

/// Reads the name of an event.
fn event(text: &str) -> Result<EventType, String> {
    let all = || EventType::ALL.map(EventType::name).join(", ");
    EventType::parse(text).ok_or_else(|| format!("must be one of {}", all()))
}
