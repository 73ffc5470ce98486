//! `recourse dispute export`: all of a party's disputes as CSV or as JSON lines, the newest first.

use clap::Args;
use recourse_dispute::channels::arbiter::arbiter_status;
use recourse_dispute::dispute::Dispute;
use recourse_store::Store;

use super::list::{Filter, each_dispute, ending};
use super::summary::Summary;
use crate::ending::{Ending, Failure};
use crate::output::{Format, json_line, say_exactly};
use recourse_operations::{csv_row, labels};

const EXPORT_EXAMPLES: &str = "\
Examples:
  recourse dispute export --account acct_demo --from 2026-01-01
  recourse dispute export --domain FBN --json

The CSV follows RFC 4180; JSON is one dispute a line. A dispute that cannot be read is named on
stderr, and the exit code is 1. Days and times without an offset are in UTC.";

/// Print all of a party's disputes as CSV, the newest first
#[derive(Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub(crate) struct Export {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    format: Format,
}

const COLUMNS: [&str; 14] = [
    "case",
    "number",
    "channel",
    "opened_at",
    "category",
    "state",
    "status",
    "status_since",
    "ends_at",
    "currency",
    "amount",
    "trxid",
    "account",
    "refid",
];

impl Export {
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let range = self.filter.range()?;
        if !self.format.is_json() {
            say_exactly(&row(&COLUMNS.map(str::to_owned))?)?;
        }
        let (mut listed, mut unread) = (0_usize, 0_u64);
        let lost = self
            .filter
            .each(store, range, async |summaries| {
                let numbers: Vec<_> = summaries.iter().map(|summary| summary.number).collect();
                listed += numbers.len();
                unread += each_dispute(store, &numbers, |dispute| self.row(&dispute)).await?;
                Ok(true)
            })
            .await?;
        if listed == 0 && lost == 0 {
            self.filter.nothing(store).await?;
        }
        Ok(ending(unread + lost))
    }

    fn row(&self, dispute: &Dispute) -> Result<(), Failure> {
        if self.format.is_json() {
            say_exactly(&json_line(&Summary::of(dispute))?)
        } else {
            say_exactly(&row(&columns(dispute))?)
        }
    }
}

fn columns(dispute: &Dispute) -> [String; 14] {
    let status = arbiter_status(dispute.state, dispute.category);
    [
        dispute.number.case_id(),
        dispute.number.to_string(),
        dispute.channel.name().to_owned(),
        dispute.opened_at.iso8601(),
        dispute.category.name().to_owned(),
        labels::state(dispute.state),
        status.unwrap_or_default().to_owned(),
        dispute.state_since.iso8601(),
        dispute.deadline.map(|deadline| deadline.ends_at.iso8601()).unwrap_or_default(),
        dispute.amount.currency().code().to_owned(),
        dispute.amount.decimal(),
        dispute.facts.trxid.to_string(),
        dispute.facts.account.to_string(),
        dispute.facts.refid.to_string(),
    ]
}

/// A row, without the end of the line.
fn row(values: &[String]) -> Result<String, Failure> {
    csv_row(values).map_err(|error| Failure::refused(format!("the row cannot be written as CSV: {error}")))
}
