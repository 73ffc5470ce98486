//! `recourse account`: who may call. It uses the tables, with an operator's credentials.

mod create;
mod list;
mod set;
mod show;
mod status;

use clap::Subcommand;
use recourse_dispute::ids::AccountId;
use recourse_operations::accounts::{self, AccountError};
use recourse_store::AccountStatus;
use serde::Serialize;

use crate::ending::{Ending, Failure};
use crate::settings::{Settings, TABLES};
use crate::system;

pub(crate) use show::{key_lines, keys_to_json};

/// How soon a revoked key, or a key of a suspended account, is refused.
pub(crate) const REFUSED_WITHIN: &str =
    "Functions cache a key for up to 60 seconds; after that it is refused everywhere.";

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
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        let store = settings.store()?;
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

/// The outcome of a change of an account, for a program.
#[derive(Serialize)]
pub(crate) struct Outcome<'a> {
    account: &'a AccountId,
    outcome: &'static str,
}

impl<'a> Outcome<'a> {
    pub(crate) fn of(account: &'a AccountId, outcome: &'static str) -> Self {
        Self { account, outcome }
    }
}

/// The failure of a command on an account, with what to do next.
fn failed(id: &AccountId, error: AccountError) -> Failure {
    let taken =
        |what| Failure::refused(format!("another account has this {what}. Each is unique; choose another one."));
    match error {
        AccountError::Store(error) => error.into(),
        AccountError::Unknown => unknown(id),
        AccountError::Exists => Failure::refused(format!(
            "there is an account {id} already; nothing changed. `recourse account show {id}` shows it."
        )),
        AccountError::Reserved => Failure::refused(format!(
            "{id} stands for the event bus, and no account can have it; nothing changed. Choose another id, such as \
             acct_{id}."
        )),
        AccountError::MerchantTaken => taken("merchant id"),
        AccountError::DomainTaken => taken("domain code"),
        AccountError::Fixed(field) => Failure::refused(format!(
            "{id} has another {}, which cannot be changed; nothing changed.",
            accounts::field(field)
        )),
    }
}

pub(crate) fn unknown(id: &AccountId) -> Failure {
    Failure::refused(format!(
        "there is no account {id}. `recourse account list` lists all; `recourse account create` makes one."
    ))
}
