//! What is stored of a case's support process.
//!
//! [`SupportCase`] is stored with the dispute and changed by [`crate::step`] alone. It holds no
//! address and no text of a customer.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::event::{ProviderAnswer, ProviderState, SenderTag};
use crate::limits::Setup;
use crate::reason::Reason;
use crate::templates::{Question, Slots, TemplateId};
use crate::time::UnixSeconds;

/// Where a case stands between the customer, the provider and the platform's people.
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
}

/// The name by which an agent is known: 1 to 64 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AgentName(String);

/// A text that is no agent's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an agent's name must be 1 to 64 characters on one line, without white space at its ends")]
pub struct InvalidAgentName;

impl AgentName {
    /// Takes a name.
    ///
    /// # Errors
    /// [`InvalidAgentName`] with the rule.
    pub fn parse(text: &str) -> Result<Self, InvalidAgentName> {
        let is_visible = !text.chars().any(crate::redact::is_invisible);
        let is_name = is_visible && text.trim() == text && (1..=64).contains(&text.chars().count());
        if is_name { Ok(Self(text.to_owned())) } else { Err(InvalidAgentName) }
    }

    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AgentName {
    type Error = InvalidAgentName;

    fn try_from(text: String) -> Result<Self, InvalidAgentName> {
        Self::parse(&text)
    }
}

impl From<AgentName> for String {
    fn from(name: AgentName) -> Self {
        name.0
    }
}

impl fmt::Display for AgentName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
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

/// What was bought; it picks the playbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A voucher or PIN.
    Voucher,
    /// A payment of a bill.
    Bill,
    /// A top-up of a phone or a meter.
    Topup,
    /// Anything else.
    Other,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Voucher, Self::Bill, Self::Topup, Self::Other];

    /// The name in files and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Voucher => "voucher",
            Self::Bill => "bill",
            Self::Topup => "topup",
            Self::Other => "other",
        }
    }
}

/// A language by its tag: `en`, `ms`, `zh-Hans`; 2 to 12 letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

/// A text that is no tag of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a language must be 2 to 12 letters, digits and hyphens, such as en or ms")]
pub struct InvalidLanguage;

impl Language {
    /// Takes a tag.
    ///
    /// # Errors
    /// [`InvalidLanguage`] with the rule.
    pub fn parse(text: &str) -> Result<Self, InvalidLanguage> {
        let is_tag = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_language = (2..=12).contains(&text.len()) && text.bytes().all(is_tag);
        if is_language { Ok(Self(text.to_owned())) } else { Err(InvalidLanguage) }
    }

    /// English, which every set of templates has.
    #[must_use]
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// The tag itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Language {
    type Error = InvalidLanguage;

    fn try_from(text: String) -> Result<Self, InvalidLanguage> {
        Self::parse(&text)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

/// What has been done in a case, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Automatic mails to the customer.
    pub automatic_mails: u32,
    /// When the last of them was sent.
    pub last_automatic_mail_at: Option<UnixSeconds>,
    /// Calls of a model.
    pub model_calls: u32,
    /// Questions to the provider.
    pub provider_attempts: u32,
    /// Decisions that were carried out.
    pub decisions: u32,
    /// Mails to the supervisors.
    pub supervisor_mails: u32,
}

/// Something that a playbook can need to know from the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// A photo or another accepted attachment.
    Photo,
    /// The account number at the biller.
    AccountNumber,
    /// The number that was to be topped up.
    TopupNumber,
    /// A description in the customer's own words.
    Details,
}

impl Fact {
    /// The name in records and histories.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::AccountNumber => "account_number",
            Self::TopupNumber => "topup_number",
            Self::Details => "details",
        }
    }
}

/// What is known in a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What the customer provided.
    pub provided: BTreeSet<Fact>,
    /// The provider's last answer.
    pub provider: Option<ProviderAnswer>,
    /// Whether the customer objected to an answer.
    pub objected: bool,
    /// Whether somebody wrote who is no recipient of the case.
    pub third_party_wrote: bool,
    /// The day until which the customer was told to be able to object or to reply.
    pub told_until: Option<UnixSeconds>,
}

impl Facts {
    /// Whether the provider's last answer is this one.
    #[must_use]
    pub fn provider_said(&self, state: ProviderState) -> bool {
        self.provider.as_ref().is_some_and(|answer| answer.state == state)
    }
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
    /// When the state's time is over; none in `resolved`.
    pub limit_at: Option<UnixSeconds>,
    /// When there is something to do before: a reminder, another question to provider or model.
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
        [self.limit_at, self.next_at, held].into_iter().flatten().min()
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

    #[test]
    fn a_name_and_a_language_have_their_rules() {
        for text in ["", " a", "a ", "a\nb", "a\u{202e}b", &"x".repeat(65)] {
            assert!(AgentName::parse(text).is_err(), "{text:?}");
        }
        for text in ["", "e", "en_US", "a/../b", "abcdefghijklm"] {
            assert!(Language::parse(text).is_err(), "{text:?}");
        }
        assert!(Language::parse("zh-Hans").is_ok());
        assert!(serde_json::from_str::<Language>("\"../x\"").is_err());
    }
}
