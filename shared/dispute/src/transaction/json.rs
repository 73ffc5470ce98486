//! JSON that is stored as it came.

use serde::{Deserialize, Serialize};

use crate::json::{BadJson, check_readable, members};

/// A JSON object, stored as the text it arrived in, so that it goes out byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JsonText(String);

/// Why a JSON text is refused; the message states the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadJsonText {
    /// It is no object, or one of more members than [`JsonText::MAX_MEMBERS`].
    #[error("must be an object of at most {} members", JsonText::MAX_MEMBERS)]
    NotThatObject,
    /// Some readers could not read it: it has more levels than they take.
    #[error(
        "must be readable: at most {} levels deep, numbers within 64-bit floating point, no half of a surrogate pair",
        JsonText::MAX_LEVELS
    )]
    Unreadable,
    /// A member is there twice, on some level.
    #[error("must not have a member twice")]
    Duplicate,
}

impl JsonText {
    /// The most members an `additional_info` may have (platform contract, "Limits").
    pub const MAX_MEMBERS: usize = 64;
    /// How many objects and lists may lie within each other (Recourse-specific). Answers print the
    /// object up to five levels deep in others, and the least that common readers take is 64.
    pub const MAX_LEVELS: usize = 32;

    /// Takes a text that is a JSON object of at most [`Self::MAX_MEMBERS`] members and
    /// [`Self::MAX_LEVELS`] levels, all of which can be read.
    ///
    /// # Errors
    /// [`BadJsonText`].
    pub fn object(text: &str) -> Result<Self, BadJsonText> {
        if !text.trim_ascii_start().starts_with('{') {
            return Err(BadJsonText::NotThatObject);
        }
        check_readable(text, Self::MAX_LEVELS).map_err(|error| match error {
            BadJson::Duplicates(_) => BadJsonText::Duplicate,
            BadJson::NotAnObject | BadJson::ByteOrderMark | BadJson::TooDeep(_) | BadJson::Unreadable => {
                BadJsonText::Unreadable
            }
        })?;
        let count = members(text).map_or(0, |members| members.len());
        if count > Self::MAX_MEMBERS { Err(BadJsonText::NotThatObject) } else { Ok(Self(text.to_owned())) }
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
        let nested = |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        for (text, expected) in [
            (r#"{"z": 1.10, "a": [1,  2]}"#.to_owned(), Ok(())),
            (nested(JsonText::MAX_LEVELS), Ok(())),
            (nested(JsonText::MAX_LEVELS + 1), Err(BadJsonText::Unreadable)),
            (nested(10_000), Err(BadJsonText::Unreadable)),
            (r#"{"a": 1e999}"#.to_owned(), Err(BadJsonText::Unreadable)),
            (r#"{"a": "\ud800"}"#.to_owned(), Err(BadJsonText::Unreadable)),
            (r#"{"a": [{"b": 1, "b": 2}]}"#.to_owned(), Err(BadJsonText::Duplicate)),
            (r#"{"a": {"$serde_json::private::RawValue": "not JSON"}}"#.to_owned(), Ok(())),
            ("[1]".to_owned(), Err(BadJsonText::NotThatObject)),
            ("\"text\"".to_owned(), Err(BadJsonText::NotThatObject)),
        ] {
            assert_eq!(JsonText::object(&text).map(|stored| assert_eq!(stored.as_str(), text)), expected, "{text:.60}");
        }
        let members = |count: usize| {
            let members: Vec<_> = (0..count).map(|number| format!("\"m{number}\":0")).collect();
            JsonText::object(&format!("{{{}}}", members.join(","))).map(|_| ())
        };
        assert_eq!((members(64), members(65)), (Ok(()), Err(BadJsonText::NotThatObject)));
    }
}
