//! Reading a body: members one by one, each as the text it was sent as.
//!
//! Clients send numbers as strings and strings as numbers (sample of the vendor's Tutelar "Update
//! Dispute"), so both are read everywhere. `null` counts as not sent.

use recourse_dispute::decimal::Decimal;
use recourse_dispute::text::Private;
use recourse_edge::{BodyError, JsonObject, JsonValue};

use crate::{ApiError, texts};

/// The largest body, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// The longest text of a member, in characters.
const MAX_CHARACTERS: usize = 256;
/// The longest comment, in characters.
const MAX_COMMENT: usize = 2_000;

/// The members of a JSON object, each there once.
#[derive(Debug, Default)]
pub struct Object<'a>(JsonObject<'a>);

impl<'a> Object<'a> {
    /// Reads a body. One without anything in it has no members.
    ///
    /// # Errors
    /// [`ApiError::Refused`] when it is too large, too deep or no object, or has a member twice.
    pub fn read(body: &'a [u8]) -> Result<Self, ApiError> {
        if body.len() <= MAX_BYTES && body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        JsonObject::read(body, MAX_BYTES).map(Self).map_err(|error| match error {
            BodyError::TooLarge(_) => ApiError::of(texts::TOO_LARGE),
            BodyError::NotUtf8 | BodyError::NotAnObject => ApiError::of(texts::NOT_JSON),
            BodyError::TooDeep => ApiError::of(texts::TOO_DEEP),
            BodyError::Duplicates(names) => ApiError::of(texts::twice(names.first().map_or("", String::as_str))),
        })
    }

    /// A member that is there and not `null`.
    pub(crate) fn get(&self, name: &str) -> Option<JsonValue<'a>> {
        self.0.get(name)
    }

    /// The members of a member; `Err` when it is no object.
    pub(crate) fn object(&self, name: &str) -> Option<Result<Object<'a>, InvalidValue>> {
        self.get(name).map(|value| value.object().map(Object).ok_or(InvalidValue))
    }

    /// A text, a number's as it was written; `Err` for anything else.
    pub(crate) fn text(&self, name: &str) -> Option<Result<String, InvalidValue>> {
        self.get(name).map(|value| value.text().or(value.number().map(str::to_owned)).ok_or(InvalidValue))
    }

    /// A text for people, on one line and not endless.
    pub(crate) fn line(&self, name: &str) -> Option<Result<String, InvalidValue>> {
        let fits = |text: &String| text.chars().count() <= MAX_CHARACTERS && !text.chars().any(char::is_control);
        self.text(name).map(|text| text.ok().filter(fits).ok_or(InvalidValue))
    }

    /// The same about a person.
    pub(crate) fn private(&self, name: &str) -> Option<Result<Private, InvalidValue>> {
        self.line(name).map(|line| line.map(Private::new))
    }

    /// A mail address about a person, without the white space around it, as at every other API. It
    /// is stored for people to read and never mailed, so it need not be a valid address.
    pub(crate) fn address(&self, name: &str) -> Option<Result<Private, InvalidValue>> {
        self.line(name).map(|line| line.map(|address| Private::new(address.trim().to_owned())))
    }

    /// A text for people that may have several lines.
    pub(crate) fn comment(&self, name: &str) -> Option<Result<Private, InvalidValue>> {
        let steers = |character: char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
        let fits = |text: &String| text.chars().count() <= MAX_COMMENT && !text.chars().any(steers);
        self.text(name).map(|text| text.ok().filter(fits).map(Private::new).ok_or(InvalidValue))
    }

    /// A number or a numeric text.
    pub(crate) fn decimal(&self, name: &str) -> Option<Result<Decimal, InvalidValue>> {
        self.text(name).map(|text| text.and_then(|text| Decimal::parse(&text).map_err(|_| InvalidValue)))
    }
}

/// A member that is there and is not what it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidValue;

/// Takes a member over, if it was sent; `name` is what the refusal calls it.
pub(crate) fn set<T>(field: &mut Option<T>, sent: Option<Result<T, InvalidValue>>, name: &str) -> Result<(), ApiError> {
    if let Some(sent) = sent {
        *field = Some(sent.map_err(|InvalidValue| ApiError::of(texts::invalid(name)))?);
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
        assert_eq!(object.decimal("b"), Some(Decimal::parse("100").map_err(|_| InvalidValue)));
        assert_eq!((object.text("c"), object.text("z")), (None, None));
        for name in ["d", "f", "g"] {
            assert_eq!(
                (object.text(name), object.decimal(name)),
                (Some(Err(InvalidValue)), Some(Err(InvalidValue))),
                "{name}"
            );
        }
        assert_eq!(object.decimal("e"), Some(Err(InvalidValue)));
    }

    #[test]
    fn what_is_no_object() {
        let not_json = ApiError::of(texts::NOT_JSON);
        for body in ["[]", "null", "7", "{", "{}{}", "\u{feff}{}", "disputeType=fraud", r#"{"a": }"#] {
            assert_eq!(Object::read(body.as_bytes()).unwrap_err(), not_json, "{body}");
        }
        assert_eq!(Object::read(b"\xff\xfe").unwrap_err(), not_json);
        assert_eq!(Object::read(b"{\"a\": \"\xff\"}").unwrap_err(), not_json);
        assert!(Object::read(b" \n").unwrap().0.names().next().is_none());
        assert_eq!(Object::read(&vec![b' '; MAX_BYTES + 1]).unwrap_err(), ApiError::of(texts::TOO_LARGE));
        let deep = format!(r#"{{"a": {}{}}}"#, "[".repeat(30_000), "]".repeat(30_000));
        assert_eq!(Object::read(deep.as_bytes()).unwrap_err(), ApiError::of(texts::TOO_DEEP));
    }

    #[test]
    fn a_member_twice_is_refused_by_its_name() {
        for (body, name) in [
            (r#"{"disputeAmount": "1", "disputeAmount": "9"}"#, "disputeAmount"),
            (r#"{"merchantDetails": {"id": 1, "id": 2}}"#, "merchantDetails.id"),
            (r#"{"more": [{"a": 1, "a": 1}]}"#, "more.0.a"),
        ] {
            let refused = Object::read(body.as_bytes()).unwrap_err();
            assert_eq!(refused, ApiError::of(format!("{name} field is there twice")), "{body}");
        }
        let object = Object::read(br#"{"a": {"$serde_json::private::RawValue": "\"text\""}}"#).unwrap();
        assert_eq!(object.text("a"), Some(Err(InvalidValue)), "an object is never read as a text");
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
