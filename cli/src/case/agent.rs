//! What every command of an agent does: it decides a step of the case, on what is stored, and
//! writes it. Whose case it is, is such a step, too: `recourse case take` and `assign`.

use clap::Args;
use recourse_casework::{AgentAction, CaseError, Casework};
use recourse_dispute::number::DisputeNumber;
use recourse_operations::{AUTOMATION, ActError, ActOutcome, AgentOrder, SupportView, Written, act};
use recourse_store::Store;
use recourse_support::case::{AgentName, State};
use serde::Serialize;

use crate::dispute::find::find;
use crate::dispute::{WHICH, Which};
use crate::ending::{Ending, Failure};
use crate::operator::{Operator, name};
use crate::output::Format;
use crate::settings::Settings;
use crate::system;

const TAKE_EXAMPLES: &str = "\
Examples:
  recourse case take rc-0000008t
  recourse case take 50001 --force --by alice

The automation writes to no customer while an agent has the case. Where another agent has it, the
command is refused unless --force is given.";
const ASSIGN_EXAMPLES: &str = "\
Examples:
  recourse case assign rc-0000008t --to bob
  recourse case assign 50001 --to bob --by alice";

/// Take a case: you have it from now on
#[derive(Args)]
#[command(after_help = format!("{TAKE_EXAMPLES}\n\n{WHICH}"))]
pub(crate) struct Take {
    #[command(flatten)]
    which: Which,
    /// Take it from another agent
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    operator: Operator,
    #[command(flatten)]
    format: Format,
}

/// Give a case to an agent
#[derive(Args)]
#[command(after_help = format!("{ASSIGN_EXAMPLES}\n\n{WHICH}"))]
pub(crate) struct Assign {
    #[command(flatten)]
    which: Which,
    /// The agent's name
    #[arg(long, value_name = "NAME", value_parser = agent)]
    to: AgentName,
    #[command(flatten)]
    operator: Operator,
    #[command(flatten)]
    format: Format,
}

/// How a case stands after a command, for a program.
#[derive(Serialize)]
struct CaseStatusJson<'a> {
    case: String,
    #[serde(flatten)]
    support: Option<&'a SupportView>,
}

/// An agent's name in an option.
fn agent(text: &str) -> Result<AgentName, String> {
    agent_name(&name(text)?)
}

fn agent_name(text: &str) -> Result<AgentName, String> {
    if text.eq_ignore_ascii_case(AUTOMATION) {
        return Err(format!("must be a person's name, and {text} is what a case of nobody's is shown with"));
    }
    AgentName::parse(text).map_err(|rule| rule.to_string())
}

/// The agent who runs a command.
pub(super) fn me(operator: &Operator) -> Result<AgentName, Failure> {
    agent_name(&operator.name()?).map_err(|rule| Failure::refused(format!("your name, from --by or USER, {rule}.")))
}

/// The tables, and the rules of the support process.
pub(super) struct Agents {
    pub(super) store: Store,
    pub(super) casework: Casework,
}

impl Agents {
    /// The deployment that the settings name.
    pub(super) fn connect(settings: Settings) -> Result<Self, Failure> {
        let (store, casework) = settings.store_and_casework()?;
        Ok(Self { store, casework })
    }

    /// Does what an agent asks for; `None` where it changes nothing.
    pub(super) async fn act(
        &self,
        number: DisputeNumber,
        name: &AgentName,
        action: AgentAction<'_>,
    ) -> Result<Option<Written>, Failure> {
        let order = AgentOrder { number, agent: name, action, seen: None };
        let done = act(&self.store, &self.casework, order, system::now, system::draws()?).await;
        let missing =
            || Failure::refused(format!("{} was read and is missing now. Check DISPUTES_TABLE.", number.case_id()));
        let done = done.map_err(|error| match error {
            ActError::Case(error) => failure(error),
            ActError::NoDispute => missing(),
        });
        let done = done.map_err(|failure| match failure.ending {
            Ending::NoAnswer => failure.then(&not_known(&number.case_id())),
            _ => failure,
        })?;
        match done {
            ActOutcome::Written(written) => Ok(Some(*written)),
            // Nothing was looked at before, so nothing is said to have moved.
            ActOutcome::Unchanged | ActOutcome::Repeated | ActOutcome::Moved => Ok(None),
        }
    }
}

/// What to do where it is not known whether a write succeeded.
fn not_known(case: &str) -> String {
    format!("It may be written or not; `recourse case show {case}` shows what is.")
}

pub(super) fn failure(error: CaseError) -> Failure {
    match error {
        CaseError::Store(error) => Failure::from(error),
        CaseError::Refused(text) => Failure::refused(text),
        CaseError::HeldBy(agent) => Failure::refused(format!("{agent} has the case. --force takes it all the same.")),
    }
}

impl Take {
    pub(super) async fn run(&self, agents: &Agents) -> Result<Ending, Failure> {
        let name = me(&self.operator)?;
        let action = AgentAction::Take { force: self.force };
        let number = find(&agents.store, &self.which).await?.dispute.number;
        let written = agents.act(number, &name, action).await?;
        print(agents, number, written, self.format, "you have it already; nothing changed").await
    }
}

impl Assign {
    pub(super) async fn run(&self, agents: &Agents) -> Result<Ending, Failure> {
        let name = me(&self.operator)?;
        let number = find(&agents.store, &self.which).await?.dispute.number;
        let written = agents.act(number, &name, AgentAction::Assign(self.to.as_str())).await?;
        print(agents, number, written, self.format, "that agent has it already; nothing changed").await
    }
}

/// Prints how a case stands, after a step or where there was none.
async fn print(
    agents: &Agents,
    number: DisputeNumber,
    written: Option<Written>,
    format: Format,
    unchanged: &str,
) -> Result<Ending, Failure> {
    let (view, hint) = match &written {
        Some(written) => (written.view(system::now()), ""),
        None => {
            let snapshot = agents.store.support_snapshot(number).await?;
            let view = snapshot.and_then(|found| SupportView::of(found.case.as_ref()?, &found.dispute, system::now()));
            (view, unchanged)
        }
    };
    let case = number.case_id();
    format.print(&CaseStatusJson { case: case.clone(), support: view.as_ref() }, || {
        let state = view.as_ref().map_or("no support process".to_owned(), SupportView::line);
        let hint = if hint.is_empty() { String::new() } else { format!("; {hint}") };
        format!("{case}  {state}{hint}")
    })?;
    Ok(Ending::Done)
}

/// Whether a case is over, as far as the support process goes.
pub(super) fn is_resolved(view: Option<&SupportView>) -> bool {
    view.is_none_or(|view| view.state == State::Resolved.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_has_a_persons_name() {
        assert_eq!(agent("  Aisyah R. ").unwrap().as_str(), "Aisyah R.");
        for text in ["", "Automation", "automation", "a\nb", "--by", &"x".repeat(65)] {
            assert!(agent(text).is_err(), "{text:?}");
        }
    }
}
