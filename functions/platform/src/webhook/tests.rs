use recourse_dispute::environment::Environment;
use recourse_store::DeliveryId;
use serde_json::{Value, json};

use super::*;

fn request(body: &str) -> Request {
    serde_json::from_value(json!({ "requestContext": { "http": { "method": "POST" } }, "body": body })).unwrap()
}

#[track_caller]
fn fields<T: std::fmt::Debug>(read: Result<T, ApiError>) -> Vec<String> {
    let (Err(ApiError::InvalidRequest(errors)) | Err(ApiError::InvalidQuery(errors))) = read else {
        panic!("{read:?}")
    };
    errors.fields().into_iter().map(str::to_owned).collect()
}

#[test]
fn an_endpoint_to_be_added_is_read() {
    let add = |body: Value| AddRequest::read(&request(&body.to_string()));
    let least = add(json!({ "url": "https://platform.example/hooks" })).unwrap();
    assert_eq!((least.account, least.url.as_str(), least.events.len()), (None, "https://platform.example/hooks", 0));
    let whole = json!({
        "account": "acct_demo", "url": "https://client.example:8443/h?t=1",
        "events": ["dispute.decided", "dispute.decided", "dispute.cancelled"]
    });
    let whole = add(whole).unwrap();
    assert_eq!(whole.account.unwrap().as_str(), "acct_demo");
    assert_eq!(whole.events, [EventType::DisputeDecided, EventType::DisputeCancelled].into());
    for (body, wrong) in [
        (json!({}), &["url"][..]),
        (json!({ "url": "http://client.example/" }), &["url"]),
        (json!({ "url": "https://10.0.0.1/" }), &["url"]),
        (json!({ "url": "https://user:password@client.example/" }), &["url"]),
        (json!({ "url": format!("https://client.example/{}", "x".repeat(2048)) }), &["url"]),
        (
            json!({ "url": 7, "account": "a b", "events": "all", "secret": "x" }),
            &["account", "url", "events", "secret"],
        ),
        (json!({ "url": "https://client.example/", "events": ["dispute.decided", "webhook.test"] }), &["events"]),
        (json!({ "url": "https://client.example/", "events": [null] }), &["events"]),
        (json!([]), &["body"]),
        (json!({ "url": "x".repeat(9 * 1024) }), &["body"]),
    ] {
        assert_eq!(fields(add(body.clone())), wrong, "{body}");
    }
    assert_eq!(fields(AddRequest::read(&request(""))), ["body"]);
}

#[test]
fn a_call_without_members_takes_an_empty_object_at_most() {
    assert!(no_body(&request("")).is_ok() && no_body(&request("{}")).is_ok());
    assert_eq!(fields(no_body(&request(r#"{"why":"x","a":1}"#))), ["a", "why"]);
    assert_eq!(fields(no_body(&request("[]"))), ["body"]);
}

#[test]
fn what_is_sent_once_more_has_to_be_named() {
    let replay = |body: Value| read_replay(&request(&body.to_string()));
    let at = |text| UnixMillis::parse(text).ok();
    let (since, until) = ("2026-01-15T00:00:00Z", "2026-01-16T10:00:00+01:00");
    let some = replay(json!({ "since": since, "until": until, "failed": true })).unwrap();
    assert_eq!(some, ReplayFilter { event: None, since: at(since), until: at(until), failed: true });
    let one = replay(json!({ "event": "evt_551_3" })).unwrap();
    assert_eq!(one, ReplayFilter { event: Some("evt_551_3".to_owned()), ..ReplayFilter::default() });
    for (body, wrong) in [
        (json!({}), "body"),
        (json!({ "failed": false }), "body"),
        (json!({ "event": "551" }), "event"),
        (json!({ "event": format!("evt_{}", "1".repeat(61)) }), "event"),
        (json!({ "event": "evt_1#2" }), "event"),
        (json!({ "since": "2026-01-15" }), "since"),
        (json!({ "failed": true, "until": until }), "until"),
        (json!({ "since": until, "until": since }), "until"),
        (json!({ "failed": "yes" }), "failed"),
        (json!({ "failed": true, "limit": 3 }), "limit"),
    ] {
        assert_eq!(fields(replay(body.clone())), [wrong], "{body}");
    }
}

#[test]
fn a_list_is_read_with_its_filters() {
    let query = DeliveryQuery::read("failed=true&since=2026-01-15T00:00:00Z&limit=7&cursor=1764547200000~evt_551_3");
    let query = query.unwrap();
    assert!(query.failed);
    let last = DeliveryId {
        endpoint: WebhookId::new([1; 12]),
        created_at: UnixMillis(1_764_547_200_000),
        event: "evt_551_3".to_owned(),
    };
    let again = format!("failed=true&since=2026-01-15T00:00:00Z&limit=7&cursor={}", DeliveryQuery::next(&last));
    assert_eq!(DeliveryQuery::read(&again).unwrap(), query);
    for (wrong, named) in [
        ("since=yesterday&failed=1&limit=51&cursor=x", &["since", "failed", "limit", "cursor"][..]),
        ("cursor=1764547200000~", &["cursor"]),
        ("cursor=-1~evt_1_1", &["cursor"]),
        ("cursor=1~evt_1%231", &["cursor"]),
        ("cursor=9999999999999999~evt_1_1", &["cursor"]),
        ("colour=blue&limit=1&limit=1", &["colour", "limit"]),
    ] {
        assert_eq!(fields(DeliveryQuery::read(wrong)), named, "{wrong}");
    }
    assert!(EndpointQuery::read("account=acct_demo&limit=100&cursor=we_010101010101010101010101").is_ok());
    assert_eq!(fields(EndpointQuery::read("account=%00&limit=101&cursor=1")), ["account", "limit", "cursor"]);
    assert_eq!(EndpointQuery::read("").unwrap().page(Environment::Production, Vec::new()).next, None);
}
