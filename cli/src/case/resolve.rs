//! `recourse case resolve`: an agent ends a case. The dispute is decided and the support process
//! ends in one write. Where the dispute is closed already, and its customer wrote afterwards, the
//! support process alone ends. Where there is no support process, the dispute alone is decided, as
//! by `recourse dispute close`.

use clap::Args;
use recourse_casework::AgentAction;
use recourse_operations::SupportView;
use serde::Serialize;

use super::agent::{Agents, is_resolved, me};
use crate::dispute::WHICH;
use crate::dispute::close::{CloseJson, Decision, confirmation, not_open, to_json};
use crate::dispute::find::find;
use crate::ending::{Ending, Failure};
use crate::system;

const EXAMPLES: &str = "\
Examples:
  recourse case resolve rc-0000008t --for customer --why 'the voucher was never delivered'
  recourse case resolve 50001 --for merchant --why 'redeemed on 16 January' --by alice

A decision cannot be undone. The dispute's recipients, its banks and its merchant read the reason.
A case whose dispute is closed already needs nothing decided: the side then changes nothing.";

/// Decide the dispute of a case, and end the case
#[derive(Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{WHICH}"))]
pub(crate) struct Resolve {
    #[command(flatten)]
    decision: Decision,
}

/// A case that ended, for a program. Times are ISO 8601.
#[derive(Serialize)]
struct ResolveJson<'a> {
    case: String,
    support: Option<SupportView>,
    /// What was decided; `null` where the dispute was closed before.
    dispute: Option<CloseJson<'a>>,
}

impl Resolve {
    pub(super) async fn run(&self, agents: &Agents) -> Result<Ending, Failure> {
        let Decision { which, side, why, operator, format } = &self.decision;
        let name = me(operator)?;
        let number = find(&agents.store, which).await?.dispute.number;
        let case = number.case_id();
        if let Some(snapshot) = agents.store.support_snapshot(number).await? {
            let view = snapshot.case.as_ref().and_then(|case| SupportView::of(case, &snapshot.dispute, system::now()));
            if !snapshot.dispute.state.is_open() && is_resolved(view.as_ref()) {
                return Err(not_open(&snapshot.dispute, *side));
            }
        }
        let action = AgentAction::Resolve { side: side.in_favour_of(), why };
        let written = agents.act(number, &name, action).await?;
        let written = written.ok_or_else(|| Failure::refused(format!("{case} cannot be resolved now.")))?;
        let (before, change) = (&written.before.dispute, written.commit.change.as_ref());
        let json = ResolveJson {
            case: case.clone(),
            support: written.view(system::now()),
            dispute: change.map(|change| to_json(before, change)),
        };
        format.print(&json, || match change {
            Some(change) => confirmation(before, change),
            None => format!("{case}  resolved; its dispute was closed before and stays as it is"),
        })?;
        Ok(Ending::Done)
    }
}
