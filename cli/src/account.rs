//! `recourse account`: who may call. It speaks to the tables themselves, so it needs the deployment's credentials.

mod create;
mod list;
mod set;
mod show;
mod status;

use clap::Subcommand;
use recourse_dispute::ids::AccountId;
use recourse_store::AccountStatus;
use serde::Serialize;

use crate::ending::{Ending, Failure};
use crate::environment::{Settings, TABLES};
use crate::system;

pub(crate) use show::{key_lines, keys_to_json};

/// What an operator has to know of how fast a key or an account dies.
pub(crate) const DIES: &str =
    "Functions keep what they read of a key for up to 60 seconds; then it is refused everywhere.";

/// Make accounts, list them, change them, suspend them
#[derive(Subcommand)]
#[command(after_help = TABLES)]
pub(crate) enum Account {
    Create(create::Create),
    List(list::List),
    Show(show::Show),
    Set(set::Set),
    /// Refuse all of an account's keys; its disputes go on
    #[command(after_help = status::SUSPEND)]
    Suspend(status::Change),
    /// Let a suspended account call again
    #[command(after_help = status::RESUME)]
    Resume(status::Change),
}

impl Account {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) fn run(self, environment: Settings) -> Result<Ending, Failure> {
        let store = environment.store()?;
        system::wait(async {
            match self {
                Self::Create(create) => create.run(&store).await,
                Self::List(list) => list.run(&store).await,
                Self::Show(show) => show.run(&store).await,
                Self::Set(set) => set.run(&store).await,
                Self::Suspend(change) => change.run(&store, AccountStatus::Suspended).await,
                Self::Resume(change) => change.run(&store, AccountStatus::Active).await,
            }
        })
    }
}

/// What became of an account, for a program.
#[derive(Serialize)]
pub(crate) struct Outcome<'a> {
    account: &'a AccountId,
    outcome: &'static str,
}

impl<'a> Outcome<'a> {
    /// This became of this account.
    pub(crate) fn of(account: &'a AccountId, outcome: &'static str) -> Self {
        Self { account, outcome }
    }
}

/// Another account has a name that was asked for.
pub(crate) fn taken(what: &str) -> Failure {
    Failure::refused(format!("another account has this {what}, and keeps it."))
}

/// There is no such account.
pub(crate) fn unknown(id: &AccountId) -> Failure {
    Failure::refused(format!("there is no account {id}. `recourse account create` makes one."))
}
