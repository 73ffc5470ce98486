//! The sandbox for clients' own handling: each fault of a script, at each API and at a receiver of
//! events, and that none of it reaches a production account.

use std::time::{Duration, Instant};

use http::Request;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;
use recourse_store::{DeliveryRange, FaultTarget};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::arbiter::{self, token_request};
use crate::cli::{CommandOutput, folder, recourse};
use crate::harness::{
    Call, Connect, DemoKey, HttpResponse, PLATFORM_STAGING, STAGING, Stack, Transaction, options, root, run, unique,
    until,
};
use crate::vendor_texts::{DUPLICATE, SUCCESS, about};
use crate::webhooks::receiver::{Receiver, Reply};
use crate::webhooks::{add, deliveries, sweep};
use crate::{platform, raw};

/// The body of API Gateway's own 429.
const TOO_MANY: &str = r#"{"message":"Too Many Requests"}"#;

async fn chaos(stack: &Stack, arguments: &[&str]) -> CommandOutput {
    recourse(stack, folder().path(), &[&["chaos"], arguments].concat()).await
}

/// Stores a script, which must succeed.
async fn set(stack: &Stack, target: &str, steps: &[&str]) {
    let CommandOutput { code, out, err } = chaos(stack, &[&["set", target], steps].concat()).await;
    assert_eq!(code, 0, "{out}{err}");
}

/// Waits until no step is left.
async fn used_up(stack: &Stack, target: &str) {
    until("no step is left", async || (chaos(stack, &["show", target]).await.code == 1).then_some(())).await;
}

/// A token of the staging account's own program.
async fn token(stack: &Stack) -> String {
    let answer = stack.raw(token_request(&STAGING, "grant_type=client_credentials")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

fn connect(method: &'static str, path: &str) -> Connect {
    Connect { key: STAGING, ..Connect::new(method, path) }
}

fn tutelar(method: &'static str, path: &str) -> Request<Vec<u8>> {
    Call::new(&STAGING, method, format!("/api/v1/dispute/{path}"), "").basic()
}

/// Every function that knows its caller by a key gets a good request of a staging account, and the
/// worker delivers an event to an endpoint of one.
pub(crate) async fn everything(stack: &Stack) {
    let trxid = "sandbox-unknown";
    for call in [
        Call::put(&PLATFORM_STAGING, &json!({ "trxid": trxid })),
        Call::import(&PLATFORM_STAGING, &[]),
        Call::get(&PLATFORM_STAGING, trxid),
        Call::disputes(&PLATFORM_STAGING, ""),
        Call::dispute(&PLATFORM_STAGING, "RC-0000008t"),
        Call::report(&STAGING, &json!({ "refid": "sim-success" })),
    ] {
        let answer = stack.send(&call).await;
        assert!(answer.status < 500, "{answer:?}");
    }
    let endpoints = [("GET", String::new(), Value::Null), ("POST", String::new(), Value::Null)];
    for (method, path, body) in endpoints.into_iter().chain(platform::webhooks::calls(platform::webhooks::NOBODYS)) {
        let call = Call { key: PLATFORM_STAGING, ..platform::webhooks::call(method, &path, &body) };
        let answer = stack.raw(call.keyed(&unique("key"))).await;
        assert!(answer.status < 500, "{method} {path} {answer:?}");
    }
    let id = "dispute_00000001";
    for (method, path) in [
        ("POST", "create".to_owned()),
        ("PATCH", format!("update/{id}")),
        ("GET", format!("view/{id}")),
        ("PUT", format!("move-level/{id}")),
        ("PUT", format!("merchant-won/{id}")),
        ("PUT", format!("merchant-loss/{id}")),
        ("PUT", format!("reopen/{id}")),
        ("GET", "anything".to_owned()),
    ] {
        let answer = stack.raw(tutelar(method, &path)).await;
        assert!(answer.status < 500, "{path} {answer:?}");
    }
    let token = token(stack).await;
    for (method, path) in [
        ("POST", "/disputes"),
        ("GET", "/disputes"),
        ("GET", "/disputes/FBN00II123456789"),
        ("PUT", "/disputes/FBN00II123456789"),
        ("GET", "/disputes/FBN00II123456789/evidence/1-00000000000000000000000000000000"),
        ("GET", "/disputes/categories"),
        ("GET", "/disputes/categories/Refund/reasons"),
        ("GET", "/transactions/types/BillPayment/references/nobodys"),
    ] {
        let answer = stack.raw(arbiter::call(&token, method, path, "{}")).await;
        assert!(answer.status < 500, "{path} {answer:?}");
    }
    for (method, path) in [
        ("POST", "/v1/1002/payments/nobodys/dispute"),
        ("GET", "/v1/1002/payments/nobodys/disputes"),
        ("POST", "/v1/1002/captures/nobodys/dispute"),
        ("GET", "/v1/1002/captures/nobodys/disputes"),
        ("GET", "/v1/1002/disputes/1"),
        ("POST", "/v1/1002/disputes/1/submit"),
        ("POST", "/v1/1002/disputes/1/cancel"),
        ("POST", "/files/v1/1002/disputes/1"),
        ("POST", "/files/v1/1002/disputes/1/uploads"),
        ("POST", "/files/v1/1002/disputes/1/uploads/1-00000000000000000000000000000000/complete"),
        ("GET", "/files/v1/1002/files/1-00000000000000000000000000000000"),
        ("GET", "/files/v1/1002/files/1-00000000000000000000000000000000/url"),
    ] {
        let answer = stack.connect(connect(method, path)).await;
        assert!(answer.status < 500, "{path} {answer:?}");
    }
    let (folder, receiver) = (folder(), Receiver::start(|_| Reply::status(204)).await);
    let hook = add(stack, folder.path(), "acct_staging", &receiver.url(), &[]).await;
    reported(stack).await;
    receiver.requests(1).await;
    recourse(stack, folder.path(), &["webhook", "disable", &hook.id]).await;
}

/// A new transaction of the staging account that is reported.
async fn reported(stack: &Stack) -> Transaction {
    let transaction = stack.transaction("acct_staging", "Succesful").await;
    assert_eq!(report(stack, &transaction).await.text, about(SUCCESS, &transaction.refid));
    transaction
}

async fn report(stack: &Stack, transaction: &Transaction) -> HttpResponse {
    stack.report(&STAGING, &json!({ "refid": transaction.refid })).await
}

#[test]
fn each_request_takes_one_step_and_what_it_says_happens() {
    run(async {
        let stack = Stack::start(options()).await;
        let transaction = stack.transaction("acct_staging", "Succesful").await;
        set(&stack, STAGING.id, &["429", "503-before", "skew=-600", "skew=600", "skew=5", "503-after", "pass"]).await;
        let throttled = report(&stack, &transaction).await;
        assert_eq!((throttled.status, throttled.text.as_str()), (429, TOO_MANY));
        assert_eq!(throttled.headers["retry-after"], "2");
        let before = report(&stack, &transaction).await;
        assert_eq!(before.status, 503);
        assert!(before.json()["message"].as_str().unwrap().contains("temporarily unavailable"), "{before:?}");
        for _ in 0..2 {
            let stale = report(&stack, &transaction).await;
            assert_eq!((stale.status, stale.json()["error"].as_str()), (401, Some("stale_timestamp")));
        }
        assert!(stack.disputes(&transaction.trxid).await.is_empty(), "nothing was done so far");
        // A clock that is a little wrong is within the window. This report is done.
        assert_eq!(report(&stack, &transaction).await.text, about(SUCCESS, &transaction.refid));
        let other = stack.transaction("acct_staging", "Succesful").await;
        let after = report(&stack, &other).await;
        assert_eq!((after.status, after.text), (503, before.text));
        assert_eq!(stack.disputes(&other.trxid).await.len(), 1, "it was done all the same");
        assert_eq!(report(&stack, &other).await.text, about(DUPLICATE, &other.refid));
        assert_eq!(chaos(&stack, &["show", STAGING.id]).await.code, 1);
        // A fault on purpose is nobody's to look into.
        let lines = until("each step is in the log", async || {
            let lines = stack.log().into_iter().filter_map(|line| serde_json::from_str::<Value>(&line.text).ok());
            let with_fault: Vec<_> = lines.filter(|line| line["fault"].is_string()).collect();
            (with_fault.len() == 7).then_some(with_fault)
        })
        .await;
        for line in lines {
            assert_eq!((&line["level"], &line["errors_5xx"]), (&json!("INFO"), &json!(0)), "{line}");
        }
    });
}

#[test]
fn an_answer_is_late_by_as_much_as_the_script_says() {
    run(async {
        let stack = Stack::start(options()).await;
        let transaction = stack.transaction("acct_staging", "Succesful").await;
        set(&stack, STAGING.id, &["delay=2"]).await;
        let started = Instant::now();
        assert_eq!(report(&stack, &transaction).await.text, about(SUCCESS, &transaction.refid));
        assert!(started.elapsed() >= Duration::from_secs(2));
    });
}

/// Sends a request over a connection of its own, and returns all that comes back.
async fn bytes_of(stack: &Stack, request: &Request<Vec<u8>>) -> Vec<u8> {
    let address = stack.url().strip_prefix("http://").unwrap().trim_end_matches('/').to_owned();
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let mut head =
        format!("{} {} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", request.body().len()));
    stream.write_all(&[head.as_bytes(), request.body().as_slice()].concat()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is reset is an error, after what came before.
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

#[test]
fn a_connection_ends_after_the_write_and_a_retry_finds_what_was_done() {
    run(async {
        let stack = Stack::start(options()).await;
        let transaction = stack.transaction("acct_staging", "Succesful").await;
        let call = || Call::report(&STAGING, &json!({ "refid": transaction.refid }));
        set(&stack, STAGING.id, &["reset-after"]).await;
        let answer = bytes_of(&stack, &call().request()).await;
        assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
        assert_eq!(stack.disputes(&transaction.trxid).await.len(), 1);
        let again = bytes_of(&stack, &call().request()).await;
        assert!(String::from_utf8_lossy(&again).contains("already been created"), "{again:?}");
    });
}

#[test]
fn with_an_idempotence_key_the_retry_after_a_lost_answer_gets_it() {
    run(async {
        let stack = Stack::start(options()).await;
        let payment = stack.transaction("acct_staging", "Succesful").await;
        let contact = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
        let path = format!("/v1/1002/payments/{}/dispute", payment.trxid);
        let key = unique("key");
        let create = || connect("POST", &path).json(&contact).idempotent(&key);
        set(&stack, STAGING.id, &["503-after", "429"]).await;
        assert_eq!(stack.connect(create()).await.status, 500, "the vendor publishes no 503");
        assert_eq!(stack.connect(create()).await.status, 429);
        let created = stack.connect(create()).await;
        assert_eq!(created.status, 201, "{created:?}");
        assert!(created.headers.contains_key("x-gcs-idempotence-request-timestamp"), "{created:?}");
        assert_eq!(stack.disputes(&payment.trxid).await.len(), 1);
    });
}

/// The call of each API, the status of an outage there, and a member of its own form of an error.
#[test]
fn each_api_answers_a_fault_in_its_own_form() {
    run(async {
        let stack = Stack::start(options()).await;
        let token = token(&stack).await;
        type Made<'a> = &'a (dyn Fn() -> Request<Vec<u8>> + Sync);
        let rows: [(Made<'_>, &str, u16, &str); 6] = [
            (&|| Call::report(&STAGING, &json!({ "refid": "sim-success" })).request(), STAGING.id, 503, "message"),
            (&|| Call::get(&PLATFORM_STAGING, "nobodys").request(), PLATFORM_STAGING.id, 503, "message"),
            (&|| tutelar("GET", "view/dispute_00000001"), STAGING.id, 500, "success"),
            (&|| connect("GET", "/v1/1002/disputes/1").request(), STAGING.id, 500, "errorId"),
            (&|| token_request(&STAGING, "grant_type=client_credentials"), STAGING.id, 503, "error_description"),
            (&|| arbiter::call(&token, "GET", "/disputes/categories", ""), STAGING.id, 503, "errors"),
        ];
        for (request, key, status, member) in rows {
            set(&stack, key, &["503-before", "503-after", "429"]).await;
            for _ in 0..2 {
                let answer = stack.raw(request()).await;
                assert_eq!(answer.status, status, "{answer:?}");
                assert!(answer.json().get(member).is_some(), "{answer:?}");
            }
            let answer = stack.raw(request()).await;
            assert_eq!((answer.status, answer.text.as_str()), (429, TOO_MANY));
            assert!(stack.raw(request()).await.status < 429, "the script is over");
        }
        // The signature of Connect's requests has a time, too.
        set(&stack, STAGING.id, &["skew=86400"]).await;
        let stale = stack.connect(connect("GET", "/v1/1002/disputes/1")).await;
        assert_eq!(stale.status, 403, "{stale:?}");
    });
}

#[test]
fn a_script_ends_when_it_is_cleared_and_is_not_replaced_while_it_runs() {
    run(async {
        let stack = Stack::start(options()).await;
        set(&stack, STAGING.id, &["429", "delay=5"]).await;
        let second = chaos(&stack, &["set", STAGING.id, "pass"]).await;
        assert!(second.code == 2 && second.err.contains("chaos clear"), "{}", second.err);
        let shown = chaos(&stack, &["show", STAGING.id]).await;
        assert!(shown.code == 0 && shown.out.contains("429 delay=5"), "{}", shown.out);
        // A request that is not authenticated takes no step.
        let wrong = DemoKey { id: STAGING.id, secret: PLATFORM_STAGING.secret };
        assert_eq!(stack.report(&wrong, &json!({ "refid": "sim-success" })).await.status, 401);
        let cleared = chaos(&stack, &["clear", STAGING.id, "--json"]).await;
        let cleared: Value = serde_json::from_str(&cleared.out).unwrap();
        assert_eq!((&cleared["outcome"], &cleared["left"]), (&json!("cleared"), &json!(["429", "delay=5"])));
        assert_eq!(chaos(&stack, &["clear", STAGING.id]).await.code, 1);
        let account = recourse(&stack, folder().path(), &["account", "show", "acct_staging"]).await;
        for did in ["let iimm_dev_demo fail on purpose", "ended the script by which iimm_dev_demo failed"] {
            assert_eq!(account.out.matches(did).count(), 1, "{did}: {}", account.out);
        }
        assert_eq!(stack.report(&STAGING, &json!({ "refid": "sim-success" })).await.status, 200);
        for (steps, said) in
            [(["iimm_dev_nobody", "429"], "there is no key"), ([STAGING.id, "duplicate"], "is no step")]
        {
            let refused = chaos(&stack, &[&["set"], &steps[..]].concat()).await;
            assert!(refused.code == 2 && refused.err.contains(said), "{}", refused.err);
        }
    });
}

#[test]
fn a_receiver_gets_wrong_signatures_and_duplicates() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let receiver = Receiver::start(|place| Reply::status(if place == 0 { 401 } else { 204 })).await;
        let hook = add(&stack, folder.path(), "acct_staging", &receiver.url(), &[]).await;
        set(&stack, &hook.id, &["bad-signature", "duplicate"]).await;
        reported(&stack).await;
        let first = receiver.requests(2).await;
        assert_eq!(first[0].id(), first[1].id());
        assert_eq!([&first[0], &first[1]].map(|request| request.is_signed_by(&hook.secret)), [false, true]);
        reported(&stack).await;
        let all = receiver.requests(4).await;
        assert_ne!(all[2].id(), all[1].id());
        assert_eq!((all[2].id(), &all[2].body), (all[3].id(), &all[3].body));
        assert!(all[2..].iter().all(|request| request.is_signed_by(&hook.secret)));
        // What was added counts for nothing: each event was delivered once.
        until("they are delivered", async || {
            let listed = deliveries(&stack, folder.path(), &hook.id).await;
            let is_done = |delivery: &Value| delivery["state"] == "delivered";
            (listed.len() == 2 && listed.iter().all(is_done)).then_some(())
        })
        .await;
    });
}

#[test]
fn a_later_event_passes_one_that_is_held_back() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let receiver = Receiver::start(|_| Reply::status(204)).await;
        let hook = add(&stack, folder.path(), "acct_staging", &receiver.url(), &[]).await;
        set(&stack, &hook.id, &["out-of-order"]).await;
        let transaction = reported(&stack).await;
        used_up(&stack, &hook.id).await;
        until("it is held back", async || {
            let listed = deliveries(&stack, folder.path(), &hook.id).await;
            (listed.len() == 1 && listed[0]["state"] == "pending").then_some(())
        })
        .await;
        stack.upsert(&transaction.later("Refund", 1)).await;
        let later = receiver.requests(1).await;
        assert!(later[0].event()["sequence"].as_u64() > Some(1), "{later:?}");
        assert!(receiver.seen().iter().all(|request| request.event()["sequence"] != 1));
        stack.cloud().clock.advance(Duration::from_secs(60)).unwrap();
        let held = until("the first event came", async || {
            sweep(&stack).await;
            receiver.seen().into_iter().find(|request| request.event()["sequence"] == 1)
        })
        .await;
        assert!(held.is_signed_by(&hook.secret), "{held:?}");
    });
}

/// A retry that waits, and drafts: of the account, of another environment, and of a later day.
#[test]
fn time_passes_for_one_staging_account_alone() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let advance = async |account: &str, by: &str| {
            recourse(&stack, folder.path(), &["clock", "advance", account, by, "--json"]).await
        };
        let contact = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
        let draft = async || {
            let payment = stack.transaction("acct_staging", "Succesful").await;
            let path = format!("/v1/1002/payments/{}/dispute", payment.trxid);
            let created = stack.connect(connect("POST", &path).json(&contact)).await;
            assert_eq!(created.status, 201, "{created:?}");
            payment.trxid
        };
        let is_open = async |trxid: &str| stack.dispute(trxid).await.dispute.state.is_open();
        let (staging, production) = (draft().await, stack.draft().await);

        // A receiver that fails gets its next try after seconds, and the one after that later.
        let receiver = Receiver::start(|_| Reply::status(500)).await;
        let hook = add(&stack, folder.path(), "acct_staging", &receiver.url(), &[]).await;
        reported(&stack).await;
        receiver.requests(1).await;
        until("its next try waits", async || {
            let listed = deliveries(&stack, folder.path(), &hook.id).await;
            (listed[0]["state"] == "pending").then_some(())
        })
        .await;

        let moved = advance("acct_staging", "6d").await;
        assert_eq!(moved.code, 0, "{}", moved.err);
        let moved: Value = serde_json::from_str(&moved.out).unwrap();
        assert_eq!((&moved["disputes"], &moved["deliveries"]), (&json!(1), &json!(1)), "{moved}");
        // The try is due at once. If it had been due for days, an alarm would go off.
        let (id, now) = (WebhookId::parse(&hook.id).unwrap(), stack.cloud().clock.now_millis());
        let range = DeliveryRange { from: UnixMillis(0), to: now, limit: 1 };
        let waiting = stack.store().deliveries(&id, range, |_| true).await.unwrap().remove(0);
        let last = waiting.attempt_log.last().unwrap().at;
        assert!(waiting.due.is_some_and(|due| last <= due && due <= now), "{waiting:?}");
        receiver.reply(|_| Reply::status(204));
        crate::deadlines::sweep(&stack).await;
        assert!(is_open(&staging).await, "a draft has seven days");
        sweep(&stack).await;
        receiver.requests(2).await;

        let later = draft().await;
        assert_eq!(advance("acct_staging", "1d1h").await.code, 0);
        crate::deadlines::sweep(&stack).await;
        assert!(!is_open(&staging).await && is_open(&later).await);
        assert!(stack.store().dispute(production.parse().unwrap()).await.unwrap().unwrap().state.is_open());
        // Nothing is left to apply, and signatures are good as before.
        let again = recourse(&stack, folder.path(), &["clock", "catch-up", "acct_staging"]).await;
        assert!(again.code == 0 && again.out.contains("7d1h in all; 0 deadlines and 0 deliveries"), "{}", again.out);
        assert_eq!(stack.report(&STAGING, &json!({ "refid": "sim-success" })).await.status, 200);
    });
}

#[test]
fn the_clock_of_no_production_account_can_be_moved() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        for account in production_accounts() {
            let id = account["id"].as_str().unwrap();
            let refused = recourse(&stack, folder.path(), &["clock", "advance", id, "19d"]).await;
            assert!(refused.code == 2 && refused.err.contains("production account"), "{id}: {}", refused.err);
        }
        let unknown = recourse(&stack, folder.path(), &["clock", "advance", "acct_nobody", "19d"]).await;
        assert!(unknown.code == 2 && unknown.err.contains("there is no account"), "{}", unknown.err);
        let wrong = recourse(&stack, folder.path(), &["clock", "advance", "acct_staging", "19"]).await;
        assert!(wrong.code == 2 && wrong.err.contains("such as 1d12h"), "{}", wrong.err);
    });
}

/// Stores a script of faults where no command would.
async fn planted(stack: &Stack, kind: &str, id: &str, steps: &[&str]) {
    let key = format!("CHAOS#{kind}#{id}");
    let list: Vec<_> = steps.iter().map(|step| json!({ "S": step })).collect();
    let item = json!({
        "PK": { "S": key }, "SK": { "S": key }, "item": { "S": "faults" }, "schema": { "N": "1" },
        "steps": { "L": list }, "steps_left": { "N": steps.len().to_string() },
        "expires_at": { "N": "99999999999" }, "taken_by": { "S": "nobody" },
    });
    let put = json!({ "TableName": raw::table(stack.cloud(), "EPHEMERAL_TABLE"), "Item": item });
    raw::call(&stack.cloud().dynamodb.endpoint(), "PutItem", &put).await;
}

/// The demo's production accounts, `acct_demo` first.
fn production_accounts() -> Vec<Value> {
    let demo: Value = serde_json::from_slice(&std::fs::read(root().join("local/demo.json")).unwrap()).unwrap();
    let mut accounts = demo["accounts"].as_array().unwrap().clone();
    accounts.retain(|account| account["environment"] == "production");
    assert!(accounts.len() >= 5 && accounts[0]["id"] == "acct_demo", "{accounts:?}");
    accounts
}

/// The keys of the demo's production accounts, and whether each is the payment platform's.
fn production_keys() -> Vec<(DemoKey, bool)> {
    let accounts = production_accounts();
    let keys = accounts.iter().flat_map(|account| account["keys"].as_array().unwrap());
    let text = |value: &Value| -> &'static str { value.as_str().unwrap().to_owned().leak() };
    keys.map(|key| (DemoKey { id: text(&key["id"]), secret: text(&key["secret"]) }, key["role"] == "platform"))
        .collect()
}

#[test]
fn no_production_account_can_have_a_script_and_none_is_looked_for() {
    run(async {
        let stack = Stack::start(options()).await;
        let keys = production_keys();
        assert!(keys.len() >= 5, "the demo's production accounts");
        let answers = async |key: &DemoKey, is_platform: bool| {
            let mut requests = vec![
                Call::report(key, &json!({ "refid": "nobodys" })).request(),
                Call::report(key, &json!({ "refid": "sim-throttled" })).request(),
                Call::report(key, &json!({ "refid": "sim-unavailable" })).request(),
                Call::report(key, &json!({ "refid": "sim-unavailable-then-ok" })).request(),
                Call::get(key, "nobodys").request(),
                Call::new(key, "GET", "/api/v1/dispute/view/dispute_00000001", "").basic(),
                Connect { key: *key, ..Connect::new("GET", "/v1/1002/disputes/1") }.request(),
            ];
            if !is_platform {
                let token = stack.raw(token_request(key, "grant_type=client_credentials")).await;
                assert_eq!(token.status, 200, "{token:?}");
                let token = token.json()["access_token"].as_str().unwrap().to_owned();
                requests.push(arbiter::call(&token, "GET", "/disputes/categories", ""));
            }
            let mut statuses = Vec::new();
            for request in requests {
                statuses.push(stack.raw(request).await.status);
            }
            statuses
        };
        for (key, is_platform) in &keys {
            let before = answers(key, *is_platform).await;
            assert!(before.iter().all(|status| *status < 429), "{} {before:?}", key.id);
            let refused = chaos(&stack, &["set", key.id, "429"]).await;
            assert!(refused.code == 2 && refused.err.contains("production"), "{}: {}", key.id, refused.err);
            assert_eq!(chaos(&stack, &["show", key.id]).await.code, 1, "{}: nothing was written", key.id);
            // Even a script that got there by another way is not looked at.
            planted(&stack, "key", key.id, &["429", "503-before", "reset-after", "skew=86400", "503-after"]).await;
            assert_eq!(answers(key, *is_platform).await, before, "{}", key.id);
            let left = chaos(&stack, &["show", key.id]).await;
            assert!(left.out.contains("429 503-before reset-after skew=86400 503-after"), "{}", left.out);
        }
    });
}

#[test]
fn no_endpoint_of_a_production_account_can_have_a_script_and_none_is_looked_for() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let mut hooks = Vec::new();
        for account in production_accounts() {
            let receiver = Receiver::start(|_| Reply::status(204)).await;
            let hook = add(&stack, folder.path(), account["id"].as_str().unwrap(), &receiver.url(), &[]).await;
            let refused = chaos(&stack, &["set", &hook.id, "duplicate"]).await;
            assert!(refused.code == 2 && refused.err.contains("production"), "{account}: {}", refused.err);
            planted(&stack, "webhook", &hook.id, &["bad-signature", "duplicate", "out-of-order"]).await;
            let tried = recourse(&stack, folder.path(), &["webhook", "test", &hook.id]).await;
            assert_eq!(tried.code, 0, "{account}: {}", tried.err);
            assert!(receiver.requests(1).await[0].is_signed_by(&hook.secret), "{account}");
            hooks.push((hook, receiver));
        }
        // An event of a dispute, too.
        crate::webhooks::reported(&stack).await;
        let demo = &hooks[0].1;
        assert!(demo.requests(2).await.iter().all(|request| request.is_signed_by(&hooks[0].0.secret)));
        for (hook, _) in &hooks {
            let left = chaos(&stack, &["show", &hook.id]).await;
            assert!(left.out.contains("bad-signature duplicate out-of-order"), "{}", left.out);
        }
    });
}

#[test]
fn two_requests_at_once_take_two_steps() {
    run(async {
        let stack = Stack::start(options()).await;
        set(&stack, STAGING.id, &["429", "429", "429"]).await;
        let one = || Call::report(&STAGING, &json!({ "refid": "sim-success" })).request();
        let answers = futures_util::future::join_all((0..8).map(|_| stack.raw(one()))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 3);
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 5);
        let target = FaultTarget::Key(recourse_dispute::ids::KeyId::parse(STAGING.id).unwrap());
        let now = stack.cloud().clock.now_millis();
        assert_eq!(stack.store().faults(&target, now).await.unwrap(), None);
    });
}
