//! A customer's mail, reduced to what moves a case.

use std::fmt;

use recourse_dispute::stored_as_text;
use serde::{Deserialize, Serialize};

/// A tag by which the mails of one sender are counted, such as a digest of the address; never the
/// address itself. 1 to 64 letters and digits.
#[derive(Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
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

stored_as_text!(SenderTag, InvalidSenderTag, SenderTag::parse, |tag| tag.0.as_str());

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_senders_tag_is_no_address_and_is_not_printed() {
        assert!(SenderTag::parse("a@b.example").is_err() && SenderTag::parse("").is_err());
        assert_eq!(format!("{:?}", SenderTag::parse("abc1").unwrap()), "SenderTag([REDACTED])");
    }
}
