//! JSON that is kept as it came.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A JSON object kept as the text it arrived in, so that it goes out byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JsonText(String);

/// Why a JSON text is not kept; the message states the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadJsonText {
    /// It is no object, or one of more members than [`JsonText::MOST_MEMBERS`].
    #[error("must be an object of at most {} members", JsonText::MOST_MEMBERS)]
    NotThatObject,
    /// It is JSON that whoever gets it could not read: some readers give up where ours does.
    #[error(
        "must be readable: at most 127 levels deep, numbers within 64-bit floating point, no half of a surrogate pair"
    )]
    Unreadable,
}

impl JsonText {
    /// The most members an `additional_info` may have (platform contract, "Limits").
    pub const MOST_MEMBERS: usize = 64;

    /// Takes a text that is a JSON object of at most [`Self::MOST_MEMBERS`] members, all of which can be read.
    ///
    /// # Errors
    /// [`BadJsonText`].
    pub fn object(text: &str) -> Result<Self, BadJsonText> {
        if !text.trim_ascii_start().starts_with('{') {
            return Err(BadJsonText::NotThatObject);
        }
        let members: Map<String, Value> = serde_json::from_str(text).map_err(|_| BadJsonText::Unreadable)?;
        if members.len() > Self::MOST_MEMBERS { Err(BadJsonText::NotThatObject) } else { Ok(Self(text.to_owned())) }
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_what_is_said() {
        let nested = |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
        for (text, expected) in [
            (r#"{"z": 1.10, "a": [1,  2]}"#.to_owned(), Ok(())),
            (nested(126), Ok(())),
            (nested(127), Err(BadJsonText::Unreadable)),
            (r#"{"a": 1e999}"#.to_owned(), Err(BadJsonText::Unreadable)),
            (r#"{"a": "\ud800"}"#.to_owned(), Err(BadJsonText::Unreadable)),
            ("[1]".to_owned(), Err(BadJsonText::NotThatObject)),
            ("\"text\"".to_owned(), Err(BadJsonText::NotThatObject)),
        ] {
            assert_eq!(JsonText::object(&text).map(|kept| assert_eq!(kept.as_str(), text)), expected, "{text}");
        }
        let members = |count: usize| {
            let members: Vec<_> = (0..count).map(|number| format!("\"m{number}\":0")).collect();
            JsonText::object(&format!("{{{}}}", members.join(","))).map(|_| ())
        };
        assert_eq!((members(64), members(65)), (Ok(()), Err(BadJsonText::NotThatObject)));
    }
}
