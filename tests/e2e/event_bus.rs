//! The event bus: what EventBridge gets of real disputes, whatever it and the workers do.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use recourse_dispute::time::UnixMillis;
use recourse_local::Options;
use recourse_local::eventbridge::{Behaviour, BusEvent};
use serde_json::{Value, json};

use crate::cli::{folder, recourse};
use crate::harness::{BUS, STAGING, Stack, Transaction, options, root, run, until};
use crate::platform::webhooks::{call, calls};
use crate::webhooks::receiver::{Receiver, Reply};
use crate::webhooks::walk::{EVENTS, chargeback, killing};
use crate::webhooks::{add, deliveries, reported};

/// The bus of the tests.
pub(crate) const EVENT_BUS: &str = "arn:aws:events:us-east-1:000000000000:event-bus/recourse";
/// Under which production's events wait.
const QUEUE: &str = "bus_production";

fn with_bus() -> Options {
    let mut options = options();
    options.parameters.insert("EventBus".to_owned(), EVENT_BUS.to_owned());
    options
}

async fn sweep(stack: &Stack) {
    stack.cloud().run_schedule(BUS).await.unwrap();
}

/// A cloud whose events are handed out to the bus: the first sweep sees to that.
async fn start() -> Stack {
    let stack = Stack::start(with_bus()).await;
    sweep(&stack).await;
    stack
}

/// What was put of an environment, in the order in which it was, without repeats.
fn put(stack: &Stack, source: &str) -> Vec<BusEvent> {
    let mut known = HashSet::new();
    let events = stack.cloud().eventbridge.events().into_iter().filter(|event| event.source == source);
    events.filter(|event| known.insert(event.json()["id"].as_str().unwrap().to_owned())).collect()
}

fn production(stack: &Stack) -> Vec<BusEvent> {
    put(stack, "recourse.production")
}

/// The events of production, once there are `count` of them.
async fn events(stack: &Stack, count: usize) -> Vec<BusEvent> {
    until(&format!("{count} events on the bus"), async || {
        let events = production(stack);
        (events.len() >= count).then_some(events)
    })
    .await
}

/// Past leases and retries, and never as far as the end of a schedule.
async fn later(stack: &Stack) {
    stack.cloud().clock.advance(Duration::from_secs(400)).unwrap();
    sweep(stack).await;
}

/// Sweeps until everything of a chargeback is on the bus and stored as delivered.
async fn settled(stack: &Stack) {
    let folder = folder();
    for _ in 0..60 {
        later(stack).await;
        let listed = deliveries(stack, folder.path(), QUEUE).await;
        if listed.len() == EVENTS.len() && listed.iter().all(|delivery| delivery["state"] == "delivered") {
            return;
        }
    }
    panic!("{} events are on the bus", production(stack).len());
}

/// Every event of a chargeback once after de-duplication, in order by sequence number.
fn check(stack: &Stack) {
    let events = production(stack);
    let types: Vec<_> = events.iter().map(|event| event.detail_type.as_str()).collect();
    assert_eq!(types, EVENTS);
    for (place, event) in (1..).zip(&events) {
        let detail = event.json();
        assert_eq!((&detail["sequence"], detail["type"].as_str()), (&json!(place), Some(event.detail_type.as_str())));
        assert_eq!((&detail["version"], &detail["environment"]), (&json!(1), &json!("production")));
        assert_eq!((event.bus.as_str(), event.access_key.as_str()), (EVENT_BUS, "LOCALWorkerBus"));
        let occurred = UnixMillis::parse(detail["occurred_at"].as_str().unwrap()).unwrap();
        assert_eq!(event.time.as_f64().unwrap() as i64, occurred.seconds(), "{}", event.time);
        assert!(!event.detail.contains('@'));
    }
    // What is put again is the same, byte for byte.
    for event in stack.cloud().eventbridge.events() {
        let first = events.iter().find(|first| first.json()["id"] == event.json()["id"]).unwrap();
        assert_eq!(first.detail, event.detail);
    }
}

#[test]
fn the_bus_gets_a_chargeback_at_once_and_in_order_as_the_platforms_endpoint_does() {
    run(async {
        let (stack, folder) = (start().await, folder());
        let platform = Receiver::start(|_| Reply::status(200)).await;
        add(&stack, folder.path(), "acct_platform", &platform.url(), &[]).await;
        chargeback(&stack).await;
        // No sweep runs: the stream alone brings them.
        let details: Vec<_> = events(&stack, EVENTS.len()).await.into_iter().map(|event| event.detail).collect();
        check(&stack);
        let bodies: Vec<_> = platform.requests(EVENTS.len()).await.into_iter().map(|request| request.body).collect();
        assert_eq!(details, bodies);
        until("they are stored as delivered", async || {
            let listed = deliveries(&stack, folder.path(), QUEUE).await;
            listed.iter().all(|delivery| delivery["state"] == "delivered").then_some(())
        })
        .await;
        // The page has the same.
        let page = stack.get("/bus.json").await.json();
        assert_eq!(page.as_array().unwrap().len(), stack.cloud().eventbridge.events().len());
        assert_eq!((&page[0]["detail-type"], &page[0]["source"]), (&json!(EVENTS[0]), &json!("recourse.production")));
    });
}

/// The JSON blocks of the guide: patterns of rules.
fn patterns() -> Vec<Value> {
    let guide = std::fs::read_to_string(root().join("docs/events-to-eventbridge.md")).unwrap();
    let blocks = guide.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    blocks.map(|block| serde_json::from_str(&block).unwrap()).collect()
}

/// Whether EventBridge would say that an event matches: each member of the pattern has one of its
/// values, or begins with a prefix.
fn matches(pattern: &Value, event: &Value) -> bool {
    let one = |rule: &Value| match rule["prefix"].as_str() {
        Some(prefix) => event.as_str().is_some_and(|text| text.starts_with(prefix)),
        None => rule == event,
    };
    match pattern {
        Value::Object(members) => members.iter().all(|(name, pattern)| matches(pattern, &event[name])),
        Value::Array(rules) => rules.iter().any(one),
        _ => panic!("{pattern}"),
    }
}

#[test]
fn the_rules_of_the_guide_match_some_events_of_a_chargeback_and_none_of_staging() {
    run(async {
        let stack = start().await;
        chargeback(&stack).await;
        events(&stack, EVENTS.len()).await;
        let all = stack.get("/bus.json").await.json();
        let all = all.as_array().unwrap();
        let patterns = patterns();
        assert!(patterns.len() >= 3, "{patterns:?}");
        for pattern in patterns {
            let matching: Vec<_> = all.iter().filter(|event| matches(&pattern, event)).collect();
            assert!(!matching.is_empty() && matching.len() < all.len(), "{pattern}");
            for event in matching {
                let mut of_staging = event.clone();
                of_staging["source"] = json!("recourse.staging");
                assert!(!matches(&pattern, &of_staging), "{pattern}");
            }
        }
    });
}

#[test]
fn entries_that_fail_are_put_again_and_hold_back_the_later_events_of_their_dispute() {
    run(async {
        let (stack, folder) = (start().await, folder());
        stack.cloud().eventbridge.answer_with(Behaviour::FailEntries { every: 2, code: "InternalFailure" });
        chargeback(&stack).await;
        settled(&stack).await;
        check(&stack);
        assert!(stack.cloud().eventbridge.entries() > EVENTS.len(), "some failed");
        let listed = deliveries(&stack, folder.path(), QUEUE).await;
        let failed = listed.iter().filter(|delivery| delivery["attempts"][0]["error"] == "InternalFailure").count();
        assert!(failed > 0, "{listed:?}");
    });
}

#[test]
fn a_call_that_fails_as_a_whole_is_made_again() {
    run(async {
        let (stack, folder) = (start().await, folder());
        for (count, (behaviour, code)) in (1..).zip([
            (Behaviour::Throttled, "ThrottlingException"),
            (Behaviour::ServerError, "InternalException"),
            (Behaviour::Unreachable, "unreachable"),
            (Behaviour::LoseAnswer, "unreachable"),
        ]) {
            stack.cloud().eventbridge.answer_with(behaviour.clone());
            let transaction = reported(&stack).await;
            let case = stack.dispute(&transaction.trxid).await.dispute.number.case_id();
            let delivery = async || {
                let listed = deliveries(&stack, folder.path(), QUEUE).await;
                listed.into_iter().find(|delivery| delivery["dispute"] == case.as_str())
            };
            until("it was tried", async || {
                delivery().await.filter(|delivery| delivery["attempts"][0]["error"] == code)
            })
            .await;
            stack.cloud().eventbridge.answer_with(Behaviour::Take);
            // Its next try is due after seconds. Requests are signed by this machine's clock, so
            // the stack's must stay near.
            stack.cloud().clock.advance(Duration::from_secs(60)).unwrap();
            sweep(&stack).await;
            assert_eq!(events(&stack, count).await.len(), count, "{behaviour:?}");
            assert_eq!(delivery().await.unwrap()["state"], "delivered", "{behaviour:?}");
        }
    });
}

#[test]
fn workers_that_are_killed_lose_no_event() {
    run(async {
        let stack = Arc::new(start().await);
        stack.cloud().eventbridge.answer_with(Behaviour::FailEntries { every: 3, code: "ThrottlingException" });
        let killing = killing(&stack, BUS, 10..130);
        chargeback(&stack).await;
        for _ in 0..20 {
            stack.cloud().clock.advance(Duration::from_secs(400)).unwrap();
            // A sweep may be killed, too.
            let _ = stack.cloud().run_schedule(BUS).await;
            if production(&stack).len() == EVENTS.len() {
                break;
            }
        }
        killing.abort();
        let _ = killing.await;
        settled(&stack).await;
        check(&stack);
    });
}

#[test]
fn nothing_is_put_while_the_parameter_is_empty_and_what_happens_meanwhile_is_left_out() {
    run(async {
        let (folder, data) = (folder(), tempfile::tempdir().unwrap());
        let with = |options: Options| Options { data: Some(data.path().to_owned()), ..options };
        let report = async |stack: &Stack| -> String {
            let transaction = reported(stack).await;
            stack.dispute(&transaction.trxid).await.dispute.number.case_id()
        };
        let put_on = |stack: &Stack| -> Vec<String> {
            let id = |event: BusEvent| event.json()["data"]["dispute"]["id"].as_str().unwrap().to_owned();
            production(stack).into_iter().map(id).collect()
        };

        let off = Stack::start(with(options())).await;
        sweep(&off).await;
        report(&off).await;
        sweep(&off).await;
        assert_eq!((off.cloud().eventbridge.entries(), off.store().destinations().await.unwrap()), (0, Vec::new()));
        off.stop().await;

        let on = Stack::start(with(with_bus())).await;
        sweep(&on).await;
        let second = report(&on).await;
        events(&on, 1).await;
        assert_eq!(put_on(&on), [second.as_str()], "what happened before the bus was added is left out");
        // The endpoints' commands do not see it.
        let listed = recourse(&on, folder.path(), &["webhook", "list", "--json"]).await;
        assert_eq!(listed.out.trim(), "[]", "{}", listed.err);
        for command in ["disable", "enable", "rotate", "remove"] {
            let refused = recourse(&on, folder.path(), &["webhook", command, QUEUE]).await;
            assert_ne!(refused.code, 0, "{command}: {}", refused.out);
        }
        let refused = recourse(&on, folder.path(), &["chaos", "set", "bus_staging", "duplicate"]).await;
        assert_ne!(refused.code, 0, "{}", refused.out);
        on.stop().await;

        let off = Stack::start(with(options())).await;
        sweep(&off).await;
        let destinations = off.store().destinations().await.unwrap();
        assert!(destinations.len() == 2 && destinations.iter().all(|one| !one.is_enabled()), "{destinations:?}");
        report(&off).await;
        sweep(&off).await;
        assert_eq!(off.cloud().eventbridge.entries(), 0);
        off.stop().await;

        let on = Stack::start(with(with_bus())).await;
        sweep(&on).await;
        let last = report(&on).await;
        events(&on, 1).await;
        sweep(&on).await;
        assert_eq!(put_on(&on), [last.as_str()]);
    });
}

#[test]
fn the_platform_api_does_not_reach_the_bus() {
    run(async {
        let (stack, folder) = (start().await, folder());
        assert_eq!(recourse(&stack, folder.path(), &["webhook", "test", QUEUE]).await.code, 0);
        for (method, path, body) in calls(QUEUE) {
            let answer = stack.raw(call(method, &path, &body).keyed("a-key")).await;
            assert_eq!(answer.status, 404, "{method} {path}: {answer:?}");
        }
        let listed = stack.raw(call("GET", "", &Value::Null).keyed("a-key")).await;
        assert_eq!(listed.json()["endpoints"], json!([]));
        let destinations = stack.store().destinations().await.unwrap();
        assert!(destinations.len() == 2 && destinations.iter().all(|one| one.is_enabled()), "{destinations:?}");
    });
}

#[test]
fn events_of_staging_have_another_source() {
    run(async {
        let stack = start().await;
        staging(&stack).await;
        reported(&stack).await;
        let live = events(&stack, 1).await;
        until("staging's event", async || (!put(&stack, "recourse.staging").is_empty()).then_some(())).await;
        let staging = put(&stack, "recourse.staging");
        for (events, environment) in [(&live, "production"), (&staging, "staging")] {
            let of_events: Vec<Value> = events.iter().map(|event| event.json()["environment"].clone()).collect();
            assert_eq!(of_events, [json!(environment)]);
        }
    });
}

/// Reports a transaction of staging.
async fn staging(stack: &Stack) -> Transaction {
    let transaction = stack.transaction("acct_staging", "Succesful").await;
    let answer = stack.report(&STAGING, &json!({ "refid": transaction.refid })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    transaction
}

#[test]
fn an_event_that_is_given_up_is_counted_and_can_be_put_once_more() {
    run(async {
        let (stack, folder) = (start().await, folder());
        let test = async || recourse(&stack, folder.path(), &["webhook", "test", QUEUE]).await.code;
        assert_eq!(test().await, 0);
        stack.cloud().eventbridge.answer_with(Behaviour::FailEntries { every: 1, code: "AccessDeniedException" });
        assert_eq!(test().await, 1, "an event that tries the bus out is put once");
        reported(&stack).await;
        let is_dead = async || {
            let listed = deliveries(&stack, folder.path(), QUEUE).await;
            let real = listed.into_iter().find(|delivery| delivery["type"] == "dispute.opened");
            real.is_some_and(|delivery| delivery["state"] == "dead")
        };
        for _ in 0..20 {
            if is_dead().await {
                break;
            }
            stack.cloud().clock.advance(Duration::from_secs(30 * 3600)).unwrap();
            sweep(&stack).await;
        }
        assert!(is_dead().await);
        let lines = stack.log().into_iter().filter(|line| line.from == BUS);
        let lines: Vec<Value> = lines.filter_map(|line| serde_json::from_str(&line.text).ok()).collect();
        let dead: u64 = lines.iter().filter_map(|line| line["dead"].as_u64()).sum();
        let late = lines.iter().filter_map(|line| line["late_ms"].as_u64()).max();
        assert!(dead >= 1 && late > Some(900_000), "{dead} {late:?}");

        stack.cloud().eventbridge.answer_with(Behaviour::Take);
        let again = recourse(&stack, folder.path(), &["webhook", "replay", QUEUE, "--failed"]).await;
        assert_eq!(again.code, 0, "{}{}", again.out, again.err);
        sweep(&stack).await;
        let types: HashSet<_> = production(&stack).into_iter().map(|event| event.detail_type).collect();
        assert!(types.contains("dispute.opened") && !is_dead().await, "{types:?}");
    });
}

/// Everything that the worker is for, at least once.
pub(crate) async fn everything(stack: &Stack) {
    sweep(stack).await;
    // Its second event waits for the first, and is looked at before it is put.
    let transaction = reported(stack).await;
    stack.upsert(&transaction.later("Refund", 1)).await;
    let number = stack.dispute(&transaction.trxid).await.dispute.number.case_id();
    until("both are on the bus", async || {
        let events = production(stack);
        let its = events.iter().filter(|event| event.json()["data"]["dispute"]["id"] == number.as_str());
        (its.count() >= 2).then_some(())
    })
    .await;
}
