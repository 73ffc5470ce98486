//! The operations of SQS in its JSON protocol (`AmazonSQS.SendMessage` and the like).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::{Body, Bytes};
use http::{HeaderValue, Request, Response, StatusCode};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use super::Queues;
use super::error::SqsError;
use super::messages::{Delivery, InvalidReceipt, Sent, arn};
use super::move_task::MoveTasks;
use crate::lock::lock;
use crate::loopback::json as answer_json;
use crate::policy::{Iam, Use, signed_by};
use crate::template::{ACCOUNT, Queue};

/// The content type of the protocol.
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
/// The most messages of one request (SQS, "Message quotas").
const MAX_BATCH: usize = 10;
/// The most bytes of one request's messages together: 1 MiB.
const MAX_BATCH_BYTES: usize = 1024 * 1024;
/// The longest visibility timeout, in seconds: 12 hours.
const MAX_VISIBILITY: u64 = 12 * 60 * 60;
/// The longest wait of a receive, in seconds.
const MAX_WAIT: u64 = 20;
/// The most characters of the id of a batch's entry.
const MAX_ENTRY_ID: usize = 80;

/// The operations.
#[derive(Debug)]
pub(super) struct Service {
    queues: Arc<Queues>,
    iam: Arc<OnceLock<Arc<Iam>>>,
    tasks: Mutex<MoveTasks>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage {
    message_body: Option<String>,
    #[serde(flatten)]
    options: SendOptions,
}

/// What a message may have besides its body, and is not known here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendOptions {
    delay_seconds: Option<i64>,
    message_attributes: Option<BTreeMap<String, IgnoredAny>>,
    message_group_id: Option<IgnoredAny>,
    message_deduplication_id: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    message_body: Option<String>,
    receipt_handle: Option<String>,
    visibility_timeout: Option<u64>,
    #[serde(flatten)]
    options: SendOptions,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entries {
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiveMessage {
    max_number_of_messages: Option<usize>,
    visibility_timeout: Option<u64>,
    wait_time_seconds: Option<u64>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    /// The older name of the same.
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneReceipt {
    receipt_handle: Option<String>,
    visibility_timeout: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Moving {
    destination_arn: Option<String>,
    max_results: Option<usize>,
}

/// The queue that a request names.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Named {
    queue_url: Option<String>,
    queue_name: Option<String>,
    source_arn: Option<String>,
}

impl Named {
    /// The queue's name: the last part of its address or of its ARN.
    fn name(&self) -> Option<&str> {
        let of_url = self.queue_url.as_deref().and_then(|url| url.rsplit('/').next());
        let of_arn = self.source_arn.as_deref().and_then(|arn| arn.rsplit(':').next());
        of_url.or(self.queue_name.as_deref()).or(of_arn)
    }
}

/// The address of a queue.
pub(super) fn queue_url(endpoint: &str, name: &str) -> String {
    format!("{endpoint}/{ACCOUNT}/{name}")
}

/// Receives messages of a queue, and waits for the first one: until `wait`, or without an end.
pub(super) async fn receive(
    queues: &Queues,
    name: &str,
    count: usize,
    visibility: Option<Duration>,
    wait: Option<Instant>,
    budget: usize,
) -> Vec<Delivery> {
    loop {
        // Before the look, so that a message that comes after it is noticed.
        let mut sent = std::pin::pin!(queues.sent.notified());
        sent.as_mut().enable();
        // Also before the look, so that none becomes visible between the two and is waited for no
        // more.
        let now = Instant::now();
        let (received, next) = {
            let mut messages = queues.lock();
            (messages.receive(name, count, visibility, budget), messages.next_visible(name, now))
        };
        if !received.is_empty() || wait.is_some_and(|wait| wait <= now) {
            return received;
        }
        let next = next.into_iter().chain(wait).min();
        match next {
            Some(next) => tokio::select! {
                () = sent => {}
                () = sleep_until(next) => {}
            },
            None => sent.await,
        }
    }
}

impl Service {
    pub(super) fn new(queues: Arc<Queues>, iam: Arc<OnceLock<Arc<Iam>>>) -> Self {
        Self { queues, iam, tasks: Mutex::default() }
    }

    /// Answers one request.
    pub(super) async fn answer(&self, request: &Request<Bytes>) -> Response<Body> {
        let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let operation = target.strip_prefix("AmazonSQS.").unwrap_or_default();
        match self.done(operation, request).await {
            Ok(value) => answer_json(StatusCode::OK, CONTENT_TYPE, &value),
            Err(error) => {
                let body = json!({ "__type": format!("com.amazonaws.sqs#{}", error.code), "message": error.message });
                let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
                let mut answer = answer_json(status, CONTENT_TYPE, &body);
                if let Ok(value) = HeaderValue::from_str(&format!("{};Sender", error.query_code())) {
                    answer.headers_mut().insert("x-amzn-query-error", value);
                }
                answer
            }
        }
    }

    async fn done(&self, operation: &str, request: &Request<Bytes>) -> Result<Value, SqsError> {
        let named: Named = read(request.body())?;
        if let Some(iam) = self.iam.get() {
            let resource = arn(named.name().unwrap_or_default());
            let used = Use { action: format!("sqs:{operation}"), resource, context: Vec::new() };
            iam.check(signed_by(request.headers()), || vec![used])?;
        }
        if operation == "ListQueues" {
            let urls: Vec<String> = self.queues.lock().names().map(|name| url_of(request, name)).collect();
            return Ok(json!({ "QueueUrls": urls }));
        }
        let name = named.name().ok_or_else(|| SqsError::missing("QueueUrl"))?;
        let missing = || if operation.contains("MoveTask") { SqsError::no_resource() } else { SqsError::no_queue() };
        let queue = self.queues.lock().queue(name).cloned().ok_or_else(missing)?;
        let body = request.body();
        match operation {
            "GetQueueUrl" => Ok(json!({ "QueueUrl": url_of(request, name) })),
            "GetQueueAttributes" => self.attributes(&queue, read(body)?),
            "SendMessage" => self.send(&queue, read(body)?),
            "SendMessageBatch" => self.send_batch(&queue, read(body)?),
            "ReceiveMessage" => self.receive(&queue, read(body)?).await,
            "DeleteMessage" => self.delete(&queue, read(body)?),
            "DeleteMessageBatch" => self.delete_batch(&queue, read(body)?),
            "ChangeMessageVisibility" => self.change_visibility(&queue, read(body)?),
            "ChangeMessageVisibilityBatch" => self.change_visibility_batch(&queue, read(body)?),
            "PurgeQueue" => {
                self.queues.lock().purge(name);
                Ok(json!({}))
            }
            "StartMessageMoveTask" => self.start_move(&queue, read(body)?),
            "ListMessageMoveTasks" => {
                let moving: Moving = read(body)?;
                let tasks = lock(&self.tasks);
                Ok(tasks.list(&arn(name), moving.max_results.unwrap_or(1)))
            }
            _ => Err(SqsError::new("InvalidAction", format!("The action {operation} is not known here."))),
        }
    }

    fn attributes(&self, queue: &Queue, wanted: Attributes) -> Result<Value, SqsError> {
        let depth = self.queues.lock().depth(&queue.name);
        let mut all = vec![
            ("QueueArn", arn(&queue.name)),
            ("ApproximateNumberOfMessages", depth.visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", depth.in_flight.to_string()),
            ("ApproximateNumberOfMessagesDelayed", "0".to_owned()),
            ("VisibilityTimeout", queue.visibility.as_secs().to_string()),
            ("MaximumMessageSize", queue.max_bytes.to_string()),
            ("MessageRetentionPeriod", queue.retention.as_secs().to_string()),
            ("DelaySeconds", "0".to_owned()),
        ];
        if let Some(redrive) = &queue.redrive {
            let policy = json!({ "deadLetterTargetArn": arn(&redrive.to), "maxReceiveCount": redrive.max_receives });
            all.push(("RedrivePolicy", policy.to_string()));
        }
        let is_wanted = |name: &str| wanted.attribute_names.iter().any(|wanted| wanted == name || wanted == "All");
        let shown = all.into_iter().filter(|(name, _)| is_wanted(name));
        let shown: serde_json::Map<String, Value> =
            shown.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
        Ok(json!({ "Attributes": shown }))
    }

    fn send(&self, queue: &Queue, sent: SendMessage) -> Result<Value, SqsError> {
        let body = checked(queue, sent.message_body, &sent.options)?;
        let Sent { id, md5 } = self.put(&queue.name, &body)?;
        Ok(json!({ "MessageId": id, "MD5OfMessageBody": md5 }))
    }

    fn put(&self, name: &str, body: &str) -> Result<Sent, SqsError> {
        let sent = self.queues.lock().send(name, body).ok_or_else(SqsError::no_queue);
        self.queues.sent.notify_waiters();
        sent
    }

    fn send_batch(&self, queue: &Queue, batch: Entries) -> Result<Value, SqsError> {
        let entries = distinct(batch)?;
        let bytes: usize = entries.iter().filter_map(|entry| entry.message_body.as_ref()).map(String::len).sum();
        if bytes > MAX_BATCH_BYTES {
            let text =
                format!("Batch requests cannot be longer than {MAX_BATCH_BYTES} bytes. You have sent {bytes} bytes.");
            return Err(SqsError::new("BatchRequestTooLong", text));
        }
        each(entries, |entry| {
            let body = checked(queue, entry.message_body, &entry.options)?;
            let Sent { id, md5 } = self.put(&queue.name, &body)?;
            Ok(json!({ "MessageId": id, "MD5OfMessageBody": md5 }))
        })
    }

    async fn receive(&self, queue: &Queue, wanted: ReceiveMessage) -> Result<Value, SqsError> {
        let count = wanted.max_number_of_messages.unwrap_or(1);
        if !(1..=MAX_BATCH).contains(&count) {
            let rule = format!(
                "Value {count} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
            );
            return Err(SqsError::invalid(rule));
        }
        let wait = wanted.wait_time_seconds.unwrap_or_default();
        if wait > MAX_WAIT {
            let rule = format!(
                "Value {wait} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."
            );
            return Err(SqsError::invalid(rule));
        }
        let visibility = wanted.visibility_timeout.map(timeout_of).transpose()?;
        let until = Instant::now() + Duration::from_secs(wait);
        let received = receive(&self.queues, &queue.name, count, visibility, Some(until), usize::MAX).await;
        if received.is_empty() {
            return Ok(json!({}));
        }
        let names: Vec<&String> = wanted.message_system_attribute_names.iter().chain(&wanted.attribute_names).collect();
        let is_wanted = |name: &str| names.iter().any(|wanted| *wanted == name || *wanted == "All");
        let shown = received.into_iter().map(|message| {
            let mut shown = json!({
                "MessageId": message.id, "ReceiptHandle": message.receipt, "Body": message.body,
                "MD5OfBody": message.md5,
            });
            let attributes = message.attributes.into_iter().filter(|(name, _)| is_wanted(name));
            let attributes: BTreeMap<&str, String> = attributes.collect();
            if let Some(shown) = shown.as_object_mut().filter(|_| !attributes.is_empty()) {
                shown.insert("Attributes".to_owned(), json!(attributes));
            }
            shown
        });
        Ok(json!({ "Messages": shown.collect::<Vec<_>>() }))
    }

    fn delete(&self, queue: &Queue, one: OneReceipt) -> Result<Value, SqsError> {
        let receipt = one.receipt_handle.ok_or_else(|| SqsError::missing("ReceiptHandle"))?;
        self.queues.lock().delete(&queue.name, &receipt).map_err(invalid_receipt)?;
        Ok(json!({}))
    }

    fn delete_batch(&self, queue: &Queue, batch: Entries) -> Result<Value, SqsError> {
        each(distinct(batch)?, |entry| {
            self.delete(queue, OneReceipt { receipt_handle: entry.receipt_handle, visibility_timeout: None })
        })
    }

    fn change_visibility(&self, queue: &Queue, one: OneReceipt) -> Result<Value, SqsError> {
        let receipt = one.receipt_handle.ok_or_else(|| SqsError::missing("ReceiptHandle"))?;
        let timeout = one.visibility_timeout.ok_or_else(|| SqsError::missing("VisibilityTimeout"))?;
        let changed = self.queues.lock().change_visibility(&queue.name, &receipt, timeout_of(timeout)?);
        self.queues.sent.notify_waiters();
        if changed.map_err(invalid_receipt)? {
            return Ok(json!({}));
        }
        let text = "Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.";
        Err(SqsError::new("MessageNotInflight", text))
    }

    fn change_visibility_batch(&self, queue: &Queue, batch: Entries) -> Result<Value, SqsError> {
        each(distinct(batch)?, |entry| {
            let (receipt_handle, visibility_timeout) = (entry.receipt_handle, entry.visibility_timeout);
            self.change_visibility(queue, OneReceipt { receipt_handle, visibility_timeout })
        })
    }

    fn start_move(&self, queue: &Queue, moving: Moving) -> Result<Value, SqsError> {
        let mut messages = self.queues.lock();
        if !messages.is_failure_queue(&queue.name) {
            return Err(SqsError::invalid("Source queue must be configured as a Dead Letter Queue."));
        }
        let destination = moving.destination_arn;
        let to = destination.as_deref().and_then(|arn| arn.rsplit(':').next());
        if to.is_some_and(|to| messages.queue(to).is_none()) {
            return Err(SqsError::no_resource());
        }
        let moved = messages.move_all(&queue.name, to);
        drop(messages);
        self.queues.sent.notify_waiters();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let started_ms = u64::try_from(now).unwrap_or(u64::MAX);
        let mut tasks = lock(&self.tasks);
        let handle = tasks.add(&arn(&queue.name), destination.as_deref(), moved, started_ms);
        Ok(json!({ "TaskHandle": handle }))
    }
}

fn invalid_receipt(InvalidReceipt: InvalidReceipt) -> SqsError {
    SqsError::new("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
}

/// The address of a queue, at the host that the request came to.
fn url_of(request: &Request<Bytes>, name: &str) -> String {
    let host = request.headers().get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    queue_url(&format!("http://{host}"), name)
}

fn timeout_of(seconds: u64) -> Result<Duration, SqsError> {
    if seconds > MAX_VISIBILITY {
        let rule = format!(
            "Value {seconds} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and {MAX_VISIBILITY}, if provided."
        );
        return Err(SqsError::invalid(rule));
    }
    Ok(Duration::from_secs(seconds))
}

/// The body of a message, where the queue takes it.
fn checked(queue: &Queue, body: Option<String>, options: &SendOptions) -> Result<String, SqsError> {
    let has_attributes = options.message_attributes.as_ref().is_some_and(|attributes| !attributes.is_empty());
    let is_fifo = options.message_group_id.is_some() || options.message_deduplication_id.is_some();
    if has_attributes || is_fifo || options.delay_seconds.is_some_and(|delay| delay != 0) {
        return Err(SqsError::new(
            "UnsupportedOperation",
            "Attributes, groups and delays of messages are not known here.",
        ));
    }
    let body = body.filter(|body| !body.is_empty()).ok_or_else(|| SqsError::missing("MessageBody"))?;
    if body.len() > queue.max_bytes {
        let rule = format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {} bytes.",
            queue.max_bytes
        );
        return Err(SqsError::invalid(rule));
    }
    // SQS takes what XML 1.0 takes.
    let is_taken =
        |character: char| matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    if body.chars().all(is_taken) {
        return Ok(body);
    }
    let text = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF";
    Err(SqsError::new("InvalidMessageContents", text))
}

/// The entries of a batch, of which there are at most ten, each with an id of its own.
fn distinct(batch: Entries) -> Result<Vec<Entry>, SqsError> {
    let entries = batch.entries;
    if entries.is_empty() {
        let text = "There should be at least one entry in the request.";
        return Err(SqsError::new("EmptyBatchRequest", text));
    }
    if entries.len() > MAX_BATCH {
        let text = format!("Maximum number of entries per request are {MAX_BATCH}. You have sent {}.", entries.len());
        return Err(SqsError::new("TooManyEntriesInBatchRequest", text));
    }
    let is_id = |id: &str| {
        (1..=MAX_ENTRY_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if !entries.iter().all(|entry| is_id(&entry.id)) {
        let text = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
        return Err(SqsError::new("InvalidBatchEntryId", text));
    }
    let ids: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    if ids.len() == entries.len() {
        return Ok(entries);
    }
    Err(SqsError::new("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id."))
}

/// The answer to a batch: what `act` made of each entry. One that fails leaves the others alone.
fn each(entries: Vec<Entry>, act: impl Fn(Entry) -> Result<Value, SqsError>) -> Result<Value, SqsError> {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let id = entry.id.clone();
        match act(entry) {
            Ok(mut done) => {
                if let Some(done) = done.as_object_mut() {
                    done.insert("Id".to_owned(), id.into());
                }
                successful.push(done);
            }
            Err(error) => {
                failed.push(json!({ "Id": id, "Code": error.code, "Message": error.message, "SenderFault": true }));
            }
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

/// A request's body; an empty one is an empty object.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, SqsError> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|_| SqsError::new("SerializationException", "The request cannot be read."))
}
