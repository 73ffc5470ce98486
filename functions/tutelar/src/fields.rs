//! Reading a body: members one by one, each as the text it was sent as.
//!
//! Clients send numbers as strings and strings as numbers (sample of the vendor's Tutelar "Update
//! Dispute"), so both are read everywhere. `null` counts as not sent.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::text::Private;
use recourse_edge::{BodyError, BodyReader, BodyRules, Member, has_control_characters};

use crate::{ApiError, texts};

const BODY: BodyRules = BodyRules { max_bytes: 64 * 1024, empty_is_absent: false, numbers_are_texts: true };
/// The longest text of a member, in characters.
const MAX_CHARACTERS: usize = 256;
/// The longest comment, in characters.
const MAX_COMMENT: usize = 2_000;

/// The rule of a member that is not what it has to be. The API's answer says no more than that.
pub(crate) const INVALID: &str = "must be valid";

/// Reads a body. One without anything in it has no members.
///
/// # Errors
/// [`ApiError::Refused`] when it is too large, too deep or no object, or has a member twice.
pub fn read_body(body: &[u8]) -> Result<BodyReader<'_>, ApiError> {
    if body.len() <= BODY.max_bytes && body.trim_ascii().is_empty() {
        return Ok(BodyReader::default());
    }
    BODY.read(body).map_err(|error| match error {
        BodyError::TooLarge(_) => ApiError::of(texts::TOO_LARGE),
        BodyError::NotUtf8 | BodyError::NotAnObject => ApiError::of(texts::NOT_JSON),
        BodyError::ByteOrderMark => ApiError::of(texts::BYTE_ORDER_MARK),
        BodyError::TooDeep => ApiError::of(texts::TOO_DEEP),
        BodyError::Duplicates(names) => ApiError::of(texts::twice(names.first().map_or("", String::as_str))),
    })
}

/// A text that is what it has to be where `fits`.
pub(crate) fn valid(text: &str, fits: bool) -> Result<String, &'static str> {
    if fits { Ok(text.to_owned()) } else { Err(INVALID) }
}

/// A text for people, on one line and not endless.
pub(crate) fn line(text: &str) -> Result<String, &'static str> {
    valid(text, text.chars().count() <= MAX_CHARACTERS && !text.chars().any(char::is_control))
}

/// The same about a person.
pub(crate) fn private(text: &str) -> Result<Private, &'static str> {
    line(text).map(Private::new)
}

/// A mail address about a person, without the white space around it and by the same rules as at
/// every other API. It is stored as it was typed, for people to read. The empty text takes one
/// back.
///
/// # Errors
/// [`ApiError::Refused`] says what is wrong with it.
pub(crate) fn address(member: &Member<'_>) -> Result<Option<Private>, ApiError> {
    let Some(text) = member.text()? else { return Ok(None) };
    if !text.is_empty()
        && let Err(rule) = MailAddress::parse_typed(&text)
    {
        let error = member.error(rule);
        return Err(ApiError::of(texts::invalid_because(&error.field, &error.message)));
    }
    Ok(Some(Private::new(text.trim())))
}

/// A text for people that may have several lines.
pub(crate) fn comment(text: &str) -> Result<Private, &'static str> {
    valid(text, text.chars().count() <= MAX_COMMENT && !has_control_characters(text)).map(Private::new)
}

/// Takes a member over, if it was sent.
pub(crate) fn set<T, E>(field: &mut Option<T>, sent: Result<Option<T>, E>) -> Result<(), E> {
    if let Some(sent) = sent? {
        *field = Some(sent);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use recourse_dispute::decimal::Decimal;

    use super::*;

    #[test]
    fn numbers_are_texts_and_texts_are_numbers() {
        let object =
            read_body(br#"{"a": 10.10, "b": "1e2", "c": null, "d": [1], "e": "x", "f": true, "g": "\ud800"}"#).unwrap();
        let (text, decimal) = (|name| object.get(name).text(), |name| object.get(name).parsed(Decimal::parse));
        assert_eq!(text("a"), Ok(Some("10.10".to_owned())));
        assert_eq!(decimal("b"), Ok(Some(Decimal::parse("100").unwrap())));
        assert_eq!((text("c"), text("z")), (Ok(None), Ok(None)));
        for name in ["d", "f", "g"] {
            assert!(text(name).is_err() && decimal(name).is_err(), "{name}");
        }
        assert!(decimal("e").is_err());
    }

    #[test]
    fn what_is_no_object() {
        let not_json = ApiError::of(texts::NOT_JSON);
        for body in ["[]", "null", "7", "{", "{}{}", "disputeType=fraud", r#"{"a": }"#] {
            assert_eq!(read_body(body.as_bytes()).unwrap_err(), not_json, "{body}");
        }
        assert_eq!(read_body(b"\xff\xfe").unwrap_err(), not_json);
        assert_eq!(read_body(b"{\"a\": \"\xff\"}").unwrap_err(), not_json);
        let mark = ApiError::of("Request body should not have a byte order mark (U+FEFF) outside of its strings");
        for body in ["\u{feff}{}", "{\u{feff}\"disputeType\": \"fraud\"}"] {
            assert_eq!(read_body(body.as_bytes()).unwrap_err(), mark, "{body:?}");
        }
        assert!(read_body(b" \n").unwrap().names().next().is_none());
        assert_eq!(read_body(&vec![b' '; BODY.max_bytes + 1]).unwrap_err(), ApiError::of(texts::TOO_LARGE));
        let deep = format!(r#"{{"a": {}{}}}"#, "[".repeat(30_000), "]".repeat(30_000));
        assert_eq!(read_body(deep.as_bytes()).unwrap_err(), ApiError::of(texts::TOO_DEEP));
    }

    #[test]
    fn a_member_twice_is_refused_by_its_name() {
        for (body, name) in [
            (r#"{"disputeAmount": "1", "disputeAmount": "9"}"#, "disputeAmount"),
            (r#"{"merchantDetails": {"id": 1, "id": 2}}"#, "merchantDetails.id"),
            (r#"{"more": [{"a": 1, "a": 1}]}"#, "more.0.a"),
        ] {
            let refused = read_body(body.as_bytes()).unwrap_err();
            assert_eq!(refused, ApiError::of(format!("{name} field is there twice")), "{body}");
        }
        let object = read_body(br#"{"a": {"$serde_json::private::RawValue": "\"text\""}}"#).unwrap();
        assert!(object.get("a").text().is_err(), "an object is never read as a text");
    }

    #[test]
    fn texts_are_not_endless_and_hold_no_controls() {
        let of = |text: &str| (line(text).is_ok(), comment(text).is_ok());
        assert_eq!(of(" Transaction issues "), (true, true));
        assert_eq!(of("two\r\nlines"), (false, true));
        assert_eq!(of("\u{7}"), (false, false));
        assert_eq!(of(&"é".repeat(256)), (true, true));
        assert_eq!(of(&"é".repeat(257)), (false, true));
        assert_eq!(of(&"é".repeat(2001)), (false, false));
    }
}
