//! What is wrong with the members of a body.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::BodyError;

/// What is wrong with one member of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The member's path; `body` for the body itself.
    pub field: String,
    /// The rule that is broken. A reader states it without a full stop.
    pub message: String,
}

/// All that is wrong with a request, in the order in which it was found. It serializes as an object
/// of the fields, in the order of the alphabet, each with its messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// One thing wrong with one field.
    #[must_use]
    pub fn one(field: &str, message: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, message);
        errors
    }

    /// What is wrong with a body as a whole, with a full stop. A member that is there twice gets
    /// the message `twice` under its own path.
    #[must_use]
    pub fn unreadable(error: &BodyError, twice: &str) -> Self {
        let BodyError::Duplicates(names) = error else { return Self::one("body", format!("{error}.")) };
        let twice = |name: &String| FieldError { field: name.clone(), message: twice.to_owned() };
        Self(names.iter().map(twice).collect())
    }

    /// Adds an error.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), message: message.into() });
    }

    /// The value that was read. Where there is an error instead, it is added, with a full stop.
    pub fn check<T>(&mut self, read: Result<T, FieldError>) -> Option<T> {
        read.map_err(|error| self.add(&error.field, format!("{}.", error.message))).ok()
    }

    /// As [`Self::check`], of a member that is optional.
    pub fn check_sent<T>(&mut self, read: Result<Option<T>, FieldError>) -> Option<T> {
        self.check(read).flatten()
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them. The slice serializes as a list of fields and messages.
    #[must_use]
    pub fn list(&self) -> &[FieldError] {
        &self.0
    }

    /// The field of each of them.
    pub fn fields(&self) -> Vec<&str> {
        self.0.iter().map(|error| error.field.as_str()).collect()
    }
}

impl Serialize for FieldErrors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for FieldError { field, message } in &self.0 {
            fields.entry(field).or_default().push(message);
        }
        fields.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_answered_as_a_list_or_by_field() {
        let mut errors =
            FieldErrors::unreadable(&BodyError::Duplicates(vec!["b".to_owned()]), "must appear only once.");
        assert_eq!(errors.check(Err::<u8, _>(FieldError { field: "a".to_owned(), message: "is".to_owned() })), None);
        errors.add("b", "more.");
        assert_eq!(errors.fields(), ["b", "a", "b"]);
        let by_field = serde_json::to_string(&errors).unwrap();
        assert_eq!(by_field, r#"{"a":["is."],"b":["must appear only once.","more."]}"#);
        let list = serde_json::to_string(errors.list()).unwrap();
        assert!(list.starts_with(r#"[{"field":"b","message":"must appear only once."},"#), "{list}");
        assert_eq!(FieldErrors::unreadable(&BodyError::NotUtf8, ""), FieldErrors::one("body", "must be UTF-8."));
    }
}
