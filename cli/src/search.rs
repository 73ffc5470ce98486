//! `recourse search`: finds disputes by what people have in hand: an id of any API, a reference, an
//! address, an amount, a day.
//!
//! A name is looked up by primary keys. An address and an amount are in no index, so the search reads
//! through the list of one party, or through one span of time in the lists of all accounts.

mod names;
mod scan;

use clap::{ArgGroup, Args};
use recourse_dispute::addresses::{BadAddress, MailAddress};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::ids::{AccountId, DomainCode, TransactionType};
use recourse_dispute::money::Currency;
use recourse_dispute::time::UnixMillis;

use crate::account_environment::AccountEnvironment;
use crate::dispute::summary::{Summary, line};
use crate::ending::{Ending, Failure};
use crate::environment::Settings;
use crate::output::{Format, note};
use crate::{system, when};

const MORE: &str = "\
Examples:
  recourse search 123456
  recourse search rc-0000008t
  recourse search 1286176 --type BillPayment
  recourse search --email user@example.com --account acct_demo
  recourse search --amount 1550.00 --currency NGN --day 2026-01-16
  recourse search --day 2026-01-16 --json

NAME is a case id (in any case of its letters), dispute_.., a log code, a dispute's number, the
id of a file or of a mail, a trxid, a refid or a capture; with --type it is a reference.

What a search costs: a name reads a few items, and two more for each account. --email and
--amount have no index: they read every dispute of the account, of the domain, or of the days
that are named, a hundred at a time. Without --account and --domain they need --day or --from.
An address is looked for among a dispute's recipients and contacts, and in its details.

Exit codes: 0 found, 1 nothing fits, or something cannot be read, 2 refused, 3 no answer.";

/// Search disputes by id, reference, address, amount or day
#[derive(Args)]
#[command(after_help = MORE)]
#[command(group = ArgGroup::new("what").required(true).multiple(true)
    .args(["name", "email", "amount", "day", "from", "account", "domain"]))]
pub(crate) struct Search {
    /// An id or a reference of a dispute or of its transaction
    #[arg(conflicts_with_all = ["email", "amount", "day", "from", "to", "domain"])]
    name: Option<String>,
    /// NAME is the reference of a transaction of this type
    #[arg(long = "type", value_name = "TYPE", value_parser = TransactionType::parse, requires = "name")]
    of_type: Option<TransactionType>,
    /// The disputes that have this mail address
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    email: Option<MailAddress>,
    /// The disputes about this amount, such as 1550.00
    #[arg(long, value_name = "DECIMAL", requires = "currency")]
    amount: Option<String>,
    /// The currency of the amount, such as NGN
    #[arg(long, value_name = "CODE", value_parser = currency, requires = "amount")]
    currency: Option<Currency>,
    /// The disputes that were opened on this day (UTC), such as 2026-01-15
    #[arg(long, value_name = "DAY", value_parser = when::day, conflicts_with_all = ["from", "to"])]
    day: Option<(UnixMillis, UnixMillis)>,
    /// The disputes opened on this day or at this time, or later
    #[arg(long, value_name = "TIME", value_parser = when::from)]
    from: Option<UnixMillis>,
    /// The disputes opened on this day or at this time, or earlier
    #[arg(long, value_name = "TIME", value_parser = when::to)]
    to: Option<UnixMillis>,
    /// The disputes of this account; of a NAME, the account that knows it
    #[arg(long, value_parser = AccountId::parse, conflicts_with = "domain")]
    account: Option<AccountId>,
    /// The disputes of a bank or merchant, by its domain code
    #[arg(long, value_name = "CODE", value_parser = DomainCode::parse)]
    domain: Option<DomainCode>,
    /// Only those of this environment; both by default
    #[arg(long, value_name = "ENVIRONMENT")]
    environment: Option<AccountEnvironment>,
    /// Find at most this many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
    #[command(flatten)]
    format: Format,
}

fn address(text: &str) -> Result<MailAddress, BadAddress> {
    MailAddress::parse_typed(text)
}

/// A currency in any case of its letters.
fn currency(text: &str) -> Result<Currency, String> {
    Currency::parse(&text.to_ascii_uppercase()).map_err(|rule| rule.to_string())
}

/// What a search found.
#[derive(Default)]
struct SearchHits {
    disputes: Vec<Dispute>,
    /// How many disputes or accounts cannot be read; each was named.
    unread: u64,
}

impl SearchHits {
    fn holds(&self, dispute: &Dispute) -> bool {
        self.disputes.iter().any(|known| known.number == dispute.number)
    }

    fn add(&mut self, dispute: Dispute) {
        if !self.holds(&dispute) {
            self.disputes.push(dispute);
        }
    }
}

impl Search {
    /// Searches, and prints what it found, the newest first.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) fn run(self, environment: Settings) -> Result<Ending, Failure> {
        let store = environment.store()?;
        system::wait(async {
            let mut found = match &self.name {
                Some(name) => self.by_name(&store, name).await?,
                None => self.by_scan(&store).await?,
            };
            found.disputes.retain(|dispute| self.takes_environment(dispute));
            found.disputes.sort_by_key(|dispute| std::cmp::Reverse((dispute.opened_at, dispute.number)));
            found.disputes.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
            let disputes = &found.disputes;
            if disputes.is_empty() {
                note("no dispute fits");
            }
            if self.format.is_json() || !disputes.is_empty() {
                let summaries: Vec<_> = disputes.iter().map(Summary::of).collect();
                self.format.print(&summaries, || disputes.iter().map(line).collect::<Vec<_>>().join("\n"))?;
            }
            Ok(if disputes.is_empty() || found.unread > 0 { Ending::No } else { Ending::Done })
        })
    }

    fn takes_environment(&self, dispute: &Dispute) -> bool {
        self.environment.is_none_or(|wanted| dispute.facts.environment == wanted.into())
    }
}
