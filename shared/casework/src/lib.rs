#![doc = include_str!("../README.md")]

mod inbound;
mod input;
mod playbooks;
mod settings;
mod start;
mod work;

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::notification::Notification;
use recourse_dispute::time::UnixMillis;
use recourse_store::{CaseFile, Message, StoreError, SupportCommit, SupportSnapshot, Work};
use recourse_support::Problem;
use recourse_support::guard::Violation;
use recourse_support::templates::TemplateSet;

pub use inbound::{AttachmentOutcome, InboundMail, MailAttachment, MatchedBy, SenderRole, sender_role, sender_tag};
pub use input::{AgentAction, CaseInput, ModelOutcome};
pub use playbooks::PlaybookSet;
pub use settings::{ModelSettings, PlaybookSource, Settings};
pub use start::ProcessStart;
pub use work::{ModelQuestion, ProviderOrder, customer_words};

/// What a deployment answers its cases with. Cheap enough to be made for each invocation.
#[derive(Clone, Debug)]
pub struct Casework {
    /// What the environment says.
    pub settings: Settings,
    playbooks: PlaybookSet,
    templates: TemplateSet,
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
}

impl Casework {
    /// The casework of a deployment.
    ///
    /// # Errors
    /// Every [`Problem`] of the templates that ship, which a test excludes.
    pub fn new(settings: Settings, playbooks: PlaybookSet) -> Result<Self, Vec<Problem>> {
        Ok(Self { settings, playbooks, templates: TemplateSet::shipped()? })
    }

    /// What `input` makes of the case at `now`; `None` where there is nothing to write. The parties
    /// of a `change` are the caller's to add: `store.parties_of`.
    ///
    /// # Errors
    /// [`CaseError`].
    pub fn decide(
        &self,
        _snapshot: &SupportSnapshot,
        _input: &CaseInput<'_>,
        _now: UnixMillis,
    ) -> Result<Option<SupportCommit>, CaseError> {
        Err(CaseError::Refused("not yet".to_owned()))
    }

    /// Whether an agent may send this text. Those violations that refuse it are an error; of the
    /// others the agent is warned.
    ///
    /// # Errors
    /// [`CaseError::Refused`], with the rules by their codes.
    pub fn check_reply(&self, _snapshot: &SupportSnapshot, _text: &str) -> Result<Vec<Violation>, CaseError> {
        Err(CaseError::Refused("not yet".to_owned()))
    }

    /// What the provider is to be asked by this order; `None` where the order stands no more, or
    /// nobody can be asked.
    #[must_use]
    pub fn provider_order(&self, _snapshot: &SupportSnapshot, _work: Work) -> Option<ProviderOrder> {
        None
    }

    /// What the model is to be asked by this order; `None` where the order stands no more. `wrote`
    /// is what the customer wrote last, by [`customer_words`].
    #[must_use]
    pub fn model_question(&self, _snapshot: &SupportSnapshot, _work: Work, _wrote: &str) -> Option<ModelQuestion> {
        None
    }

    /// The mail to the support address about a mail that belongs to no case; `None` where there is
    /// no support address.
    #[must_use]
    pub fn no_case(&self, _mail: &InboundMail) -> Option<Notification> {
        None
    }

    /// Whether the case has waited too long for an agent, and nobody is configured to be told. The
    /// caller raises the alarm `support_unattended` then.
    #[must_use]
    pub fn is_unattended(&self, _commit: &SupportCommit) -> bool {
        false
    }
}
