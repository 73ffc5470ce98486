//! `recourse webhook replay`: sends once more what was delivered or given up.

use clap::{ArgGroup, Args};
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use recourse_operations::webhooks::{self, ReplayFilter};
use recourse_store::Store;
use serde::Serialize;

use super::{failed, how_to_enable};
use crate::ending::{Ending, Failure};
use crate::output::{Format, note};
use crate::system;
use crate::when;

const EXAMPLES: &str = "\
Examples:
  recourse webhook replay we_0f1e2d3c4b5a69788796a5b4 --event evt_551_3
  recourse webhook replay we_0f1e2d3c4b5a69788796a5b4 --since 2026-01-15 --until 2026-01-16T10:00
  recourse webhook replay we_0f1e2d3c4b5a69788796a5b4 --failed

Each event keeps its id, so a receiver that remembers ids passes over what it has. The next sweep,
within a minute, sends them. What still waits is left as it is. Where the command broke off, run it
again: what waits by then because of it is in the list, and is sent once. The exit code is 1 where
nothing matches.";

/// Send events once more: one, those of a time, or those that were given up
#[derive(Args)]
#[command(after_help = EXAMPLES)]
#[command(group = ArgGroup::new("which").required(true).multiple(true).args(["event", "since", "failed"]))]
pub(crate) struct Replay {
    /// The endpoint's id
    #[arg(value_parser = WebhookId::parse)]
    id: WebhookId,
    /// Only this event
    #[arg(long, value_name = "ID")]
    event: Option<String>,
    /// What was made from this day or time on
    #[arg(long, value_name = "TIME", value_parser = when::from)]
    since: Option<UnixMillis>,
    /// What was made until this day or time
    #[arg(long, value_name = "TIME", value_parser = when::to, requires = "since")]
    until: Option<UnixMillis>,
    /// Only what was given up
    #[arg(long)]
    failed: bool,
    #[command(flatten)]
    format: Format,
}

/// The outcome for a program.
#[derive(Serialize)]
struct Replayed<'a> {
    id: &'a WebhookId,
    replayed: Vec<String>,
}

impl Replay {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let endpoint = webhooks::find(store, &self.id).await.map_err(|error| failed(&self.id, error))?;
        let filter =
            ReplayFilter { event: self.event.clone(), since: self.since, until: self.until, failed: self.failed };
        let replayed = webhooks::replay(store, &self.id, &filter, None, usize::MAX, system::now()).await;
        let replayed = replayed.map_err(|error| failed(&self.id, error))?;
        if !endpoint.is_enabled() {
            note(&format!("{} is disabled: nothing is sent before. {}", self.id, how_to_enable(&self.id)));
        }
        let is_empty = replayed.is_empty();
        let text = format!("{}: {} events are due again", self.id, replayed.len());
        self.format.print(&Replayed { id: &self.id, replayed }, || text)?;
        Ok(if is_empty { Ending::No } else { Ending::Done })
    }
}
