//! Batches of a table's stream: what a record says of itself, and which ones are to come again.

use recourse_store::{DeliveryId, MailId};
use serde::Serialize;
use serde_json::Value;

/// What names an item of a table for a worker, and is read from the item's keys.
pub trait StreamId: Sized + PartialEq {
    /// The id of the item with this partition key and this sort key; `None` where that item is
    /// something else.
    fn from_key(pk: &str, sk: &str) -> Option<Self>;
}

impl StreamId for MailId {
    fn from_key(pk: &str, sk: &str) -> Option<Self> {
        Self::from_key(pk, sk)
    }
}

impl StreamId for DeliveryId {
    fn from_key(pk: &str, sk: &str) -> Option<Self> {
        Self::from_key(pk, sk)
    }
}

/// What a worker is called for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger<Id> {
    /// A batch of a table's stream: the items in it that are for the worker.
    Stream(Vec<StreamRecord<Id>>),
    /// The schedule: all that is due.
    Sweep,
}

/// An item in a batch of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamRecord<Id> {
    /// Which item.
    pub id: Id,
    /// The record's place in the stream.
    pub sequence_number: Option<String>,
}

/// An event that is neither a batch of a stream nor the schedule's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event must be a batch of a DynamoDB stream, {{\"Records\": [..]}}, or {{\"sweep\": true}}")]
pub struct UnknownTrigger;

impl<Id: StreamId> Trigger<Id> {
    /// Reads an event. Of a record only the keys count, and a record of anything but what the
    /// worker is for is skipped.
    ///
    /// # Errors
    /// [`UnknownTrigger`].
    pub fn read(event: &Value) -> Result<Self, UnknownTrigger> {
        if let Some(records) = records(event) {
            return Ok(Self::Stream(records.iter().filter_map(StreamRecord::read).collect()));
        }
        if event.get("sweep") == Some(&Value::Bool(true)) { Ok(Self::Sweep) } else { Err(UnknownTrigger) }
    }

    /// The name of the event for log lines.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Stream(_) => "stream",
            Self::Sweep => "sweep",
        }
    }

    /// The answer to it when these items could not be reached; a sweep names none.
    pub(crate) fn answer(&self, unreached: &[Id]) -> BatchResponse {
        let records = match self {
            Self::Stream(records) => records.as_slice(),
            Self::Sweep => &[],
        };
        let failed = records.iter().filter(|record| unreached.contains(&record.id));
        BatchResponse::of(failed.filter_map(|record| record.sequence_number.clone()))
    }
}

impl<Id: StreamId> StreamRecord<Id> {
    fn read(record: &Value) -> Option<Self> {
        let (pk, sk) = keys(record)?;
        let id = Id::from_key(pk, sk)?;
        Some(Self { id, sequence_number: sequence_number(record).map(str::to_owned) })
    }
}

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

#[cfg(test)]
mod tests {
    use recourse_dispute::notification::Audience;
    use serde_json::json;

    use super::*;
    use crate::deliveries::DeliveryTrigger;
    use crate::outbox::OutboxTrigger;

    fn record(pk: &str, sk: &str, sequence_number: &str) -> Value {
        json!({
            "eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb",
            "dynamodb": {"Keys": {"PK": {"S": pk}, "SK": {"S": sk}}, "SequenceNumber": sequence_number},
        })
    }

    fn mail(number: u64, version: u64) -> MailId {
        MailId { number: number.try_into().unwrap(), version, audience: Audience::Case }
    }

    #[test]
    fn a_batch_is_the_mails_in_it() {
        let event = json!({"Records": [
            record("DSP#551", "MAIL#0000000001", "100"),
            record("DSP#551", "DSP", "101"),
            record("DSP#551", "EVT#0000000001", "102"),
            record("TXN#production#551", "MAIL#0000000001", "103"),
            record("DSP#551", "MAIL#x", "104"),
            {"dynamodb": {"Keys": {"PK": {"N": "1"}}}}, null, 7, {},
            record("DSP#552", "MAIL#0000000003", "105"),
        ]});
        let OutboxTrigger::Stream(records) = OutboxTrigger::read(&event).unwrap() else { panic!("a stream's batch") };
        let read: Vec<_> = records.iter().map(|record| (record.id, record.sequence_number.as_deref())).collect();
        assert_eq!(read, [(mail(551, 1), Some("100")), (mail(552, 3), Some("105"))]);
        assert_eq!(OutboxTrigger::read(&json!({"Records": []})), Ok(OutboxTrigger::Stream(vec![])));
    }

    #[test]
    fn a_sweep_says_so_and_anything_else_is_refused() {
        assert_eq!(OutboxTrigger::read(&json!({"sweep": true})), Ok(OutboxTrigger::Sweep));
        for event in [json!({}), json!({"sweep": false}), json!({"Records": 1}), json!(null), json!([])] {
            assert_eq!(OutboxTrigger::read(&event), Err(UnknownTrigger), "{event}");
        }
    }

    #[test]
    fn the_answer_names_the_records_of_the_mails_that_were_not_reached() {
        let event = OutboxTrigger::read(&json!({"Records": [
            record("DSP#551", "MAIL#0000000001", "100"), record("DSP#552", "MAIL#0000000001", "101"),
        ]}));
        let answer = |unreached: &[MailId]| serde_json::to_value(event.as_ref().unwrap().answer(unreached)).unwrap();
        assert_eq!(answer(&[]), json!({"batchItemFailures": []}));
        assert_eq!(answer(&[mail(552, 1)]), json!({"batchItemFailures": [{"itemIdentifier": "101"}]}));
        assert_eq!(OutboxTrigger::Sweep.answer(&[mail(552, 1)]), BatchResponse::default());
    }

    #[test]
    fn a_batch_is_the_deliveries_in_it_and_a_sweep_says_so() {
        let record = |pk: &str, sk: &str, place: &str| json!({"dynamodb": {"Keys": {"PK": {"S": pk}, "SK": {"S": sk}}, "SequenceNumber": place}});
        let endpoint = "HOOK#we_0123456789abcdef01234567";
        let event = json!({"Records": [
            record(endpoint, "001780000000000#evt_551_2", "100"),
            record("NONCE#a#b", "NONCE#a#b", "101"),
            record("HOOK#else", "1#evt_1_1", "102"),
            null,
        ]});
        let trigger = DeliveryTrigger::read(&event).unwrap();
        let DeliveryTrigger::Stream(records) = &trigger else { panic!("a stream's batch") };
        let [one] = records.as_slice() else { panic!("{records:?}") };
        assert_eq!((one.id.event.as_str(), one.id.created_at.0), ("evt_551_2", 1_780_000_000_000));
        let answer = serde_json::to_value(trigger.answer(std::slice::from_ref(&one.id))).unwrap();
        assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "100"}]}));
        assert_eq!(DeliveryTrigger::read(&json!({"sweep": true})), Ok(DeliveryTrigger::Sweep));
        for event in [json!({}), json!({"sweep": false}), json!(null)] {
            assert_eq!(DeliveryTrigger::read(&event), Err(UnknownTrigger), "{event}");
        }
    }
}
