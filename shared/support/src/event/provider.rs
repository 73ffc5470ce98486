//! The provider's answer.

use serde::{Deserialize, Serialize};

use crate::redact;

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
    pub fn new(
        state: ProviderState,
        reference: Option<&str>,
        evidence: Option<&str>,
        retry_after: Option<u32>,
    ) -> Self {
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
}
