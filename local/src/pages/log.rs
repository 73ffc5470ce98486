//! The log lines of one request, by the id that its answer had: `GET /log/{id}`.

use std::collections::BTreeSet;

use axum::body::Body;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::log::{LogLine, LogSink};
use crate::loopback::json as json_answer;

/// The lines as JSON: `{"lines": [{"from": .., "line": {..}}]}`, the oldest first.
pub(super) fn show(log: &LogSink, id: &str) -> Response<Body> {
    json_answer(StatusCode::OK, "application/json", &json!({ "lines": lines(&log.lines(), id) }))
}

/// The lines of the request or of the call of a function with this id. The line of a request names
/// the call, by which the other lines of the function are found.
fn lines(log: &[LogLine], id: &str) -> Vec<Value> {
    let read = log.iter().filter_map(|line| Some((&line.from, serde_json::from_str::<Value>(&line.text).ok()?)));
    let read: Vec<_> = read.collect();
    let text = |line: &Value, path: &str| line.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let mut ids = BTreeSet::from([id.to_owned()]);
    for (_, line) in &read {
        if text(line, "/request_id").is_some_and(|request| request == id) {
            ids.extend(text(line, "/invocation_id"));
        }
    }
    let is_wanted = |line: &Value| {
        let paths = ["/request_id", "/invocation_id", "/span/requestId"];
        paths.iter().any(|path| text(line, path).is_some_and(|found| ids.contains(&found)))
    };
    let wanted = read.iter().filter(|(_, line)| is_wanted(line));
    wanted.map(|(from, line)| json!({ "from": from, "line": line })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_its_own_line_and_those_of_its_call() {
        let log = LogSink::buffered();
        for line in [
            r#"{"message":"request","request_id":"A=","invocation_id":"1"}"#,
            r#"{"fields":{"message":"an entry"},"span":{"requestId":"1"}}"#,
            r#"{"message":"request","request_id":"B=","invocation_id":"2"}"#,
            "START A= 1",
        ] {
            log.line("PlatformImport", line);
        }
        let found = |id: &str| lines(&log.lines(), id).len();
        assert_eq!((found("A="), found("1"), found("B="), found("2"), found("C="), found("")), (2, 2, 1, 1, 0, 0));
        assert_eq!(lines(&log.lines(), "B=")[0]["from"], "PlatformImport");
    }
}
