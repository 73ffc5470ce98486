//! Strict reading of JSON: no member twice, no number with a fraction, and errors that name the
//! place.
//!
//! Data files, a deployment's overrides and a model's tool call are read with this. Nothing here
//! reads into `serde_json::Value`, which takes an object with a certain member name for JSON text.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A JSON value whose objects have each member once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Whole(i64),
    /// A number with a fraction or beyond 64 bits, which nothing here takes.
    Other,
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {rule}")]
pub struct Problem {
    /// The file or document and the path in it, such as `voucher.json: steps.photo`.
    pub place: String,
    /// What is wrong there, and what would be right.
    pub rule: String,
}

impl Problem {
    pub(crate) fn new(place: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { place: place.into(), rule: rule.into() }
    }
}

/// Reads a document of at most `max_bytes` bytes.
pub(crate) fn read(place: &str, text: &str, max_bytes: usize) -> Result<Json, Problem> {
    if text.len() > max_bytes {
        return Err(Problem::new(place, format!("must be at most {max_bytes} bytes long")));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|error| Problem::new(place, format!("must be JSON: {error}")))
}

impl Json {
    /// The members of an object, of which each name has to be one of `known`.
    pub(crate) fn members(&self, place: &str, known: &[&str]) -> Result<&[(String, Self)], Problem> {
        let members = self.object(place)?;
        for (name, _) in members {
            if !known.contains(&name.as_str()) {
                let rule = format!("{} is unknown; known are {}", shown(name), known.join(", "));
                return Err(Problem::new(place, rule));
            }
        }
        Ok(members)
    }

    /// The members of an object with any names.
    pub(crate) fn object(&self, place: &str) -> Result<&[(String, Self)], Problem> {
        match self {
            Self::Object(members) => Ok(members),
            _ => Err(Problem::new(place, "must be an object")),
        }
    }

    /// A member of an object.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(member, _)| member == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// A member that has to be there.
    pub(crate) fn need(&self, place: &str, name: &str) -> Result<&Self, Problem> {
        self.get(name).ok_or_else(|| Problem::new(place, format!("{name} is missing")))
    }

    /// A text that is not empty.
    pub(crate) fn text(&self, place: &str) -> Result<&str, Problem> {
        match self {
            Self::Text(text) if !text.trim().is_empty() => Ok(text),
            _ => Err(Problem::new(place, "must be a text that is not empty")),
        }
    }

    /// A list of texts that are not empty.
    pub(crate) fn texts(&self, place: &str) -> Result<Vec<String>, Problem> {
        let Self::List(entries) = self else { return Err(Problem::new(place, "must be a list of texts")) };
        entries.iter().map(|entry| entry.text(place).map(str::to_owned)).collect()
    }

    /// A whole number within a range.
    pub(crate) fn whole(&self, place: &str, range: std::ops::RangeInclusive<i64>) -> Result<i64, Problem> {
        match self {
            Self::Whole(number) if range.contains(number) => Ok(*number),
            _ => {
                let rule = format!("must be a whole number from {} to {}", range.start(), range.end());
                Err(Problem::new(place, rule))
            }
        }
    }
}

/// A name as it may be repeated in an error: 40 characters at most, and none that cannot be seen.
pub(crate) fn shown(name: &str) -> String {
    name.chars().filter(|letter| !crate::redact::is_invisible(*letter)).take(40).collect()
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Whole(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(i64::try_from(value).map_or(Json::Other, Json::Whole))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element()? {
            entries.push(entry);
        }
        Ok(Json::List(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members: Vec<(String, Json)> = Vec::new();
        let mut names = std::collections::BTreeSet::new();
        while let Some((name, value)) = map.next_entry::<String, Json>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format!("the member {} is there twice", shown(&name))));
            }
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_member_twice_is_refused_on_every_level() {
        for text in [r#"{"a":1,"a":2}"#, r#"{"x":[{"a":1,"\u0061":2}]}"#] {
            let problem = read("x.json", text, 100).unwrap_err();
            assert!(problem.to_string().contains("the member a is there twice"), "{problem}");
        }
        assert!(read("x", r#"{"a":{"b":1},"b":{"a":1}}"#, 100).is_ok());
        assert!(read("x", "{}", 1).unwrap_err().rule.contains("at most 1 bytes"));
    }

    #[test]
    fn fractions_are_no_whole_numbers_and_depth_has_an_end() {
        for text in ["0.5", "1e3", "99999999999999999999", "\"5\"", "null"] {
            assert!(read("x", text, 100).unwrap().whole("x", 0..=100).is_err(), "{text}");
        }
        assert!(read("x", &"[".repeat(5_000), 10_000).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(any in any::<String>(), like in r#"[\[\]{}",:a1 \\]{0,40}"#) {
            let _ = (read("x", &any, 1_000), read("x", &like, 1_000));
        }
    }
}
