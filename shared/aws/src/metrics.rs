//! Log lines that are metrics too: CloudWatch's embedded metric format.
//!
//! One line of JSON, written to standard output as it is. CloudWatch Logs stores it as a structured
//! log line and takes the metrics out of it that its `_aws` member names. `_aws` has to be at the
//! root of the line, so these lines do not go through the log framework, whose fields are one level
//! down.
//!
//! `METRICS_NAMESPACE` is the namespace, so that the metrics of two deployments in one account stay
//! apart. `CALL_METRICS=off` leaves out the metrics by API and call, because CloudWatch bills each
//! combination. The members of the lines stay the same.

use std::env;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

static NAMESPACE: LazyLock<String> = LazyLock::new(|| {
    env::var("METRICS_NAMESPACE").ok().filter(|name| !name.is_empty()).unwrap_or("Recourse".to_owned())
});

static BY_CALL: LazyLock<bool> = LazyLock::new(|| env::var("CALL_METRICS").ok().as_deref() != Some("off"));

/// Whether requests are metrics by API and call, besides those by API.
#[must_use]
pub fn by_call() -> bool {
    *BY_CALL
}

/// What a metric counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number of events or items.
    Count,
    /// A duration.
    Milliseconds,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
        }
    }
}

/// A line being put together. All of it goes to the log, so nothing personal may be in it.
#[derive(Clone, Debug)]
pub struct EmfRecord {
    members: Map<String, Value>,
    metrics: Vec<Value>,
    dimensions: Vec<Vec<&'static str>>,
}

impl EmfRecord {
    /// A line `message` at a level such as `INFO`.
    #[must_use]
    pub fn new(level: &'static str, message: &'static str) -> Self {
        let members = [("level", level), ("message", message)];
        let members = members.map(|(name, value)| (name.to_owned(), value.into()));
        Self { members: members.into_iter().collect(), metrics: Vec::new(), dimensions: Vec::new() }
    }

    /// A member of the line; one without a value is left out.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        self.members.extend(value.map(|value| (name.to_owned(), value.into())));
        self
    }

    /// A member that is a metric, too.
    #[must_use]
    pub fn metric(mut self, name: &'static str, value: u64, unit: Unit) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self.metrics.push(json!({ "Name": name, "Unit": unit.name() }));
        self
    }

    /// Members by whose values the metrics are split; each call adds another way to see them.
    #[must_use]
    pub fn by<const N: usize>(mut self, members: [&'static str; N]) -> Self {
        self.dimensions.push(members.to_vec());
        self
    }

    /// The line, at a time in Unix milliseconds.
    #[must_use]
    pub fn text(mut self, at_unix_ms: i64) -> String {
        let directive = json!({ "Namespace": *NAMESPACE, "Dimensions": self.dimensions, "Metrics": self.metrics });
        let embedded = json!({ "Timestamp": at_unix_ms, "CloudWatchMetrics": [directive] });
        self.members.insert("_aws".to_owned(), embedded);
        Value::Object(self.members).to_string()
    }
}

/// Writes a line to standard output. An error is ignored: a request does not fail because its log
/// line is lost.
pub fn print(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_log_line_and_says_which_of_it_are_metrics() {
        let line = EmfRecord::new("INFO", "request")
            .with("api", Some("iimmpact"))
            .with("dispute", None::<String>)
            .metric("duration_ms", 12, Unit::Milliseconds)
            .metric("requests", 1, Unit::Count)
            .by(["api"]);
        let line: Value = serde_json::from_str(&line.text(1_764_547_200_000)).unwrap();
        let expected = json!({
            "level": "INFO", "message": "request", "api": "iimmpact", "duration_ms": 12, "requests": 1,
            "_aws": { "Timestamp": 1_764_547_200_000_i64, "CloudWatchMetrics": [{
                "Namespace": "Recourse", "Dimensions": [["api"]],
                "Metrics": [{ "Name": "duration_ms", "Unit": "Milliseconds" }, { "Name": "requests", "Unit": "Count" }],
            }] },
        });
        assert_eq!(line, expected);
    }
}
