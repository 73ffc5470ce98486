//! `recourse outbox`: mails that did not go out, and having them tried again.

mod list;
mod redrive;

use clap::{Subcommand, ValueEnum};
use recourse_store::MailState;

use crate::ending::{Ending, Failure};
use crate::environment::{Settings, TABLES};
use crate::system;

/// As many mails of each shard are looked at as a page of DynamoDB holds at the very least, each being a key and a time.
const MOST: i32 = 1000;

/// List mails that did not go out, have them tried again
#[derive(Subcommand)]
#[command(after_help = TABLES)]
pub(crate) enum Outbox {
    List(list::List),
    Redrive(redrive::Redrive),
}

/// How a mail did not go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Unsent {
    /// The mail waits for its next attempt, or is being sent
    Waiting,
    /// The mail is held back by a cap, or none of its addresses is mailed
    Held,
    /// The mail was given up
    Dead,
}

impl Unsent {
    fn state(self) -> MailState {
        match self {
            Self::Waiting => MailState::Pending,
            Self::Held => MailState::Held,
            Self::Dead => MailState::Dead,
        }
    }
}

impl Outbox {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) fn run(self, environment: Settings) -> Result<Ending, Failure> {
        let store = environment.store()?;
        system::wait(async {
            match self {
                Self::List(list) => list.run(&store).await,
                Self::Redrive(redrive) => redrive.run(&store).await,
            }
        })
    }
}
