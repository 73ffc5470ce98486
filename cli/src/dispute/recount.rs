//! `recourse dispute recount`: counts disputes as they stand, where the worker that counts from the stream could not.
//!
//! Each is counted once, by its version, as the worker does it; so it may run beside the worker, and again after it broke off.

use std::time::{Duration, Instant};

use clap::Args;
use recourse_dispute::ids::{AccountId, DomainCode};
use recourse_dispute::number::DisputeNumber;
use recourse_store::{DateRange, ListOwner, RecountOutcome, Store, StoreError};
use serde::Serialize;
use tokio::task::JoinSet;

use super::list::domain;
use crate::ending::{Ending, Failure};
use crate::output::{Format, note};
use crate::system;

/// How many lines of a list are read at once.
const PAGE: i32 = 100;
/// How many disputes are counted at once.
const AT_A_TIME: usize = 8;
/// How often it says how far it is.
const EVERY: Duration = Duration::from_secs(2);

const MORE: &str = "\
Examples:
  recourse dispute recount --domain FBN
  recourse dispute recount --all --json

For totals that are wrong: the table's stream keeps a change for 24 hours, and what the
worker could not count within them, it never will. What is counted already is left as it is,
so this can be run at any time, and again after it broke off.";

/// Count disputes again, for the totals that banks see
#[derive(Args)]
#[command(after_help = MORE)]
pub(crate) struct Recount {
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    format: Format,
}

/// Whose disputes are counted.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Whose {
    /// The disputes of a bank or merchant, by its domain code
    #[arg(long, value_name = "CODE", value_parser = DomainCode::parse)]
    domain: Option<DomainCode>,
    /// The disputes that an account opened, and those of its transactions
    #[arg(long, value_parser = AccountId::parse)]
    account: Option<AccountId>,
    /// The disputes of every account
    #[arg(long)]
    all: bool,
}

/// What became of the disputes so far.
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
        write!(out, "{seen} disputes: {counted} counted, {already} were, {unreadable} cannot be read")
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
    /// Counts, and prints what became of the disputes.
    ///
    /// # Errors
    /// [`Failure`] with how to continue.
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let (mut counts, mut last) = (Counts::default(), Instant::now());
        for party in self.parties(store).await? {
            let mut after = None;
            loop {
                let page = store
                    .dispute_summaries(&party, DateRange::default(), after.as_deref(), PAGE)
                    .await
                    .map_err(broke_off)?;
                // Of a line only the number counts here, also where this release cannot read the rest.
                let unread = page.unread.iter().map(|(number, _)| *number);
                let numbers: Vec<_> = page.summaries.iter().map(|line| line.number).chain(unread).collect();
                for numbers in numbers.chunks(AT_A_TIME) {
                    count(store, numbers, &mut counts).await?;
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
    async fn parties(&self, store: &Store) -> Result<Vec<ListOwner>, Failure> {
        match (&self.whose.domain, &self.whose.account) {
            (Some(code), _) => Ok(vec![domain(store, code).await?]),
            (None, Some(account)) => Ok(vec![ListOwner::Account(account.clone())]),
            (None, None) => Ok(store.account_ids().await?.into_iter().map(ListOwner::Account).collect()),
        }
    }
}

async fn count(store: &Store, numbers: &[DisputeNumber], counts: &mut Counts) -> Result<(), Failure> {
    let mut work = JoinSet::new();
    for &number in numbers {
        let (store, tokens) = (store.clone(), system::write_tokens()?);
        work.spawn(async move { (number, store.recount(number, tokens).await) });
    }
    while let Some(done) = work.join_next().await {
        let (number, recounted) = done.map_err(|error| Failure::refused(format!("a count broke off: {error}")))?;
        counts.add(number, recounted.map_err(broke_off)?);
    }
    Ok(())
}

fn broke_off(error: StoreError) -> Failure {
    Failure::from(error).then("What was counted stays counted: run the same command again.")
}
