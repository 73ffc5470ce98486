//! `recourse dispute list` and `export`: a party's disputes, the newest first. Neither keeps more than a page of them, however many there are.

use clap::Args;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::ids::{AccountId, DomainCode};
use recourse_dispute::lifecycle::Category;
use recourse_dispute::time::UnixMillis;
use recourse_store::{Line, Party, Span, Store};

use super::words;
use crate::ending::{Ending, Failure};
use crate::output::{note, plain, say, utc};

/// How many lines are read at once: as many disputes as one call reads.
const PAGE: i32 = 100;

/// Whose disputes, and which of them.
#[derive(Args)]
#[group(skip)]
pub(crate) struct Filter {
    /// The disputes that a bank or merchant is a party to
    #[arg(long, value_name = "CODE", value_parser = DomainCode::parse, required_unless_present = "account", conflicts_with = "account")]
    domain: Option<DomainCode>,
    /// The disputes that an account opened, or that are about its transactions
    #[arg(long, value_parser = AccountId::parse)]
    account: Option<AccountId>,
    /// Opened at this time or later: ISO 8601 with an offset
    #[arg(long, value_name = "TIME", value_parser = UnixMillis::parse)]
    from: Option<UnixMillis>,
    /// Opened at this time or earlier
    #[arg(long, value_name = "TIME", value_parser = UnixMillis::parse)]
    to: Option<UnixMillis>,
    /// Of this category
    #[arg(long, value_parser = category)]
    category: Option<Category>,
    /// At this status, as the Arbiter door shows it
    #[arg(long)]
    status: Option<String>,
}

/// List a party's disputes, the newest first.
#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    filter: Filter,
    /// At most this many
    #[arg(long, default_value_t = 100)]
    limit: u64,
}

/// Print a party's disputes as CSV (RFC 4180), the newest first; what cannot be read is told on stderr, row by row.
#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    filter: Filter,
}

fn category(text: &str) -> Result<Category, String> {
    Category::parse(text).ok_or_else(|| "must be a category, such as Chargeback or \"Co Acquired\"".to_owned())
}

impl Filter {
    fn party(&self) -> Result<Party, Failure> {
        let domain = self.domain.clone().map(Party::Domain);
        let party = domain.or_else(|| self.account.clone().map(Party::Account));
        party.ok_or_else(|| Failure::refused("whose disputes? Pass --domain or --account."))
    }

    fn takes(&self, line: &Line) -> bool {
        let status = |wanted: &String| line.status.as_ref().is_some_and(|status| status.eq_ignore_ascii_case(wanted));
        self.category.is_none_or(|category| category == line.category) && self.status.as_ref().is_none_or(status)
    }

    /// Hands over the lines page by page, until `page` has enough.
    async fn each(
        &self,
        store: &Store,
        mut page: impl AsyncFnMut(Vec<Line>) -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        let (party, span) = (self.party()?, Span { from: self.from, to: self.to });
        let mut after = None;
        loop {
            let read = store.lines(&party, span, after.as_deref(), PAGE).await?;
            let goes_on = page(read.lines.into_iter().filter(|line| self.takes(line)).collect()).await?;
            after = read.next;
            if !goes_on || after.is_none() {
                return Ok(());
            }
        }
    }
}

impl List {
    /// Prints one line for each.
    ///
    /// # Errors
    /// [`Failure`].
    pub(super) async fn run(&self, store: &Store) -> Result<Ending, Failure> {
        let mut left = self.limit;
        self.filter
            .each(store, async |lines| {
                for line in lines {
                    if left == 0 {
                        break;
                    }
                    left -= 1;
                    let status = line.status.as_deref().unwrap_or("not shown");
                    let (id, at, category) = (line.number.case_id(), utc(line.opened_at), line.category.name());
                    say(&format!("{id}  {at}  {:<8}  {category:<17}  {status:<18}  {}", line.door.name(), line.trxid))?;
                }
                Ok(left > 0)
            })
            .await?;
        Ok(Ending::Done)
    }
}

/// The columns.
const COLUMNS: [&str; 14] = [
    "case",
    "number",
    "door",
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
        say(&row(COLUMNS.iter().map(|column| (*column).to_owned())))?;
        let mut unread = 0_u64;
        self.filter
            .each(store, async |lines| {
                let numbers: Vec<_> = lines.iter().map(|line| line.number).collect();
                // One that cannot be read must not take the others of its page with it.
                let disputes = match store.disputes(&numbers).await {
                    Ok(disputes) => disputes,
                    Err(error) if error.is_temporary() => return Err(error.into()),
                    Err(_) => {
                        let mut readable = Vec::new();
                        for number in &numbers {
                            match store.dispute(*number).await {
                                Ok(found) => readable.extend(found),
                                Err(error) if error.is_temporary() => return Err(error.into()),
                                Err(error) => note(&format!("{}: cannot be read: {error}", number.case_id())),
                            }
                        }
                        readable
                    }
                };
                for number in &numbers {
                    match disputes.iter().find(|dispute| dispute.number == *number) {
                        Some(dispute) => say(&row(columns(dispute).into_iter()))?,
                        None => {
                            unread += 1;
                            note(&format!("{}: is listed, and there is no such dispute to read", number.case_id()));
                        }
                    }
                }
                Ok(true)
            })
            .await?;
        Ok(if unread == 0 { Ending::Done } else { Ending::No })
    }
}

fn columns(dispute: &Dispute) -> [String; 14] {
    let status = recourse_dispute::faces::arbiter_status(dispute.state, dispute.category);
    [
        dispute.number.case_id(),
        dispute.number.to_string(),
        dispute.door.name().to_owned(),
        dispute.opened_at.iso8601(),
        dispute.category.name().to_owned(),
        words::state(dispute.state),
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

/// A row of RFC 4180. What a spreadsheet would take for a formula gets an apostrophe before it, as a refid is a client's own text.
fn row(values: impl Iterator<Item = String>) -> String {
    let cell = |value: String| {
        let value = if value.starts_with(['=', '+', '-', '@', '\t']) { format!("'{value}") } else { value };
        let value = plain(&value);
        if value.contains([',', '"', '\n', '\r']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
    };
    values.map(cell).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_row_is_rfc_4180_and_no_formula() {
        let row = |values: &[&str]| super::row(values.iter().map(|value| (*value).to_owned()));
        assert_eq!(row(&["a", "", "b c"]), "a,,b c");
        assert_eq!(row(&["a,b", "say \"x\""]), "\"a,b\",\"say \"\"x\"\"\"");
        assert_eq!(row(&["=1+1", "-1", "@x"]), "'=1+1,'-1,'@x");
    }
}
