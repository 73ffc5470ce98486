//! Reading the fields of a JSON object one by one, so that one answer names all that is wrong, and
//! each value has the bytes that were sent.

use std::fmt;

use recourse_dispute::ids::{BadName, printable, visible};
use recourse_edge::{BodyError, JsonObject, JsonValue};
use serde::de::DeserializeOwned;

use crate::error::Errors;

/// The longest text of a field that has no limit of its own, in characters.
const MAX_CHARACTERS: usize = 1_000;

/// An object whose fields are taken out one after the other; what is left at the end is not known.
pub(crate) struct FieldReader<'a> {
    prefix: &'static str,
    left: JsonObject<'a>,
}

impl From<BodyError> for Errors {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Duplicates(names) => {
                let mut errors = Self::default();
                names.iter().for_each(|name| errors.add(name, "must stand there once."));
                errors
            }
            error => Self::one("body", &format!("{error}.")),
        }
    }
}

impl<'a> FieldReader<'a> {
    /// The fields of a body of at most so many bytes.
    ///
    /// # Errors
    /// What is wrong with the body.
    pub(crate) fn read(body: &'a [u8], max_bytes: usize) -> Result<Self, Errors> {
        Ok(Self { prefix: "", left: JsonObject::read(body, max_bytes)? })
    }

    fn name(&self, field: &str) -> String {
        format!("{}{field}", self.prefix)
    }

    /// The JSON text of a field; `null` counts as not sent.
    pub(crate) fn raw(&mut self, field: &str) -> Option<&'a str> {
        self.take(field).map(JsonValue::json)
    }

    fn take(&mut self, field: &str) -> Option<JsonValue<'a>> {
        self.left.take(field)
    }

    /// The fields of an object within this one; in errors, `prefix` comes before their names.
    pub(crate) fn object(&mut self, field: &str, prefix: &'static str, errors: &mut Errors) -> Option<FieldReader<'a>> {
        let fields = self.take(field)?.object().map(|left| FieldReader { prefix, left });
        if fields.is_none() {
            errors.add(&self.name(field), "must be an object.");
        }
        fields
    }

    /// A value of a plain type; `rule` says which.
    pub(crate) fn plain<T: DeserializeOwned>(&mut self, field: &str, rule: &str, errors: &mut Errors) -> Option<T> {
        let value = self.take(field)?.plain();
        if value.is_none() {
            errors.add(&self.name(field), rule);
        }
        value
    }

    /// A text that `parse` makes something of.
    pub(crate) fn parsed<T, E: fmt::Display>(
        &mut self,
        field: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
        errors: &mut Errors,
    ) -> Option<T> {
        let text: String = self.plain(field, "must be a string.", errors)?;
        parse(&text).map_err(|error| errors.add(&self.name(field), format!("{error}."))).ok()
    }

    /// As [`Self::parsed`], and it has to be there.
    pub(crate) fn required<T, E: fmt::Display>(
        &mut self,
        field: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
        errors: &mut Errors,
    ) -> Option<T> {
        if self.left.get(field).is_none() {
            errors.add(&self.name(field), "is required.");
        }
        self.parsed(field, parse, errors)
    }

    /// A text for people.
    pub(crate) fn text(&mut self, field: &str, errors: &mut Errors) -> Option<String> {
        self.parsed(field, text, errors)
    }

    /// Ends the object: whatever is left is not known.
    pub(crate) fn end(self, errors: &mut Errors) {
        // A name is echoed only as far as it could be a misspelt one.
        let echoed = |field: &str| {
            let field: String =
                field.chars().filter(|character| printable(character.encode_utf8(&mut [0; 4]), 1)).take(40).collect();
            self.name(&field)
        };
        for field in self.left.names() {
            errors.add(&echoed(field), "is not a field of a transaction.");
        }
    }
}

/// A reference of somebody's, of which nobody is asked for it: printable, and as it looks.
pub(crate) fn reference(text: &str) -> Result<String, BadName> {
    visible(text).and_then(|()| self::text(text))
}

/// A text for people: printable, and not endless. An empty one is fine.
pub(crate) fn text(text: &str) -> Result<String, BadName> {
    if text.is_empty() || printable(text, MAX_CHARACTERS) {
        Ok(text.to_owned())
    } else {
        Err(BadName("must be at most 1000 printable characters"))
    }
}
