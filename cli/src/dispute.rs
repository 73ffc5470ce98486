//! `recourse dispute`: shows, decides and lists disputes. It reads and writes the tables, with the
//! credentials of an operator.

pub(crate) mod called;
pub(crate) mod close;
mod export;
pub(crate) mod find;
pub(crate) mod list;
mod recount;
mod show;
pub(crate) mod summary;
mod timeline;

use clap::{Args, Subcommand};
use recourse_dispute::ids::{AccountId, Refid, Trxid};

use self::called::typed;
use crate::account_environment::AccountEnvironment;
use crate::ending::{Ending, Failure};
use crate::settings::{Settings, TABLES};
use crate::system;

/// How the commands that take a dispute find it, for their help.
pub(crate) const WHICH: &str = "\
WHAT is a case id, dispute_.., a log code, a dispute's number, or the trxid of its transaction;
with --account also its refid. The letters of a case id may be in any case. A text that leads to
more than one thing is refused, and the error lists what to choose from. A transaction leads to its
open dispute, or else to its last one. Transactions are looked up in the environment of --account,
or in --environment. `recourse search` searches everywhere.";

/// Show disputes, decide them, list them
#[derive(Subcommand)]
#[command(after_help = TABLES)]
pub(crate) enum Dispute {
    Show(show::Show),
    Close(close::Close),
    List(list::List),
    Export(export::Export),
    Recount(recount::Recount),
}

/// How a dispute is named.
#[derive(Args)]
pub(crate) struct Which {
    /// A dispute by any of its ids, or by its transaction's trxid
    #[arg(value_parser = typed, required_unless_present_any = ["trxid", "refid"],
        conflicts_with_all = ["trxid", "refid"])]
    what: Option<String>,
    /// The dispute of the transaction with this trxid
    #[arg(long, value_parser = Trxid::parse, conflicts_with = "refid")]
    trxid: Option<Trxid>,
    /// The dispute of the transaction that --account knows by this refid
    #[arg(long, value_parser = Refid::parse, requires = "account")]
    refid: Option<Refid>,
    /// The account that the refid is of
    #[arg(long, value_parser = AccountId::parse, conflicts_with = "trxid")]
    account: Option<AccountId>,
    /// The environment of the transaction; production by default
    #[arg(long, value_name = "ENVIRONMENT", conflicts_with = "account")]
    environment: Option<AccountEnvironment>,
}

impl Dispute {
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        let store = settings.store()?;
        system::wait(async {
            match self {
                Self::Show(show) => show.run(&store).await,
                Self::Close(close) => close.run(&store).await,
                Self::List(list) => list.run(&store).await,
                Self::Export(export) => export.run(&store).await,
                Self::Recount(recount) => recount.run(&store).await,
            }
        })
    }
}

#[cfg(test)]
pub(crate) use timeline::tests::dispute as example;
