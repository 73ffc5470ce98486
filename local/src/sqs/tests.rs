//! SQS over HTTP, as its clients see it.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::messages::Messages;
use super::{QueueDepth, Sqs, mapping};
use crate::policy::Iam;
use crate::template::{Queue, QueueSource, Redrive};
use crate::testing::{http_call, specimen, until};

fn queue(name: &str) -> Queue {
    let (visibility, retention) = (Duration::from_secs(600), Duration::from_secs(3_600));
    Queue { name: name.to_owned(), visibility, retention, max_bytes: 1_000, redrive: None }
}

/// A queue `Q` whose failure queue is `Dead`.
async fn sqs() -> Sqs {
    let redrive = Some(Redrive { to: "Dead".to_owned(), max_receives: 2 });
    Sqs::start(&[Queue { redrive, ..queue("Q") }, queue("Dead")]).await.unwrap()
}

async fn call_as(sqs: &Sqs, key: &str, operation: &str, input: &Value) -> (u16, Value) {
    let request = Request::post(sqs.endpoint())
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("AmazonSQS.{operation}"))
        .header("authorization", format!("AWS4-HMAC-SHA256 Credential={key}/20200101/us-east-1/sqs/aws4_request"))
        .body(Body::from(input.to_string()))
        .unwrap();
    let answer = http_call(request).await.unwrap();
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap())
}

/// Calls an operation of the queue `Q`, which has to succeed.
async fn call(sqs: &Sqs, operation: &str, input: Value) -> Value {
    let mut input = input;
    input["QueueUrl"] = sqs.queue_url("Q").into();
    let (status, answer) = call_as(sqs, "LOCALtests", operation, &input).await;
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

/// The name of the error of an operation of the queue `Q`.
async fn refused(sqs: &Sqs, operation: &str, input: Value) -> String {
    let mut input = input;
    if input.get("QueueUrl").is_none() {
        input["QueueUrl"] = sqs.queue_url("Q").into();
    }
    let (status, answer) = call_as(sqs, "LOCALtests", operation, &input).await;
    assert_eq!(status, 400, "{operation}: {answer}");
    answer["__type"].as_str().unwrap().strip_prefix("com.amazonaws.sqs#").unwrap().to_owned()
}

async fn receive(sqs: &Sqs) -> Vec<Value> {
    let wanted = json!({ "MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["All"] });
    let answer = call(sqs, "ReceiveMessage", wanted).await;
    answer["Messages"].as_array().cloned().unwrap_or_default()
}

#[tokio::test]
async fn a_message_is_sent_received_and_deleted() {
    let sqs = sqs().await;
    let sent = call(&sqs, "SendMessage", json!({ "MessageBody": "hello world" })).await;
    // As AWS's own example has it for this text.
    assert_eq!(sent["MD5OfMessageBody"], "5eb63bbbe01eeed093cb22bb8f5acdc3");
    let messages = receive(&sqs).await;
    let [message] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!((&message["MessageId"], &message["Body"]), (&sent["MessageId"], &json!("hello world")));
    assert_eq!(
        (&message["MD5OfBody"], &message["Attributes"]["ApproximateReceiveCount"]),
        (&sent["MD5OfMessageBody"], &json!("1"))
    );
    assert!(receive(&sqs).await.is_empty(), "it is in flight");
    assert_eq!(sqs.depth("Q"), QueueDepth { visible: 0, in_flight: 1 });
    call(&sqs, "DeleteMessage", json!({ "ReceiptHandle": message["ReceiptHandle"] })).await;
    assert_eq!(sqs.depth("Q"), QueueDepth::default());
    call(&sqs, "DeleteMessage", json!({ "ReceiptHandle": message["ReceiptHandle"] })).await;
}

#[tokio::test]
async fn a_message_that_is_not_deleted_comes_again_and_then_goes_to_the_failure_queue() {
    let sqs = sqs().await;
    let sent = call(&sqs, "SendMessage", json!({ "MessageBody": "x" })).await;
    let first = receive(&sqs).await.remove(0);
    sqs.end_visibility("Q");
    let second = receive(&sqs).await.remove(0);
    assert_eq!(second["Attributes"]["ApproximateReceiveCount"], "2");
    // The handle of an earlier receive deletes nothing.
    call(&sqs, "DeleteMessage", json!({ "ReceiptHandle": first["ReceiptHandle"] })).await;
    assert_eq!(sqs.depth("Q").in_flight, 1);
    sqs.end_visibility("Q");
    assert!(receive(&sqs).await.is_empty());
    assert_eq!((sqs.depth("Q"), sqs.bodies("Dead")), (QueueDepth::default(), vec!["x".to_owned()]));
    let dead = json!({ "QueueUrl": sqs.queue_url("Dead"), "AttributeNames": ["DeadLetterQueueSourceArn"] });
    let (_, dead) = call_as(&sqs, "LOCALtests", "ReceiveMessage", &dead).await;
    let dead = &dead["Messages"][0];
    assert_eq!(dead["MessageId"], sent["MessageId"]);
    let from = json!({ "DeadLetterQueueSourceArn": "arn:aws:sqs:us-east-1:000000000000:Q" });
    assert_eq!(dead["Attributes"], from, "what was asked for");
    sqs.end_visibility("Dead");
    let dead = json!({ "QueueUrl": sqs.queue_url("Dead") });
    let (_, dead) = call_as(&sqs, "LOCALtests", "ReceiveMessage", &dead).await;
    assert!(dead["Messages"][0]["Body"].is_string() && dead["Messages"][0].get("Attributes").is_none(), "{dead}");
}

#[tokio::test]
async fn a_move_task_brings_messages_back_as_new_ones() {
    let sqs = sqs().await;
    for body in ["a", "b"] {
        call(&sqs, "SendMessage", json!({ "MessageBody": body })).await;
    }
    for _ in 0..3 {
        receive(&sqs).await;
        sqs.end_visibility("Q");
    }
    assert_eq!(sqs.bodies("Dead"), ["a", "b"]);
    let arn = "arn:aws:sqs:us-east-1:000000000000:Dead";
    let (status, started) = call_as(&sqs, "LOCALtests", "StartMessageMoveTask", &json!({ "SourceArn": arn })).await;
    assert!(status == 200 && started["TaskHandle"].is_string(), "{started}");
    let (_, tasks) = call_as(&sqs, "LOCALtests", "ListMessageMoveTasks", &json!({ "SourceArn": arn })).await;
    let task = &tasks["Results"][0];
    assert_eq!((&task["Status"], &task["ApproximateNumberOfMessagesMoved"]), (&json!("COMPLETED"), &json!(2)));
    assert_eq!((sqs.bodies("Q"), sqs.depth("Dead")), (vec!["a".to_owned(), "b".to_owned()], QueueDepth::default()));
    assert_eq!(receive(&sqs).await[0]["Attributes"]["ApproximateReceiveCount"], "1");
    let not_dead = json!({ "SourceArn": "arn:aws:sqs:us-east-1:000000000000:Q" });
    let (status, refused) = call_as(&sqs, "LOCALtests", "StartMessageMoveTask", &not_dead).await;
    assert_eq!((status, &refused["__type"]), (400, &json!("com.amazonaws.sqs#InvalidParameterValue")));
    let nowhere = "arn:aws:sqs:us-east-1:000000000000:Nowhere";
    for (operation, input) in [
        ("StartMessageMoveTask", json!({ "SourceArn": nowhere })),
        ("StartMessageMoveTask", json!({ "SourceArn": arn, "DestinationArn": nowhere })),
        ("ListMessageMoveTasks", json!({ "SourceArn": nowhere })),
    ] {
        let (status, refused) = call_as(&sqs, "LOCALtests", operation, &input).await;
        let expected = json!("com.amazonaws.sqs#ResourceNotFoundException");
        assert_eq!((status, &refused["__type"]), (400, &expected), "{operation} {input}");
    }
}

#[tokio::test]
async fn a_receive_waits_for_a_message_and_a_visibility_can_be_changed() {
    let sqs = sqs().await;
    let waiting = {
        let sqs = sqs.clone();
        tokio::spawn(async move { call(&sqs, "ReceiveMessage", json!({ "WaitTimeSeconds": 20 })).await })
    };
    tokio::task::yield_now().await;
    call(&sqs, "SendMessage", json!({ "MessageBody": "x" })).await;
    let received = waiting.await.unwrap();
    let receipt = received["Messages"][0]["ReceiptHandle"].clone();
    call(&sqs, "ChangeMessageVisibility", json!({ "ReceiptHandle": receipt, "VisibilityTimeout": 0 })).await;
    assert_eq!(receive(&sqs).await.len(), 1);
    let stale = json!({ "ReceiptHandle": receipt, "VisibilityTimeout": 0 });
    assert_eq!(refused(&sqs, "ChangeMessageVisibility", stale).await, "MessageNotInflight");
}

/// A receive that found nothing waits until the first of those in flight is visible, whatever else
/// is there that it has no room for.
#[test]
fn the_next_look_is_when_a_message_becomes_visible() {
    let mut messages = Messages::new(&[queue("Q")]);
    for body in ["in flight", "x"] {
        messages.send("Q", body).unwrap();
    }
    let (before, timeout) = (Instant::now(), Some(Duration::from_secs(60)));
    assert_eq!(messages.receive("Q", 1, timeout, usize::MAX).len(), 1);
    assert!(messages.receive("Q", 1, timeout, 0).is_empty(), "no room");
    let next = messages.next_visible("Q", Instant::now()).unwrap();
    assert!(next >= before + Duration::from_secs(60), "the visible one is not waited for");
    assert_eq!(messages.next_visible("Q", next), None);
}

#[tokio::test]
async fn a_batch_answers_for_each_entry() {
    let sqs = sqs().await;
    let entries = json!([
        { "Id": "a", "MessageBody": "1" }, { "Id": "b", "MessageBody": "x".repeat(1_001) },
        { "Id": "c", "MessageBody": "\u{1}" },
    ]);
    let answer = call(&sqs, "SendMessageBatch", json!({ "Entries": entries })).await;
    assert_eq!((&answer["Successful"][0]["Id"], answer["Successful"].as_array().unwrap().len()), (&json!("a"), 1));
    let codes: Vec<_> = answer["Failed"].as_array().unwrap().iter().map(|failed| failed["Code"].clone()).collect();
    assert_eq!(codes, ["InvalidParameterValue", "InvalidMessageContents"]);
    let received = receive(&sqs).await;
    let entries =
        json!([{ "Id": "a", "ReceiptHandle": received[0]["ReceiptHandle"] }, { "Id": "b", "ReceiptHandle": "?" }]);
    let answer = call(&sqs, "DeleteMessageBatch", json!({ "Entries": entries })).await;
    assert_eq!(
        (&answer["Successful"][0]["Id"], &answer["Failed"][0]["Code"]),
        (&json!("a"), &json!("ReceiptHandleIsInvalid"))
    );
    assert_eq!(sqs.depth("Q"), QueueDepth::default());
}

#[tokio::test]
async fn what_is_wrong_has_sqss_name_and_changes_nothing() {
    let sqs = sqs().await;
    let entry = |id: &str| json!({ "Id": id, "MessageBody": "x" });
    let many: Vec<Value> = (0..11).map(|number| entry(&number.to_string())).collect();
    let large = json!({ "Id": "a", "MessageBody": "x".repeat(1024 * 1024 + 1) });
    for (operation, input, expected) in [
        ("SendMessage", json!({}), "MissingParameter"),
        ("SendMessage", json!({ "MessageBody": "" }), "MissingParameter"),
        ("SendMessage", json!({ "MessageBody": "x".repeat(1_001) }), "InvalidParameterValue"),
        ("SendMessage", json!({ "MessageBody": "\u{0}" }), "InvalidMessageContents"),
        ("SendMessage", json!({ "MessageBody": "x", "DelaySeconds": 1 }), "UnsupportedOperation"),
        ("SendMessage", json!({ "MessageBody": "x", "QueueUrl": "http://x/0/Other" }), "QueueDoesNotExist"),
        ("SendMessageBatch", json!({ "Entries": [] }), "EmptyBatchRequest"),
        ("SendMessageBatch", json!({ "Entries": many }), "TooManyEntriesInBatchRequest"),
        ("SendMessageBatch", json!({ "Entries": [entry("a"), entry("a")] }), "BatchEntryIdsNotDistinct"),
        ("SendMessageBatch", json!({ "Entries": [entry("a b")] }), "InvalidBatchEntryId"),
        ("SendMessageBatch", json!({ "Entries": [large] }), "BatchRequestTooLong"),
        ("ReceiveMessage", json!({ "MaxNumberOfMessages": 11 }), "InvalidParameterValue"),
        ("ReceiveMessage", json!({ "WaitTimeSeconds": 21 }), "InvalidParameterValue"),
        ("ReceiveMessage", json!({ "VisibilityTimeout": 43_201 }), "InvalidParameterValue"),
        ("DeleteMessage", json!({ "ReceiptHandle": "?" }), "ReceiptHandleIsInvalid"),
        ("CreateQueue", json!({}), "InvalidAction"),
    ] {
        assert_eq!(refused(&sqs, operation, input.clone()).await, expected, "{operation} {input}");
    }
    assert_eq!(sqs.depth("Q"), QueueDepth::default());
}

#[tokio::test]
async fn a_queue_says_what_it_is() {
    let sqs = sqs().await;
    call(&sqs, "SendMessage", json!({ "MessageBody": "x" })).await;
    let (_, found) = call_as(&sqs, "LOCALtests", "GetQueueUrl", &json!({ "QueueName": "Q" })).await;
    assert_eq!(found["QueueUrl"], sqs.queue_url("Q"));
    let attributes = call(&sqs, "GetQueueAttributes", json!({ "AttributeNames": ["All"] })).await;
    let attributes = &attributes["Attributes"];
    assert_eq!(
        (&attributes["ApproximateNumberOfMessages"], &attributes["VisibilityTimeout"], &attributes["QueueArn"]),
        (&json!("1"), &json!("600"), &json!("arn:aws:sqs:us-east-1:000000000000:Q"))
    );
    let policy: Value = serde_json::from_str(attributes["RedrivePolicy"].as_str().unwrap()).unwrap();
    assert_eq!(policy["maxReceiveCount"], 2);
    let none = call(&sqs, "GetQueueAttributes", json!({})).await;
    assert_eq!(none["Attributes"], json!({}));
}

/// No function calls SQS: its event source mapping does that for it.
#[tokio::test]
async fn a_function_without_the_right_is_refused() {
    let sqs = sqs().await;
    sqs.guard(&std::sync::Arc::new(Iam::new(&[specimen("F", Duration::from_secs(3), &[], &[])])));
    let input = json!({ "QueueUrl": sqs.queue_url("Q"), "MessageBody": "x" });
    let (status, answer) = call_as(&sqs, "LOCALF", "SendMessage", &input).await;
    assert_eq!(status, 403, "{answer}");
    let message = answer["message"].as_str().unwrap();
    assert!(
        message.contains("perform: sqs:SendMessage on resource: arn:aws:sqs:us-east-1:000000000000:Q "),
        "{message}"
    );
    assert_eq!(call_as(&sqs, "LOCALcli", "SendMessage", &input).await.0, 200);
    assert_eq!(call_as(&sqs, "LOCALNobody", "SendMessage", &input).await.0, 403);
}

#[tokio::test]
async fn a_mapping_deletes_what_the_function_did_and_leaves_the_rest() {
    let sqs = sqs().await;
    let source = QueueSource {
        queue: "Q".to_owned(),
        batch_size: 25,
        window: Duration::from_millis(50),
        max_concurrency: 2,
        partial_batch: true,
    };
    // It fails with every message that says so, and answers nothing for a batch with `crash` in it.
    let invoke = |event: Vec<u8>| async move {
        let event: Value = serde_json::from_slice(&event).unwrap();
        let records = event["Records"].as_array().unwrap();
        assert!(!records.is_empty() && records.len() <= 25, "{}", records.len());
        if records.iter().any(|record| record["body"] == "crash") {
            return None;
        }
        let failed = records.iter().filter(|record| record["body"] == "fail");
        let failed: Vec<_> = failed.map(|record| json!({ "itemIdentifier": record["messageId"] })).collect();
        Some(json!({ "batchItemFailures": failed }).to_string().into_bytes())
    };
    for number in 0..40 {
        sqs.send("Q", &number.to_string());
    }
    sqs.send("Q", "fail");
    let pump = mapping::start(&sqs, &source, invoke);
    until("all but one are done", || sqs.depth("Q") == QueueDepth { visible: 0, in_flight: 1 }).await;
    sqs.send("Q", "crash");
    until("the crash is in flight", || sqs.depth("Q").in_flight == 2).await;
    for times in 0..2 {
        sqs.end_visibility("Q");
        until("they came again, or are given up", || {
            let depth = sqs.depth("Q");
            depth.visible == 0 && depth.in_flight + sqs.bodies("Dead").len() == 2
        })
        .await;
        assert!(times == 0 || !sqs.bodies("Dead").is_empty());
    }
    pump.stop().await;
}
