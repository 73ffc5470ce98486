//! Who decides what happens to a case, and what can be decided.
//!
//! An [`Engine`] looks at a [`CaseView`] and returns a [`Ruling`]. A playbook is one: it needs no
//! network and answers at once, so [`crate::advance`] runs it within the same step.
//!
//! A model cannot answer at once. [`crate::step`] therefore never calls an engine. It returns
//! [`crate::Effect::AskModel`]; the caller stores the case, calls the model outside of any database
//! transaction, and brings the result as an event of its own. Both ways end in the same [`Ruling`],
//! so nothing after the decision depends on who made it. What implements [`Engine`] for a model is
//! therefore a finished answer: `parse` gives a ruling or a refusal, and no method waits.

use serde::{Deserialize, Serialize};

use crate::case::{Facts, Kind, Language, Position, State, SupportCase};
use crate::event::{InFavourOf, Intent};
use crate::reason::Reason;
use crate::templates::{Question, Slots, TemplateId};
use crate::time::UnixSeconds;

/// What an engine sees of a case.
#[derive(Clone, Copy, Debug)]
pub struct CaseView<'a> {
    /// What was bought.
    pub kind: Kind,
    /// The state.
    pub state: State,
    /// The language of the answer.
    pub language: &'a Language,
    /// What is known.
    pub facts: &'a Facts,
    /// Where the case is in its playbook.
    pub position: Option<&'a Position>,
    /// What the customer's last mail says; none where something else asks for a decision.
    pub intent: Option<Intent>,
    /// Whether the provider can be asked.
    pub has_provider: bool,
    /// Whether what the case waited for is over: a pause, or the provider's time.
    pub waited: bool,
}

impl<'a> CaseView<'a> {
    /// The view of a case.
    #[must_use]
    pub fn of(case: &'a SupportCase, has_provider: bool, request: DecisionRequest) -> Self {
        Self {
            kind: case.kind,
            state: case.state,
            language: &case.language,
            facts: &case.facts,
            position: case.position.as_ref(),
            intent: request.intent,
            has_provider,
            waited: request.waited,
        }
    }
}

/// Why a decision is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecisionRequest {
    /// What the customer's last mail says, where that mail is why.
    pub intent: Option<Intent>,
    /// Whether a pause is over.
    pub waited: bool,
}

/// What can be decided. There is no way to write free text to a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Answer with an approved mail.
    Answer {
        /// Which.
        template: TemplateId,
        /// Values that the decision itself gives; all others come from the record.
        slots: Slots,
    },
    /// Ask the customer an approved question.
    Ask(Question),
    /// Ask the provider, and notify the customer where a mail is named.
    AskProvider {
        /// [`TemplateId::is_information`].
        notify: Option<TemplateId>,
    },
    /// Give the provider's side more time, and notify the customer where a mail is named.
    Wait {
        /// How long, in seconds.
        seconds: u32,
        /// [`TemplateId::is_information`].
        notify: Option<TemplateId>,
    },
    /// Hand the case to a person.
    Escalate(Reason),
    /// End the case.
    Close {
        /// For whom.
        in_favour_of: InFavourOf,
        /// Why.
        reason: Reason,
    },
}

/// Who decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// A playbook.
    Playbook {
        /// Its name.
        name: String,
        /// Its version.
        version: String,
    },
    /// A model, by the id that it was called with.
    Model(String),
    /// An agent.
    Agent(String),
    /// The customer's words, by the rules of [`crate::words`].
    Customer,
    /// The provider's answer.
    Provider,
    /// A time limit.
    TimeLimit,
    /// The platform, which reported the transaction's status or ended the dispute.
    Platform,
    /// The limits on what the automation may do.
    Limits,
}

/// A decision, who made it, and where it leaves the case in its playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// What is to happen.
    pub decision: Decision,
    /// Who decided.
    pub by: DecidedBy,
    /// The step that waits for the result; none where it is the last one, or no playbook decided.
    pub position: Option<Position>,
    /// What the decision rests on, for the history: names of facts, never texts.
    pub saw: Vec<String>,
}

/// What decides about a case without waiting for anything.
pub trait Engine {
    /// Decides. The same view gives the same ruling.
    fn decide(&self, view: &CaseView<'_>) -> Ruling;
}

/// An entry of a case's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// When.
    pub at: UnixSeconds,
    /// The state before.
    pub from: State,
    /// The state after.
    pub to: State,
    /// Why.
    pub reason: Reason,
    /// Who or what decided.
    pub decided_by: DecidedBy,
    /// What it rests on: names of facts, counts and codes, never texts.
    pub saw: Vec<String>,
}
