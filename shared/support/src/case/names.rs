//! Names of agents and languages.

use std::fmt;

use serde::{Deserialize, Serialize};

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

#[cfg(test)]
mod tests {
    use super::*;

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
