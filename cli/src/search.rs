//! `recourse search`: finds disputes by what people know of them: an id of any API, a reference, an
//! address, an amount, a day.
//!
//! A name is looked up by primary keys. Without a party and days, an address or an amount is looked
//! up by the entries of the console's search. With one of these, it is searched for in the list of
//! the party, or in a range of days in the lists of all accounts, which also have what
//! `worker-counters` has not entered.

mod entries;
mod names;
mod scan;

use clap::{ArgGroup, Args, ValueEnum};
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::ids::{AccountId, DomainCode, TransactionType};
use recourse_dispute::money::{BadMoney, Currency, Money};
use recourse_dispute::time::UnixMillis;
use serde::Serialize;

use crate::account_environment::AccountEnvironment;
use crate::dispute::called::typed;
use crate::dispute::list::limit;
use crate::dispute::summary::{Summary, line};
use crate::ending::{Ending, Failure};
use crate::output::{Format, note};
use crate::settings::Settings;
use crate::{system, when};

const MORE: &str = "\
Examples:
  recourse search 123456
  recourse search rc-0000008t
  recourse search 1286176 --type BillPayment
  recourse search --email user@example.com
  recourse search --email user@example.com --account acct_demo
  recourse search --amount 1550.00 --currency NGN --day 2026-01-16
  recourse search --amount 1550.00 --currency NGN --amount-is disputed --domain FBN
  recourse search --day 2026-01-16 --json

NAME is a case id (its letters in any case), dispute_.., a log code, a dispute's number, the id of
a file or of a mail, a trxid, a refid or a capture; with --type it is a reference.

A dispute has two amounts: the disputed one, and the one that was paid. --amount finds either and
prints which one it is; --amount-is takes only one of them. --email finds a dispute's recipients,
its contacts, and the addresses in its details.

What a search costs: a name reads a few items, and two more for each account. --email and --amount
alone read the disputes that they find, which `worker-counters` enters some seconds after each
change. With a party (--account or --domain) or days (--day or --from) they read every dispute of
these, a hundred at a time, also those that were not entered. --amount needs --currency, too.

Exit codes: 0 found, 1 nothing matches, or something cannot be read, 2 refused, 3 no answer.";

/// Search disputes by id, reference, address, amount or day
#[derive(Args)]
#[command(after_help = MORE)]
#[command(group = ArgGroup::new("what").required(true).multiple(true)
    .args(["name", "email", "amount", "day", "from", "account", "domain"]))]
pub(crate) struct Search {
    /// An id or a reference of a dispute or of its transaction
    #[arg(value_parser = typed, conflicts_with_all = ["email", "amount", "day", "from", "to", "domain"])]
    name: Option<String>,
    /// NAME is the reference of a transaction of this type
    #[arg(long = "type", value_name = "TYPE", value_parser = TransactionType::parse, requires = "name")]
    of_type: Option<TransactionType>,
    /// The disputes that have this mail address
    #[arg(long, value_name = "ADDRESS", value_parser = MailAddress::parse_typed)]
    email: Option<MailAddress>,
    /// The disputes with this amount, as 1550.00; needs --currency
    #[arg(long, value_name = "DECIMAL", requires = "currency")]
    amount: Option<String>,
    /// The currency of the amount, such as NGN
    #[arg(long, value_name = "CODE", value_parser = currency, requires = "amount")]
    currency: Option<Currency>,
    /// Which amount of a dispute --amount is; either by default
    #[arg(long, value_name = "WHICH", requires = "amount")]
    amount_is: Option<AmountKind>,
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
    #[arg(long, default_value_t = 100, value_parser = limit)]
    limit: u64,
    #[command(flatten)]
    format: Format,
}

/// An amount of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
enum AmountKind {
    /// The amount that is disputed
    Disputed,
    /// The amount of the transaction
    Paid,
}

/// A dispute that was found, for a program.
#[derive(Serialize)]
struct Hit<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    /// Which amounts are the one that was searched for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    amount_matched: Vec<AmountKind>,
}

/// A currency; its letters may be in any case.
fn currency(text: &str) -> Result<Currency, String> {
    Currency::parse(&text.to_ascii_uppercase()).map_err(|rule| rule.to_string())
}

#[derive(Default)]
struct SearchHits {
    disputes: Vec<Dispute>,
    /// How many disputes or accounts cannot be read. Each was named on stderr.
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
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        let amount = self.amount()?;
        let range = when::range(self.from, self.to)?;
        let store = settings.store()?;
        system::wait(async {
            let mut found = match &self.name {
                Some(name) => self.by_name(&store, name).await?,
                None if self.is_everywhere() => self.by_entries(&store, range, amount).await?,
                None => self.by_scan(&store, range, amount).await?,
            };
            found.disputes.retain(|dispute| self.takes_environment(dispute));
            found.disputes.sort_by_key(|dispute| std::cmp::Reverse((dispute.opened_at, dispute.number)));
            found.disputes.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
            let disputes = &found.disputes;
            if disputes.is_empty() {
                note("no dispute matches");
            }
            if self.format.is_json() || !disputes.is_empty() {
                let hit =
                    |dispute| Hit { summary: Summary::of(dispute), amount_matched: self.matched(dispute, amount) };
                let hits: Vec<_> = disputes.iter().map(hit).collect();
                self.format.print(&hits, || {
                    let lines = disputes.iter().zip(&hits).map(|(dispute, hit)| {
                        let which = match hit.amount_matched[..] {
                            [] => "",
                            [AmountKind::Disputed] => "; matched the disputed amount",
                            [AmountKind::Paid] => "; matched the paid amount",
                            _ => "; matched the disputed and the paid amount",
                        };
                        format!("{}{which}", line(dispute))
                    });
                    lines.collect::<Vec<_>>().join("\n")
                })?;
            }
            Ok(if disputes.is_empty() || found.unread > 0 { Ending::No } else { Ending::Done })
        })
    }

    /// Whether no party and no first day is named.
    fn is_everywhere(&self) -> bool {
        self.account.is_none() && self.domain.is_none() && self.day.is_none() && self.from.is_none()
    }

    fn amount(&self) -> Result<Option<Money>, Failure> {
        let (Some(text), Some(currency)) = (&self.amount, self.currency) else { return Ok(None) };
        let rule = |rule| match rule {
            BadMoney::Form => Failure::refused("the amount must be a decimal number, such as 1550.00."),
            BadMoney::Currency | BadMoney::Decimals | BadMoney::TooLarge => {
                Failure::refused(format!("the amount {rule}."))
            }
        };
        Money::parse(text, currency).map(Some).map_err(rule)
    }

    /// Which amounts of a dispute are the one that is searched for.
    fn matched(&self, dispute: &Dispute, amount: Option<Money>) -> Vec<AmountKind> {
        let amounts = [(AmountKind::Disputed, dispute.amount), (AmountKind::Paid, dispute.facts.amount)];
        let is_wanted = |kind| self.amount_is.is_none_or(|wanted| wanted == kind);
        let matched = amounts.into_iter().filter(|(kind, known)| Some(*known) == amount && is_wanted(*kind));
        matched.map(|(kind, _)| kind).collect()
    }

    fn takes_environment(&self, dispute: &Dispute) -> bool {
        self.environment.is_none_or(|wanted| dispute.facts.environment == wanted.into())
    }
}
