#![doc = include_str!("../README.md")]

mod agent;
mod inbound;
mod input;
mod mails;
mod playbooks;
mod received;
mod rehearsal;
mod samples;
mod settings;
mod start;
mod step;
mod work;

use recourse_dispute::time::UnixMillis;
use recourse_store::{StoreError, SupportCommit, SupportSnapshot, Work};
use recourse_support::Problem;
use recourse_support::case::AgentName;
use recourse_support::guard::Violation;
use recourse_support::reason::Reason;
use recourse_support::templates::{TemplateId, TemplateSet};

pub use inbound::{
    AttachmentOutcome, InboundMail, MailAttachment, MatchedBy, SenderRole, class_name, is_for_a_person, is_verified,
    sender_role, sender_tag, verdict_text,
};
pub use input::{AgentAction, CaseInput, ModelOutcome};
pub use playbooks::PlaybookSet;
pub use rehearsal::{PlaybookMove, Rehearsed};
pub use settings::{ModelSettings, PlaybookSource, Settings};
pub use start::ProcessStart;
pub use work::{ModelQuestion, ProviderOrder, customer_words};

use step::CommitBuilder;

/// What a deployment answers its cases with. Templates are read when it is made, so it is made
/// once.
#[derive(Clone, Debug)]
pub struct Casework {
    /// What the environment says.
    pub settings: Settings,
    pub(crate) playbooks: PlaybookSet,
    pub(crate) templates: TemplateSet,
}

/// Why an input makes no commit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// The store failed, or what it has breaks an invariant.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An agent's action is not allowed; a sentence for the agent.
    #[error("{0}")]
    Refused(String),
    /// Another agent has the case, and was not to lose it.
    #[error("{0} has the case.")]
    HeldBy(AgentName),
}

impl Casework {
    /// The casework of a deployment.
    ///
    /// # Errors
    /// Every [`Problem`] of the templates that ship, which a test excludes.
    pub fn new(settings: Settings, playbooks: PlaybookSet) -> Result<Self, Vec<Problem>> {
        Ok(Self { settings, playbooks, templates: TemplateSet::shipped()? })
    }

    /// The playbooks.
    #[must_use]
    pub fn playbooks(&self) -> &PlaybookSet {
        &self.playbooks
    }

    /// What `input` makes of the case at `now`; `None` where there is nothing to write. The parties
    /// of a `change` are the caller's to add: `store.parties_of`.
    ///
    /// # Errors
    /// [`CaseError`].
    pub fn decide(
        &self,
        snapshot: &SupportSnapshot,
        input: &CaseInput<'_>,
        now: UnixMillis,
    ) -> Result<Option<SupportCommit>, CaseError> {
        let mut step = CommitBuilder::new(self, snapshot, input, now);
        step.catch_up();
        match *input {
            CaseInput::Opened => step.opened(),
            CaseInput::Mail(mail) => step.mail(mail),
            CaseInput::Due => step.due(),
            CaseInput::DisputeClosed => {}
            CaseInput::Unreachable => step.unreachable(),
            CaseInput::Provider { work, result } => step.provider(work, result),
            CaseInput::Model { work, tokens, outcome } => step.model(work, tokens, outcome),
            CaseInput::Agent { name, action } => step.agent(name, action)?,
        }
        step.finish()
    }

    /// Whether an agent may send this text. Those violations that refuse it are an error; of the
    /// others the agent is warned.
    ///
    /// # Errors
    /// [`CaseError::Refused`], with the rules and their codes.
    pub fn check_reply(&self, snapshot: &SupportSnapshot, text: &str) -> Result<Vec<Violation>, CaseError> {
        agent::check(self, snapshot, text)
    }

    /// The mails of the process that an agent may send about a case now, each with its text as a
    /// draft. Those that claim what is not on record are left out.
    #[must_use]
    pub fn drafts(&self, snapshot: &SupportSnapshot) -> Vec<(TemplateId, String)> {
        agent::drafts(self, snapshot)
    }

    /// What the provider is to be asked by this order; `None` where the order stands no more, or
    /// nobody can be asked.
    #[must_use]
    pub fn provider_order(&self, snapshot: &SupportSnapshot, work: Work) -> Option<ProviderOrder> {
        work::provider_order(snapshot, work)
    }

    /// What the model is to be asked by this order; `None` where the order stands no more. `wrote`
    /// is what the customer wrote last, by [`customer_words`].
    #[must_use]
    pub fn model_question(&self, snapshot: &SupportSnapshot, work: Work, wrote: &str) -> Option<ModelQuestion> {
        work::model_question(self, snapshot, work, wrote)
    }

    /// Whether the case has waited too long for an agent, and nobody is configured to be told. The
    /// caller raises the alarm `support_unattended` then.
    #[must_use]
    pub fn is_unattended(&self, commit: &SupportCommit) -> bool {
        let entries = commit.event.iter().flat_map(|event| &event.entries);
        self.settings.supervisors.is_none() && entries.into_iter().any(|entry| entry.reason == Reason::AgentLate)
    }
}

#[cfg(test)]
mod tests;
