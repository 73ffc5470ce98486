//! Names of agents and languages.

use recourse_dispute::ids::BadName;
use recourse_dispute::name;

name! {
    /// The name by which an agent is known: 1 to 64 characters on one line.
    AgentName, agent_name
}
name! {
    /// A language by its tag: `en`, `ms`, `zh-Hans`; 2 to 12 letters, digits and hyphens.
    Language, language
}

fn agent_name(text: &str) -> Result<(), BadName> {
    let is_visible = !text.chars().any(crate::redact::is_invisible);
    let is_name = is_visible && text.trim() == text && (1..=64).contains(&text.chars().count());
    let is_taken = ["automation", "nobody"].contains(&text.to_lowercase().as_str());
    let rule = "an agent's name must be 1 to 64 characters on one line, without white space at its ends, and not automation or nobody";
    if is_name && !is_taken { Ok(()) } else { Err(BadName(rule)) }
}

fn language(text: &str) -> Result<(), BadName> {
    let is_tag = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_language = (2..=12).contains(&text.len()) && text.bytes().all(is_tag);
    let rule = "a language must be 2 to 12 letters, digits and hyphens, such as en or ms";
    if is_language { Ok(()) } else { Err(BadName(rule)) }
}

impl Language {
    /// English, which every set of templates has.
    #[must_use]
    pub fn english() -> Self {
        Self("en".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_language_have_their_rules() {
        for text in ["", " a", "a ", "Nobody", "a\nb", "a\u{202e}b", &"x".repeat(65)] {
            assert!(AgentName::parse(text).is_err(), "{text:?}");
        }
        for text in ["", "e", "en_US", "a/../b", "abcdefghijklm"] {
            assert!(Language::parse(text).is_err(), "{text:?}");
        }
        assert!(Language::parse("zh-Hans").is_ok());
        assert!(serde_json::from_str::<Language>("\"../x\"").is_err());
    }
}
