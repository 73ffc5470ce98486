//! `recourse audit`: who saw what in the console, and who did what, when and from where.

use clap::{Args, Subcommand};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::{Day, InvalidDate};
use recourse_operations::{AuditView, csv_row, typed_case};
use recourse_store::{AuditDays, AuditLogEntry, AuditLogFilter, Store};

use crate::busy::Busy;
use crate::dispute::list::limit;
use crate::ending::{Ending, Failure};
use crate::operator::name;
use crate::output::{Format, json_line, note, say, say_exactly, utc, visible};
use crate::settings::{Settings, TABLES};
use crate::system;

/// How many entries one call reads.
const PAGE: usize = 500;
/// How many days a list has, if nothing else is said: those six before its last day, too.
const DAYS_BEFORE: usize = 6;

/// Read the audit log of the console
#[derive(Subcommand)]
#[command(after_help = TABLES)]
pub(crate) enum Audit {
    List(List),
    Export(Export),
}

const LIST_EXAMPLES: &str = "\
Examples:
  recourse audit list
  recourse audit list --from 2026-11-01 --operator Aisyah --action reply
  recourse audit list --case RC-0000008t --json

Without --from the list has the last seven days. Days are in UTC. The newest entries come first.";
const EXPORT_EXAMPLES: &str = "\
Examples:
  recourse audit export --from 2026-11-01 --to 2026-11-30 > audit.csv
  recourse audit export --from 2026-11-01 --operator Aisyah --json

The CSV follows RFC 4180; JSON is one entry a line. An entry that cannot be read is named on
stderr, and the exit code is 1. Days are in UTC.";

/// List who saw and did what, the newest first
#[derive(Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(crate) struct List {
    #[command(flatten)]
    filter: Filter,
    /// List at most this many
    #[arg(long, default_value_t = 100, value_parser = limit)]
    limit: u64,
    #[command(flatten)]
    format: Format,
}

/// Print all entries as CSV, the newest first
#[derive(Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub(crate) struct Export {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    format: Format,
}

/// Which entries.
#[derive(Args)]
#[group(skip)]
struct Filter {
    /// Only entries of this day or later
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<Day>,
    /// Only entries of this day or earlier; today by default
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<Day>,
    /// Only what this person saw or did
    #[arg(long, value_name = "NAME", value_parser = name)]
    operator: Option<String>,
    /// Only this action, such as reply
    #[arg(long, value_name = "ACTION", value_parser = name)]
    action: Option<String>,
    /// Only what was seen or done of this case
    #[arg(long, value_name = "CASE", value_parser = case)]
    case: Option<DisputeNumber>,
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).map_err(|error: InvalidDate| error.to_string())
}

fn case(text: &str) -> Result<DisputeNumber, String> {
    typed_case(text).map_err(|_| "must be a case id such as RC-0000008t, or its number".to_owned())
}

impl Filter {
    fn days(&self) -> Result<AuditDays, Failure> {
        let to = self.to.unwrap_or_else(|| Day::of(system::now()));
        let week_before = || (0..DAYS_BEFORE).try_fold(to, |day, _| day.previous()).unwrap_or(to);
        let from = self.from.unwrap_or_else(week_before);
        if from > to {
            return Err(Failure::refused(format!(
                "--from {from} is after --to {to}, so no entry can be in between. Swap them."
            )));
        }
        Ok(AuditDays { from, to })
    }

    /// Calls `each` for every entry until it answers `false`. Returns how many entries cannot be
    /// read.
    async fn each(
        &self,
        store: &Store,
        mut each: impl FnMut(AuditLogEntry) -> Result<bool, Failure>,
    ) -> Result<usize, Failure> {
        let days = self.days()?;
        let (operator, action) = (self.operator.clone(), self.action.clone());
        let filter = AuditLogFilter { operator, action, case: self.case };
        let _busy = Busy::with("reading the audit log");
        let (mut unread, mut next) = (0, None);
        loop {
            let page = store.audit_log(days, &filter, next.as_ref(), PAGE, system::now()).await?;
            for key in &page.unread {
                unread += 1;
                note(&format!("{key}: this release cannot read the entry"));
            }
            for entry in page.entries {
                if !each(entry)? {
                    return Ok(unread);
                }
            }
            next = page.next;
            if next.is_none() {
                return Ok(unread);
            }
        }
    }
}

fn ending(unread: usize) -> Ending {
    if unread == 0 { Ending::Done } else { Ending::No }
}

impl Audit {
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        let store = settings.store()?;
        system::wait(async {
            match self {
                Self::List(list) => list.run(&store).await,
                Self::Export(export) => export.run(&store).await,
            }
        })
    }
}

impl List {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let most = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let (mut entries, mut is_cut) = (Vec::new(), false);
        let take = |entry| {
            is_cut = entries.len() == most;
            if !is_cut {
                entries.push(entry);
            }
            Ok(!is_cut)
        };
        let unread = self.filter.each(store, take).await?;
        if is_cut {
            note(&format!("there are more; these are the first {most}. --limit lists more of them"));
        }
        if self.format.is_json() {
            let entries: Vec<_> = entries.iter().map(AuditView::of).collect();
            self.format.print(&entries, String::new)?;
        } else if !entries.is_empty() {
            say(&entries.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        } else if unread == 0 {
            note("no entry matches");
        }
        Ok(ending(unread))
    }
}

impl Export {
    async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        self.filter.days()?;
        if !self.format.is_json() {
            say_exactly(&row(&AuditView::COLUMNS.map(str::to_owned))?)?;
        }
        let print = |entry: AuditLogEntry| {
            let view = AuditView::of(&entry);
            let line = if self.format.is_json() { json_line(&view)? } else { row(&view.columns())? };
            say_exactly(&line).map(|()| true)
        };
        self.filter.each(store, print).await.map(ending)
    }
}

/// A row, without the end of the line.
fn row(values: &[String]) -> Result<String, Failure> {
    csv_row(values).map_err(|error| Failure::refused(format!("the row cannot be written as CSV: {error}")))
}

fn line(entry: &AuditLogEntry) -> String {
    let by = entry.operator.as_ref();
    let who = by.map_or_else(|| "nobody signed in".to_owned(), |by| format!("{} ({})", by.name, by.role));
    let case = entry.case.map_or_else(|| "-".to_owned(), DisputeNumber::case_id);
    let from = entry.from.map_or_else(|| "-".to_owned(), |from| from.to_string());
    let (action, outcome) = (visible(&entry.action), entry.outcome.to_string());
    format!("{}  {:<28}  {action:<16}  {case:<11}  {from:<15}  {}", utc(entry.at), visible(&who), visible(&outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_seven_days_and_no_range_is_backwards() {
        let days = |from: Option<&str>, to: Option<&str>| {
            let day = |text: Option<&str>| text.map(|text| day(text).unwrap());
            let filter = Filter { from: day(from), to: day(to), operator: None, action: None, case: None };
            filter.days().map(|days| (days.from.to_string(), days.to.to_string())).map_err(|failure| failure.text)
        };
        let of = |from: &str, to: &str| Ok((from.to_owned(), to.to_owned()));
        assert_eq!(days(None, Some("2026-03-03")), of("2026-02-25", "2026-03-03"));
        assert_eq!(days(Some("2026-03-03"), Some("2026-03-03")), of("2026-03-03", "2026-03-03"));
        assert!(days(Some("2026-03-04"), Some("2026-03-03")).unwrap_err().contains("Swap them"));
    }
}
