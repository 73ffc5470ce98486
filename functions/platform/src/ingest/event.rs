//! What the event source mapping of a queue calls with, and what it is answered.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A batch of a queue's messages (AWS Lambda, "Using Lambda with Amazon SQS").
#[derive(Clone, Debug, Deserialize)]
pub struct QueueEvent {
    /// The messages.
    #[serde(rename = "Records")]
    pub messages: Vec<QueueMessage>,
}

/// One message. Its `Debug` has no body, which is in no log.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueMessage {
    /// SQS's id of it, which it keeps in the failure queue.
    pub message_id: String,
    /// What was sent.
    pub body: String,
}

impl fmt::Debug for QueueMessage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message_id, body } = self;
        out.debug_struct("QueueMessage").field("message_id", message_id).field("body", &body.len()).finish()
    }
}

/// The messages that are to come again (Lambda's `ReportBatchItemFailures`). SQS deletes all others
/// of the batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueResponse {
    /// The messages.
    pub batch_item_failures: Vec<FailedMessage>,
}

/// A message that is to come again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedMessage {
    /// SQS's id of it.
    pub item_identifier: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_batch_is_read_and_answered_in_lambdas_form() {
        let event = json!({ "Records": [{
            "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d", "receiptHandle": "AQEB", "body": "{}",
            "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183" },
            "messageAttributes": {}, "md5OfBody": "99914b932bd37a50b983c5e7c90ae93b", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:IngestQueue", "awsRegion": "us-east-1",
        }] });
        let event: QueueEvent = serde_json::from_value(event).unwrap();
        let [message] = event.messages.as_slice() else { panic!("{event:?}") };
        assert_eq!(message.body, "{}");
        let shown = format!("{event:?}");
        assert!(shown.contains("059f36b4") && shown.contains("body: 2"), "{shown}");
        let failed = FailedMessage { item_identifier: message.message_id.clone() };
        let answer = serde_json::to_value(QueueResponse { batch_item_failures: vec![failed] }).unwrap();
        assert_eq!(
            answer,
            json!({ "batchItemFailures": [{ "itemIdentifier": "059f36b4-87a3-44ab-83d2-661975830a7d" }] })
        );
        assert!(serde_json::from_value::<QueueEvent>(json!({ "sweep": true })).is_err());
    }
}
