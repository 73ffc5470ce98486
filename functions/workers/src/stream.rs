//! Batches of the table's stream: what a record says of itself, and which ones are to come again.

use serde::Serialize;
use serde_json::Value;

/// The records of a batch that are to be sent again (Lambda's `ReportBatchItemFailures`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    /// The records.
    pub batch_item_failures: Vec<BatchItemFailure>,
}

/// A record that is to be sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    /// Its place in the stream.
    pub item_identifier: String,
}

impl BatchResponse {
    /// The answer that names the records at these places.
    pub(crate) fn of(places: impl IntoIterator<Item = String>) -> Self {
        let failures = places.into_iter().map(|item_identifier| BatchItemFailure { item_identifier });
        Self { batch_item_failures: failures.collect() }
    }
}

/// The records of an event, if it is a batch.
pub(crate) fn records(event: &Value) -> Option<&[Value]> {
    event.get("Records")?.as_array().map(Vec::as_slice)
}

/// The partition key and the sort key of a record's item.
pub(crate) fn keys(record: &Value) -> Option<(&str, &str)> {
    let key = |at| record.pointer(at).and_then(Value::as_str);
    Some((key("/dynamodb/Keys/PK/S")?, key("/dynamodb/Keys/SK/S")?))
}

/// A record's place in the stream.
pub(crate) fn sequence_number(record: &Value) -> Option<&str> {
    record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str)
}
