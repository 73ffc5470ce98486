//! `recourse dispute recount`: counts the disputes that the worker could not count from the stream,
//! enters them for searches, and hands out the events that webhook endpoints did not get.
//!
//! Each version of a dispute is counted once, as the worker does it. So the command may run beside
//! the worker, and again after it was interrupted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{ArgGroup, Args};
use recourse_dispute::number::DisputeNumber;
use recourse_store::{DateRange, Endpoint, ListOwner, RecountOutcome, Store, StoreError};
use serde::Serialize;
use tokio::task::JoinSet;

use super::list::Party;
use crate::ending::{Ending, Failure};
use crate::output::{Format, note};
use crate::system;

const PAGE: i32 = 100;
const AT_A_TIME: usize = 8;
/// How often the command reports how far it is.
const EVERY: Duration = Duration::from_secs(2);

const MORE: &str = "\
Examples:
  recourse dispute recount --domain FBN
  recourse dispute recount --all --json

Use this when the totals of a bank or the console's numbers are wrong, when the console's search
does not find a dispute, such as one of before there was a console, or when webhook endpoints miss
events. The table's stream holds a
change for 24 hours, and the worker never counts what it could not count in that time. What is
counted already does not change, so this can be run at any time, and again after it was
interrupted.";

/// Count disputes again, for banks' totals, the console's numbers and its search
#[derive(Args)]
#[command(after_help = MORE)]
#[command(group = ArgGroup::new("whose").required(true).args(["domain", "account", "all"]))]
pub(crate) struct Recount {
    #[command(flatten)]
    party: Party,
    /// The disputes of every account
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    format: Format,
}

/// The outcomes for the disputes so far.
#[derive(Clone, Copy, Default, Serialize)]
struct Counts {
    #[serde(rename = "disputes")]
    seen: u64,
    counted: u64,
    unreadable: u64,
}

impl std::fmt::Display for Counts {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { seen, counted, unreadable } = self;
        let already = seen.saturating_sub(*counted).saturating_sub(*unreadable);
        write!(out, "{seen} disputes: {counted} counted, {already} counted before, {unreadable} cannot be read")
    }
}

impl Counts {
    fn add(&mut self, number: DisputeNumber, recounted: RecountOutcome) {
        self.seen += 1;
        match recounted {
            RecountOutcome::Counted => self.counted += 1,
            RecountOutcome::Already => {}
            RecountOutcome::Unreadable(reason) => {
                self.unreadable += 1;
                note(&format!("{}: cannot be read: {reason}", number.case_id()));
            }
        }
    }
}

impl Recount {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let (mut counts, mut last) = (Counts::default(), Instant::now());
        let endpoints = Arc::new(store.destinations().await?);
        for owner in self.owners(store).await? {
            let mut after = None;
            loop {
                let page = store
                    .dispute_summaries(&owner, DateRange::default(), after.as_deref(), PAGE)
                    .await
                    .map_err(interrupted)?;
                // Only the number is needed, also of an entry that this release cannot read.
                let unread = page.unread.iter().map(|(number, _)| *number);
                let numbers: Vec<_> = page.summaries.iter().map(|summary| summary.number).chain(unread).collect();
                for numbers in numbers.chunks(AT_A_TIME) {
                    count(store, &endpoints, numbers, &mut counts).await?;
                }
                if last.elapsed() >= EVERY {
                    last = Instant::now();
                    note(&counts.to_string());
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        self.format.print(&counts, || counts.to_string())?;
        Ok(if counts.unreadable == 0 { Ending::Done } else { Ending::No })
    }

    /// Whose lists lead to the disputes. Each is in the list of the account that opened it.
    async fn owners(&self, store: &Store) -> Result<Vec<ListOwner>, Failure> {
        match self.party.owner(store).await? {
            Some(owner) => Ok(vec![owner]),
            None => Ok(store.account_ids().await?.into_iter().map(ListOwner::Account).collect()),
        }
    }
}

async fn count(
    store: &Store,
    endpoints: &Arc<Vec<Endpoint>>,
    numbers: &[DisputeNumber],
    counts: &mut Counts,
) -> Result<(), Failure> {
    let mut work = JoinSet::new();
    for &number in numbers {
        let (store, endpoints) = (store.clone(), Arc::clone(endpoints));
        let (tokens, more) = (system::write_tokens()?, system::write_tokens()?);
        work.spawn(async move {
            let recounted = store.recount(number, tokens).await;
            let is_readable = !matches!(recounted, Ok(RecountOutcome::Unreadable(_)) | Err(_));
            if is_readable && !endpoints.is_empty() {
                let handed_out = Box::pin(store.fan_out(number, &endpoints, system::now, more)).await;
                return (number, handed_out.and(recounted));
            }
            (number, recounted)
        });
    }
    while let Some(done) = work.join_next().await {
        let (number, recounted) =
            done.map_err(|error| Failure::refused(format!("the count of a dispute stopped: {error}")))?;
        counts.add(number, recounted.map_err(interrupted)?);
    }
    Ok(())
}

fn interrupted(error: StoreError) -> Failure {
    Failure::from(error).then("The disputes counted so far stay counted: run the same command again.")
}
