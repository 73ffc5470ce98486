//! What is imported: a file or a stream, its lines, and how far it is.

use std::fs::File;
use std::io::{BufRead, BufReader, stdin};
use std::path::Path;

use super::counts::Counts;
use super::display::Display;
use super::lines::Lines;
use super::progress::Progress;
use crate::ending::Failure;
use crate::service::BaseUrl;

/// What is imported.
pub(super) struct Source {
    pub(super) lines: Lines<Box<dyn BufRead>>,
    /// Its size in bytes, where it has one.
    pub(super) size: Option<u64>,
    /// Where its progress is kept; a stream has no beginning to come back to.
    pub(super) progress: Option<Progress>,
    /// How many lines this import passes over, of which nothing is known.
    pub(super) passed: u64,
    /// Whether it begins anew, so that the same command would again.
    pub(super) is_anew: bool,
}

impl Source {
    /// Opens a file, or stdin where it is called `-`.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be read.
    pub(super) fn open(file: &Path, url: &BaseUrl) -> Result<Self, Failure> {
        if file == Path::new("-") {
            return Ok(Self {
                lines: Lines::new(Box::new(stdin().lock())),
                size: None,
                progress: None,
                passed: 0,
                is_anew: false,
            });
        }
        let failed = |error| Failure::refused(format!("{} cannot be read: {error}", file.display()));
        let opened = File::open(file).map_err(failed)?;
        let metadata = opened.metadata().map_err(failed)?;
        let regular = metadata.is_file();
        Ok(Self {
            lines: Lines::new(Box::new(BufReader::with_capacity(64 * 1024, opened))),
            size: regular.then_some(metadata.len()),
            progress: regular.then(|| Progress::of(file, url)),
            passed: 0,
            is_anew: false,
        })
    }

    /// Keeps how far it is. An import goes on where that cannot be kept, and says so once.
    pub(super) fn keep(&mut self, counts: Counts, display: &Display) {
        if let Some(progress) = &self.progress
            && let Err(error) = progress.keep(&self.lines, counts)
        {
            let path = progress.path().display();
            display.note(&format!(
                "{path} cannot be written: {error}. If the import ends early it says with which --from to continue."
            ));
            self.progress = None;
        }
    }

    /// How to go on after `done` lines.
    pub(super) fn next(&self, done: u64) -> String {
        let next = done + 1;
        let is_in = match self.passed {
            0 if done == 0 => return "No line is in.".to_owned(),
            passed if done == passed => format!("No line from {next} on is in"),
            0 => format!("Lines to {done} are in"),
            passed => format!("Lines {} to {done} are in", passed + 1),
        };
        match &self.progress {
            Some(_) if self.is_anew => {
                format!("{is_in}; the same command without --restart continues with line {next}.")
            }
            Some(_) => format!("{is_in}; the same command continues with line {next}."),
            None => format!("{is_in}; continue with --from {next}."),
        }
    }
}

/// The failure of a file that cannot be read on.
pub(super) fn unreadable(error: std::io::Error) -> Failure {
    Failure::refused(format!("the file cannot be read: {error}"))
}
