//! What a worker of deliveries is called with, and what it answers.

use recourse_store::DeliveryId;
use serde_json::Value;

use crate::stream::{self, BatchResponse};

/// What the worker is called for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryTrigger {
    /// A batch of the ephemeral table's stream: the deliveries in it.
    Stream(Vec<DeliveryRecord>),
    /// The schedule: all deliveries that are due.
    Sweep,
}

/// A delivery in a batch of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Which delivery.
    pub id: DeliveryId,
    /// The record's place in the stream.
    pub sequence_number: Option<String>,
}

/// An event that is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event must be a batch of a DynamoDB stream, {{\"Records\": [..]}}, or {{\"sweep\": true}}")]
pub struct UnknownTrigger;

impl DeliveryTrigger {
    /// Reads an event. Of a record only the keys count, and a record of anything but a delivery is
    /// skipped.
    ///
    /// # Errors
    /// [`UnknownTrigger`].
    pub fn read(event: &Value) -> Result<Self, UnknownTrigger> {
        if let Some(records) = stream::records(event) {
            return Ok(Self::Stream(records.iter().filter_map(DeliveryRecord::read).collect()));
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

    /// The answer to it when these deliveries could not be reached; a sweep names none.
    pub(crate) fn answer(&self, unreached: &[DeliveryId]) -> BatchResponse {
        let records = match self {
            Self::Stream(records) => records.as_slice(),
            Self::Sweep => &[],
        };
        let failed = records.iter().filter(|record| unreached.contains(&record.id));
        BatchResponse::of(failed.filter_map(|record| record.sequence_number.clone()))
    }
}

impl DeliveryRecord {
    fn read(record: &Value) -> Option<Self> {
        let (pk, sk) = stream::keys(record)?;
        let id = DeliveryId::from_key(pk, sk)?;
        Some(Self { id, sequence_number: stream::sequence_number(record).map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
