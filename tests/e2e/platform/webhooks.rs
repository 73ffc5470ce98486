//! Webhook endpoints through the Platform API: the same as `recourse webhook` does, for the
//! accounts of the key's environment.

use std::sync::Arc;
use std::time::Duration;

use recourse_local::dynamodb::Fault;
use serde_json::{Value, json};

use super::errors;
use crate::cli::{folder, recourse};
use crate::crash::instances;
use crate::harness::{
    CLIENT, Call, DemoKey, HttpResponse, PLATFORM, PLATFORM_STAGING, Stack, now, options, run, unique, until,
};
use crate::webhooks::receiver::{Receiver, Reply};
use crate::webhooks::{reported, sweep};

const ENDPOINTS: &str = "/platform/v1/webhook-endpoints";
pub(crate) const NOBODYS: &str = "we_000000000000000000000000";
const URL: &str = "https://client.example/hooks?token=of-the-receiver";
const ADD: &str = "PlatformWebhookAdd";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn call(method: &'static str, path: &str, body: &Value) -> Call {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    Call::new(&PLATFORM, method, format!("{ENDPOINTS}{path}"), body)
}

/// Makes a call under a key of its own.
async fn send(stack: &Stack, method: &'static str, path: &str, body: &Value) -> HttpResponse {
    stack.raw(call(method, path, body).keyed(&unique("key"))).await
}

/// As [`send`], of a call that has to succeed.
async fn done(stack: &Stack, method: &'static str, path: &str, body: &Value) -> Value {
    let answer = send(stack, method, path, body).await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    answer.json()
}

/// An endpoint of an account, and its secret.
pub(crate) async fn added(stack: &Stack, account: &str, url: &str) -> (String, String) {
    let made = done(stack, "POST", "", &json!({ "account": account, "url": url })).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["endpoint"]["id"]), text(&made["secret"]))
}

async fn listed(stack: &Stack) -> Vec<Value> {
    done(stack, "GET", "", &Value::Null).await["endpoints"].as_array().unwrap().clone()
}

async fn deliveries(stack: &Stack, id: &str) -> Vec<Value> {
    let page = done(stack, "GET", &format!("/{id}/deliveries"), &Value::Null).await;
    page["deliveries"].as_array().unwrap().clone()
}

/// Nothing that a log must not have: secrets, and addresses, which may have secrets in them.
#[track_caller]
fn nothing_is_logged(stack: &Stack) {
    for line in stack.log() {
        for secret in ["whsec_", "/hooks", "token=of-the-receiver"] {
            assert!(!line.text.contains(secret), "{line:?}");
        }
    }
}

#[test]
fn an_endpoint_from_its_first_event_to_its_end() {
    run(async {
        let stack = Stack::start(options()).await;
        let receiver = Receiver::start(|_| Reply::status(204)).await;
        let (id, secret) = added(&stack, "acct_demo", &receiver.url()).await;
        let of = |call: &str| format!("/{id}/{call}");
        let shown = done(&stack, "GET", &format!("/{id}"), &Value::Null).await;
        assert_eq!(
            (&shown["account"], &shown["state"], &shown["secrets"], &shown["everything"]),
            (&json!("acct_demo"), &json!("enabled"), &json!(1), &json!(false))
        );
        assert!(shown.get("secret").is_none());
        reported(&stack).await;
        let request = receiver.requests(1).await.remove(0);
        assert!(request.is_signed_by(&secret), "{request:?}");

        let rotated = done(&stack, "POST", &of("rotate-secret"), &Value::Null).await;
        let newer = rotated["secret"].as_str().unwrap().to_owned();
        assert!(newer != secret && rotated["other_secret_until"].is_string(), "{rotated}");
        assert_eq!(rotated["endpoint"]["secrets"], 2);
        let test = send(&stack, "POST", &of("test"), &Value::Null).await;
        assert_eq!((test.status, &test.json()["type"]), (202, &json!("webhook.test")));
        let request = receiver.requests(2).await.remove(1);
        assert_eq!(request.id(), test.json()["event"].as_str().unwrap());
        assert!(request.is_signed_by(&newer) && request.is_signed_by(&secret));

        let disabled = done(&stack, "POST", &of("disable"), &json!({})).await;
        assert_eq!(
            (&disabled["state"], &disabled["reason"]),
            (&json!("disabled"), &json!("the payment platform disabled it"))
        );
        assert_eq!(done(&stack, "POST", &of("disable"), &Value::Null).await, disabled, "sent again");
        let test = send(&stack, "POST", &of("test"), &Value::Null).await;
        assert_eq!((test.status, test.json()["message"].is_string()), (409, true));
        reported(&stack).await;
        sweep(&stack).await;
        assert_eq!(receiver.seen().len(), 2);
        let enabled = done(&stack, "POST", &of("enable"), &Value::Null).await;
        assert_eq!((&enabled["state"], &enabled["reason"]), (&json!("enabled"), &Value::Null));

        // One that fails waits, and is given up with the endpoint.
        receiver.reply(|_| Reply::status(500));
        reported(&stack).await;
        receiver.requests(3).await;
        until("the attempt is stored", async || {
            (deliveries(&stack, &id).await[0]["attempts"][0]["status"] == 500).then_some(())
        })
        .await;
        for round in 0..2 {
            let removed = done(&stack, "DELETE", &format!("/{id}"), &Value::Null).await;
            assert_eq!((&removed["state"], &removed["secrets"]), (&json!("removed"), &json!(0)), "{round}");
        }
        receiver.reply(|_| Reply::status(204));
        reported(&stack).await;
        stack.cloud().clock.advance(Duration::from_secs(120)).unwrap();
        sweep(&stack).await;
        assert_eq!(receiver.seen().len(), 3, "it gets nothing any more");
        assert_eq!(listed(&stack).await, Vec::<Value>::new());
        for (method, path) in [("GET", ""), ("POST", "/enable"), ("POST", "/test"), ("POST", "/rotate-secret")] {
            let answer = send(&stack, method, &format!("/{id}{path}"), &Value::Null).await;
            assert_eq!(answer.status, 404, "{method} {path}");
        }
        let log = deliveries(&stack, &id).await;
        let states: Vec<_> = log.iter().map(|delivery| delivery["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["dead", "delivered", "delivered"], "its log stays: {log:?}");
        assert!(log[0]["due_at"].is_null(), "{}", log[0]);
        nothing_is_logged(&stack);

        let folder = folder();
        let audit = recourse(&stack, folder.path(), &["account", "show", "acct_demo", "--json"]).await;
        for done in ["webhook_added", "webhook_rotated", "webhook_disabled", "webhook_enabled", "webhook_removed"] {
            assert!(audit.out.contains(done) && audit.out.contains(PLATFORM.id), "{done}: {}", audit.out);
        }
        for (command, code) in [("list", 0), ("deliveries", 0), ("enable", 2), ("test", 2), ("remove", 0)] {
            let arguments = if command == "list" { vec!["webhook", "list"] } else { vec!["webhook", command, &id] };
            let answer = recourse(&stack, folder.path(), &arguments).await;
            assert_eq!(answer.code, code, "{command}: {}{}", answer.out, answer.err);
        }
    });
}

#[test]
fn the_platforms_own_endpoint_gets_everything_of_its_environment() {
    run(async {
        let stack = Stack::start(options()).await;
        let receiver = Receiver::start(|_| Reply::status(200)).await;
        let body = json!({ "url": receiver.url(), "events": ["dispute.opened", "webhook.test"] });
        assert_eq!(errors(&send(&stack, "POST", "", &body).await, 400), ["events"]);
        let body = json!({ "url": receiver.url(), "events": ["dispute.opened"] });
        let made = done(&stack, "POST", "", &body).await;
        assert_eq!(
            (&made["endpoint"]["account"], &made["endpoint"]["everything"], &made["endpoint"]["events"]),
            (&json!("acct_platform"), &json!(true), &json!(["dispute.opened"]))
        );
        let transaction = reported(&stack).await;
        stack.upsert(&transaction.later("Refund", 1)).await;
        let request = receiver.requests(1).await.remove(0);
        assert_eq!(request.event()["data"]["transaction"]["trxid"], transaction.trxid.as_str());
        sweep(&stack).await;
        assert_eq!(receiver.seen().len(), 1, "one event was chosen");
    });
}

/// Each call about an endpoint, with a body that it takes.
pub(crate) fn calls(id: &str) -> Vec<(&'static str, String, Value)> {
    vec![
        ("GET", format!("/{id}"), Value::Null),
        ("DELETE", format!("/{id}"), Value::Null),
        ("POST", format!("/{id}/rotate-secret"), Value::Null),
        ("POST", format!("/{id}/disable"), Value::Null),
        ("POST", format!("/{id}/enable"), Value::Null),
        ("POST", format!("/{id}/test"), Value::Null),
        ("GET", format!("/{id}/deliveries"), Value::Null),
        ("POST", format!("/{id}/replay"), json!({ "failed": true })),
    ]
}

#[test]
fn only_a_platform_key_of_the_environment_reaches_an_endpoint() {
    run(async {
        let stack = Stack::start(options()).await;
        let (id, _) = added(&stack, "acct_demo", URL).await;
        let before = stack.store().webhooks().await.unwrap();
        let signed = |key: DemoKey, (method, path, body): &(&'static str, String, Value)| {
            Call { key, ..call(method, path, body) }.keyed("a-key")
        };
        let unknown = json!({ "message": "No webhook endpoint has this id." });
        for ours in calls(&id) {
            let forged = stack.raw(signed(DemoKey { id: PLATFORM.id, secret: CLIENT.secret }, &ours)).await;
            assert_eq!((forged.status, &forged.json()["error"]), (401, &json!("invalid_credentials")), "{ours:?}");
            let client = stack.raw(signed(CLIENT, &ours)).await;
            assert_eq!((client.status, &client.json()["error"]), (403, &json!("forbidden")), "{ours:?}");
            // Somebody else's, one that is not there, and what is no id are answered alike.
            let foreign = stack.raw(signed(PLATFORM_STAGING, &ours)).await;
            assert_eq!((foreign.status, foreign.json()), (404, unknown.clone()), "{ours:?}");
        }
        for id in [NOBODYS, "1", "we_", "we_0F1E2D3C4B5A69788796A5B4"] {
            for nobodys in calls(id) {
                let answer = stack.raw(signed(PLATFORM, &nobodys)).await;
                assert_eq!((answer.status, answer.json()), (404, unknown.clone()), "{nobodys:?}");
            }
        }
        for (account, key) in [("acct_demo", PLATFORM_STAGING), ("acct_staging", PLATFORM), ("acct_none", PLATFORM)] {
            let add = ("POST", String::new(), json!({ "account": account, "url": URL }));
            assert_eq!(errors(&stack.raw(signed(key, &add)).await, 400), ["account"], "{account}");
        }
        let add = ("POST", String::new(), json!({ "url": URL }));
        assert_eq!(stack.raw(signed(CLIENT, &add)).await.status, 403);
        let list = ("GET", String::new(), Value::Null);
        assert_eq!(stack.raw(signed(CLIENT, &list)).await.status, 403);
        assert_eq!(stack.raw(signed(PLATFORM_STAGING, &list)).await.json(), json!({ "endpoints": [], "next": null }));
        assert_eq!(stack.store().webhooks().await.unwrap(), before);
    });
}

#[test]
fn what_is_wrong_is_named_and_nothing_is_written() {
    run(async {
        let stack = Stack::start(options()).await;
        let refused = async |body: &[u8]| {
            let call = Call::new(&PLATFORM, "POST", ENDPOINTS, body);
            errors(&stack.raw(call.keyed(&unique("key"))).await, 400)
        };
        for url in [
            "http://client.example/",
            "ftp://client.example/",
            "https://user@client.example/",
            "https://client.example/#fragment",
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://[::1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://10.0.0.1/",
            "https://[::ffff:192.168.1.1]/",
            "client.example",
            "",
        ] {
            assert_eq!(refused(json!({ "url": url }).to_string().as_bytes()).await, ["url"], "{url}");
        }
        let long = format!("https://client.example/{}", "x".repeat(2_100));
        assert_eq!(refused(json!({ "url": long }).to_string().as_bytes()).await, ["url"]);
        let long = " ".repeat(9_000);
        for body in [b"".as_slice(), b"{", b"[]", b"null", b"\xff", long.as_bytes()] {
            assert_eq!(refused(body).await, ["body"]);
        }
        assert_eq!(refused(br#"{"url":"https://a.example/","url":"https://b.example/"}"#).await, ["url"]);
        let wrong = br#"{"url":null,"account":"a b","events":{},"secret":"whsec_mine","\u0000":1}"#;
        assert_eq!(refused(wrong).await, ["", "account", "events", "secret", "url"]);
        for key in ["", "a b", "a,b", &"k".repeat(65)] {
            let answer = stack.raw(call("POST", "", &json!({ "url": URL })).keyed(key)).await;
            assert_eq!(errors(&answer, 400), ["Idempotency-Key"], "{key}");
        }
        let twice = call("POST", "", &json!({ "url": URL }));
        let mut twice = twice.keyed("one");
        twice.headers_mut().append("idempotency-key", "two".parse().unwrap());
        assert_eq!(errors(&stack.raw(twice).await, 400), ["Idempotency-Key"]);
        for query in ["?limit=0", "?cursor=x", "?account=%00", "?colour=blue", "?limit=1&limit=2"] {
            assert_eq!(send(&stack, "GET", query, &Value::Null).await.status, 400, "{query}");
        }
        assert_eq!(stack.store().webhooks().await.unwrap(), []);
        nothing_is_logged(&stack);
    });
}

#[test]
fn endpoints_are_listed_a_page_at_a_time() {
    run(async {
        let stack = Stack::start(options()).await;
        let mut ids = Vec::new();
        for account in ["acct_demo", "acct_stranger", "acct_demo"] {
            ids.push(added(&stack, account, URL).await.0);
        }
        ids.sort();
        let (mut found, mut cursor) = (Vec::new(), String::new());
        for _ in 0..3 {
            let page = done(&stack, "GET", &format!("?limit=1{cursor}"), &Value::Null).await;
            found.push(page["endpoints"][0]["id"].as_str().unwrap().to_owned());
            cursor = page["next"].as_str().map(|next| format!("&cursor={next}")).unwrap_or_default();
        }
        assert_eq!((found, cursor.as_str()), (ids, ""));
        let of_one = done(&stack, "GET", "?account=acct_stranger", &Value::Null).await;
        assert_eq!(of_one["endpoints"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn a_call_that_is_sent_again_adds_one_endpoint_and_answers_the_same() {
    run(async {
        let stack = Arc::new(Stack::start(options()).await);
        let body = json!({ "account": "acct_demo", "url": URL });
        // A key in the cache, so that the answers that get lost are those of the write.
        assert_eq!(send(&stack, "POST", "", &json!({})).await.status, 400);
        stack.cloud().dynamodb.set_fault_of(ADD, Fault::LoseAnswer { times: 4 });
        let lost = stack.raw(call("POST", "", &body).keyed("the-first")).await;
        stack.cloud().dynamodb.set_fault(Fault::None);
        assert!([201, 503].contains(&lost.status), "{lost:?}");
        let again = async || stack.raw(call("POST", "", &body).keyed("the-first")).await;
        let first = until("it is added", async || Some(again().await).filter(|answer| answer.status < 300)).await;
        let both = tokio::join!(again(), again());
        for answer in [both.0, both.1] {
            assert_eq!((answer.status, answer.json()), (200, first.json()));
        }
        assert_eq!(listed(&stack).await.len(), 1);

        // Twice at once, of the last endpoint that the account may have.
        for _ in 0..3 {
            added(&stack, "acct_demo", URL).await;
        }
        let sent: Vec<_> = (0..4)
            .map(|_| {
                let (stack, call) = (Arc::clone(&stack), call("POST", "", &body));
                tokio::spawn(async move { stack.raw(call.keyed("at-once")).await })
            })
            .collect();
        let mut answers = Vec::new();
        for one in sent {
            answers.push(one.await.unwrap());
        }
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|answer| answer.status < 300 && answer.json() == answers[0].json()), "{answers:?}");
        assert_eq!(listed(&stack).await.len(), 5);

        // The key of another body, and of an endpoint with another secret by now.
        let other = json!({ "account": "acct_demo", "url": "https://client.example/other" });
        assert_eq!(stack.raw(call("POST", "", &other).keyed("the-first")).await.status, 409);
        let id = first.json()["endpoint"]["id"].as_str().unwrap().to_owned();
        done(&stack, "POST", &format!("/{id}/rotate-secret"), &Value::Null).await;
        let answer = again().await;
        assert_eq!((answer.status, answer.text.contains("whsec_")), (409, false), "{answer:?}");

        // After a day, nobody is shown the secret again.
        stack.cloud().clock.advance(DAY + Duration::from_secs(60)).unwrap();
        let mut late = call("POST", "", &body);
        late.timestamp = (now() + DAY.as_secs() + 60).to_string();
        assert_eq!(stack.raw(late.keyed("at-once")).await.status, 409);
        assert_eq!(stack.store().webhooks().await.unwrap().len(), 5);
    });
}

#[test]
fn a_rotation_that_is_sent_again_ends_no_secret() {
    run(async {
        let stack = Stack::start(options()).await;
        let receiver = Receiver::start(|_| Reply::status(200)).await;
        let (id, secret) = added(&stack, "acct_demo", &receiver.url()).await;
        let rotate =
            async |key: &str| stack.raw(call("POST", &format!("/{id}/rotate-secret"), &Value::Null).keyed(key)).await;
        let first = rotate("once").await;
        for _ in 0..2 {
            assert_eq!(rotate("once").await.json(), first.json(), "the same secret");
        }
        let newer = first.json()["secret"].as_str().unwrap().to_owned();
        done(&stack, "POST", &format!("/{id}/test"), &Value::Null).await;
        let request = receiver.requests(1).await.remove(0);
        assert!(request.is_signed_by(&secret) && request.is_signed_by(&newer), "the one before still signs");
        assert_eq!(rotate("twice").await.status, 200);
        assert_eq!(rotate("once").await.status, 409, "its secret is not the newest any more");
        let third = rotate("thrice").await.json();
        assert_eq!(rotate("once").await.status, 409, "its secret is gone");
        assert_eq!(rotate("thrice").await.json(), third, "which ended none");
        let without = stack.send(&call("POST", &format!("/{id}/rotate-secret"), &Value::Null)).await;
        assert_eq!(errors(&without, 400), ["Idempotency-Key"]);
    });
}

#[test]
fn a_replay_that_is_sent_again_sends_nothing_a_third_time() {
    run(async {
        let stack = Stack::start(options()).await;
        let receiver = Receiver::start(|_| Reply::status(200)).await;
        let (id, _) = added(&stack, "acct_demo", &receiver.url()).await;
        for count in 1..=3 {
            reported(&stack).await;
            receiver.requests(count).await;
        }
        let are_delivered = async || {
            until("all are delivered", async || {
                let all = deliveries(&stack, &id).await;
                all.iter().all(|delivery| delivery["state"] == "delivered").then_some(all)
            })
            .await
        };
        let all = are_delivered().await;
        let replay = async |key: &str, body: Value| {
            let answer = stack.raw(call("POST", &format!("/{id}/replay"), &body).keyed(key)).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.json()["replayed"].as_array().unwrap().len()
        };
        let since = json!({ "since": all.last().unwrap()["created_at"] });
        assert_eq!(replay("once", since.clone()).await, 3);
        assert_eq!(replay("another", since.clone()).await, 0, "they wait");
        sweep(&stack).await;
        receiver.requests(6).await;
        are_delivered().await;
        assert_eq!(replay("once", since.clone()).await, 3, "the same answer");
        sweep(&stack).await;
        assert_eq!(receiver.seen().len(), 6);
        let event = all[1]["event"].as_str().unwrap();
        assert_eq!(replay("one", json!({ "event": event })).await, 1);
        sweep(&stack).await;
        assert_eq!(receiver.requests(7).await.pop().unwrap().id(), event);
        are_delivered().await;
        assert_eq!(replay("failed", json!({ "failed": true })).await, 0, "nothing was given up");
        let long_ago = json!({ "since": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z" });
        assert_eq!(replay("long-ago", long_ago).await, 0, "nothing is kept so long");
        assert_eq!(replay("once", since.clone()).await, 2, "another replay had one of them since");
        let other = call("POST", &format!("/{id}/replay"), &json!({ "event": event })).keyed("once");
        assert_eq!(stack.raw(other).await.status, 409, "the key of another body");

        // A page at a time, the newest first.
        let (mut found, mut cursor) = (Vec::new(), String::new());
        for _ in 0..3 {
            let page = done(&stack, "GET", &format!("/{id}/deliveries?limit=1{cursor}"), &Value::Null).await;
            found.push(page["deliveries"][0]["event"].clone());
            cursor = page["next"].as_str().map(|next| format!("&cursor={next}")).unwrap_or_default();
        }
        assert_eq!(found, all.iter().map(|delivery| delivery["event"].clone()).collect::<Vec<_>>());
        let path = format!("/{id}/deliveries?failed=true");
        assert_eq!(done(&stack, "GET", &path, &Value::Null).await["deliveries"], json!([]));

        // What was delivered since is not meant by a call that came before.
        reported(&stack).await;
        receiver.requests(8).await;
        are_delivered().await;
        assert_eq!(replay("once", since.clone()).await, 2);
        sweep(&stack).await;
        assert_eq!(receiver.seen().len(), 8);
    });
}

#[test]
fn while_its_account_is_suspended_an_endpoint_is_not_tried_out() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let receiver = Receiver::start(|_| Reply::status(200)).await;
        let (id, _) = added(&stack, "acct_demo", &receiver.url()).await;
        for (command, status) in [("suspend", 409), ("resume", 202)] {
            let changed = recourse(&stack, folder.path(), &["account", command, "acct_demo", "--why", "a test"]).await;
            assert_eq!(changed.code, 0, "{}", changed.err);
            assert_eq!(send(&stack, "POST", &format!("/{id}/test"), &Value::Null).await.status, status, "{command}");
        }
        receiver.requests(1).await;
        assert_eq!(receiver.seen().len(), 1);
    });
}

/// The function dies at many moments, before and after its write. The caller sends the call again.
#[test]
fn whenever_the_function_dies_there_is_one_endpoint() {
    run(async {
        let stack = Arc::new(Stack::start(options()).await);
        for moment in 0..16 {
            let key = unique("crash");
            let body = json!({ "account": "acct_demo", "url": URL });
            assert_eq!(send(&stack, "POST", "", &json!({})).await.status, 400, "an instance is warm");
            let sending = {
                let (stack, call, key) = (Arc::clone(&stack), call("POST", "", &body), key.clone());
                tokio::spawn(async move { stack.raw(call.keyed(&key)).await })
            };
            tokio::time::sleep(Duration::from_millis(moment * 2)).await;
            for instance in instances(&stack, ADD) {
                stack.cloud().lambda.kill(instance.pid);
            }
            sending.await.unwrap();
            let made = until("it is added", async || {
                let answer = stack.raw(call("POST", "", &body).keyed(&key)).await;
                Some(answer).filter(|answer| answer.status < 300)
            })
            .await;
            let id = made.json()["endpoint"]["id"].as_str().unwrap().to_owned();
            let all = listed(&stack).await;
            assert_eq!(all.iter().map(|one| one["id"].as_str().unwrap()).collect::<Vec<_>>(), [&id], "{moment}");
            assert!(made.json()["secret"].as_str().unwrap().starts_with("whsec_"));
            done(&stack, "DELETE", &format!("/{id}"), &Value::Null).await;
        }
    });
}

/// Everything that the functions are for, at least once.
pub(crate) async fn everything(stack: &Stack) {
    let receiver = Receiver::start(|_| Reply::status(500)).await;
    let (id, _) = added(stack, "acct_stranger", &receiver.url()).await;
    listed(stack).await;
    for (method, path, body) in calls(&id).into_iter().filter(|(method, ..)| *method != "DELETE") {
        done(stack, method, &path, &body).await;
        if path.ends_with("/test") {
            until("the attempt is stored", async || (deliveries(stack, &id).await[0]["state"] == "dead").then_some(()))
                .await;
        }
    }
    // What was sent once more waits, and is given up.
    done(stack, "DELETE", &format!("/{id}"), &Value::Null).await;
    // The account of an endpoint that gets everything is asked for its keys.
    let (id, _) = added(stack, "acct_platform", &receiver.url()).await;
    done(stack, "POST", &format!("/{id}/test"), &Value::Null).await;
    done(stack, "DELETE", &format!("/{id}"), &Value::Null).await;
}
