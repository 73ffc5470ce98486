//! The one reader of JSON bodies, for every API.
//!
//! The reader checks a body in this order: its size, its encoding, whether it is one JSON object,
//! how deep it is, and whether a member is there twice on any level. Only then does an API read its
//! members, one by one. What is wrong with a body is the same for all APIs; each answers a
//! [`BodyError`] in its own form.
//!
//! **Invariant:** a JSON object never becomes a string ([`recourse_dispute::json`] says how that
//! could happen).

use std::collections::BTreeMap;

use recourse_dispute::json::{self, BadJson, MAX_LEVELS};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// Why a body cannot be read; the message states the rule, without a full stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It has more bytes than this.
    #[error("must not be larger than {0} bytes")]
    TooLarge(usize),
    /// It is not UTF-8.
    #[error("must be UTF-8")]
    NotUtf8,
    /// It is not JSON, or JSON that is no object.
    #[error("must be a JSON object")]
    NotAnObject,
    /// It is not JSON, and it has a byte order mark where JSON has none.
    #[error("{}", BadJson::ByteOrderMark)]
    ByteOrderMark,
    /// Too many objects and lists lie within each other.
    #[error("must be at most {MAX_LEVELS} levels deep")]
    TooDeep,
    /// These members are there twice, each named by its path.
    #[error("must not have a member twice")]
    Duplicates(Vec<String>),
}

impl From<BadJson> for BodyError {
    fn from(bad: BadJson) -> Self {
        match bad {
            BadJson::NotAnObject | BadJson::Unreadable => Self::NotAnObject,
            BadJson::ByteOrderMark => Self::ByteOrderMark,
            BadJson::TooDeep(_) => Self::TooDeep,
            BadJson::Duplicates(names) => Self::Duplicates(names),
        }
    }
}

/// A JSON value as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct JsonValue<'a>(&'a str);

/// The members of a JSON object, each there once.
#[derive(Clone, Debug, Default)]
pub struct JsonObject<'a>(BTreeMap<String, JsonValue<'a>>);

impl<'a> JsonObject<'a> {
    /// Reads a body of at most so many bytes, all levels of it.
    ///
    /// # Errors
    /// [`BodyError`].
    pub fn read(body: &'a [u8], max_bytes: usize) -> Result<Self, BodyError> {
        let json = text(body, max_bytes)?;
        json::check(json, MAX_LEVELS)?;
        Self::of(json).ok_or(BodyError::NotAnObject)
    }

    /// As [`Self::read`], but only the outermost level is looked at: for a body of entries each of
    /// which is read, and refused, on its own.
    ///
    /// # Errors
    /// [`BodyError`].
    pub fn read_outermost(body: &'a [u8], max_bytes: usize) -> Result<Self, BodyError> {
        let json = text(body, max_bytes)?;
        json::check_outermost(json)?;
        Self::of(json).ok_or(BodyError::NotAnObject)
    }

    /// The members of a JSON text, which is not checked: of two with one name the last one.
    pub(crate) fn of(json: &'a str) -> Option<Self> {
        let members = json::members(json)?.into_iter();
        Some(Self(members.map(|(name, value)| (name, JsonValue(value.get()))).collect()))
    }

    /// The value of a member; `None` where it is not there or `null`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<JsonValue<'a>> {
        self.0.get(name).copied().filter(|value| value.0 != "null")
    }

    /// As [`Self::get`], and takes the member out.
    pub fn take(&mut self, name: &str) -> Option<JsonValue<'a>> {
        self.0.remove(name).filter(|value| value.0 != "null")
    }

    /// The members that are there, in the order of their names.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, JsonValue<'a>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// The names of the members that are there, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl<'a> JsonValue<'a> {
    /// The JSON text, byte for byte.
    #[must_use]
    pub fn json(self) -> &'a str {
        self.0
    }

    /// Whether it is the empty text, which several APIs take for a member that was not sent.
    #[must_use]
    pub fn is_empty_text(self) -> bool {
        self.0 == "\"\""
    }

    /// The text; `None` of anything else, and of a text with half of a surrogate pair.
    #[must_use]
    pub fn text(self) -> Option<String> {
        if self.0.starts_with('"') { serde_json::from_str(self.0).ok() } else { None }
    }

    /// A number's digits as they were written.
    #[must_use]
    pub fn number(self) -> Option<&'a str> {
        self.0.starts_with(|first: char| first == '-' || first.is_ascii_digit()).then_some(self.0)
    }

    /// The members of an object that lies within a body that was read.
    #[must_use]
    pub fn object(self) -> Option<JsonObject<'a>> {
        JsonObject::of(self.0)
    }

    /// The entries of a list.
    #[must_use]
    pub fn list(self) -> Option<Vec<JsonValue<'a>>> {
        let entries: Vec<&'a RawValue> = serde_json::from_str(self.0).ok()?;
        Some(entries.into_iter().map(|entry| JsonValue(entry.get())).collect())
    }

    /// A value of a plain type: `bool`, `u64`, `Vec<String>`. Never `serde_json::Value`, which
    /// would read certain objects as something else.
    #[must_use]
    pub fn plain<T: DeserializeOwned>(self) -> Option<T> {
        serde_json::from_str(self.0).ok()
    }
}

fn text(body: &[u8], max_bytes: usize) -> Result<&str, BodyError> {
    if body.len() > max_bytes {
        return Err(BodyError::TooLarge(max_bytes));
    }
    std::str::from_utf8(body).map_err(|_| BodyError::NotUtf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_found_in_one_order() {
        let read = |body: &[u8]| JsonObject::read(body, 64 * 1024).unwrap_err();
        assert_eq!(read(&[0xff; 64 * 1024 + 1]), BodyError::TooLarge(64 * 1024));
        assert_eq!(read(b"[\xff"), BodyError::NotUtf8);
        assert_eq!(read(b"[1]"), BodyError::NotAnObject);
        assert_eq!(read("\u{feff}{}".as_bytes()), BodyError::ByteOrderMark);
        assert_eq!(read(&[b'['; 64 * 1024]), BodyError::NotAnObject);
        let deep = format!(r#"{{"a": {}{}}}"#, "[".repeat(30_000), "]".repeat(30_000));
        assert_eq!(read(deep.as_bytes()), BodyError::TooDeep);
        let twice = BodyError::Duplicates(vec!["a.b".to_owned()]);
        assert_eq!(read(br#"{"a": {"b": 1, "b": {}}}"#), twice);
        assert!(JsonObject::read_outermost(br#"{"a": {"b": 1, "b": {}}}"#, 100).is_ok());
    }

    #[test]
    fn a_value_is_what_it_was_sent_as() {
        let body =
            br#"{"n": 10.10, "t": "a\u00e9", "o": {"x": 1}, "l": [1, "b"], "z": null, "e": "", "u": 7, "s": "\ud800"}"#;
        let mut object = JsonObject::read(body, 1000).unwrap();
        let get = |name| object.get(name).unwrap();
        assert_eq!((get("n").number(), get("n").text()), (Some("10.10"), None));
        assert_eq!((get("t").text().unwrap(), get("t").number()), ("a\u{e9}".to_owned(), None));
        assert_eq!((get("s").text(), get("o").text(), get("l").text()), (None, None, None));
        assert_eq!(get("o").object().unwrap().names().collect::<Vec<_>>(), ["x"]);
        assert!(get("l").object().is_none() && get("o").list().is_none());
        assert_eq!(get("l").list().unwrap().last().unwrap().text(), Some("b".to_owned()));
        assert_eq!((get("u").plain::<u64>(), get("n").plain::<u64>(), get("e").is_empty_text()), (Some(7), None, true));
        assert!(object.get("z").is_none() && object.get("not sent").is_none());
        assert!(object.take("n").is_some() && object.take("n").is_none());
    }

    /// The name is `serde_json`'s own; read as a `serde_json::Value` such an object is its text.
    #[test]
    fn an_object_is_never_read_as_a_text() {
        let body = br#"{"refid": {"$serde_json::private::RawValue": "\"123456\""}}"#;
        let object = JsonObject::read(body, 1000).unwrap();
        let refid = object.get("refid").unwrap();
        assert_eq!((refid.text(), refid.number(), refid.plain::<String>()), (None, None, None));
        assert!(refid.object().is_some());
    }
}
