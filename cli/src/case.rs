//! `recourse case`: what an agent does about reported cases: finds those that wait, reads one,
//! writes to the customer and notes for colleagues, takes it, gives it to somebody, and ends it. It
//! reads and writes the tables, with the credentials of an operator.

mod agent;
mod list;
mod note;
mod reply;
mod resolve;
mod show;
mod thread;

use clap::Subcommand;

use crate::ending::{Ending, Failure};
use crate::settings::{Settings, TABLES};
use crate::system;

/// The names of the states, for the options that take one.
const STATES: &str = "\
STATE is new, waiting_for_provider, waiting_for_customer, waiting_for_agent, answered or resolved.
docs/support.md says what each of them means and how long it lasts.";

/// List reported cases, read them, answer their customers
#[derive(Subcommand)]
#[command(after_help = TABLES)]
pub(crate) enum Case {
    List(list::List),
    Show(show::Show),
    Reply(reply::Reply),
    Note(note::Note),
    Take(agent::Take),
    Assign(agent::Assign),
    Resolve(resolve::Resolve),
}

impl Case {
    pub(crate) fn run(self, settings: Settings) -> Result<Ending, Failure> {
        match self {
            Self::List(list) => {
                let store = settings.store()?;
                system::wait(list.run(&store))
            }
            Self::Show(show) => {
                let region = settings.get("AWS_REGION").unwrap_or_default();
                let store = settings.store()?;
                system::wait(show.run(&store, &region))
            }
            Self::Reply(reply) => {
                let text = reply.input.read()?;
                let agents = agent::Agents::connect(settings)?;
                system::wait(reply.run(&agents, &text))
            }
            Self::Note(note) => {
                let text = note.input.read()?;
                let agents = agent::Agents::connect(settings)?;
                system::wait(note.run(&agents, &text))
            }
            Self::Take(take) => {
                let agents = agent::Agents::connect(settings)?;
                system::wait(take.run(&agents))
            }
            Self::Assign(assign) => {
                let agents = agent::Agents::connect(settings)?;
                system::wait(assign.run(&agents))
            }
            Self::Resolve(resolve) => {
                let agents = agent::Agents::connect(settings)?;
                system::wait(resolve.run(&agents))
            }
        }
    }
}
