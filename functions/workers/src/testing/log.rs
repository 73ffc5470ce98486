//! The lines that a test's workers log.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use tracing::field::{Field, Visit};
use tracing::span;

thread_local! {
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Collects from now on, until the guard is dropped.
pub(crate) fn start() -> tracing::subscriber::DefaultGuard {
    LINES.take();
    tracing::subscriber::set_default(Log)
}

/// A line of metrics as a line of the log: its level, and its members by name.
pub(crate) fn print(line: &str) {
    let members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
    let fields: BTreeMap<_, _> =
        members.iter().filter(|(name, _)| !["level", "_aws"].contains(&name.as_str())).collect();
    let mut line = members["level"].as_str().unwrap().to_owned();
    for (name, value) in fields {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        write!(line, " {name}={value}").unwrap();
    }
    LINES.with_borrow_mut(|lines| lines.push(line));
}

/// The lines so far that have this in them.
pub(crate) fn lines(part: &str) -> Vec<String> {
    LINES.with_borrow(|lines| lines.iter().filter(|line| line.contains(part)).cloned().collect())
}

/// Writes the log of this crate into the lines of this test.
struct Log;

/// The fields of one line, by name.
#[derive(Default)]
struct LogFields(BTreeMap<&'static str, String>);

impl Visit for LogFields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("recourse")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = LogFields::default();
        event.record(&mut fields);
        let mut line = event.metadata().level().to_string();
        for (name, value) in fields.0 {
            write!(line, " {name}={value}").unwrap();
        }
        LINES.with_borrow_mut(|lines| lines.push(line));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
