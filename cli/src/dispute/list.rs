//! `recourse dispute list` and `export`: a party's disputes, the newest first. Neither keeps more than a page of them, however many there are.

use std::collections::BTreeMap;

use clap::Args;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, DomainCode};
use recourse_dispute::lifecycle::{Category, Channel};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_store::{DateRange, DisputeSummary, ListOwner, Store, StoreError};
use serde::Serialize;

use super::labels;
use super::summary::Summary;
use crate::busy::Busy;
use crate::ending::{Ending, Failure};
use crate::output::{Format, json_line, note, say, say_exactly, say_json, utc, visible};
use crate::when;

/// How many lines are read at once: as many disputes as one call reads.
const PAGE: i32 = 100;

/// The disputes of a page, or why one cannot be read.
type Read = BTreeMap<DisputeNumber, Result<Dispute, StoreError>>;

/// Whose disputes.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Whose {
    /// The disputes of a bank or merchant, by its domain code
    #[arg(long, value_name = "CODE", value_parser = DomainCode::parse)]
    domain: Option<DomainCode>,
    /// The disputes that an account opened, and those of its transactions
    #[arg(long, value_parser = AccountId::parse)]
    account: Option<AccountId>,
}

/// Whose disputes, and which of them.
#[derive(Args)]
#[group(skip)]
pub(crate) struct Filter {
    #[command(flatten)]
    whose: Whose,
    /// Opened on this day or at this time, or later: 2026-01-15, 2026-01-15T10:00
    #[arg(long, value_name = "TIME", value_parser = when::from)]
    from: Option<UnixMillis>,
    /// Opened on this day or at this time, or earlier
    #[arg(long, value_name = "TIME", value_parser = when::to)]
    to: Option<UnixMillis>,
    /// Of this category, such as chargeback
    #[arg(long, value_parser = category)]
    category: Option<Category>,
    /// At this status, as the Arbiter API shows it
    #[arg(long, value_parser = status)]
    status: Option<&'static str>,
}

const LIST_EXAMPLES: &str = "\
Examples:
  recourse dispute list --domain FBN --status chargeback --limit 20
  recourse dispute list --account acct_demo --from 2026-01-15 --to 2026-01-16 --json

Days and times without an offset are those of UTC.";

const EXPORT_EXAMPLES: &str = "\
Examples:
  recourse dispute export --account acct_demo --from 2026-01-01
  recourse dispute export --domain FBN --json

CSV is RFC 4180, and JSON is one dispute a line. A dispute that cannot be read is named on
stderr, and the exit code is 1. Days and times without an offset are those of UTC.";

/// List a party's disputes, the newest first
#[derive(Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(crate) struct List {
    #[command(flatten)]
    filter: Filter,
    /// List at most this many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
    #[command(flatten)]
    format: Format,
}

/// Print all of a party's disputes as CSV, the newest first
#[derive(Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub(crate) struct Export {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    format: Format,
}

/// A line of a list for a program. Times are ISO 8601.
#[derive(Serialize)]
struct Listed {
    case_id: String,
    number: DisputeNumber,
    channel: Channel,
    opener: String,
    opened_at: String,
    category: Category,
    status: Option<String>,
    ends_at: Option<String>,
    trxid: String,
}

impl Listed {
    fn of(line: &DisputeSummary) -> Self {
        Self {
            case_id: line.number.case_id(),
            number: line.number,
            channel: line.channel,
            opener: line.opener.to_string(),
            opened_at: line.opened_at.iso8601(),
            category: line.category,
            status: line.status.clone(),
            ends_at: line.ends_at.map(UnixMillis::iso8601),
            trxid: line.trxid.to_string(),
        }
    }
}

fn category(text: &str) -> Result<Category, String> {
    Category::parse(text).ok_or_else(|| "must be a category, such as Chargeback or \"Co Acquired\"".to_owned())
}

/// Every status of every category, each once.
fn statuses() -> Vec<&'static str> {
    let mut all: Vec<_> = Category::ALL.into_iter().flat_map(Category::statuses).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn status(text: &str) -> Result<&'static str, String> {
    Category::parse_status(text).ok_or_else(|| format!("must be one of {}", statuses().join(", ")))
}

impl Filter {
    async fn party(&self, store: &Store) -> Result<ListOwner, Failure> {
        match (&self.whose.domain, &self.whose.account) {
            (Some(code), _) => Ok(domain(store, code).await?),
            (None, Some(account)) => Ok(ListOwner::Account(account.clone())),
            (None, None) => Err(Failure::refused("whose disputes? Pass --domain or --account.")),
        }
    }

    /// Why there is nothing: nothing fits, or nobody has that name.
    async fn nothing(&self, store: &Store) -> Result<(), Failure> {
        known(store, &self.party(store).await?).await?;
        note("no dispute fits");
        Ok(())
    }

    fn takes(&self, line: &DisputeSummary) -> bool {
        self.category.is_none_or(|category| category == line.category)
            && self.status.is_none_or(|status| line.status.as_deref() == Some(status))
    }

    /// Hands over the lines page by page, until `page` has enough; says which cannot be read, and how many those are.
    async fn each(
        &self,
        store: &Store,
        mut page: impl AsyncFnMut(Vec<DisputeSummary>) -> Result<bool, Failure>,
    ) -> Result<u64, Failure> {
        let (party, range) = (self.party(store).await?, DateRange { from: self.from, to: self.to });
        let _busy = Busy::with("reading the list of disputes");
        let (mut after, mut unread) = (None, 0);
        loop {
            let read = store.dispute_summaries(&party, range, after.as_deref(), PAGE).await?;
            for (number, error) in &read.unread {
                unread += 1;
                note(&cannot_be_read(*number, error));
            }
            let goes_on = page(read.summaries.into_iter().filter(|line| self.takes(line)).collect()).await?;
            after = read.next;
            if !goes_on || after.is_none() {
                return Ok(unread);
            }
        }
    }
}

/// Refuses the name of a party that nobody has, which is most often misspelt.
///
/// # Errors
/// [`Failure`] says so.
pub(crate) async fn known(store: &Store, party: &ListOwner) -> Result<(), Failure> {
    let (known, what) = match party {
        ListOwner::Domain(_, code) => (!store.domains(&[code]).await?.is_empty(), format!("the domain code {code}")),
        ListOwner::Account(id) => (store.account(id).await?.is_some(), format!("the id {id}")),
    };
    // A bank may be a party without an account of ours.
    if known || !store.dispute_summaries(party, DateRange::default(), None, 1).await?.summaries.is_empty() {
        return Ok(());
    }
    Err(Failure::refused(format!("no account has {what}, and no dispute names it.")))
}

/// The list of a domain: of the environment that its account is of.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn domain(store: &Store, code: &DomainCode) -> Result<ListOwner, StoreError> {
    let known = store.domains(&[code]).await?;
    let environment = known.first().map_or(Environment::Production, |domain| domain.environment);
    Ok(ListOwner::Domain(environment, code.clone()))
}

impl List {
    /// Prints one line for each, or all of them as JSON.
    ///
    /// # Errors
    /// [`Failure`].
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let mut left = self.limit;
        let mut listed = Vec::new();
        let unread = self
            .filter
            .each(store, async |lines| {
                for line in lines {
                    if left == 0 {
                        break;
                    }
                    left -= 1;
                    if self.format.is_json() {
                        listed.push(Listed::of(&line));
                        continue;
                    }
                    let status = line.status.as_deref().unwrap_or("not shown");
                    let (id, at, category) = (line.number.case_id(), utc(line.opened_at), line.category.name());
                    say(&format!(
                        "{id}  {at}  {:<8}  {category:<17}  {status:<18}  {}",
                        line.channel.name(),
                        line.trxid
                    ))?;
                }
                Ok(left > 0)
            })
            .await?;
        if left == self.limit && unread == 0 {
            self.filter.nothing(store).await?;
        }
        if self.format.is_json() {
            say_json(&listed)?;
        }
        Ok(ending(unread))
    }
}

/// The columns.
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
    /// Prints a row for each, and says how many could not be read.
    ///
    /// # Errors
    /// [`Failure`].
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        if !self.format.is_json() {
            say(&row(COLUMNS.iter().map(|column| (*column).to_owned())))?;
        }
        let (mut listed, mut unread) = (0_usize, 0_u64);
        let lost = self
            .filter
            .each(store, async |lines| {
                let numbers: Vec<_> = lines.iter().map(|line| line.number).collect();
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
            say(&row(columns(dispute).into_iter()))
        }
    }
}

/// Reads at most a hundred disputes and hands over each. Says which of them cannot be read, and
/// returns how many those are: one must not take the others with it.
pub(crate) async fn each_dispute(
    store: &Store,
    numbers: &[DisputeNumber],
    mut take: impl FnMut(Dispute) -> Result<(), Failure>,
) -> Result<u64, Failure> {
    let mut disputes = match store.disputes(numbers).await {
        Ok(disputes) => disputes.into_iter().map(|dispute| (dispute.number, Ok(dispute))).collect(),
        Err(StoreError::Unreadable { .. }) => one_by_one(store, numbers).await?,
        Err(error) => return Err(error.into()),
    };
    let mut unread = 0;
    for number in numbers {
        match disputes.remove(number) {
            Some(Ok(dispute)) => take(dispute)?,
            Some(Err(error)) => {
                unread += 1;
                note(&cannot_be_read(*number, &error));
            }
            None => {
                unread += 1;
                note(&format!("{}: is listed, and there is no such dispute to read", number.case_id()));
            }
        }
    }
    Ok(unread)
}

/// Reads disputes each by itself; one that cannot be read is its own error, and any other trouble ends it.
async fn one_by_one(store: &Store, numbers: &[DisputeNumber]) -> Result<Read, Failure> {
    let mut read = Read::new();
    for number in numbers {
        match store.dispute(*number).await {
            Ok(found) => read.extend(found.map(|dispute| (*number, Ok(dispute)))),
            Err(error @ StoreError::Unreadable { .. }) => read.extend([(*number, Err(error))]),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(read)
}

/// What is said of a dispute that this release cannot read.
pub(crate) fn cannot_be_read(number: DisputeNumber, error: &StoreError) -> String {
    format!("{}: cannot be read: {error}", number.case_id())
}

fn ending(unread: u64) -> Ending {
    if unread == 0 { Ending::Done } else { Ending::No }
}

fn columns(dispute: &Dispute) -> [String; 14] {
    let status = recourse_dispute::views::arbiter_status(dispute.state, dispute.category);
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

/// A row of RFC 4180, but that it ends as lines do here. What a spreadsheet would take for a formula gets an apostrophe before it, as a refid is a client's
/// own text.
fn row(values: impl Iterator<Item = String>) -> String {
    let cell = |value: String| {
        let value = visible(&value).into_owned();
        let is_formula = value.trim_start().starts_with(['=', '+', '-', '@']);
        let value = if is_formula { format!("'{value}") } else { value };
        if value.contains([',', '"']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
    };
    values.map(cell).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_status_is_one_of_the_doors_in_any_case() {
        assert_eq!(super::status("pre arbitration ii"), Ok("Pre Arbitration II"));
        let rule = super::status("Nope").unwrap_err();
        assert!(rule.starts_with("must be one of Accepted, Arbitration, Chargeback, Declined, "), "{rule}");
    }

    #[test]
    fn a_row_is_rfc_4180_and_no_formula() {
        let row = |values: &[&str]| super::row(values.iter().map(|value| (*value).to_owned()));
        assert_eq!(row(&["a", "", "b c"]), "a,,b c");
        assert_eq!(row(&["a,b", "say \"x\""]), "\"a,b\",\"say \"\"x\"\"\"");
        assert_eq!(row(&["=1+1", "-1", "@x"]), "'=1+1,'-1,'@x");
        assert_eq!(row(&[" =1", "\u{a0}=1", "\t=1", "=\r\n1"]), r"' =1,'#=1,\t=1,'=\r\n1".replace('#', "\u{a0}"));
        assert_eq!(row(&["a\u{202e}b\u{1b}"]), r"a\u{202e}b\u{1b}");
        assert_eq!(row(&["A  B", "A B"]), "A  B,A B", "a refid is what it is");
    }
}
