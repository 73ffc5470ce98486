//! The progress of an import on stderr: a bar on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::counts::Counts;
use crate::output::note;

/// How often a line is printed where there is no terminal.
const EVERY: Duration = Duration::from_secs(5);

pub(super) enum Display {
    /// A bar over the file's bytes, or a spinner where their number is unknown.
    Bar(ProgressBar),
    Plain {
        /// When the last one was printed.
        last: Instant,
    },
}

impl Display {
    /// The display for a file of `size` bytes; `None` is a stream.
    pub(super) fn new(size: Option<u64>) -> Self {
        if !stderr().is_terminal() {
            return Self::Plain { last: Instant::now() };
        }
        let (bar, template) = match size {
            Some(size) => (ProgressBar::new(size), "{bar:30} {percent:>3}%  {msg}  ({eta} left)"),
            None => (ProgressBar::no_length(), "{spinner} {msg}  ({elapsed})"),
        };
        // A malformed template would leave the default style.
        Self::Bar(match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        })
    }

    /// Shows how far the import is: the lines and bytes that were read, and the outcomes.
    pub(super) fn at(&mut self, lines: u64, bytes: u64, counts: Counts) {
        let text = format!("{lines} lines: {counts}");
        match self {
            Self::Bar(bar) => {
                bar.set_position(bytes);
                bar.set_message(text);
            }
            Self::Plain { last } if last.elapsed() >= EVERY => {
                *last = Instant::now();
                note(&text);
            }
            Self::Plain { .. } => {}
        }
    }

    /// Prints a message without disturbing the bar.
    pub(super) fn note(&self, text: &str) {
        match self {
            Self::Bar(bar) => bar.suspend(|| note(text)),
            Self::Plain { .. } => note(text),
        }
    }

    pub(super) fn end(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
