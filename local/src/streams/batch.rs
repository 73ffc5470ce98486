//! One batch: the event it makes, and what a function's answer says about it.

use serde_json::{Value, json};

use crate::lambda::failed_items;
use crate::template::{ACCOUNT, REGION};

/// The event that Lambda makes of `records` of the stream `label` of `table`, in its place in AWS.
pub(super) fn event(records: &[Value], table: &str, label: &str) -> Vec<u8> {
    let arn = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}/stream/{label}");
    let placed = |record: &Value| {
        let mut record = record.clone();
        if let Some(members) = record.as_object_mut() {
            members.insert("awsRegion".to_owned(), json!(REGION));
            members.insert("eventSourceARN".to_owned(), json!(arn));
        }
        record
    };
    json!({"Records": records.iter().map(placed).collect::<Vec<_>>()}).to_string().into_bytes()
}

/// The sequence number of a record, its name in a report of failures.
pub(super) fn sequence_number(record: &Value) -> &str {
    record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str).unwrap_or_default()
}

/// What a function's answer says about its batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All records are dealt with.
    Done,
    /// Those before this index are; it and all after it are to be tried again.
    FailedFrom(usize),
}

/// Reads an answer of a mapping with `ReportBatchItemFailures`.
///
/// As in Lambda, the earliest record named is where the next attempt starts. A name that is empty,
/// missing or not one of the batch fails the whole batch, and so does an unreadable answer.
pub(super) fn outcome(answer: &[u8], batch: &[Value]) -> Outcome {
    let Some(failed) = failed_items(answer) else { return Outcome::FailedFrom(0) };
    let index = |id: &String| batch.iter().position(|record| sequence_number(record) == id).unwrap_or(0);
    failed.iter().map(index).min().map_or(Outcome::Done, Outcome::FailedFrom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch() -> Vec<Value> {
        ["10", "11", "12"]
            .iter()
            .map(|n| json!({"eventName": "INSERT", "awsRegion": "x", "dynamodb": {"SequenceNumber": n}}))
            .collect()
    }

    #[test]
    fn the_event_says_where_it_comes_from_as_aws_does() {
        let event: Value = serde_json::from_slice(&event(&batch()[..1], "recourse-t", "L")).unwrap();
        let expected = json!({"Records": [{
            "eventName": "INSERT", "awsRegion": "us-east-1", "dynamodb": {"SequenceNumber": "10"},
            "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/recourse-t/stream/L",
        }]});
        assert_eq!(event, expected);
    }

    #[test]
    fn the_earliest_failure_is_where_the_next_attempt_starts() {
        assert_eq!(outcome(b"", &batch()), Outcome::Done);
        let answer = br#"{"batchItemFailures":[{"itemIdentifier":"12"},{"itemIdentifier":"11"}]}"#;
        assert_eq!(outcome(answer, &batch()), Outcome::FailedFrom(1));
    }

    #[test]
    fn a_report_that_names_no_record_fails_the_whole_batch() {
        for id in ["", "99"] {
            let answer = format!(r#"{{"batchItemFailures":[{{"itemIdentifier":"{id}"}}]}}"#);
            assert_eq!(outcome(answer.as_bytes(), &batch()), Outcome::FailedFrom(0), "{id}");
        }
        assert_eq!(outcome(b"not json", &batch()), Outcome::FailedFrom(0));
    }
}
