//! The provider's answer.

use serde::{Deserialize, Serialize};

use crate::json::{self, Json, Problem};
use crate::redact;

/// The state of the provider's delivery.
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
    /// Its state.
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

/// A provider's answer has a few hundred bytes.
const MAX_BYTES: usize = 65_536;
/// A provider may ask for a week's patience.
const MAX_RETRY_SECONDS: i64 = 604_800;

impl ProviderAnswer {
    /// Reads the body of a provider's answer: `{"state": "delivered" | "pending" | "failed" |
    /// "unknown", "reference", "evidence", "retry_after_s"}`. Members that are not known are passed
    /// over, as providers add their own.
    ///
    /// # Errors
    /// [`Problem`] where it is too long, no JSON, or a member has the wrong type. The caller brings
    /// [`crate::Event::ProviderUnreachable`] then.
    pub fn parse(body: &str) -> Result<Self, Problem> {
        let place = "provider's answer";
        let document = json::read(place, body, MAX_BYTES)?;
        document.object(place)?;
        let state = document.need(place, "state")?.text("state")?;
        let known = "must be delivered, pending, failed or unknown";
        let state = ProviderState::parse(state).ok_or_else(|| Problem::new("state", known))?;
        let text = |name: &str| match document.get(name) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(Problem::new(name, "must be a text")),
        };
        let retry_after = match document.get("retry_after_s") {
            None | Some(Json::Null) => None,
            Some(seconds) => u32::try_from(seconds.whole("retry_after_s", 0..=MAX_RETRY_SECONDS)?).ok(),
        };
        Ok(Self::new(state, text("reference")?, text("evidence")?, retry_after))
    }

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
    fn an_answers_body_is_read_or_refused() {
        let body = r#"{"state":"pending","reference":"R1","evidence":null,"retry_after_s":60,"more":[1.5]}"#;
        assert_eq!(
            ProviderAnswer::parse(body).unwrap(),
            ProviderAnswer::new(ProviderState::Pending, Some("R1"), None, Some(60))
        );
        for (body, named) in [
            ("", "JSON"),
            ("[]", "an object"),
            ("{}", "state is missing"),
            (r#"{"state":"done"}"#, "must be delivered"),
            (r#"{"state":"failed","state":"delivered"}"#, "state is there twice"),
            (r#"{"state":"failed","reference":1}"#, "reference: must be a text"),
            (r#"{"state":"failed","retry_after_s":-1}"#, "retry_after_s: must be a whole number"),
        ] {
            let problem = ProviderAnswer::parse(body).unwrap_err().to_string();
            assert!(problem.contains(named), "{body}: {problem}");
        }
        assert!(ProviderAnswer::parse(&" ".repeat(70_000)).is_err());
    }

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
