//! `recourse case note`: an agent leaves a note for the other agents. Nobody outside reads it.

use clap::Args;
use recourse_casework::AgentAction;
use serde::Serialize;

use super::agent::{Agents, me};
use super::reply::CaseText;
use crate::dispute::WHICH;
use crate::dispute::find::find;
use crate::ending::{Ending, Failure};

const EXAMPLES: &str = "\
Examples:
  recourse case note rc-0000008t --text 'The biller confirmed it by phone.'
  recourse case note 50001 --text-file note.txt --by alice

Agents alone read notes. They are part of the case's history and cannot be changed. A note with a
card number, a PIN or a key is refused.";

/// Leave a note on a case, for the other agents
#[derive(Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{WHICH}"))]
pub(crate) struct Note {
    #[command(flatten)]
    pub(super) input: CaseText,
}

/// A note for a program. Times are ISO 8601.
#[derive(Serialize)]
struct NoteJson {
    case: String,
    at: String,
    by: String,
}

impl Note {
    pub(super) async fn run(&self, agents: &Agents, text: &str) -> Result<Ending, Failure> {
        let CaseText { which, operator, format, .. } = &self.input;
        let name = me(operator)?;
        let number = find(&agents.store, which).await?.dispute.number;
        let case = number.case_id();
        let written = agents.act(number, &name, AgentAction::Note(text)).await?;
        let event = written.and_then(|written| written.commit.event);
        let event = event.ok_or_else(|| Failure::refused(format!("the note was not written to {case}.")))?;
        let json = NoteJson { case: case.clone(), at: event.at.iso8601(), by: event.by.name };
        format.print(&json, || format!("{case}  noted; agents alone read it"))?;
        Ok(Ending::Done)
    }
}
