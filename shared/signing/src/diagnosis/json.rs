//! The forms in which libraries print the JSON of a body again.

use std::io;

use serde_json::Value;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

/// The longest form of a body that is tried, in bytes: four times as long as the body, and 1 kB
/// more. Escapes make a text three times as long. The indentation of a deep body would have no
/// bound.
const fn max_printed(body: usize) -> usize {
    body.saturating_mul(4).saturating_add(1024)
}

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

/// A body as each of the usual libraries would print it again, without the body itself. A form that
/// is longer than [`max_printed`] is left out. None where it is no JSON.
pub(super) fn printed_again(body: &[u8]) -> Vec<Vec<u8>> {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    let styles = [(false, false, false), (true, false, false), (false, true, false), (true, true, false)];
    let styles = styles.into_iter().chain([(false, false, true), (false, true, true)]);
    let styles: Vec<Style> =
        styles.map(|(is_spaced, is_ascii, is_slash_escaped)| Style { is_spaced, is_ascii, is_slash_escaped }).collect();
    let limit = max_printed(body.len());
    let mut all = Vec::new();
    for value in [&value, &sorted] {
        all.extend(styles.iter().filter_map(|style| print(value, *style, limit)));
        let indents = [&b"  "[..], b"    ", b"\t"].into_iter();
        all.extend(indents.filter_map(|indent| print(value, PrettyFormatter::with_indent(indent), limit)));
    }
    // As a text that holds JSON: printed twice.
    let text = print(&value, CompactFormatter, limit).and_then(|once| String::from_utf8(once).ok());
    all.extend(text.and_then(|text| print(&Value::String(text), CompactFormatter, limit)));
    all.sort();
    all.dedup();
    all.retain(|printed| printed != body);
    all
}

/// `None` where it would be longer than `limit`.
fn print(value: &Value, formatter: impl Formatter, limit: usize) -> Option<Vec<u8>> {
    let mut out = Limited { text: Vec::new(), limit };
    serde::Serialize::serialize(value, &mut Serializer::with_formatter(&mut out, formatter)).ok()?;
    Some(out.text)
}

/// Takes so many bytes, and fails at the next one.
struct Limited {
    text: Vec<u8>,
    limit: usize,
}

impl io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len().saturating_add(bytes.len()) > self.limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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

    /// Indented, each of the many short lines would be as long as the body is deep.
    #[test]
    fn a_deep_body_is_not_printed_at_great_length() {
        let (depth, zeros) = (100, 1_000);
        let body = format!("{}{}0{}", "[".repeat(depth), "0,".repeat(zeros), "]".repeat(depth));
        let printed = printed_again(body.as_bytes());
        let spaced = body.replace(',', ", ").into_bytes();
        assert!(printed.contains(&spaced));
        assert!(printed.iter().all(|form| form.len() <= max_printed(body.len())));
    }
}
