//! Reading a body: members one by one, each as the text it was sent as.
//!
//! Clients send numbers as strings and strings as numbers (seed 003's sample), so both are taken everywhere. `null` counts as not sent.

use std::collections::BTreeMap;

use recourse_dispute::decimal::Decimal;
use recourse_dispute::details::Private;
use serde_json::value::RawValue;

use crate::{Refusal, texts};

/// Far more than any honest request, in bytes.
pub const MOST_BYTES: usize = 64 * 1024;
/// The longest text of a member, in characters.
const MOST_CHARACTERS: usize = 256;
/// The longest comment, in characters.
const MOST_COMMENT: usize = 2_000;

/// The members of a JSON object; of two with the same name the later one.
#[derive(Debug, Default)]
pub struct Object<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Object<'a> {
    /// Reads a body. One without anything in it has no members.
    ///
    /// # Errors
    /// [`Refusal::Refused`] when it is too large or no object.
    pub fn read(body: &'a [u8]) -> Result<Self, Refusal> {
        if body.len() > MOST_BYTES {
            return Err(Refusal::of(texts::TOO_LARGE));
        }
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_slice(body).map(Self).map_err(|_| Refusal::of(texts::NOT_JSON))
    }

    /// The JSON text of a member.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(|json| json.get()).filter(|json| *json != "null")
    }

    /// The members of a member; `Err` when it is no object.
    pub(crate) fn object(&self, name: &str) -> Option<Result<Object<'a>, NotThat>> {
        self.raw(name).map(|json| serde_json::from_str(json).map(Object).map_err(|_| NotThat))
    }

    /// A text, a number's as it was written; `Err` for anything else.
    pub(crate) fn text(&self, name: &str) -> Option<Result<String, NotThat>> {
        self.raw(name).map(|json| match json.as_bytes().first() {
            Some(b'"') => serde_json::from_str(json).map_err(|_| NotThat),
            Some(b'-' | b'0'..=b'9') => Ok(json.to_owned()),
            _ => Err(NotThat),
        })
    }

    /// A text for people, on one line and not endless.
    pub(crate) fn line(&self, name: &str) -> Option<Result<String, NotThat>> {
        let fits = |text: &String| text.chars().count() <= MOST_CHARACTERS && !text.chars().any(char::is_control);
        self.text(name).map(|text| text.ok().filter(fits).ok_or(NotThat))
    }

    /// The same about a person.
    pub(crate) fn private(&self, name: &str) -> Option<Result<Private, NotThat>> {
        self.line(name).map(|line| line.map(Private::new))
    }

    /// A text for people that may have several lines.
    pub(crate) fn comment(&self, name: &str) -> Option<Result<Private, NotThat>> {
        let steers = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
        let fits = |text: &String| text.chars().count() <= MOST_COMMENT && !text.chars().any(steers);
        self.text(name).map(|text| text.ok().filter(fits).map(Private::new).ok_or(NotThat))
    }

    /// A number or a numeric text.
    pub(crate) fn decimal(&self, name: &str) -> Option<Result<Decimal, NotThat>> {
        self.text(name).map(|text| text.and_then(|text| Decimal::parse(&text).map_err(|_| NotThat)))
    }
}

/// A member that is there and is not what it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotThat;

/// Takes a member over, if it was sent; `name` is what the refusal calls it.
pub(crate) fn set<T>(field: &mut Option<T>, sent: Option<Result<T, NotThat>>, name: &str) -> Result<(), Refusal> {
    if let Some(sent) = sent {
        *field = Some(sent.map_err(|NotThat| Refusal::of(texts::invalid(name)))?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_texts_and_texts_are_numbers() {
        let object =
            Object::read(br#"{"a": 10.10, "b": "1e2", "c": null, "d": [1], "e": "x", "f": true, "g": "\ud800"}"#)
                .unwrap();
        assert_eq!(object.text("a"), Some(Ok("10.10".to_owned())));
        assert_eq!(object.decimal("b"), Some(Decimal::parse("100").map_err(|_| NotThat)));
        assert_eq!((object.text("c"), object.text("z")), (None, None));
        for name in ["d", "f", "g"] {
            assert_eq!((object.text(name), object.decimal(name)), (Some(Err(NotThat)), Some(Err(NotThat))), "{name}");
        }
        assert_eq!(object.decimal("e"), Some(Err(NotThat)));
    }

    #[test]
    fn what_is_no_object() {
        let not_json = Refusal::of(texts::NOT_JSON);
        for body in ["[]", "null", "7", "{", "{}{}", "\u{feff}{}", "disputeType=fraud", r#"{"a": }"#] {
            assert_eq!(Object::read(body.as_bytes()).unwrap_err(), not_json, "{body}");
        }
        assert_eq!(Object::read(b"\xff\xfe").unwrap_err(), not_json);
        assert_eq!(Object::read(b"{\"a\": \"\xff\"}").unwrap_err(), not_json);
        assert!(Object::read(b" \n").unwrap().0.is_empty());
        assert_eq!(Object::read(&vec![b' '; MOST_BYTES + 1]).unwrap_err(), Refusal::of(texts::TOO_LARGE));
        let deep = format!(r#"{{"a": {}{}}}"#, "[".repeat(30_000), "]".repeat(30_000));
        assert_eq!(Object::read(deep.as_bytes()).unwrap().text("a"), Some(Err(NotThat)));
    }

    #[test]
    fn texts_are_not_endless_and_hold_no_controls() {
        let of = |text: &str| {
            let body = serde_json::json!({ "a": text }).to_string();
            let object = Object::read(body.as_bytes()).unwrap();
            (object.line("a").unwrap().is_ok(), object.comment("a").unwrap().is_ok())
        };
        assert_eq!(of(" Transaction issues "), (true, true));
        assert_eq!(of("two\r\nlines"), (false, true));
        assert_eq!(of("\u{7}"), (false, false));
        assert_eq!(of(&"é".repeat(256)), (true, true));
        assert_eq!(of(&"é".repeat(257)), (false, true));
        assert_eq!(of(&"é".repeat(2001)), (false, false));
    }
}
