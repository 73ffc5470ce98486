//! Reading JSON of which every reader makes the same: no member twice, no more levels than readers
//! take, and no object that is taken for a text.
//!
//! JSON leaves open which of two members with one name counts, and one of them may be an amount. So
//! an object with such members is refused on whatever level it is, and they are named.
//!
//! **Invariant:** nothing here reads JSON into `serde_json::Value`. With `serde_json`'s feature
//! `raw_value`, which the workspace needs, that type takes an object with a certain member name for
//! the JSON that its text holds. A [`RawValue`] is only ever borrowed from the text that is read.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::ids::printable;
use crate::text::BOM;

/// How many objects and lists may lie within each other in a request's body. Common readers take 64
/// (`System.Text.Json`, Json.NET), 100 (Ruby) or 127 (`serde_json`) and some of them no more.
pub const MAX_LEVELS: usize = 64;
/// How many of the members that are there twice are named.
const MAX_NAMED: usize = 16;
/// How many characters of a member's name are repeated: enough for any that is only misspelt.
const MAX_ECHOED: usize = 40;

/// What is wrong with a JSON text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadJson {
    /// It is not JSON, or not an object.
    #[error("must be a JSON object")]
    NotAnObject,
    /// It is not JSON, and it has a byte order mark where JSON has none: before it, or between its
    /// parts, as in a text that was joined of several.
    #[error("must not have a byte order mark (U+FEFF) outside of its strings")]
    ByteOrderMark,
    /// Too many objects and lists lie within each other.
    #[error("must be at most {0} levels deep")]
    TooDeep(usize),
    /// These members are there twice; each is named by its path, such as `details.captures`.
    #[error("must not have a member twice")]
    Duplicates(Vec<String>),
    /// A text or a number in it is none that every reader can read.
    #[error("must have no number beyond 64-bit floating point and no half of a surrogate pair")]
    Unreadable,
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

/// The members of a JSON object in their order, the last one of several with one name included;
/// `None` of anything else.
#[must_use]
pub fn members(json: &str) -> Option<Vec<(String, &RawValue)>> {
    serde_json::from_str::<Members<'_>>(json).ok().map(|members| members.0)
}

/// Checks that a text is a JSON object of at most so many levels, in which no member is there
/// twice. Texts and numbers may be anything that JSON allows.
///
/// # Errors
/// [`BadJson`].
pub fn check(json: &str, max_levels: usize) -> Result<(), BadJson> {
    Check::new(max_levels, |_| true).object(json).map_err(|bad| bad.explained(json))
}

/// As [`check`], and that every text and number in it can be read.
///
/// # Errors
/// [`BadJson`].
pub fn check_readable(json: &str, max_levels: usize) -> Result<(), BadJson> {
    Check::new(max_levels, is_readable).object(json).map_err(|bad| bad.explained(json))
}

/// Checks the outermost members of a JSON object alone: that none is there twice.
///
/// # Errors
/// [`BadJson`].
pub fn check_outermost(json: &str) -> Result<(), BadJson> {
    let mut check = Check::new(1, |_| true);
    check.members(json).map_err(|bad| bad.explained(json))?;
    check.end()
}

/// Where the first byte order mark is that stands outside of a JSON text's strings, in bytes.
#[must_use]
pub fn stray_mark(json: &str) -> Option<usize> {
    let (mut is_string, mut is_escaped) = (false, false);
    let is_stray = |(_, character): &(usize, char)| {
        let is_stray = *character == BOM && !is_string;
        is_string ^= *character == '"' && !is_escaped;
        is_escaped = is_string && *character == '\\' && !is_escaped;
        is_stray
    };
    json.char_indices().find(is_stray).map(|(at, _)| at)
}

impl BadJson {
    /// The same, or what keeps a text from being JSON although it looks like it.
    fn explained(self, json: &str) -> Self {
        match self {
            Self::NotAnObject if stray_mark(json).is_some() => Self::ByteOrderMark,
            bad => bad,
        }
    }
}

fn is_readable(scalar: &str) -> bool {
    match scalar.as_bytes().first() {
        Some(b'"') => serde_json::from_str::<String>(scalar).is_ok(),
        Some(b'-' | b'0'..=b'9') => serde_json::from_str::<f64>(scalar).is_ok(),
        _ => true,
    }
}

/// A walk over a JSON text, and what it found.
struct Check {
    max_levels: usize,
    takes: fn(&str) -> bool,
    path: Vec<String>,
    duplicates: Vec<String>,
}

impl Check {
    fn new(max_levels: usize, takes: fn(&str) -> bool) -> Self {
        Self { max_levels, takes, path: Vec::new(), duplicates: Vec::new() }
    }

    fn object(mut self, json: &str) -> Result<(), BadJson> {
        let json = json.trim_matches([' ', '\t', '\n', '\r']);
        if !json.starts_with('{') {
            return Err(BadJson::NotAnObject);
        }
        self.value(json)?;
        self.end()
    }

    fn end(self) -> Result<(), BadJson> {
        if self.duplicates.is_empty() { Ok(()) } else { Err(BadJson::Duplicates(self.duplicates)) }
    }

    /// The members of an object; those whose name was there before are noted.
    fn members<'a>(&mut self, json: &'a str) -> Result<Vec<(String, &'a RawValue)>, BadJson> {
        let members = members(json).ok_or(BadJson::NotAnObject)?;
        let mut seen = BTreeSet::new();
        for (name, _) in &members {
            if !seen.insert(name) && self.duplicates.len() < MAX_NAMED {
                let path = self.path.iter().map(String::as_str).chain([name.as_str()]);
                let path: Vec<String> = path.map(echoed).collect();
                self.duplicates.push(path.join("."));
            }
        }
        Ok(members)
    }

    /// A value one level below the path's. The level above has already parsed its JSON, so only the
    /// names of its members can still be invalid.
    fn value(&mut self, json: &str) -> Result<(), BadJson> {
        let is_object = json.starts_with('{');
        if !is_object && !json.starts_with('[') {
            return if (self.takes)(json) { Ok(()) } else { Err(BadJson::Unreadable) };
        }
        if self.path.len() >= self.max_levels {
            return Err(BadJson::TooDeep(self.max_levels));
        }
        let within: Vec<(String, &RawValue)> = if is_object {
            self.members(json)?
        } else {
            let entries: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| BadJson::NotAnObject)?;
            entries.into_iter().enumerate().map(|(index, entry)| (index.to_string(), entry)).collect()
        };
        for (name, value) in within {
            self.path.push(name);
            self.value(value.get())?;
            self.path.pop();
        }
        Ok(())
    }
}

/// A member's name as an answer may repeat it.
#[must_use]
pub fn echoed(name: &str) -> String {
    name.chars().filter(|character| printable(character.encode_utf8(&mut [0; 4]), 1)).take(MAX_ECHOED).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn duplicates(json: &str) -> Vec<String> {
        match check(json, MAX_LEVELS) {
            Err(BadJson::Duplicates(names)) => names,
            other => panic!("{json}: {other:?}"),
        }
    }

    #[test]
    fn a_member_twice_is_named_on_every_level() {
        assert_eq!(duplicates(r#"{"a": 1, "a": 1}"#), ["a"]);
        assert_eq!(duplicates(r#"{"a": null, "b": 2, "\u0061": 3}"#), ["a"], "one name in two spellings");
        assert_eq!(duplicates(r#"{"x": [0, {"y": {"a": 1, "a": 2}}], "x": 1}"#), ["x", "x.1.y.a"]);
        assert_eq!(duplicates("{\"a\\u0007\u{202e}b\":1,\"a\\u0007\u{202e}b\":1}"), ["ab"], "nothing that strays");
        let many: Vec<String> = (0..100).map(|n| format!("\"m{n}\":0,\"m{n}\":0")).collect();
        assert_eq!(duplicates(&format!("{{{}}}", many.join(","))).len(), MAX_NAMED);
        assert_eq!(check(r#"{"a": {"b": 1}, "b": {"a": 1, "A": [{"a": 1}, {"a": 1}]}}"#, MAX_LEVELS), Ok(()));
        assert_eq!(check_outermost(r#"{"a": {"b": 1, "b": 2}}"#), Ok(()));
        assert_eq!(check_outermost(r#"{"a": 1, "a": 2}"#), Err(BadJson::Duplicates(vec!["a".to_owned()])));
    }

    #[test]
    fn what_is_no_object_and_what_is_too_deep() {
        let overflow = "[".repeat(100_000);
        for json in ["", " ", "[]", "null", "7", "\"{}\"", "{", "{}{}", "\u{c}{}", "{'a': 1}", &overflow] {
            assert_eq!(check(json, MAX_LEVELS), Err(BadJson::NotAnObject), "{json:.20}");
        }
        let nested = |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert_eq!(check(&nested(MAX_LEVELS), MAX_LEVELS), Ok(()));
        assert_eq!(check(&nested(MAX_LEVELS + 1), MAX_LEVELS), Err(BadJson::TooDeep(MAX_LEVELS)));
        assert_eq!(check(&nested(50_000), MAX_LEVELS), Err(BadJson::TooDeep(MAX_LEVELS)));
    }

    #[test]
    fn a_byte_order_mark_is_named_where_json_has_none() {
        for (json, at) in [
            ("\u{feff}{}", 0),
            ("{\"a\": \"\\\"\u{feff}\",\u{feff}\"b\": 1}", 14),
            ("{}\n\u{feff}{}", 3),
            ("{\"a\": \"\\\\\"\u{feff}}", 10),
        ] {
            assert_eq!(stray_mark(json), Some(at), "{json:?}");
            for checked in [check(json, MAX_LEVELS), check_readable(json, MAX_LEVELS), check_outermost(json)] {
                assert_eq!(checked, Err(BadJson::ByteOrderMark), "{json:?}");
            }
        }
        let within = "{\"a\u{feff}\": [\"\u{feff}\"]}";
        assert_eq!((stray_mark(within), check(within, MAX_LEVELS)), (None, Ok(())));
    }

    #[test]
    fn texts_and_numbers_are_looked_at_where_they_have_to_be_readable() {
        for json in [r#"{"a": 1e999}"#, r#"{"a": ["\ud800"]}"#] {
            assert_eq!(check(json, MAX_LEVELS), Ok(()), "{json}");
            assert_eq!(check_readable(json, MAX_LEVELS), Err(BadJson::Unreadable), "{json}");
        }
        assert_eq!(check_readable(r#"{"a": [1.50, -2e3, "\u00e9", true, null]}"#, MAX_LEVELS), Ok(()));
    }

    /// The name is `serde_json`'s own, for a value that it hands on as JSON text.
    #[test]
    fn an_object_with_the_librarys_own_member_name_is_an_object_like_any_other() {
        let json = r#"{"a": {"$serde_json::private::RawValue": "\"text\""}}"#;
        assert_eq!(check_readable(json, MAX_LEVELS), Ok(()));
        let members = members(json).unwrap();
        assert!(members.first().unwrap().1.get().starts_with('{'));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), like in r#"[\[\]{}",:a1 \\]{0,40}"#) {
            let _ = (check(&text, 3), check_readable(&like, 3), check_outermost(&like));
        }

        #[test]
        fn what_serde_json_takes_is_taken(numbers in prop::collection::btree_map("[a-z]{1,5}", any::<i64>(), 0..9)) {
            prop_assert_eq!(check_readable(&serde_json::to_string(&numbers).unwrap(), 1), Ok(()));
        }
    }
}
