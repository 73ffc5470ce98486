//! How the examples of webhook endpoints are made. Each call about one endpoint has an endpoint of
//! its own, which is removed afterwards.

use serde_json::{Value, json};

use super::{Body, Recipe, example, text, usual};
use crate::harness::{Call, HttpResponse, PLATFORM, Stack, unique, until};
use crate::openapi_examples::document::Operation;
use crate::webhooks::receiver::{Receiver, Reply};

/// The path of all these calls.
pub(super) const ENDPOINTS: &str = "/platform/v1/webhook-endpoints";
/// The id of an endpoint that nobody has.
pub(super) const NOBODYS: &str = "we_000000000000000000000000";
/// How many endpoints an account may have that are enabled.
const MOST: usize = 5;

pub(super) fn recipes() -> Vec<Recipe> {
    vec![
        example("webhook-added", "client"),
        example("webhook-added-again", "client"),
        usual("webhook-no-key"),
        text("webhook-add-invalid", r#"{"url": "http://client.example/", "events": "all", "colour": "red"}"#),
        text("webhook-add-private", r#"{"url": "https://169.254.169.254/"}"#),
        text("webhook-add-account", r#"{"account": "acct_staging", "url": "https://client.example/"}"#),
        text("webhook-add-too-large", " ".repeat(8_193)),
        text("webhook-add-reused", r#"{"url": "https://platform.example/"}"#),
        usual("webhook-listed"),
        usual("webhook-list-invalid"),
        usual("webhook-found"),
        usual("webhook-unknown"),
        usual("webhook-removed"),
        text("webhook-members", r#"{"why": "once a year"}"#),
        usual("webhook-rotated"),
        usual("webhook-rotate-superseded"),
        usual("webhook-disabled"),
        usual("webhook-enabled"),
        usual("webhook-enable-full"),
        usual("webhook-tested"),
        usual("webhook-test-disabled"),
        usual("webhook-deliveries-listed"),
        usual("webhook-deliveries-invalid"),
        example("webhook-replayed", "failed"),
        text("webhook-replay-nothing", "{}"),
        example("webhook-replay-reused", "failed"),
    ]
}

/// Sends a call that is not the example itself, and has to succeed.
async fn done(stack: &Stack, method: &'static str, path: &str, body: &Value) -> Value {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let call = Call::new(&PLATFORM, method, format!("{ENDPOINTS}{path}"), body);
    let answer = stack.raw(call.keyed(&unique("example"))).await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    answer.json()
}

/// A new endpoint that gets what the example's does.
async fn made(stack: &Stack, url: &str) -> String {
    let events = ["dispute.decided", "dispute.cancelled"];
    let made = done(stack, "POST", "", &json!({ "account": "acct_demo", "url": url, "events": events })).await;
    made["endpoint"]["id"].as_str().unwrap().to_owned()
}

/// Tries an endpoint out, and waits until that is over.
async fn tried_out(stack: &Stack, id: &str) {
    done(stack, "POST", &format!("/{id}/test"), &Value::Null).await;
    until("the attempt is stored", async || {
        let listed = done(stack, "GET", &format!("/{id}/deliveries"), &Value::Null).await;
        let state = listed["deliveries"][0]["state"].as_str().map(str::to_owned);
        state.filter(|state| ["delivered", "dead"].contains(&state.as_str()))
    })
    .await;
}

pub(super) async fn answer(recipe: &Recipe, stack: &Stack, operation: &Operation) -> HttpResponse {
    let request = |name: &str| operation.requests[name].to_string();
    let body = match &recipe.body {
        Body::Usual if operation.id == "createWebhookEndpoint" => request("client"),
        Body::Usual if operation.id == "replayWebhookDeliveries" => request("failed"),
        Body::Usual => String::new(),
        Body::Example(name) => request(name),
        Body::Text(text) => text.clone(),
    };
    let refuses = recipe.name == "webhook-replayed";
    let receiver = Receiver::start(move |_| Reply::status(if refuses { 500 } else { 204 })).await;
    let (mut path, mut own) = (operation.path.clone(), Vec::new());
    if path.contains("{id}") {
        let id = if recipe.name == "webhook-unknown" { NOBODYS.to_owned() } else { made(stack, &receiver.url()).await };
        path = path.replace("{id}", &id);
        own.extend(Some(id).filter(|id| id != NOBODYS));
    }
    for id in own.clone() {
        match recipe.name {
            "webhook-deliveries-listed" | "webhook-replayed" => tried_out(stack, &id).await,
            "webhook-enabled" | "webhook-test-disabled" => {
                done(stack, "POST", &format!("/{id}/disable"), &Value::Null).await;
            }
            "webhook-enable-full" => {
                done(stack, "POST", &format!("/{id}/disable"), &Value::Null).await;
                let listed = done(stack, "GET", "?account=acct_demo", &Value::Null).await;
                let endpoints = listed["endpoints"].as_array().unwrap();
                let enabled = endpoints.iter().filter(|endpoint| endpoint["state"] == "enabled").count();
                for _ in enabled..MOST {
                    own.push(made(stack, &receiver.url()).await);
                }
            }
            "webhook-rotate-superseded" => {
                let call = Call::new(&PLATFORM, "POST", path.clone(), String::new());
                assert_eq!(stack.raw(call.keyed(recipe.name)).await.status, 200);
                done(stack, "POST", &format!("/{id}/rotate-secret"), &Value::Null).await;
            }
            "webhook-replay-reused" => {
                let call = Call::new(&PLATFORM, "POST", path.clone(), r#"{"event":"evt_1_1"}"#);
                assert_eq!(stack.raw(call.keyed(recipe.name)).await.status, 200);
            }
            _ => {}
        }
    }
    path.push_str(match recipe.name {
        "webhook-listed" => "?account=acct_demo",
        "webhook-list-invalid" => "?colour=blue&limit=0",
        "webhook-deliveries-invalid" => "?failed=yes&limit=51",
        _ => "",
    });
    let call = Call::new(&PLATFORM, operation.method, path, body);
    let key = match recipe.name {
        "webhook-added" | "webhook-added-again" | "webhook-add-reused" => "the-example",
        other => other,
    };
    let is_named = recipe.name != "webhook-no-key";
    let mut answer = stack.raw(if is_named { call.keyed(key) } else { call.request() }).await;
    if recipe.name == "webhook-tested" {
        // The worker may have begun.
        let mut sent = answer.json();
        (sent["state"], sent["attempts"], sent["due_at"]) = ("pending".into(), json!([]), "".into());
        answer.text = sent.to_string();
    }
    for id in own {
        done(stack, "DELETE", &format!("/{id}"), &Value::Null).await;
    }
    answer
}

/// Puts what is another one in every run right: ids, secrets, times, and where receivers are.
pub(in crate::openapi_examples) fn mask(value: &mut Value) {
    match value {
        Value::String(text) if text.starts_with("we_") => *text = NOBODYS.to_owned(),
        Value::String(text) if text.starts_with("evt_test_") => *text = "evt_test_0".to_owned(),
        Value::Object(members) => {
            for (name, member) in members {
                match name.as_str() {
                    "secret" | "url" | "body" | "created_at" | "due_at" | "other_secret_until" | "at"
                        if member.is_string() =>
                    {
                        *member = name.as_str().into();
                    }
                    "duration_ms" => *member = 0.into(),
                    _ => mask(member),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(mask),
        _ => {}
    }
}
