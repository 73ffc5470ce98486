//! The work of a rejection reveals nothing: it is the same for keys, disputes and transactions that
//! exist and that do not.

use http::Request;
use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::event::{EventKind, HistoryEntry, PerformedBy};
use recourse_dispute::lifecycle::Actor;
use recourse_store::{NoGuard, WriteToken};
use serde_json::{Value, json};

use crate::arbiter::{FBN, GTB, code_of, log_of, paid, token_request};
use crate::harness::{CLIENT, Call, Connect, DemoKey, HttpResponse, PLATFORM, STRANGER, Stack, options, run};

/// A request, made anew each time, as a nonce is good once.
type Made<'a, T> = &'a dyn Fn(T) -> Request<Vec<u8>>;

/// What a function asked of DynamoDB for one request, and its answer.
async fn cost(stack: &Stack, function: &str, request: Request<Vec<u8>>) -> (Vec<String>, HttpResponse) {
    stack.cloud().dynamodb.clear_calls();
    let answer = stack.raw(request).await;
    (stack.dynamodb_calls(function), without_ids(&answer))
}

/// The answer without the ids of this one request, which the Connect API has in its errors, too.
fn without_ids(answer: &HttpResponse) -> HttpResponse {
    let mut answer = answer.without_ids();
    if let Ok(mut body) = serde_json::from_str::<Value>(&answer.text)
        && body.get("errorId").is_some()
    {
        body["errorId"] = Value::Null;
        body["errors"][0]["requestId"] = Value::Null;
        answer.text = body.to_string();
        answer.bytes.clear();
    }
    answer
}

#[test]
fn a_key_that_is_not_known_costs_what_a_known_one_with_another_secret_does() {
    run(async {
        let stack = Stack::start(options()).await;
        let nobody = |key: &DemoKey| DemoKey { id: "iimm_prod_nobody", secret: key.secret };
        let wrong = |key: &DemoKey| DemoKey { id: key.id, secret: STRANGER.secret };
        let report = |key: DemoKey| Call::report(&key, &json!({ "refid": "unknown" })).request();
        let get = |key: DemoKey| Call::get(&key, "50001").request();
        let view = |key: DemoKey| Call::new(&key, "GET", "/api/v1/dispute/view/dispute_00000001", "").basic();
        let connect = |key: DemoKey| Connect { key, ..Connect::get("1") }.request();
        let token = |key: DemoKey| token_request(&key, "grant_type=client_credentials");
        let list = |key: DemoKey| Call::disputes(&key, "").request();
        let one = |key: DemoKey| Call::dispute(&key, "RC-00000001").request();
        let endpoint = |key: DemoKey| {
            let path = "/platform/v1/webhook-endpoints/we_000000000000000000000000";
            Call::new(&key, "GET", path, "").request()
        };
        let calls: [(&str, DemoKey, Made<'_, DemoKey>); 8] = [
            ("IimmpactReport", CLIENT, &report),
            ("PlatformGet", PLATFORM, &get),
            ("PlatformDisputes", PLATFORM, &list),
            ("PlatformDispute", PLATFORM, &one),
            ("PlatformWebhookGet", PLATFORM, &endpoint),
            ("TutelarView", CLIENT, &view),
            ("ConnectGet", CLIENT, &connect),
            ("ArbiterToken", FBN.key, &token),
        ];
        for (function, key, made) in calls {
            // The function knows the key from here on.
            stack.raw(made(key)).await;
            let unknown = cost(&stack, function, made(nobody(&key))).await;
            assert_eq!(unknown.0, ["GetItem", "GetItem"], "{function}");
            for _ in 0..2 {
                assert_eq!(cost(&stack, function, made(wrong(&key))).await, unknown, "{function}");
            }
            assert_eq!(cost(&stack, function, made(nobody(&key))).await, unknown, "{function}");
            let good = cost(&stack, function, made(key)).await.0;
            let reads = good.iter().filter(|operation| *operation == "GetItem").count();
            assert!(reads <= 1, "{function}: a good request does not read its key again: {good:?}");
        }
    });
}

#[test]
fn anothers_item_costs_as_much_as_a_missing_one() {
    run(async {
        let stack = Stack::start(options()).await;
        let fbn = FBN.sign_in(&stack).await;
        let transaction = paid(&stack).await;
        code_of(&fbn.log(&stack, &log_of(&transaction, "Chargeback")).await);
        let record = stack.dispute(&transaction.trxid).await;
        let number = record.dispute.number;
        let mut other = transaction.body.clone();
        (other["trxid"], other["refid"]) = ("costs-1".into(), "costs-1".into());
        (other["parties"], other["details"]) = (json!({}), json!({ "type": "BillPayment", "reference": "costs-1" }));
        stack.upsert(&other).await;
        let connect = |path: String| Connect::new("GET", path).by_stranger().request();
        let gtb = GTB.sign_in(&stack).await.token;
        let tutelar = |method: &'static str, path: &str, dispute: &str| {
            Call::new(&STRANGER, method, format!("/api/v1/dispute/{path}/{dispute}"), "{}").basic()
        };
        let (here, nowhere) = (number.tutelar_id(), "dispute_00000001".to_owned());
        let dispute = |is_here: bool| if is_here { &here } else { &nowhere };
        let payment = |is_here: bool| if is_here { transaction.trxid.as_str() } else { "no-such-payment" };
        let reference = |is_here: bool| if is_here { "costs-1" } else { "no-such-reference" };
        let calls: [(&str, Made<'_, bool>); 8] = [
            ("TutelarView", &|is_here| tutelar("GET", "view", dispute(is_here))),
            ("TutelarUpdate", &|is_here| tutelar("PATCH", "update", dispute(is_here))),
            ("TutelarMerchantWon", &|is_here| tutelar("PUT", "merchant-won", dispute(is_here))),
            ("ConnectGet", &|is_here| {
                let number = if is_here { number.to_string() } else { "1".to_owned() };
                connect(format!("/v1/1001/disputes/{number}"))
            }),
            ("ConnectList", &|is_here| connect(format!("/v1/1001/payments/{}/disputes", payment(is_here)))),
            ("ArbiterTransaction", &|is_here| {
                let path = format!("/transactions/types/BillPayment/references/{}", reference(is_here));
                crate::arbiter::call(&gtb, "GET", &path, "")
            }),
            ("ArbiterGet", &|is_here| {
                // With GTB's own code and the dispute's number: GTB may not see the log code.
                let number = if is_here { number.to_string() } else { "1".to_owned() };
                crate::arbiter::call(&gtb, "GET", &format!("/disputes/GTB00II{number}"), "")
            }),
            ("IimmpactReport", &|is_here| Call::report(&STRANGER, &json!({ "trxid": payment(is_here) })).request()),
        ];
        for (function, made) in calls {
            // The first request of a function reads its caller's key.
            cost(&stack, function, made(false)).await;
            let none = cost(&stack, function, made(false)).await;
            let theirs = cost(&stack, function, made(true)).await;
            assert_eq!((&theirs.0, theirs.1.status), (&none.0, none.1.status), "{function}");
            assert!((400..500).contains(&none.1.status) && !none.0.is_empty(), "{function}: {none:?}");
        }
    });
}

/// A dispute whose history fills several pages costs as many calls. For a caller who may not see
/// it, only its own item is read.
#[test]
fn a_long_history_is_not_read_for_who_may_not_see_it() {
    run(async {
        let stack = Stack::start(options()).await;
        let fbn = FBN.sign_in(&stack).await;
        let transaction = paid(&stack).await;
        code_of(&fbn.log(&stack, &log_of(&transaction, "Chargeback")).await);
        let long = "\u{10ffff}".repeat(1_000);
        // A page of a query is a megabyte, so 300 of 4 kB are more than one.
        let number = stack.dispute(&transaction.trxid).await.dispute.number;
        let record = stack.store().record_of(number).await.unwrap().unwrap();
        let mut dispute = record.dispute;
        let mut next = 0_u128;
        for _ in 0..300 {
            next += 1;
            let version = dispute.version + 1;
            let after = Dispute { version, ..dispute.clone() };
            let by = PerformedBy { actor: Actor::Issuer, name: "tests".to_owned() };
            let (state, note) = (dispute.state, Some(long.clone()));
            let event = HistoryEntry { version, at: dispute.opened_at, by, kind: EventKind::Commented, state, note };
            let change = Change { dispute: after.clone(), event, parties: None };
            let token = WriteToken::new(next.to_be_bytes());
            stack.store().change(&dispute, &change, &NoGuard, &token, dispute.opened_at).await.unwrap();
            dispute = after;
        }
        let view =
            |key: DemoKey| Call::new(&key, "GET", format!("/api/v1/dispute/view/{}", number.tutelar_id()), "").basic();
        stack.raw(view(CLIENT)).await;
        let own = cost(&stack, "TutelarView", view(CLIENT)).await;
        assert_eq!((own.0.len() > 1, own.1.status), (true, 200), "{:?}", own.0);
        stack.raw(view(STRANGER)).await;
        let theirs = cost(&stack, "TutelarView", view(STRANGER)).await;
        assert_eq!((theirs.0, theirs.1.status), (vec!["GetItem".to_owned()], 422));
    });
}
