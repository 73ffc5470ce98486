//! Reading the members of a body one by one, for every API.
//!
//! [`BodyRules`] says in what the APIs differ. A [`FieldError`] names the member that is wrong by
//! its path and states the rule that it breaks. An API that answers the first error alone turns a
//! [`FieldError`] into its own error by `?`. An API that answers all errors at once collects them
//! in [`FieldErrors`](crate::FieldErrors).

use std::fmt::Display;

use serde::de::DeserializeOwned;

use crate::{BodyError, FieldError, JsonObject, JsonValue};

/// How an API reads bodies. At each of them `null` counts as not sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct BodyRules {
    /// The largest body, in bytes.
    pub max_bytes: usize,
    /// Whether the empty text counts as not sent where a text is read.
    pub empty_is_absent: bool,
    /// Whether a number counts as the text that it was written as.
    pub numbers_are_texts: bool,
}

impl BodyRules {
    /// Reads a body.
    ///
    /// # Errors
    /// [`BodyError`].
    pub fn read(self, body: &[u8]) -> Result<BodyReader<'_>, BodyError> {
        let members = JsonObject::read(body, self.max_bytes)?;
        Ok(BodyReader { rules: self, prefix: String::new(), members })
    }
}

/// The members of a body, or of an object within it.
#[derive(Clone, Debug, Default)]
pub struct BodyReader<'a> {
    rules: BodyRules,
    /// What a path has before the member's name: nothing, or the object's path and a dot.
    prefix: String,
    members: JsonObject<'a>,
}

impl<'a> BodyReader<'a> {
    /// A member, whether it was sent or not.
    #[must_use]
    pub fn get(&self, name: &str) -> Member<'a> {
        self.member(name, self.members.get(name))
    }

    /// As [`Self::get`], and takes the member out. [`Self::names`] then has the members that were
    /// not read.
    pub fn take(&mut self, name: &str) -> Member<'a> {
        let value = self.members.take(name);
        self.member(name, value)
    }

    fn member(&self, name: &str, value: Option<JsonValue<'a>>) -> Member<'a> {
        Member { rules: self.rules, path: self.path(name), value }
    }

    /// The path of a member, such as `details.captures`.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The names of the members that are there, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.names()
    }
}

/// A member of an object, which need not have been sent.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    rules: BodyRules,
    path: String,
    value: Option<JsonValue<'a>>,
}

impl<'a> Member<'a> {
    /// The value as it was sent.
    #[must_use]
    pub fn value(&self) -> Option<JsonValue<'a>> {
        self.value
    }

    /// The error of a member that breaks `rule`, which is stated without a full stop.
    pub fn error(&self, rule: impl Display) -> FieldError {
        FieldError { field: self.path.clone(), message: rule.to_string() }
    }

    /// A text; `None` where none was sent.
    ///
    /// # Errors
    /// Where it is no text by the API's [`BodyRules`].
    pub fn text(&self) -> Result<Option<String>, FieldError> {
        let Some(value) = self.value else { return Ok(None) };
        let number = value.number().filter(|_| self.rules.numbers_are_texts);
        let text = value.text().or(number.map(str::to_owned)).ok_or_else(|| self.error("must be a string"))?;
        Ok(Some(text).filter(|text| !(self.rules.empty_is_absent && text.is_empty())))
    }

    /// What `parse` makes of a text; `None` where none was sent.
    ///
    /// # Errors
    /// As [`Self::text`], or the rule that `parse` states.
    pub fn parsed<T, E: Display>(&self, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, FieldError> {
        self.text()?.map(|text| parse(&text).map_err(|rule| self.error(rule))).transpose()
    }

    /// As [`Self::parsed`], of a text that has to be there.
    ///
    /// # Errors
    /// As [`Self::parsed`], and where no text was sent.
    pub fn required<T, E: Display>(&self, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<T, FieldError> {
        self.parsed(parse)?.ok_or_else(|| self.error("is required"))
    }

    /// The members of an object; `None` where nothing was sent.
    ///
    /// # Errors
    /// Where it is no object.
    pub fn object(&self) -> Result<Option<BodyReader<'a>>, FieldError> {
        let Some(value) = self.value else { return Ok(None) };
        let members = value.object().ok_or_else(|| self.error("must be an object"))?;
        Ok(Some(BodyReader { rules: self.rules, prefix: format!("{}.", self.path), members }))
    }

    /// A value of a plain type, as of [`JsonValue::plain`]; `None` where nothing was sent.
    ///
    /// # Errors
    /// `rule`, where it is of another type.
    pub fn plain<T: DeserializeOwned>(&self, rule: &str) -> Result<Option<T>, FieldError> {
        self.value.map(|value| value.plain().ok_or_else(|| self.error(rule))).transpose()
    }
}

/// Whether a text has a control character that is no line break and no tab.
#[must_use]
pub fn has_control_characters(text: &str) -> bool {
    text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: BodyRules = BodyRules { max_bytes: 1_000, empty_is_absent: false, numbers_are_texts: false };
    const LENIENT: BodyRules = BodyRules { max_bytes: 1_000, empty_is_absent: true, numbers_are_texts: true };

    #[test]
    fn a_text_is_read_by_the_rules_of_the_api() {
        let body = br#"{"text": "a", "empty": "", "null": null, "number": 10.10, "list": []}"#;
        let text = |rules: BodyRules, name: &str| rules.read(body).unwrap().get(name).text().map_err(|e| e.message);
        for rules in [PLAIN, LENIENT] {
            assert_eq!(text(rules, "text"), Ok(Some("a".to_owned())));
            assert_eq!((text(rules, "null"), text(rules, "absent")), (Ok(None), Ok(None)));
            assert_eq!(text(rules, "list"), Err("must be a string".to_owned()));
        }
        assert_eq!((text(PLAIN, "empty"), text(LENIENT, "empty")), (Ok(Some(String::new())), Ok(None)));
        assert_eq!(text(PLAIN, "number"), Err("must be a string".to_owned()));
        assert_eq!(text(LENIENT, "number"), Ok(Some("10.10".to_owned())));
    }

    #[test]
    fn an_error_names_the_member_by_its_path() {
        let mut body = LENIENT.read(br#"{"a": {"b": {"c": "x"}}, "d": 1, "e": ""}"#).unwrap();
        let b = body.take("a").object().unwrap().unwrap().get("b").object().unwrap().unwrap();
        let error = |path: &str, rule: &str| FieldError { field: path.to_owned(), message: rule.to_owned() };
        assert_eq!(b.get("c").required(str::parse::<u8>), Err(error("a.b.c", "invalid digit found in string")));
        assert_eq!(b.get("z").required(str::parse::<u8>), Err(error("a.b.z", "is required")));
        assert_eq!(body.get("d").object().unwrap_err(), error("d", "must be an object"));
        assert_eq!(body.take("d").plain::<bool>("must be true or false"), Err(error("d", "must be true or false")));
        assert_eq!(body.get("e").required(str::parse::<u8>), Err(error("e", "is required")));
        assert_eq!(body.names().collect::<Vec<_>>(), ["e"], "what was not taken");
    }
}
