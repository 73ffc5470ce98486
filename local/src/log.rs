//! Where the functions' logs go: to memory, where `recourse log` and a test read them, and to the
//! terminal, each line behind its function's name.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::lock::lock;

/// One line of a function's log, or of what Lambda says about the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The function's logical id in template.yaml, or the part of the local cloud that speaks.
    pub from: String,
    /// The line, without its end.
    pub text: String,
}

/// How many lines are kept of a log that goes to the terminal. A test's log is kept whole.
const MAX_KEPT: usize = 10_000;

/// Where log lines go. Cheap to clone; clones write to the same place.
#[derive(Clone, Default)]
pub struct LogSink {
    lines: Arc<Mutex<VecDeque<LogLine>>>,
    is_shown: bool,
}

impl LogSink {
    /// The terminal's standard error. The last lines are kept.
    pub fn stderr() -> LogSink {
        LogSink { is_shown: true, ..LogSink::default() }
    }

    /// Memory alone, read back with [`LogSink::lines`].
    pub fn buffered() -> LogSink {
        LogSink::default()
    }

    /// Writes one line. A closed terminal is not an error: nobody reads it any more.
    pub fn line(&self, from: &str, text: &str) {
        {
            let mut lines = lock(&self.lines);
            if self.is_shown && lines.len() >= MAX_KEPT {
                lines.pop_front();
            }
            lines.push_back(LogLine { from: from.to_owned(), text: text.to_owned() });
        }
        if self.is_shown {
            let _ = writeln!(std::io::stderr().lock(), "{from:>16} | {}", readable(text));
        }
    }

    /// The lines that are kept, in the order they were written.
    pub fn lines(&self) -> Vec<LogLine> {
        lock(&self.lines).iter().cloned().collect()
    }
}

/// A line for people: level, message and members. It leaves out what only CloudWatch and X-Ray
/// read. A line of metrics has its members at the root, one of `tracing` has them below `fields`.
/// Any other line stays as it is.
fn readable(text: &str) -> Cow<'_, str> {
    let Ok(Value::Object(record)) = serde_json::from_str(text) else { return text.into() };
    let is_metrics = record.contains_key("_aws");
    let members = match record.get("fields") {
        Some(Value::Object(fields)) => fields,
        _ if is_metrics => &record,
        _ => return text.into(),
    };
    let [level, message] =
        [record.get("level"), members.get("message")].map(|value| value.and_then(Value::as_str).unwrap_or_default());
    let mut line = format!("{level:<5} {message}");
    for (name, value) in members {
        // In metrics a count of zero says nothing, nor does the count of the one request that the
        // line is about.
        let is_dull = is_metrics && (matches!(name.as_str(), "_aws" | "requests") || *value == 0);
        if !is_dull && !matches!(name.as_str(), "level" | "message") {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let _ = write!(line, " {name}={value}");
        }
    }
    line.into()
}

impl fmt::Debug for LogSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_shown { "LogSink(stderr)" } else { "LogSink(memory)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_the_terminal_lines_of_metrics_and_of_tracing_are_short_and_all_others_unchanged() {
        let line = r#"{"level":"INFO","message":"request","api":"iimmpact","status":200,"requests":1,"errors_5xx":0,"duration_ms":7,"_aws":{"Timestamp":1}}"#;
        assert_eq!(readable(line), "INFO  request api=iimmpact status=200 duration_ms=7");
        let line = r#"{"level":"WARN","fields":{"message":"mail","dispute":"RC-1","attempts":0},"span":{"requestId":"1","xrayTraceId":"Root=1"},"spans":[]}"#;
        assert_eq!(readable(line), "WARN  mail dispute=RC-1 attempts=0");
        for line in ["panicked", "[1]", r#"{"level":"WARN"}"#, r#"{"level":"WARN","fields":"x"}"#] {
            assert_eq!(readable(line), line);
        }
    }

    #[test]
    fn the_terminals_log_keeps_its_last_lines() {
        let log = LogSink { is_shown: true, ..LogSink::default() };
        let line = |number: usize| LogLine { from: "F".to_owned(), text: number.to_string() };
        log.lines.lock().unwrap().extend((0..MAX_KEPT).map(line));
        log.line("F", "last");
        let lines = log.lines();
        assert_eq!(
            (lines.len(), lines.first(), lines.last().unwrap().text.as_str()),
            (MAX_KEPT, Some(&line(1)), "last")
        );
    }

    #[test]
    fn clones_write_to_the_same_place() {
        let log = LogSink::buffered();
        log.clone().line("WorkerOutbox", "sent");
        assert_eq!(log.lines(), [LogLine { from: "WorkerOutbox".into(), text: "sent".into() }]);
    }
}
