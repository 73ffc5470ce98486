//! `recourse outbox`: lists mails that were not sent, and retries them.

mod list;
mod redrive;

use clap::{Subcommand, ValueEnum};
use recourse_operations::outbox;

use crate::ending::{Ending, Failure};
use crate::settings::{Settings, TABLES};
use crate::system;

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

impl From<Unsent> for outbox::Unsent {
    fn from(named: Unsent) -> Self {
        match named {
            Unsent::Waiting => Self::Waiting,
            Unsent::Held => Self::Held,
            Unsent::Dead => Self::Dead,
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
