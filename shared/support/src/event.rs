//! What can happen to a case.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::case::AgentName;
use crate::decision::Ruling;
use crate::redact;

/// A tag by which the mails of one sender are counted, such as a digest of the address; never the
/// address itself. 1 to 64 letters and digits.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SenderTag(String);

/// A text that is no sender's tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sender's tag must be 1 to 64 letters and digits")]
pub struct InvalidSenderTag;

impl SenderTag {
    /// Takes a tag.
    ///
    /// # Errors
    /// [`InvalidSenderTag`] with the rule.
    pub fn parse(text: &str) -> Result<Self, InvalidSenderTag> {
        let is_tag = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_tag { Ok(Self(text.to_owned())) } else { Err(InvalidSenderTag) }
    }
}

impl TryFrom<String> for SenderTag {
    type Error = InvalidSenderTag;

    fn try_from(text: String) -> Result<Self, InvalidSenderTag> {
        Self::parse(&text)
    }
}

impl From<SenderTag> for String {
    fn from(tag: SenderTag) -> Self {
        tag.0
    }
}

impl fmt::Debug for SenderTag {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SenderTag([REDACTED])")
    }
}

/// What a customer's new text says, as far as rules can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// It works now; nothing else is said.
    WorksNow,
    /// It still does not work, or has still not come.
    Objection,
    /// Thanks, and nothing else.
    Thanks,
    /// No text, as in a mail that only has an attachment.
    Nothing,
    /// Anything else.
    Unclear,
}

impl Intent {
    /// The name in histories.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WorksNow => "works_now",
            Self::Objection => "objection",
            Self::Thanks => "thanks",
            Self::Nothing => "nothing",
            Self::Unclear => "unclear",
        }
    }
}

/// A mail of a recipient of the case, reduced to what moves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerMessage {
    /// Who sent it.
    pub sender: SenderTag,
    /// Whether the mail service's checks (SPF, DKIM or DMARC, spam, virus) let the mail pass.
    pub is_verified: bool,
    /// How many attachments became evidence.
    pub accepted_attachments: u32,
    /// How many were refused.
    pub refused_attachments: u32,
    /// What the text says; [`crate::words::read`] tells.
    pub intent: Intent,
    /// Whether the text has a number that can be an account number.
    pub has_account_number: bool,
    /// Whether the text has a number that can be a phone's or a meter's.
    pub has_topup_number: bool,
}

/// How the provider's delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderState {
    /// The provider delivered.
    Delivered,
    /// The provider is still working on it.
    Pending,
    /// It did not go through.
    Failed,
    /// The provider does not know the payment.
    Unknown,
}

impl ProviderState {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Delivered, Self::Pending, Self::Failed, Self::Unknown].into_iter().find(|state| state.name() == name)
    }
}

/// The provider's answer. Its texts are cleaned when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderAnswer {
    /// How it stands.
    pub state: ProviderState,
    /// The provider's own reference.
    pub reference: Option<String>,
    /// What proves the delivery, in the provider's words.
    pub evidence: Option<String>,
    /// In how many seconds it may be asked again.
    pub retry_after: Option<u32>,
}

/// The longest reference of a provider, in characters.
pub const MAX_REFERENCE: usize = 64;
/// The longest evidence of a provider, in characters.
pub const MAX_EVIDENCE: usize = 500;

impl ProviderAnswer {
    /// An answer whose texts are on one line and within their limits. A reference that looks like a
    /// card number or a key is left out. In evidence, such parts are replaced by marks.
    #[must_use]
    pub fn new(state: ProviderState, reference: Option<&str>, evidence: Option<&str>, retry_after: Option<u32>) -> Self {
        let is_reference = |text: &String| {
            let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-_./ #".contains(letter);
            let is_secret = |found: &redact::Secret| *found != redact::Secret::Pin;
            !text.is_empty() && text.chars().all(allowed) && !redact::secrets(text).iter().any(is_secret)
        };
        let reference = reference.map(|text| redact::one_line(text, MAX_REFERENCE + 1));
        let reference = reference.filter(|text| text.chars().count() <= MAX_REFERENCE).filter(is_reference);
        let evidence = evidence.map(|text| redact::redacted(text, &[], MAX_EVIDENCE));
        Self { state, reference, evidence: evidence.filter(|text| !text.is_empty()), retry_after }
    }
}

/// For whom a dispute is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InFavourOf {
    /// The customer: the claim is right.
    Customer,
    /// The merchant: the payment was in order.
    Merchant,
}

/// What can happen to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The report was stored.
    Opened,
    /// A recipient of the case wrote.
    CustomerWrote(CustomerMessage),
    /// An automatic reply or a delivery report came in. It is noted and moves nothing.
    AutoReplyNoted,
    /// Somebody wrote who is no recipient of the case. It is noted and moves nothing.
    ThirdPartyWrote,
    /// The provider answered.
    ProviderAnswered(ProviderAnswer),
    /// The provider did not answer: no connection, an error, no answer in time, or not its format.
    ProviderUnreachable,
    /// A playbook decided.
    Decided(Ruling),
    /// A model chose an approved answer, a question or a person.
    ModelAnswered {
        /// The number of the call, from [`crate::Effect::AskModel`].
        call: u32,
        /// What it chose.
        ruling: Ruling,
    },
    /// A model answered against the rules, or below the threshold.
    ModelRefused {
        /// The number of the call.
        call: u32,
        /// Which rule, as [`crate::model::ModelRefusal::code`] has it.
        code: &'static str,
        /// Whether only the confidence was too low.
        is_unsure: bool,
    },
    /// A model could not be asked: throttled, unreachable, too late, blocked by its guardrail.
    ModelFailed {
        /// The number of the call.
        call: u32,
    },
    /// The rules of [`crate::guard`] refused a mail that this process ordered.
    MailRefused,
    /// The deadline worker found the case due.
    TimeReached,
    /// An agent took the case.
    AgentTook(AgentName),
    /// The case was given to an agent, or back to the queue.
    AgentAssigned {
        /// Who did that.
        by: AgentName,
        /// Whose it is now; nobody's in the queue.
        to: Option<AgentName>,
    },
    /// An agent replied to the customer.
    AgentReplied(AgentName),
    /// An agent ended the case.
    AgentResolved {
        /// Who.
        by: AgentName,
        /// For whom.
        in_favour_of: InFavourOf,
    },
    /// The platform reports the transaction as refunded, and the dispute closed with that.
    TransactionRefunded,
    /// The platform reports the transaction as failed, and the dispute closed with that.
    TransactionFailed,
    /// The dispute was closed in another way, such as by an operator.
    DisputeEnded,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_providers_texts_are_cleaned() {
        let answer = ProviderAnswer::new(
            ProviderState::Delivered,
            Some("REF-2026/1"),
            Some("Sent to\nhttps://evil.example card 4111 1111 1111 1111"),
            None,
        );
        assert_eq!(answer.reference.as_deref(), Some("REF-2026/1"));
        assert_eq!(answer.evidence.as_deref(), Some("Sent to [link] card [card number]"));
        for reference in ["4111111111111111", "<b>x</b>", "", " ", &"x".repeat(65)] {
            let answer = ProviderAnswer::new(ProviderState::Failed, Some(reference), Some(" \n"), None);
            assert_eq!((answer.reference, answer.evidence), (None, None), "{reference}");
        }
    }

    #[test]
    fn a_senders_tag_is_no_address_and_is_not_printed() {
        assert!(SenderTag::parse("a@b.example").is_err() && SenderTag::parse("").is_err());
        assert_eq!(format!("{:?}", SenderTag::parse("abc1").unwrap()), "SenderTag([REDACTED])");
    }
}
