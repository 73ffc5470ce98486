//! Where the functions' logs go: the terminal, each line behind the name of the function that wrote it, or memory, for a test to read.

use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// One line of a function's log, or of what Lambda says about the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The function's logical id in template.yaml, or the part of the local cloud that speaks.
    pub from: String,
    /// The line, without its end.
    pub text: String,
}

/// Where log lines go. Cheap to clone; clones write to the same place.
#[derive(Clone, Default)]
pub struct LogSink(Option<Arc<Mutex<Vec<LogLine>>>>);

impl LogSink {
    /// The terminal's standard error.
    pub fn stderr() -> LogSink {
        LogSink(None)
    }

    /// Memory, read back with [`LogSink::lines`].
    pub fn kept() -> LogSink {
        LogSink(Some(Arc::default()))
    }

    /// Writes one line. A terminal that has gone away is not an error: there is nobody left to tell.
    pub fn line(&self, from: &str, text: &str) {
        match &self.0 {
            Some(kept) => kept
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(LogLine { from: from.to_owned(), text: text.to_owned() }),
            None => {
                let _ = writeln!(std::io::stderr().lock(), "{from:>16} | {text}");
            }
        }
    }

    /// The lines so far, in the order they were written; none when they go to the terminal.
    pub fn lines(&self) -> Vec<LogLine> {
        self.0.as_ref().map(|kept| kept.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap_or_default()
    }
}

impl fmt::Debug for LogSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "LogSink(kept)" } else { "LogSink(stderr)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_write_to_the_same_place() {
        let log = LogSink::kept();
        log.clone().line("DeskOutbox", "sent");
        assert_eq!(log.lines(), [LogLine { from: "DeskOutbox".into(), text: "sent".into() }]);
    }
}
