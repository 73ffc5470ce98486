//! What agents do.

use super::Work;
use crate::case::{AgentName, Owner, State};
use crate::decision::DecidedBy;
use crate::event::InFavourOf;
use crate::reason::Reason;

impl Work<'_> {
    /// An agent has the case, or the queue. A case that waited for an agent before keeps its limit;
    /// every other one has the time of an agent from now on.
    pub(super) fn agent_has(&mut self, agent: Option<&AgentName>, by: &AgentName, reason: Reason) {
        let owner = agent.map_or(Owner::Nobody, |name| Owner::Agent(name.clone()));
        let is_same = self.case.state == State::WaitingForAgent && self.case.owner == owner;
        if self.case.state == State::Resolved || is_same {
            return;
        }
        self.move_to(State::WaitingForAgent, owner, reason, Some(self.setup.limits.agent));
        self.record(reason, agent_of(by), Vec::new());
    }

    /// The customer has the agent's reply. Nothing is sent automatically meanwhile: when the
    /// customer does not write back, the agent has the case again.
    pub(super) fn agent_replied(&mut self, name: &AgentName) {
        if self.case.state != State::Resolved {
            let (owner, limit) = (Owner::Agent(name.clone()), self.setup.limits.customer);
            self.move_to(State::WaitingForCustomer, owner, Reason::AgentReplied, Some(limit));
        }
        self.record(Reason::AgentReplied, agent_of(name), Vec::new());
    }

    pub(super) fn agent_noted(&mut self, name: &AgentName) {
        self.record(Reason::AgentNoted, agent_of(name), Vec::new());
    }

    pub(super) fn agent_resolved(&mut self, by: &AgentName, in_favour_of: InFavourOf) {
        if self.case.state != State::Resolved {
            self.resolve(Reason::AgentResolved, agent_of(by), Vec::new());
            self.close_dispute(in_favour_of, Reason::AgentResolved);
        }
    }
}

fn agent_of(name: &AgentName) -> DecidedBy {
    DecidedBy::Agent(name.as_str().to_owned())
}
