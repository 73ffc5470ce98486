//! `recourse chaos`: scripts of faults for clients that test their retries in staging.

use clap::{Args, Subcommand};
use recourse_dispute::ids::KeyId;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use recourse_store::{ClearFaultsOutcome, Fault, FaultScript, FaultTarget, MAX_FAULTS, SetFaultsOutcome, Store};
use serde::Serialize;

use crate::ending::{Ending, Failure};
use crate::operator::Audited;
use crate::output::{Format, utc};
use crate::settings::{Settings, TABLES};
use crate::system;

const SET: &str = "\
Examples:
  recourse chaos set iimm_dev_demo 503-after --why 'the client rehearses its retries'
  recourse chaos set iimm_dev_demo delay=5 429 503-before pass reset-after skew=-600
  recourse chaos set we_0f1e2d3c4b5a69788796a5b4 out-of-order duplicate bad-signature

Each request of a key, and each attempt of a delivery to a webhook endpoint, takes the next step:
  pass           nothing goes wrong
  delay=SECONDS  the answer takes 1 to 10 seconds longer
  429            too many requests, with Retry-After; nothing is done
  503-before     an outage; nothing is done
  503-after      what was asked for is done, and answered as an outage
  reset-after    it is done, and gets no answer
  skew=SECONDS   the request's time is checked with a clock that is wrong, -86400 to 86400
  duplicate      the event comes twice
  out-of-order   the event comes after later events of its dispute
  bad-signature  the event comes with a wrong signature first

The last three are for endpoints, pass is for both, and the others are for keys. A script is over
after its last step, or after 12 hours. Only staging accounts can have one. Who stored it is in what
`recourse account show` prints.";
const SHOW: &str = "\
Examples:
  recourse chaos show iimm_dev_demo

The exit code is 1 where no step is left.";
const CLEAR: &str = "\
Examples:
  recourse chaos clear iimm_dev_demo

The exit code is 1 where no step was left, and 2 where somebody has stored another script meanwhile,
which stays.";

/// Let requests and events of a staging account fail on purpose, as a script says
#[derive(Subcommand)]
#[command(after_help = TABLES)]
pub(crate) enum Chaos {
    Set(Set),
    Show(Show),
    Clear(Clear),
}

/// Store a script for a key or a webhook endpoint
#[derive(Args)]
#[command(after_help = SET)]
pub(crate) struct Set {
    /// The key's public part, or the endpoint's id
    #[arg(value_name = "KEY|ENDPOINT", value_parser = target)]
    target: FaultTarget,
    /// The steps, in their order: at most 20
    #[arg(value_name = "STEP", required = true, num_args = 1..=MAX_FAULTS, value_parser = fault)]
    steps: Vec<Fault>,
    #[command(flatten)]
    audited: Audited,
}

/// Show the steps that are left
#[derive(Args)]
#[command(after_help = SHOW)]
pub(crate) struct Show {
    /// The key's public part, or the endpoint's id
    #[arg(value_name = "KEY|ENDPOINT", value_parser = target)]
    target: FaultTarget,
    #[command(flatten)]
    format: Format,
}

/// End a script
#[derive(Args)]
#[command(after_help = CLEAR)]
pub(crate) struct Clear {
    /// The key's public part, or the endpoint's id
    #[arg(value_name = "KEY|ENDPOINT", value_parser = target)]
    target: FaultTarget,
    #[command(flatten)]
    audited: Audited,
}

/// What is left of a script, for a program.
#[derive(Serialize)]
struct ScriptJson {
    target: String,
    outcome: &'static str,
    left: Vec<String>,
    good_until: Option<String>,
}

impl Chaos {
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        let store = settings.store()?;
        system::wait(async {
            match self {
                Self::Set(set) => set.run(&store).await,
                Self::Show(Show { target, format }) => {
                    let script = store.faults(&target, system::now()).await?;
                    printed(format, &target, "left", script.as_ref().map(shown))
                }
                Self::Clear(clear) => clear.run(&store).await,
            }
        })
    }
}

impl Set {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let Self { target, steps, audited } = self;
        if let Some(other) = steps.iter().find(|step| !target.takes(**step)) {
            let rule = match target {
                FaultTarget::Key(_) => {
                    "a key takes pass, delay, 429, 503-before, 503-after, reset-after and skew. The others are for webhook endpoints, whose ids begin with we_"
                }
                FaultTarget::Webhook(_) => "a webhook endpoint takes pass, duplicate, out-of-order and bad-signature",
            };
            return Err(Failure::refused(format!("{other} is no step for {target}: {rule}.")));
        }
        let audit = audited.context()?;
        match Box::pin(store.set_faults(target, steps, &audit, system::write_tokens()?)).await? {
            SetFaultsOutcome::Set => {}
            SetFaultsOutcome::Unknown => {
                return Err(Failure::refused(match target {
                    FaultTarget::Key(key) => {
                        format!("there is no key {key}. `recourse key list ACCOUNT` lists the keys of an account.")
                    }
                    FaultTarget::Webhook(id) => {
                        format!("there is no webhook endpoint {id}. `recourse webhook list` lists all.")
                    }
                }));
            }
            SetFaultsOutcome::NotStaging => {
                return Err(Failure::refused(format!(
                    "{target} is a production account's, where nothing fails on purpose; nothing changed. Take one of a staging account."
                )));
            }
            SetFaultsOutcome::Running => {
                return Err(Failure::refused(format!(
                    "a script of {target} has steps left; nothing changed. `recourse chaos clear {target}` ends it."
                )));
            }
        }
        printed(audited.format, target, "set", Some((steps.as_slice(), FaultScript::end(audit.at))))
    }
}

impl Clear {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let Self { target, audited } = self;
        let (format, audit) = (audited.format, audited.context()?);
        let Some(found) = store.faults(target, audit.at).await? else {
            return printed(format, target, "cleared", None);
        };
        match Box::pin(store.clear_faults(target, &found, &audit, system::write_tokens()?)).await? {
            ClearFaultsOutcome::Cleared(script) => printed(format, target, "cleared", Some(shown(&script))),
            ClearFaultsOutcome::Over => printed(format, target, "cleared", None),
            ClearFaultsOutcome::Replaced(other) => Err(Failure::refused(format!(
                "somebody has stored another script of {target} meanwhile, which has these steps left: {}. Nothing changed. `recourse chaos clear {target}` ends it, too.",
                in_words(&other.left)
            ))),
        }
    }
}

/// What is printed of a script that is stored.
fn shown(script: &FaultScript) -> (&[Fault], UnixMillis) {
    (script.left.as_slice(), script.good_until)
}

/// Steps as an operator writes them.
fn in_words(steps: &[Fault]) -> String {
    steps.iter().map(Fault::to_string).collect::<Vec<_>>().join(" ")
}

fn printed(
    format: Format,
    target: &FaultTarget,
    outcome: &'static str,
    script: Option<(&[Fault], UnixMillis)>,
) -> Result<Ending, Failure> {
    let json = ScriptJson {
        target: target.to_string(),
        outcome: if script.is_some() { outcome } else { "none" },
        left: script.map(|(left, _)| left.iter().map(Fault::to_string).collect()).unwrap_or_default(),
        good_until: script.map(|(_, good_until)| good_until.iso8601()),
    };
    format.print(&json, || match script {
        Some((left, at)) => format!("{target}: {outcome} {}, until {}", in_words(left), utc(at)),
        None => format!("{target}: no step is left"),
    })?;
    Ok(if script.is_some() { Ending::Done } else { Ending::No })
}

/// Reads a key or an endpoint.
fn target(text: &str) -> Result<FaultTarget, String> {
    if let Ok(webhook) = WebhookId::parse(text) {
        if webhook.is_bus() {
            return Err("the event bus has no script of faults; an API key or a webhook endpoint has".to_owned());
        }
        return Ok(FaultTarget::Webhook(webhook));
    }
    KeyId::parse(text).map(FaultTarget::Key).map_err(|error| error.to_string())
}

/// Reads a step.
fn fault(text: &str) -> Result<Fault, String> {
    text.parse().map_err(|error: recourse_store::InvalidFault| error.to_string())
}
