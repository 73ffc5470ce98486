//! The source of an import: a file or a stream, its lines, and how far the import is.

use std::fs::File;
use std::io::{BufRead, BufReader, stdin};
use std::path::Path;

use super::counts::Counts;
use super::display::Display;
use super::lines::Lines;
use super::progress::Progress;
use crate::base_url::BaseUrl;
use crate::ending::Failure;

pub(super) struct Source {
    pub(super) lines: Lines<Box<dyn BufRead>>,
    /// Its size in bytes, where it has one.
    pub(super) size: Option<u64>,
    /// The progress file. A stream has none, because it cannot be read again.
    pub(super) progress: Option<Progress>,
    /// How many lines `--from` skipped, of which nothing is known.
    pub(super) passed: u64,
    /// Whether `--restart` was given. The same command would begin anew again.
    pub(super) is_anew: bool,
}

impl Source {
    /// Opens a file, or standard input where the path is `-`.
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

    /// Records how far the import is. When that fails, the import goes on and says so once.
    pub(super) fn save(&mut self, counts: Counts, display: &Display) {
        if let Some(progress) = &self.progress
            && let Err(error) = progress.save(&self.lines, counts)
        {
            let path = progress.path().display();
            display.note(&format!(
                "{path} cannot be written: {error}. If the import ends early, it prints with which --from to continue."
            ));
            self.progress = None;
        }
    }

    /// How to continue after `done` lines.
    pub(super) fn next(&self, done: u64) -> String {
        let next = done + 1;
        let imported = match self.passed {
            0 if done == 0 => return "No line is imported.".to_owned(),
            passed if done == passed => format!("No line from {next} on is imported"),
            0 => format!("Lines to {done} are imported"),
            passed => format!("Lines {} to {done} are imported", passed + 1),
        };
        match &self.progress {
            Some(_) if self.is_anew => {
                format!("{imported}; the same command without --restart continues with line {next}.")
            }
            Some(_) => format!("{imported}; the same command continues with line {next}."),
            None => format!("{imported}; continue with --from {next}."),
        }
    }
}

/// The failure where the rest of a file cannot be read.
pub(super) fn unreadable(error: std::io::Error) -> Failure {
    Failure::refused(format!("the file cannot be read: {error}"))
}
