//! The forms in which libraries print the JSON of a body again.

use std::io;

use serde_json::Value;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

/// How a library prints JSON on one line.
#[derive(Clone, Copy)]
struct Style {
    /// With a space after each comma and colon, as Python does.
    is_spaced: bool,
    /// With escapes instead of characters outside of ASCII.
    is_ascii: bool,
    /// With `\/` for a slash, as PHP does.
    is_slash_escaped: bool,
}

impl Formatter for Style {
    fn begin_array_value<W: io::Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(if self.is_spaced { b", " } else { b"," }) }
    }

    fn begin_object_key<W: io::Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.begin_array_value(out, first)
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(if self.is_spaced { b": " } else { b":" })
    }

    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        for character in fragment.chars() {
            if self.is_ascii && !character.is_ascii() {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            } else if self.is_slash_escaped && character == '/' {
                out.write_all(b"\\/")?;
            } else {
                write!(out, "{character}")?;
            }
        }
        Ok(())
    }
}

/// A body as each of the usual libraries would print it again, without the body itself. None where
/// it is no JSON.
pub(super) fn printed_again(body: &[u8]) -> Vec<Vec<u8>> {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    let styles = [(false, false, false), (true, false, false), (false, true, false), (true, true, false)];
    let styles = styles.into_iter().chain([(false, false, true), (false, true, true)]);
    let styles: Vec<Style> =
        styles.map(|(is_spaced, is_ascii, is_slash_escaped)| Style { is_spaced, is_ascii, is_slash_escaped }).collect();
    let mut all = Vec::new();
    for value in [&value, &sorted] {
        all.extend(styles.iter().filter_map(|style| print(value, *style)));
        all.extend([&b"  "[..], b"    ", b"\t"].iter().filter_map(|by| print(value, PrettyFormatter::with_indent(by))));
    }
    // As a text that holds JSON: printed twice.
    all.extend(serde_json::to_vec(&value.to_string()).ok());
    all.sort();
    all.dedup();
    all.retain(|printed| printed != body);
    all
}

fn print(value: &Value, formatter: impl Formatter) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    serde::Serialize::serialize(value, &mut Serializer::with_formatter(&mut out, formatter)).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_printed_as_libraries_do() {
        let printed = printed_again("{ \"b\": [1, \"\u{e9}/\"], \"a\": {} }".as_bytes());
        for expected in [
            "{\"b\":[1,\"\u{e9}/\"],\"a\":{}}",
            "{\"b\": [1, \"\\u00e9/\"], \"a\": {}}",
            "{\"a\":{},\"b\":[1,\"\u{e9}/\"]}",
            "{\"b\":[1,\"\u{e9}\\/\"],\"a\":{}}",
            "{\n  \"b\": [\n    1,\n    \"\u{e9}/\"\n  ],\n  \"a\": {}\n}",
        ] {
            assert!(printed.contains(&expected.as_bytes().to_vec()), "{expected}");
        }
        let one = br#"{"a":1}"#;
        assert!(!printed_again(one).contains(&one.to_vec()));
        for body in ["", "{", "a=b", &"[".repeat(10_000)] {
            assert!(printed_again(body.as_bytes()).is_empty(), "{}", body.len());
        }
    }
}
