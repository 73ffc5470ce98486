//! The event source mapping of a queue: calls a function with batches of messages.
//!
//! As in Lambda, up to `MaximumConcurrency` batches are under way at a time. A batch is complete
//! when it has the batch size, or when the window is over that its first message began. The
//! messages that the function dealt with are deleted. All others come again after the queue's
//! visibility timeout, and in the end they are in its failure queue.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::Sqs;
use super::messages::{Delivery, arn};
use crate::lambda::{MAX_PAYLOAD, failed_items};
use crate::streams::Pump;
use crate::template::{QueueSource, REGION};

/// How many messages one receive brings at most, SQS's own limit.
const RECEIVE: usize = 10;
/// The bytes of an event besides its messages, rounded up.
const ENVELOPE: usize = 1_024;
/// How long a function that cannot be reached is left alone.
const PAUSE: Duration = Duration::from_millis(100);

/// Starts to read a queue. `invoke` calls the function with an event and returns its answer, or
/// nothing where it failed; Lambda logs why. When it is stopped, the messages of batches under way
/// come again.
pub(crate) fn start<F, A>(sqs: &Sqs, source: &QueueSource, invoke: F) -> Pump
where
    F: Fn(Vec<u8>) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Option<Vec<u8>>> + Send + 'static,
{
    Pump { task: tokio::spawn(run(sqs.clone(), source.clone(), invoke)) }
}

async fn run<F, A>(sqs: Sqs, source: QueueSource, invoke: F)
where
    F: Fn(Vec<u8>) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Option<Vec<u8>>> + Send + 'static,
{
    let free = Arc::new(Semaphore::new(source.max_concurrency));
    // Dropped with this task, and the invocations with it.
    let mut invocations = JoinSet::new();
    loop {
        let Ok(permit) = Arc::clone(&free).acquire_owned().await else { return };
        while invocations.try_join_next().is_some() {}
        let batch = gather(&sqs, &source).await;
        let (sqs, source, invoke) = (sqs.clone(), source.clone(), invoke.clone());
        invocations.spawn(async move {
            match invoke(event(&batch, &source.queue)).await {
                Some(answer) => {
                    for message in done(&answer, &batch, source.partial_batch) {
                        sqs.delete(&source.queue, &message.receipt);
                    }
                }
                None => tokio::time::sleep(PAUSE).await,
            }
            drop(permit);
        });
    }
}

/// The next batch: waits for its first message, and then for more until the window is over.
async fn gather(sqs: &Sqs, source: &QueueSource) -> Vec<Delivery> {
    let mut budget = MAX_PAYLOAD - ENVELOPE;
    let mut batch: Vec<Delivery> = Vec::new();
    let mut ends: Option<Instant> = None;
    loop {
        let count = RECEIVE.min(source.batch_size.saturating_sub(batch.len()));
        let receiving = sqs.receive(&source.queue, count, budget);
        let received = match ends {
            None => receiving.await,
            // What a receive that is cut off here would have received stays visible.
            Some(ends) => timeout_at(ends, receiving).await.unwrap_or_default(),
        };
        let is_over = received.is_empty();
        for message in received {
            budget = budget.saturating_sub(record(&message, &source.queue).to_string().len() + 1);
            batch.push(message);
        }
        let ends = *ends.get_or_insert_with(|| Instant::now() + source.window);
        let is_full = batch.len() >= source.batch_size || budget < MAX_PAYLOAD / 2;
        if is_over || is_full || Instant::now() >= ends {
            return batch;
        }
    }
}

fn record(message: &Delivery, queue: &str) -> Value {
    json!({
        "messageId": message.id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": message.attributes,
        "messageAttributes": {},
        "md5OfBody": message.md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": arn(queue),
        "awsRegion": REGION,
    })
}

/// The event that Lambda makes of a batch.
fn event(batch: &[Delivery], queue: &str) -> Vec<u8> {
    let records: Vec<Value> = batch.iter().map(|message| record(message, queue)).collect();
    json!({ "Records": records }).to_string().into_bytes()
}

/// The messages that a function's answer says are dealt with.
///
/// As in Lambda, a name that is empty, missing or not one of the batch fails the whole batch, and
/// so does an unreadable answer. Without `partial_batch` any answer is success.
fn done<'b>(answer: &[u8], batch: &'b [Delivery], partial_batch: bool) -> Vec<&'b Delivery> {
    if !partial_batch {
        return batch.iter().collect();
    }
    let Some(failed) = failed_items(answer) else { return Vec::new() };
    if !failed.iter().all(|id| batch.iter().any(|message| message.id == *id)) {
        return Vec::new();
    }
    batch.iter().filter(|message| !failed.contains(&message.id)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn batch() -> Vec<Delivery> {
        let message = |id: &str| Delivery {
            id: id.to_owned(),
            receipt: format!("receipt of {id}"),
            body: r#"{"trxid": "1"}"#.to_owned(),
            md5: "md5".to_owned(),
            attributes: BTreeMap::from([("ApproximateReceiveCount", "1".to_owned())]),
        };
        ["a", "b", "c"].map(message).to_vec()
    }

    fn deleted(answer: &str) -> Vec<String> {
        done(answer.as_bytes(), &batch(), true).into_iter().map(|message| message.id.clone()).collect()
    }

    #[test]
    fn the_event_has_lambdas_form() {
        let event: Value = serde_json::from_slice(&event(&batch()[..1], "IngestQueue")).unwrap();
        let expected = json!({ "Records": [{
            "messageId": "a", "receiptHandle": "receipt of a", "body": "{\"trxid\": \"1\"}",
            "attributes": { "ApproximateReceiveCount": "1" }, "messageAttributes": {}, "md5OfBody": "md5",
            "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:IngestQueue",
            "awsRegion": "us-east-1",
        }] });
        assert_eq!(event, expected);
    }

    #[test]
    fn messages_that_are_not_reported_as_failed_are_deleted() {
        assert_eq!(deleted(""), ["a", "b", "c"]);
        assert_eq!(deleted(r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#), ["a", "c"]);
        let failed = r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#;
        assert_eq!(done(failed.as_bytes(), &batch(), false).len(), 3, "a mapping without partial batches");
    }

    #[test]
    fn a_report_that_names_no_message_of_the_batch_fails_all() {
        for id in ["", "x"] {
            let answer = format!(r#"{{"batchItemFailures":[{{"itemIdentifier":"{id}"}}]}}"#);
            assert!(deleted(&answer).is_empty(), "{id}");
        }
        assert!(deleted("not json").is_empty());
    }
}
