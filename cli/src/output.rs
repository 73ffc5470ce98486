//! Printing. Nothing here panics when the reader is gone, as in `recourse dispute show .. | head`.
//!
//! **Invariant:** text that somebody else wrote cannot steer a terminal. [`say`] and [`note`]
//! escape every invisible character of a line, and [`say_json`] escapes the same ones as JSON does.
//! A value that may contain line breaks goes through [`visible`] before it becomes part of a line.
//! [`say_exactly`] prints what a shell reads.

use std::io::{ErrorKind, Write, stderr, stdout};

use clap::Args;
use recourse_dispute::text::is_invisible;
pub(crate) use recourse_dispute::text::visible;
pub(crate) use recourse_operations::utc;
use serde::Serialize;

use crate::ending::Failure;

/// How a command prints its result.
#[derive(Args, Clone, Copy, Debug, Default)]
#[group(skip)]
pub(crate) struct Format {
    /// Print JSON for a program
    #[arg(long)]
    json: bool,
}

impl Format {
    /// Whether a program reads the result.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Prints a result: as JSON for a program, or as text for a person.
    pub(crate) fn print(self, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.json { say_json(value) } else { say(&text()) }
    }
}

/// Prints a result for a person. Every invisible character is escaped, except for line breaks.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    say_exactly(&visible_lines(text))
}

/// Prints a result for a program: JSON over several lines.
pub(crate) fn say_json(value: &impl Serialize) -> Result<(), Failure> {
    say_exactly(&json(value)?)
}

/// Prints a text byte for byte, such as a command for a shell or a line of JSON. It is no failure
/// when the reader is gone.
pub(crate) fn say_exactly(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::refused(format!("the output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a message for the person beside the result, on stderr.
pub(crate) fn note(text: &str) {
    // When stderr is gone, too, nobody can read the message.
    let _ = writeln!(stderr(), "recourse: {}", visible_lines(text));
}

/// JSON over several lines, with every invisible character escaped.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map(|text| escaped(&text)).map_err(unprintable)
}

/// The same on one line.
pub(crate) fn json_line(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map(|text| escaped(&text)).map_err(unprintable)
}

fn unprintable(error: serde_json::Error) -> Failure {
    Failure::refused(format!("the result cannot be printed as JSON: {error}"))
}

/// Escapes invisible characters, which occur in strings alone, where an escape means the same.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if is_invisible(character) && character != '\n' {
            let mut units = [0; 2];
            text.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            text.push(character);
        }
    }
    text
}

fn visible_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_escaped_and_line_breaks_are_not() {
        assert_eq!(visible_lines("a\u{1b}[31mb\n  c\u{202e}\u{9b}2J"), "a\\u{1b}[31mb\n  c\\u{202e}\\u{9b}2J");
    }

    #[test]
    fn escaped_json_means_the_same() {
        let value = serde_json::json!({"refid": "a\u{202e}b\u{e0041}\n\u{1b}", "שכר": "請求書"});
        for text in [json(&value).unwrap(), json_line(&value).unwrap()] {
            assert!(!text.replace('\n', "").chars().any(is_invisible), "{text}");
            assert!(text.contains(r"a\u202eb\udb40\udc41\n\u001b"), "{text}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        }
    }
}
