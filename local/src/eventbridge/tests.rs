//! `PutEvents` over HTTP, as a client sees it.

use std::path::Path;
use std::time::Duration;

use super::*;
use crate::sqs::Sqs;
use crate::template::{Queue, QueueRule};
use crate::testing::{http_call, lambda_in};

/// Status and body; `None` when no answer came.
async fn put(bridge: &EventBridge, target: &str, body: &Value) -> Option<(u16, Value)> {
    let request =
        Request::post(bridge.endpoint()).header("x-amz-target", target).body(Body::from(body.to_string())).unwrap();
    let answer = http_call(request).await.ok()?;
    Some((answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap()))
}

async fn entries(bridge: &EventBridge, entries: &[Value]) -> Value {
    let (status, answer) = put(bridge, PUT_EVENTS, &json!({ "Entries": entries })).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    answer
}

fn entry(detail: &str) -> Value {
    json!({ "Source": "recourse.production", "DetailType": "dispute.opened", "Detail": detail, "Time": 1_780_000_000 })
}

#[tokio::test]
async fn each_entry_is_taken_or_refused_by_itself() {
    let bridge = EventBridge::start().await.unwrap();
    let right = entry(r#"{"id":"evt_1_1"}"#);
    let wrong = [
        (json!({ "Source": "a", "DetailType": "b" }), "InvalidArgument"),
        (json!({ "Source": "aws.s3", "DetailType": "b", "Detail": "{}" }), "NotAuthorizedForSource"),
        (entry("[]"), "MalformedDetail"),
        (entry("{"), "MalformedDetail"),
    ];
    let sent: Vec<_> = std::iter::once(&right).chain(wrong.iter().map(|(entry, _)| entry)).cloned().collect();
    let answer = entries(&bridge, &sent).await;
    assert_eq!((&answer["FailedEntryCount"], answer["Entries"].as_array().unwrap().len()), (&json!(4), 5));
    for (at, (_, code)) in (1_usize..).zip(&wrong) {
        assert_eq!(answer["Entries"][at]["ErrorCode"], *code, "{answer}");
    }
    let events = bridge.events();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((event.id.as_str(), event.bus.as_str()), (answer["Entries"][0]["EventId"].as_str().unwrap(), "default"));
    assert_eq!((&event.json()["id"], event.request, &event.time), (&json!("evt_1_1"), 1, &json!(1_780_000_000)));
}

#[tokio::test]
async fn an_event_without_a_time_is_dated_by_the_clock_that_can_be_moved() {
    let (bridge, clock) = (EventBridge::start().await.unwrap(), Clock::open(None).unwrap());
    bridge.set_clock(&clock);
    let mut undated = entry("{}");
    undated.as_object_mut().unwrap().remove("Time");
    for days in [0, 19] {
        clock.advance(Duration::from_secs(days * 24 * 60 * 60)).unwrap();
        let before = clock.now().unix_timestamp();
        entries(&bridge, std::slice::from_ref(&undated)).await;
        let event = bridge.events().pop().unwrap();
        let time = event.time.as_i64().unwrap();
        assert!((before..=clock.now().unix_timestamp()).contains(&time), "{time}");
        let shown = OffsetDateTime::from_unix_timestamp(time).unwrap();
        assert_eq!(event.message()["time"], to_the_second(shown));
    }
    entries(&bridge, &[entry("{}")]).await;
    assert_eq!(bridge.events().pop().unwrap().time, json!(1_780_000_000), "a time that is sent stays");
}

#[tokio::test]
async fn what_is_put_fills_the_queues_of_the_rules_on_its_bus() {
    let (bridge, minute) = (EventBridge::start().await.unwrap(), Duration::from_secs(60));
    let queue = |name: &str| Queue {
        name: name.to_owned(),
        visibility: minute,
        retention: minute,
        max_bytes: 1_000,
        redrive: None,
    };
    let sqs = Sqs::start(&[queue("Details"), queue("Events")]).await.unwrap();
    let rule = |queue: &str, detail_only: bool| {
        let pattern = json!({ "source": ["recourse.production"] });
        QueueRule { bus: "ours".to_owned(), pattern, queue: queue.to_owned(), detail_only }
    };
    let (lambda, _) = lambda_in(Path::new("."), &[]);
    bridge.publish(&Bus::new(&[], &[rule("Details", true), rule("Events", false)], &lambda, &sqs).unwrap());
    let mut sent: Vec<_> = (1..=4).map(|id| entry(&json!({ "id": id }).to_string())).collect();
    sent[0]["EventBusName"] = json!("ours");
    sent[1]["EventBusName"] = json!("arn:aws:events:us-east-1:000000000000:event-bus/ours");
    // Of another source, and on another bus: the default one.
    sent[2]["EventBusName"] = json!("ours");
    sent[2]["Source"] = json!("recourse.staging");
    let answer = entries(&bridge, &sent).await;
    assert_eq!(answer["FailedEntryCount"], 0, "{answer}");
    assert_eq!(sqs.bodies("Details"), [r#"{"id":1}"#, r#"{"id":2}"#]);
    let events: Vec<Value> = sqs.bodies("Events").iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    let expected = json!({
        "version": "0", "id": answer["Entries"][0]["EventId"], "detail-type": "dispute.opened",
        "source": "recourse.production", "account": "000000000000", "time": "2026-05-28T20:26:40Z",
        "region": "us-east-1", "resources": [], "detail": { "id": 1 },
    });
    assert_eq!((events.len(), &events[0]), (2, &expected));
}

#[tokio::test]
async fn a_request_has_one_to_ten_entries_of_256_kb_together() {
    let bridge = EventBridge::start().await.unwrap();
    let large = entry(&json!({ "text": "x".repeat(MAX_BYTES) }).to_string());
    for sent in [vec![], vec![entry("{}"); 11], vec![large]] {
        let (status, answer) = put(&bridge, PUT_EVENTS, &json!({ "Entries": sent })).await.unwrap();
        assert_eq!((status, &answer["__type"]), (400, &json!("ValidationException")), "{answer}");
    }
    let (status, answer) = put(&bridge, "AWSEvents.PutRule", &json!({})).await.unwrap();
    assert_eq!((status, &answer["__type"]), (400, &json!("UnknownOperationException")));
    assert_eq!((bridge.events(), bridge.entries(), bridge.requests()), (vec![], 0, 0));
}

#[tokio::test]
async fn it_fails_as_a_test_chooses() {
    let bridge = EventBridge::start().await.unwrap();
    bridge.answer_with(Behaviour::FailEntries { every: 2, code: "InternalFailure" });
    let answer = entries(&bridge, &[entry("{}"), entry("{}"), entry("{}"), entry("{}")]).await;
    let codes: Vec<_> = (0..4_usize).map(|at| answer["Entries"][at]["ErrorCode"].as_str()).collect();
    assert_eq!(codes, [None, Some("InternalFailure"), None, Some("InternalFailure")]);
    assert_eq!((&answer["FailedEntryCount"], bridge.entries()), (&json!(2), 4));

    let sent = json!({ "Entries": [entry("{}")] });
    for (behaviour, status, exception) in
        [(Behaviour::Throttled, 400, "ThrottlingException"), (Behaviour::ServerError, 500, "InternalException")]
    {
        bridge.answer_with(behaviour);
        let (answered, answer) = put(&bridge, PUT_EVENTS, &sent).await.unwrap();
        assert_eq!((answered, &answer["__type"]), (status, &json!(exception)));
    }
    for (behaviour, kept) in [(Behaviour::Unreachable, 2), (Behaviour::LoseAnswer, 3)] {
        bridge.answer_with(behaviour);
        assert_eq!(put(&bridge, PUT_EVENTS, &sent).await, None);
        assert_eq!(bridge.events().len(), kept);
    }
}
