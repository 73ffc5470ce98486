//! What events leave by: webhook endpoints, the Platform API's calls about them, and the event bus.

use serde_json::{Value, json};

use super::endpoints::nothing;
use super::workers::{entered, mailed};
use super::{Counter, is, number, report, sent, unsent};
use crate::cli::folder;
use crate::harness::{BUS, COUNTERS, Call, HttpResponse, Stack, Transaction, WEBHOOKS, until};
use crate::platform::webhooks::call;
use crate::webhooks;
use crate::webhooks::receiver::{Receiver, Reply};

/// Makes a call of the Platform API about endpoints, under a key of its own.
async fn ask(stack: &Stack, method: &'static str, path: &str, body: &Value) -> HttpResponse {
    let number = number();
    let call = Call { nonce: format!("costs-nonce-{number}"), ..call(method, path, body) };
    stack.raw(call.keyed(&format!("costs-key-{number}"))).await
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The last of all, because an endpoint gets the events of what others do, too.
pub(super) async fn count(counter: &mut Counter<'_>) {
    let stack = counter.stack;
    let (folder, receiver) = (folder(), Receiver::start(|_| Reply::status(204)).await);
    let hook = webhooks::add(stack, folder.path(), "acct_demo", &receiver.url(), &[]).await.id;
    let known = async || sent(stack, unsent()).await;
    let delivered = async |transaction: Transaction| {
        let seen = receiver.seen().len();
        report(stack, &transaction).await;
        receiver.requests(seen + 1).await;
    };
    counter.call(WEBHOOKS, "a delivery", known, delivered).await;
    platform(counter, &hook, &receiver).await;
    // The reports of the bus are counted without it.
    is(&ask(stack, "POST", &format!("/{hook}/disable"), &Value::Null).await, 200);
    bus(counter).await;
}

/// The Platform API's calls. `hook` is the id of an endpoint that events were delivered to.
async fn platform(counter: &mut Counter<'_>, hook: &str, receiver: &Receiver) {
    let stack = counter.stack;
    // Nothing happens to the disputes of this account, and it may have five endpoints.
    let wanted = json!({ "account": "acct_stranger", "url": receiver.url() });
    let add = async |()| is(&ask(stack, "POST", "", &wanted).await, 201);
    counter.call("PlatformWebhookAdd", "an endpoint", nothing, add).await;
    let list = async |()| is(&ask(stack, "GET", "", &Value::Null).await, 200);
    counter.call("PlatformWebhookList", "the first page", nothing, list).await;
    let added = async || {
        let listed = ask(stack, "GET", "?account=acct_stranger", &Value::Null).await;
        is(&listed, 200);
        text(&listed.json()["endpoints"][0]["id"])
    };
    let remove = async |id: String| is(&ask(stack, "DELETE", &format!("/{id}"), &Value::Null).await, 200);
    counter.call("PlatformWebhookRemove", "an endpoint", added, remove).await;

    for (function, method, path) in
        [("PlatformWebhookGet", "GET", ""), ("PlatformWebhookRotate", "POST", "/rotate-secret")]
    {
        let path = format!("/{hook}{path}");
        let act = async |()| is(&ask(stack, method, &path, &Value::Null).await, 200);
        counter.call(function, "an endpoint", nothing, act).await;
    }
    for (function, before, path) in
        [("PlatformWebhookDisable", "enable", "disable"), ("PlatformWebhookEnable", "disable", "enable")]
    {
        let (before, path) = (format!("/{hook}/{before}"), format!("/{hook}/{path}"));
        let prepare = async || is(&ask(stack, "POST", &before, &Value::Null).await, 200);
        let act = async |()| is(&ask(stack, "POST", &path, &Value::Null).await, 200);
        counter.call(function, "an endpoint", prepare, act).await;
    }
    let test = async |()| {
        let seen = receiver.seen().len();
        is(&ask(stack, "POST", &format!("/{hook}/test"), &Value::Null).await, 202);
        receiver.requests(seen + 1).await;
    };
    counter.call("PlatformWebhookTest", "an endpoint", nothing, test).await;
    let deliveries = format!("/{hook}/deliveries");
    let page = async |()| is(&ask(stack, "GET", &deliveries, &Value::Null).await, 200);
    counter.call("PlatformWebhookDeliveries", "the first page", nothing, page).await;
    // An event is sent once more by a sweep, and can be replayed again after that.
    let delivered = async || {
        webhooks::sweep(stack).await;
        until("all are delivered", async || {
            let page = ask(stack, "GET", &deliveries, &Value::Null).await.json();
            let all = page["deliveries"].as_array().unwrap();
            all.iter().all(|one| one["state"] == "delivered").then(|| text(&all.last().unwrap()["event"]))
        })
        .await
    };
    let replay = async |event: String| {
        let answer = ask(stack, "POST", &format!("/{hook}/replay"), &json!({ "event": event })).await;
        is(&answer, 200);
        assert_eq!(answer.json()["replayed"].as_array().unwrap().len(), 1, "{answer:?}");
    };
    counter.call("PlatformWebhookReplay", "an event", delivered, replay).await;
}

async fn bus(counter: &mut Counter<'_>) {
    let stack = counter.stack;
    // The first sweep has events handed out to the bus.
    stack.cloud().run_schedule(BUS).await.unwrap();
    let known = async || sent(stack, unsent()).await;
    let put = async |transaction: Transaction| {
        let seen = stack.cloud().eventbridge.events().len();
        report(stack, &transaction).await;
        until("its event is on the bus", async || (stack.cloud().eventbridge.events().len() > seen).then_some(()))
            .await;
        mailed(stack, &transaction).await;
        entered(stack, &transaction).await;
    };
    counter.work(&[(COUNTERS, "a report, with the bus"), (BUS, "an event")], known, put).await;
}
