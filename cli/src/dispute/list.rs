//! `recourse dispute list`: a party's disputes, the newest first. Like `export` and `search`, it
//! reads page by page, so any number of disputes takes the same memory.

use std::collections::BTreeMap;

use clap::{ArgGroup, Args};
use recourse_dispute::channel::Channel;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, DomainCode};
use recourse_dispute::lifecycle::Category;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_store::{DateRange, DisputeSummary, ListOwner, Store, StoreError};
use serde::Serialize;

use crate::busy::Busy;
use crate::ending::{Ending, Failure};
use crate::output::{Format, note, say, say_json, utc};
use crate::when;

/// How many entries of a list are read at once: as many as one call reads disputes.
const PAGE: i32 = 100;

/// The disputes of a page, each of them or why it cannot be read.
type Read = BTreeMap<DisputeNumber, Result<Dispute, StoreError>>;

/// A bank or merchant, or an account.
#[derive(Args)]
#[group(skip)]
pub(super) struct Party {
    /// The disputes of a bank or merchant, by its domain code
    #[arg(long, value_name = "CODE", value_parser = DomainCode::parse)]
    domain: Option<DomainCode>,
    /// The disputes that an account opened, and those of its transactions
    #[arg(long, value_parser = AccountId::parse)]
    account: Option<AccountId>,
}

impl Party {
    /// Whose list it is, if one is named.
    pub(super) async fn owner(&self, store: &Store) -> Result<Option<ListOwner>, StoreError> {
        match &self.domain {
            Some(code) => domain(store, code).await.map(Some),
            None => Ok(self.account.clone().map(ListOwner::Account)),
        }
    }
}

/// Whose disputes, and which of them.
#[derive(Args)]
#[group(skip)]
#[command(group = ArgGroup::new("whose").required(true).args(["domain", "account"]))]
pub(super) struct Filter {
    #[command(flatten)]
    party: Party,
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

Days and times without an offset are in UTC.";

/// The most disputes that are wanted.
pub(crate) fn limit(text: &str) -> Result<u64, &'static str> {
    text.parse().ok().filter(|limit| *limit > 0).ok_or("must be a whole number from 1")
}

/// List a party's disputes, the newest first
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

/// An entry of a list for a program. Times are ISO 8601.
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
    fn of(summary: &DisputeSummary) -> Self {
        Self {
            case_id: summary.number.case_id(),
            number: summary.number,
            channel: summary.channel,
            opener: summary.opener.to_string(),
            opened_at: summary.opened_at.iso8601(),
            category: summary.category,
            status: summary.status.clone(),
            ends_at: summary.ends_at.map(UnixMillis::iso8601),
            trxid: summary.trxid.to_string(),
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
    async fn owner(&self, store: &Store) -> Result<ListOwner, Failure> {
        let owner = self.party.owner(store).await?;
        owner.ok_or_else(|| Failure::refused("the list is not named. Pass --domain or --account."))
    }

    /// Says why a list is empty: nothing matches, or nobody has that name, which is refused.
    pub(super) async fn nothing(&self, store: &Store) -> Result<(), Failure> {
        known(store, &self.owner(store).await?).await?;
        note("no dispute matches");
        Ok(())
    }

    fn takes(&self, summary: &DisputeSummary) -> bool {
        self.category.is_none_or(|category| category == summary.category)
            && self.status.is_none_or(|status| summary.status.as_deref() == Some(status))
    }

    /// The days and times of the disputes.
    pub(super) fn range(&self) -> Result<DateRange, Failure> {
        when::range(self.from, self.to)
    }

    /// Passes the entries to `page`, page by page, until it returns false. Entries that cannot be
    /// read are named on stderr; their number is returned.
    pub(super) async fn each(
        &self,
        store: &Store,
        range: DateRange,
        mut page: impl AsyncFnMut(Vec<DisputeSummary>) -> Result<bool, Failure>,
    ) -> Result<u64, Failure> {
        let owner = self.owner(store).await?;
        let _busy = Busy::with("reading the list of disputes");
        let (mut after, mut unread) = (None, 0);
        loop {
            let read = store.dispute_summaries(&owner, range, after.as_deref(), PAGE).await?;
            for (number, error) in &read.unread {
                unread += 1;
                note(&cannot_be_read(*number, error));
            }
            let goes_on = page(read.summaries.into_iter().filter(|summary| self.takes(summary)).collect()).await?;
            after = read.next;
            if !goes_on || after.is_none() {
                return Ok(unread);
            }
        }
    }
}

/// Refuses the name of a party that no account and no dispute has: most often it is misspelt.
pub(crate) async fn known(store: &Store, party: &ListOwner) -> Result<(), Failure> {
    let (known, what) = match party {
        ListOwner::Domain(_, code) => (!store.domains(&[code]).await?.is_empty(), format!("the domain code {code}")),
        ListOwner::Account(id) => (store.account(id).await?.is_some(), format!("the id {id}")),
    };
    // A bank may be a party without having an account here.
    if known || !store.dispute_summaries(party, DateRange::default(), None, 1).await?.summaries.is_empty() {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "no account has {what}, and no dispute names it. `recourse account list` lists all accounts."
    )))
}

/// The list of a domain, in the environment of its account, or in production if no account has it.
pub(crate) async fn domain(store: &Store, code: &DomainCode) -> Result<ListOwner, StoreError> {
    let known = store.domains(&[code]).await?;
    let environment = known.first().map_or(Environment::Production, |domain| domain.environment);
    Ok(ListOwner::Domain(environment, code.clone()))
}

impl List {
    /// Prints one line for each, or all of them as JSON.
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let range = self.filter.range()?;
        let mut left = self.limit;
        let mut listed = Vec::new();
        let unread = self
            .filter
            .each(store, range, async |summaries| {
                for summary in summaries {
                    if left == 0 {
                        break;
                    }
                    left -= 1;
                    if self.format.is_json() {
                        listed.push(Listed::of(&summary));
                        continue;
                    }
                    let status = summary.status.as_deref().unwrap_or("not shown");
                    let (id, at, category) =
                        (summary.number.case_id(), utc(summary.opened_at), summary.category.name());
                    say(&format!(
                        "{id}  {at}  {:<8}  {category:<17}  {status:<18}  {}",
                        summary.channel.name(),
                        summary.trxid
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

/// Reads at most a hundred disputes and passes each to `take`. A dispute that cannot be read does
/// not stop the others: it is named on stderr, and the number of those is returned.
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
                note(&format!(
                    "{}: is in the list and is missing; disputes are never deleted: check DISPUTES_TABLE",
                    number.case_id()
                ));
            }
        }
    }
    Ok(unread)
}

/// Reads disputes one by one, so that one that cannot be read is an error of its own. Any other
/// failure ends the reading.
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

/// The message about a dispute that this release cannot read.
pub(crate) fn cannot_be_read(number: DisputeNumber, error: &StoreError) -> String {
    format!("{}: cannot be read: {error}", number.case_id())
}

/// How a command ends that could not read so many disputes.
pub(crate) fn ending(unread: u64) -> Ending {
    if unread == 0 { Ending::Done } else { Ending::No }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_status_of_the_arbiter_api_is_read_in_any_case() {
        assert_eq!(super::status("pre arbitration ii"), Ok("Pre Arbitration II"));
        let rule = super::status("Nope").unwrap_err();
        assert!(rule.starts_with("must be one of Accepted, Arbitration, Chargeback, Declined, "), "{rule}");
    }
}
