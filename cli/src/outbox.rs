//! `recourse outbox`: lists mails that were not sent, and retries them.

mod list;
mod redrive;

use clap::{Subcommand, ValueEnum};
use recourse_store::MailState;

use crate::ending::{Ending, Failure};
use crate::settings::{Settings, TABLES};
use crate::system;

/// How many mails of each shard are read: as many as one page of DynamoDB holds at least.
const MAX_MAILS: i32 = 1000;

/// List mails that were not sent, and retry them
#[derive(Subcommand)]
#[command(after_help = TABLES)]
pub(crate) enum Outbox {
    List(list::List),
    Redrive(redrive::Redrive),
}

/// Why a mail was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Unsent {
    /// The mail waits for its next attempt, or is being sent
    Waiting,
    /// The mail is held back by a cap, or none of its addresses gets mail
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
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        let store = settings.store()?;
        system::wait(async {
            match self {
                Self::List(list) => list.run(&store).await,
                Self::Redrive(redrive) => redrive.run(&store).await,
            }
        })
    }
}
