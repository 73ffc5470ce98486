//! Printing. Nothing here panics when the reader is gone (`recourse dispute show .. | head`).
//!
//! **Invariant:** nothing that somebody else wrote reaches a terminal as it is. [`say`] and [`note`]
//! make every line visible, whatever a command puts into it, and [`say_json`] escapes the same
//! characters as JSON does. A value that may hold a line break of its own goes through [`visible`]
//! before it is put into a line. [`say_exactly`] is for what a shell reads.

use std::io::{ErrorKind, Write, stderr, stdout};

use clap::Args;
use recourse_dispute::text::is_invisible;
pub(crate) use recourse_dispute::text::visible;
use recourse_dispute::time::UnixMillis;
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
    ///
    /// # Errors
    /// As [`say`].
    pub(crate) fn print(self, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.json { say_json(value) } else { say(&text()) }
    }
}

/// Prints what was asked for, for a person. Every character that cannot be seen is escaped, but the
/// ends of lines.
///
/// # Errors
/// [`Failure`] when it cannot be written, such as to a full disk. A reader that went away has read
/// enough, which is no failure.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    say_exactly(&visible_lines(text))
}

/// Prints what was asked for, for a program: JSON over several lines.
///
/// # Errors
/// As [`say`].
pub(crate) fn say_json(value: &impl Serialize) -> Result<(), Failure> {
    say_exactly(&json(value)?)
}

/// Prints a text byte for byte: a command for a shell, or a line of JSON.
///
/// # Errors
/// As [`say`].
pub(crate) fn say_exactly(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::refused(format!("cannot write the output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Tells the person something besides the output.
pub(crate) fn note(text: &str) {
    // When even stderr is gone there is nobody left to tell.
    let _ = writeln!(stderr(), "recourse: {}", visible_lines(text));
}

/// JSON over several lines, with every character escaped that cannot be seen.
///
/// # Errors
/// [`Failure`] for what is no JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map(|text| escaped(&text)).map_err(unprintable)
}

/// The same on one line.
///
/// # Errors
/// As [`json`].
pub(crate) fn json_line(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map(|text| escaped(&text)).map_err(unprintable)
}

fn unprintable(error: serde_json::Error) -> Failure {
    Failure::refused(format!("the result cannot be printed as JSON: {error}"))
}

/// In JSON such characters stand in strings alone, where their escapes mean the same.
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

/// A time to the second, in UTC.
pub(crate) fn utc(at: UnixMillis) -> String {
    UnixMillis(at.seconds().saturating_mul(1000)).iso8601()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal_and_lines_stay_lines() {
        assert_eq!(visible_lines("a\u{1b}[31mb\n  c\u{202e}\u{9b}2J"), "a\\u{1b}[31mb\n  c\\u{202e}\\u{9b}2J");
    }

    #[test]
    fn json_means_the_same_and_shows_nothing_invisible() {
        let value = serde_json::json!({"refid": "a\u{202e}b\u{e0041}\n\u{1b}", "שכר": "請求書"});
        for text in [json(&value).unwrap(), json_line(&value).unwrap()] {
            assert!(!text.replace('\n', "").chars().any(is_invisible), "{text}");
            assert!(text.contains(r"a\u202eb\udb40\udc41\n\u001b"), "{text}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        }
    }
}
