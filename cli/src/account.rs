//! `recourse account`: who may call. It speaks to the tables themselves, so it needs the deployment's credentials.

mod create;
mod set;
mod show;
mod standing;

use clap::Subcommand;
use recourse_dispute::ids::AccountId;
use recourse_store::Standing;

use crate::ending::{Ending, Failure};
use crate::environment::{Environment, TABLES};
use crate::world;

pub(crate) use show::key_lines;

/// What an operator has to know of how fast a key or an account dies.
pub(crate) const DIES: &str =
    "Functions keep what they read of a key for up to 60 seconds; then it is refused everywhere.";

/// Make accounts, look into them, change them, suspend them.
#[derive(Subcommand)]
#[command(after_help = TABLES)]
pub(crate) enum Account {
    Create(create::Create),
    Show(show::Show),
    Set(set::Set),
    /// Let none of an account's keys call any more; its disputes go on
    Suspend(standing::Change),
    /// Let a suspended account call again
    Resume(standing::Change),
}

impl Account {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) fn run(self, environment: Environment) -> Result<Ending, Failure> {
        let store = environment.store()?;
        world::wait(async {
            match self {
                Self::Create(create) => create.run(&store).await,
                Self::Show(show) => show.run(&store).await,
                Self::Set(set) => set.run(&store).await,
                Self::Suspend(change) => change.run(&store, Standing::Suspended).await,
                Self::Resume(change) => change.run(&store, Standing::Active).await,
            }
        })
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
