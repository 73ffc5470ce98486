//! `recourse webhook`: the endpoints that get an account's events, and what was delivered to them.

mod add;
mod change;
mod deliveries;
mod list;
mod replay;
mod try_out;

use clap::Subcommand;
use recourse_dispute::webhook::{EventType, WebhookId};
use recourse_signing::webhook;
use recourse_store::Endpoint;
use serde::Serialize;

use crate::ending::{Ending, Failure};
use crate::settings::{Settings, TABLES};
use crate::system;

/// How many draws of a secret are made: fewer than three in four make none.
const MAX_DRAWS: usize = 200;

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
#[derive(Serialize)]
struct EndpointJson<'a> {
    id: &'a WebhookId,
    account: &'a str,
    environment: &'static str,
    url: &'a str,
    events: Vec<&'static str>,
    everything: bool,
    state: recourse_store::EndpointState,
    reason: Option<&'a str>,
    secrets: usize,
    created_at: String,
    failing_since: Option<String>,
}

impl<'a> EndpointJson<'a> {
    fn of(endpoint: &'a Endpoint) -> Self {
        Self {
            id: &endpoint.id,
            account: endpoint.account.as_str(),
            environment: endpoint.environment.name(),
            url: &endpoint.url,
            events: endpoint.events.iter().map(|event| event.name()).collect(),
            everything: endpoint.everything,
            state: endpoint.endpoint_state,
            reason: endpoint.reason.as_deref(),
            secrets: endpoint.live(system::now()).count(),
            created_at: endpoint.created_at.iso8601(),
            failing_since: endpoint.failing_since.map(|since| since.iso8601()),
        }
    }
}

/// A new secret, which every published verifier takes.
fn secret() -> Result<String, Failure> {
    for _ in 0..MAX_DRAWS {
        if let Some(secret) = webhook::portable_secret(&system::random()?) {
            return Ok(secret);
        }
    }
    Err(Failure::refused("the operating system's random bytes make no secret. Run the command again."))
}

fn unknown(id: &WebhookId) -> Failure {
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
