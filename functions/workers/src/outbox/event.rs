//! What the worker is called with, and what it answers.

use recourse_store::MailId;
use serde_json::Value;

use crate::stream;

pub use crate::stream::{BatchItemFailure, BatchResponse};

/// What the worker is called for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboxTrigger {
    /// A batch of the table's stream: the mails in it.
    Stream(Vec<StreamRecord>),
    /// The schedule: all mails that are due.
    Sweep,
}

/// A mail in a batch of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamRecord {
    /// Which mail.
    pub mail: MailId,
    /// The record's place in the stream.
    pub sequence_number: Option<String>,
}

/// An event that is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event must be a batch of a DynamoDB stream, {{\"Records\": [..]}}, or {{\"sweep\": true}}")]
pub struct UnknownEvent;

impl OutboxTrigger {
    /// Reads an event. Of a record only the keys count, and a record of anything but a mail is
    /// skipped.
    ///
    /// # Errors
    /// [`UnknownEvent`].
    pub fn read(event: &Value) -> Result<Self, UnknownEvent> {
        if let Some(records) = stream::records(event) {
            return Ok(Self::Stream(records.iter().filter_map(StreamRecord::read).collect()));
        }
        if event.get("sweep") == Some(&Value::Bool(true)) { Ok(Self::Sweep) } else { Err(UnknownEvent) }
    }

    /// The name of the event for log lines.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Stream(_) => "stream",
            Self::Sweep => "sweep",
        }
    }

    /// The answer to it when these mails could not be reached; a sweep names none.
    pub(super) fn answer(&self, unreached: &[MailId]) -> BatchResponse {
        let records = match self {
            Self::Stream(records) => records.as_slice(),
            Self::Sweep => &[],
        };
        let failed = records.iter().filter(|record| unreached.contains(&record.mail));
        BatchResponse::of(failed.filter_map(|record| record.sequence_number.clone()))
    }
}

impl StreamRecord {
    fn read(record: &Value) -> Option<Self> {
        let (pk, sk) = stream::keys(record)?;
        let mail = MailId::from_key(pk, sk)?;
        Some(Self { mail, sequence_number: stream::sequence_number(record).map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use recourse_dispute::notification::Audience;
    use serde_json::json;

    use super::*;

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
        let read: Vec<_> = records.iter().map(|record| (record.mail, record.sequence_number.as_deref())).collect();
        assert_eq!(read, [(mail(551, 1), Some("100")), (mail(552, 3), Some("105"))]);
        assert_eq!(OutboxTrigger::read(&json!({"Records": []})), Ok(OutboxTrigger::Stream(vec![])));
    }

    #[test]
    fn a_sweep_says_so_and_anything_else_is_refused() {
        assert_eq!(OutboxTrigger::read(&json!({"sweep": true})), Ok(OutboxTrigger::Sweep));
        for event in [json!({}), json!({"sweep": false}), json!({"Records": 1}), json!(null), json!([])] {
            assert_eq!(OutboxTrigger::read(&event), Err(UnknownEvent), "{event}");
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
}
