//! What is stored of a case's support process.
//!
//! [`SupportCase`] is stored with the dispute and changed by [`crate::step`] alone. It holds no
//! address and no text of a customer.

mod facts;
mod names;

pub use facts::{Counters, Fact, Facts};
pub use names::{AgentName, Language};
/// What was bought; it picks the playbook.
pub use recourse_dispute::transaction::Kind;

use serde::{Deserialize, Serialize};

use crate::event::SenderTag;
use crate::limits::Setup;
use crate::reason::Reason;
use crate::templates::{Question, Slots, TemplateId};
use crate::time::UnixSeconds;

/// Where a case is between the customer, the provider and the platform's people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The automation has to decide: a playbook at once, a model when it answers.
    New,
    /// The provider was asked, or its side is given time.
    WaitingForProvider,
    /// The customer was asked something, or was written to by an agent.
    WaitingForCustomer,
    /// A person has to act: the owner, or whoever takes the case from the queue.
    WaitingForAgent,
    /// The customer has the answer and may still object.
    Answered,
    /// Over.
    Resolved,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::New,
        Self::WaitingForProvider,
        Self::WaitingForCustomer,
        Self::WaitingForAgent,
        Self::Answered,
        Self::Resolved,
    ];

    /// The name in records, views and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::WaitingForProvider => "waiting_for_provider",
            Self::WaitingForCustomer => "waiting_for_customer",
            Self::WaitingForAgent => "waiting_for_agent",
            Self::Answered => "answered",
            Self::Resolved => "resolved",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether the case waits for what the customer writes, or does not write.
    #[must_use]
    pub fn waits_for_customer(self) -> bool {
        matches!(self, Self::WaitingForCustomer | Self::Answered)
    }
}

/// Who moves a case next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Nobody yet: the case is in the agents' queue, or it is over.
    Nobody,
    /// The playbook, the model or a time limit.
    Automation,
    /// This agent.
    Agent(AgentName),
}

/// Where a case is in a playbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The playbook's name.
    pub playbook: String,
    /// Its version when the step was decided.
    pub version: String,
    /// The step whose result the case waits for.
    pub step: String,
}

/// A mail that waits until the last one is an hour old.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldMail {
    /// Which mail.
    pub template: TemplateId,
    /// What it says.
    pub slots: Slots,
    /// When it may be sent.
    pub not_before: UnixSeconds,
}

/// What a case goes back to when the model is done with a customer's message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The state before.
    pub state: State,
    /// Its time limit.
    pub limit_at: UnixSeconds,
}

/// The mails of one sender that moved the case lately.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundWindow {
    /// Who.
    pub sender: SenderTag,
    /// When, oldest first; at most [`crate::limits::MAX_INBOUND_PER_WINDOW`].
    pub at: Vec<UnixSeconds>,
}

/// The support process of one reported case.
///
/// **Invariant:** in every state but `resolved`, [`Self::due_at`] is after the time of the last
/// step. In `resolved` it is there only while a last mail waits for its hour.
///
/// **Invariant:** while it waits for an agent, it keeps the limit that it came with, whoever takes
/// it and however often the supervisors are mailed. So a case that is over its time shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportCase {
    /// The state.
    pub state: State,
    /// Who moves it next.
    pub owner: Owner,
    /// Why it is in this state.
    pub reason: Reason,
    /// What was bought.
    pub kind: Kind,
    /// The language in which the customer is answered.
    pub language: Language,
    /// When the state's time is over; none in `resolved`. Only in `waiting_for_agent` can it be
    /// past.
    pub limit_at: Option<UnixSeconds>,
    /// When there is something to do before: a reminder, another question to provider or model. In
    /// `waiting_for_agent`: when the supervisors are mailed, first at the limit and then again.
    pub next_at: Option<UnixSeconds>,
    /// A mail that waits for its hour.
    pub held: Option<HeldMail>,
    /// What has been done.
    pub counters: Counters,
    /// What is known.
    pub facts: Facts,
    /// Where it is in its playbook.
    pub position: Option<Position>,
    /// Whether a model is being asked.
    pub model_pending: bool,
    /// Where it goes back to after the model.
    pub resume: Option<Resume>,
    /// What the automation asked the customer last.
    pub asked: Option<Question>,
    /// Whether the customer was reminded since the last question.
    pub reminded: bool,
    /// Whether the dispute was still open at the last step.
    pub dispute_open: bool,
    /// Mails that moved the case lately.
    pub inbound: Vec<InboundWindow>,
}

impl SupportCase {
    /// A case that was just reported. [`crate::Event::Opened`] begins its process.
    #[must_use]
    pub fn new(kind: Kind, language: Language, now: UnixSeconds, setup: &Setup) -> Self {
        Self {
            state: State::New,
            owner: Owner::Automation,
            reason: Reason::Reported,
            kind,
            language,
            limit_at: Some(now.plus(setup.limits.first_answer)),
            next_at: Some(now.plus(setup.limits.decision_retry)),
            held: None,
            counters: Counters::default(),
            facts: Facts::default(),
            position: None,
            model_pending: false,
            resume: None,
            asked: None,
            reminded: false,
            dispute_open: true,
            inbound: Vec::new(),
        }
    }

    /// When something happens by itself next: the earliest of the time limit, what comes before it,
    /// and a mail that waits. This is what the deadline index has.
    #[must_use]
    pub fn due_at(&self) -> Option<UnixSeconds> {
        let held = self.held.as_ref().map(|held| held.not_before);
        [self.moving_limit(), self.next_at, held].into_iter().flatten().min()
    }

    /// The limit, where the case moves by itself when it is reached. One that waits for an agent
    /// goes on waiting.
    pub(crate) fn moving_limit(&self) -> Option<UnixSeconds> {
        self.limit_at.filter(|_| self.state != State::WaitingForAgent)
    }

    /// Whether the case waits longer for an agent than it may.
    #[must_use]
    pub fn is_overdue(&self, now: UnixSeconds) -> bool {
        self.state == State::WaitingForAgent && self.limit_at.is_some_and(|at| at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stable() {
        for state in State::ALL {
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{}\"", state.name()));
            assert_eq!(State::parse(state.name()), Some(state));
        }
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.name()));
        }
        let owner = Owner::Agent(AgentName::parse("Aisyah R.").unwrap());
        assert_eq!(serde_json::to_string(&owner).unwrap(), r#"{"agent":"Aisyah R."}"#);
        assert_eq!(serde_json::to_string(&Owner::Nobody).unwrap(), r#""nobody""#);
    }
}
