//! What can happen to a case.

use recourse_support::event::{InFavourOf, ProviderAnswer};
use recourse_support::model::ModelDecision;

use crate::inbound::InboundMail;

/// What can happen to a case.
#[derive(Clone, Copy, Debug)]
pub enum CaseInput<'a> {
    /// The process begins: the order of a new case.
    Opened,
    /// A mail came in.
    Mail(&'a InboundMail),
    /// The case is due.
    Due,
    /// The dispute was closed since the last step.
    DisputeClosed,
    /// No mail reaches the customer.
    Unreachable,
    /// The provider answered the order `work`, or why it did not.
    Provider {
        /// The number of the order.
        work: u32,
        /// The answer, or a short reason without anything that the provider sent.
        result: Result<&'a ProviderAnswer, &'a str>,
    },
    /// The model answered the order `work`, or did not.
    Model {
        /// The number of the order.
        work: u32,
        /// How many tokens the call cost.
        tokens: u64,
        /// What it came to.
        outcome: ModelOutcome<'a>,
    },
    /// An agent acts.
    Agent {
        /// The agent's name, as `--by` gives it.
        name: &'a str,
        /// What the agent does.
        action: AgentAction<'a>,
    },
}

/// What a call of the model came to.
#[derive(Clone, Copy, Debug)]
pub enum ModelOutcome<'a> {
    /// The model chose something that was offered.
    Decided(&'a ModelDecision),
    /// Its answer breaks a rule.
    Refused {
        /// The rule's code.
        code: &'static str,
        /// Whether only its confidence is too low.
        is_unsure: bool,
    },
    /// It could not be asked, or did not answer; the code says why.
    Failed(&'static str),
}

/// What an agent does.
#[derive(Clone, Copy, Debug)]
pub enum AgentAction<'a> {
    /// Replies to the customer.
    Reply(&'a str),
    /// Leaves a note for the other agents. Nobody else ever sees it.
    Note(&'a str),
    /// Takes the case.
    Take {
        /// Also from another agent.
        force: bool,
    },
    /// Gives the case to this agent.
    Assign(&'a str),
    /// Gives the case back to the queue.
    Release {
        /// Also one that another agent, or no agent, has.
        force: bool,
    },
    /// Ends the case, and the dispute where it is open.
    Resolve {
        /// For whom.
        side: InFavourOf,
        /// Why, in the agent's words. The customer reads it.
        why: &'a str,
    },
}
