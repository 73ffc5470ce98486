//! Reading the fields of a JSON object one by one, so that all that is wrong is said at once and each value keeps its bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use recourse_dispute::ids::{BadName, printable};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::refusal::Errors;

/// The longest text of a field that has no limit of its own, in characters.
const MOST_CHARACTERS: usize = 1_000;

/// An object whose fields are taken out one after the other; what is left at the end is not known.
pub(crate) struct Fields<'a> {
    prefix: &'static str,
    left: BTreeMap<String, &'a RawValue>,
    /// Names that stand there more than once: JSON leaves open which of the values counts, and one of them may be an amount.
    doubled: BTreeSet<String>,
}

/// The members of an object in their order, doubles included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AllOfThem;

        impl<'de> Visitor<'de> for AllOfThem {
            type Value = Members<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(AllOfThem)
    }
}

impl<'a> Fields<'a> {
    /// The fields of an object; `prefix` stands before their names in errors.
    pub(crate) fn of(json: &'a str, prefix: &'static str) -> Option<Self> {
        let Members(members) = serde_json::from_str(json).ok()?;
        let (mut left, mut doubled) = (BTreeMap::new(), BTreeSet::new());
        for (name, value) in members {
            if left.insert(name.clone(), value).is_some() {
                doubled.insert(name);
            }
        }
        Some(Self { prefix, left, doubled })
    }

    fn name(&self, field: &str) -> String {
        format!("{}{field}", self.prefix)
    }

    /// The JSON text of a field; `null` counts as not sent.
    pub(crate) fn raw(&mut self, field: &str) -> Option<&'a str> {
        self.left.remove(field).map(RawValue::get).filter(|json| *json != "null")
    }

    /// The fields of an object within this one.
    pub(crate) fn object(&mut self, field: &str, prefix: &'static str, errors: &mut Errors) -> Option<Fields<'a>> {
        let json = self.raw(field)?;
        let fields = Fields::of(json, prefix);
        if fields.is_none() {
            errors.add(&self.name(field), "must be an object.");
        }
        fields
    }

    /// A value of a plain type; `rule` says which.
    pub(crate) fn plain<T: DeserializeOwned>(&mut self, field: &str, rule: &str, errors: &mut Errors) -> Option<T> {
        let value = serde_json::from_str(self.raw(field)?).ok();
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
        if self.left.get(field).is_none_or(|json| json.get() == "null") {
            errors.add(&self.name(field), "is required.");
        }
        self.parsed(field, parse, errors)
    }

    /// A text for people.
    pub(crate) fn text(&mut self, field: &str, errors: &mut Errors) -> Option<String> {
        self.parsed(field, text, errors)
    }

    /// Ends the object: whatever is left is not known, and nothing may stand there twice.
    pub(crate) fn end(self, errors: &mut Errors) {
        // A name is echoed only as far as it could be a misspelt one.
        let echoed = |field: &str| {
            let field: String =
                field.chars().filter(|letter| printable(letter.encode_utf8(&mut [0; 4]), 1)).take(40).collect();
            self.name(&field)
        };
        for field in &self.doubled {
            errors.add(&echoed(field), "must stand there once.");
        }
        for field in self.left.keys() {
            errors.add(&echoed(field), "is not a field of a transaction.");
        }
    }
}

/// A text for people: printable, and not endless. An empty one is fine.
pub(crate) fn text(text: &str) -> Result<String, BadName> {
    if text.is_empty() || printable(text, MOST_CHARACTERS) {
        Ok(text.to_owned())
    } else {
        Err(BadName("must be at most 1000 printable characters"))
    }
}
