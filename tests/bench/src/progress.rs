//! Lines on standard error about what is being measured.

use std::time::{Duration, Instant};

/// The longest time without a line.
const QUIET: Duration = Duration::from_secs(2);

/// Tells how far a measurement is.
#[derive(Debug)]
pub struct Progress {
    what: String,
    total: usize,
    done: usize,
    said: Instant,
}

impl Progress {
    /// Begins a measurement with so many rounds.
    #[must_use]
    pub fn new(what: impl Into<String>, total: usize) -> Self {
        let what = what.into();
        eprintln!("{what} ...");
        Self { what, total, done: 0, said: Instant::now() }
    }

    /// A round is done.
    pub fn tick(&mut self) {
        self.done = self.done.saturating_add(1);
        if self.said.elapsed() >= QUIET {
            eprintln!("{}: {} of {}", self.what, self.done, self.total);
            self.said = Instant::now();
        }
    }
}
