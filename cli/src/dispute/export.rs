//! `recourse dispute export`: all of a party's disputes as CSV or as JSON lines, the newest first.

use clap::Args;
use recourse_dispute::channels::arbiter::arbiter_status;
use recourse_dispute::dispute::Dispute;
use recourse_store::Store;

use super::list::{Filter, each_dispute, ending};
use super::summary::Summary;
use crate::ending::{Ending, Failure};
use crate::output::{Format, json_line, say_exactly, visible};
use recourse_operations::labels;

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

/// A row as RFC 4180 has it, without the end of the line. A value that a spreadsheet would read as
/// a formula gets an apostrophe in front, because a client writes a refid. Invisible characters are
/// escaped.
fn row(values: &[String]) -> Result<String, Failure> {
    let cell = |value: &String| {
        let value = visible(value);
        let is_formula = value.trim_start().starts_with(['=', '+', '-', '@']);
        if is_formula { format!("'{value}") } else { value.into_owned() }
    };
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(values.iter().map(cell)).map_err(|error| unwritable(&error))?;
    let row = csv.into_inner().map_err(|error| unwritable(&error))?;
    Ok(String::from_utf8_lossy(&row).trim_end_matches('\n').to_owned())
}

fn unwritable(error: &dyn std::fmt::Display) -> Failure {
    Failure::refused(format!("the row cannot be written as CSV: {error}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_row_follows_rfc_4180_and_contains_no_formula() {
        let row =
            |values: &[&str]| super::row(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>()).unwrap();
        assert_eq!(row(&["a", "", "b c"]), "a,,b c");
        assert_eq!(row(&["a,b", "say \"x\""]), "\"a,b\",\"say \"\"x\"\"\"");
        assert_eq!(row(&["=1+1", "-1", "@x"]), "'=1+1,'-1,'@x");
        assert_eq!(row(&[" =1", "\u{a0}=1", "\t=1", "=\r\n1"]), r"' =1,'#=1,\t=1,'=\r\n1".replace('#', "\u{a0}"));
        assert_eq!(row(&["a\u{202e}b\u{1b}"]), r"a\u{202e}b\u{1b}");
        assert_eq!(row(&["A  B", "A B"]), "A  B,A B", "a refid is printed unchanged");
    }
}
