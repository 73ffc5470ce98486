//! The Platform API (platform contract): how transactions get in, and what never changes of them.

mod accounts;
mod batch;
mod captures;
mod disputes;
mod refused;
pub(crate) mod webhooks;

use recourse_dispute::event::EventKind;
use recourse_dispute::lifecycle::Action;
use serde_json::{Value, json};

use crate::harness::{CLIENT, Call, HttpResponse, PLATFORM, Stack, Transaction, run, shared, unique};
use crate::vendor_texts::{REFUNDED, SUCCESS, about};

async fn put(stack: &Stack, transaction: &Value) -> HttpResponse {
    stack.send(&Call::put(&PLATFORM, transaction)).await
}

async fn known(stack: &Stack, trxid: &str) -> Value {
    let answer = stack.send(&Call::get(&PLATFORM, trxid)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// The fields that a refusal names.
#[track_caller]
fn errors(answer: &HttpResponse, status: u16) -> Vec<String> {
    assert_eq!((answer.status, answer.json()["message"].is_string()), (status, true), "{answer:?}");
    let errors = answer.json()["errors"].as_object().unwrap().clone();
    assert!(errors.values().all(|texts| texts.as_array().is_some_and(|texts| texts.iter().all(Value::is_string))));
    errors.into_iter().map(|(field, _)| field).collect()
}

/// A transaction with every member that the platform can send.
fn whole() -> Value {
    let mut sent = Transaction::new("acct_demo", "Succesful").body;
    sent["parties"] = json!({
        "issuer": {"code": "FBN", "name": "FIRST BANK OF NIGERIA"},
        "acquirer": {"code": "GTB", "name": "GUARANTY TRUST BANK"},
        "merchant": {"code": "AIRTEL", "name": "Airtel Nigeria", "reference": "", "category": "Regular"},
    });
    sent["details"] = json!({
        "type": "BillPayment", "reference": unique("reference"), "store": "PAYDIRECT", "surcharge": "1.00",
        "customer_reference": "0802221412", "terminal_type": "Bank Branch", "region": "Domestic Bill Payment",
        "additional_info": {"Card Scheme": "Verve", "Has Merchant": true, "a": [1.50, null]}, "captures": [unique("capture")],
        "settlement": {"amount": "12000", "currency": "JPY"}, "scheme": {"amount": "1.234", "currency": "KWD"},
        "merchant_disputant": true,
    });
    sent
}

#[test]
fn created_replaced_and_stale() {
    run(async {
        let stack = shared().await;
        let transaction = Transaction::new("acct_demo", "Processing");
        let trxid = &transaction.trxid;
        assert_eq!(stack.send(&Call::get(&PLATFORM, trxid)).await.status, 404);
        for (update, status, body, now) in [
            (&transaction.body, 201, json!({"trxid": trxid, "status": "created"}), "Processing"),
            (&transaction.body, 200, json!({"trxid": trxid, "status": "replaced"}), "Processing"),
            (&transaction.later("Accepted", 5), 200, json!({"trxid": trxid, "status": "replaced"}), "Accepted"),
            (
                &transaction.later("Succesful", 4),
                200,
                json!({"trxid": trxid, "status": "stale", "stale": true}),
                "Accepted",
            ),
            (&transaction.later("Succesful", 5), 200, json!({"trxid": trxid, "status": "replaced"}), "Succesful"),
            // A final status never changes back, however new the update is.
            (
                &transaction.later("Processing", 9),
                200,
                json!({"trxid": trxid, "status": "stale", "stale": true}),
                "Succesful",
            ),
            (
                &transaction.later("Accepted", 9),
                200,
                json!({"trxid": trxid, "status": "stale", "stale": true}),
                "Succesful",
            ),
            (&transaction.later("Refund", 10), 200, json!({"trxid": trxid, "status": "replaced"}), "Refund"),
            (
                &transaction.later("Processing", 11),
                200,
                json!({"trxid": trxid, "status": "stale", "stale": true}),
                "Refund",
            ),
        ] {
            let answer = put(&stack, update).await;
            assert_eq!((answer.status, answer.json()), (status, body), "{update}");
            assert_eq!(known(&stack, trxid).await["status"], now, "{update}");
        }
        assert_eq!(known(&stack, trxid).await["updated_at"], "2026-01-16T02:01:10Z");
    });
}

#[test]
fn updates_may_arrive_in_any_order() {
    run(async {
        let stack = shared().await;
        let transaction = Transaction::new("acct_demo", "Accepted");
        let updates = [
            transaction.later("Processing", 1),
            transaction.later("Succesful", 2),
            transaction.later("Refund", 3),
            transaction.body.clone(),
        ];
        for first in 0..updates.len() {
            let name = unique("order");
            for step in [0, 2, 1, 3] {
                let mut update = updates[(first + step) % updates.len()].clone();
                (update["trxid"], update["refid"]) = (name.as_str().into(), name.as_str().into());
                stack.upsert(&update).await;
            }
            assert_eq!(known(&stack, &name).await["status"], "Refund", "{first}");
        }
    });
}

/// Python's `isoformat` and Go's `RFC3339Nano` say more than milliseconds.
#[test]
fn of_two_updates_in_one_millisecond_the_newer_wins() {
    run(async {
        let stack = shared().await;
        let transaction = Transaction::new("acct_demo", "Processing");
        let update = |status: &str, fraction: &str| {
            let mut update = transaction.later(status, 0);
            update["updated_at"] = format!("2026-01-16T02:01:00.{fraction}+00:00").into();
            update
        };
        for (update, sent) in [
            (update("Accepted", "123400"), "created"),
            (update("Processing", "123399"), "stale"),
            (update("Processing", "123400001"), "replaced"),
            (update("Accepted", "1234"), "stale"),
        ] {
            assert_eq!(put(&stack, &update).await.json()["status"], sent, "{update}");
        }
        let known = known(&stack, &transaction.trxid).await;
        assert_eq!(
            (&known["status"], &known["updated_at"]),
            (&json!("Processing"), &json!("2026-01-16T02:01:00.123400001Z"))
        );
    });
}

#[test]
fn what_was_sent_is_read_back() {
    run(async {
        let stack = shared().await;
        let sent = whole();
        assert_eq!(put(&stack, &sent).await.status, 201);
        assert_eq!(known(&stack, sent["trxid"].as_str().unwrap()).await, sent);

        let mut spelt = Transaction::new("acct_demo", "Successful").body;
        (spelt["kind"], spelt["amount"]) = (json!(null), json!("1550"));
        stack.upsert(&spelt).await;
        let read = known(&stack, spelt["trxid"].as_str().unwrap()).await;
        assert_eq!(
            (&read["status"], &read["kind"], &read["amount"]),
            (&json!("Succesful"), &json!("other"), &json!("1550.00"))
        );
    });
}

#[test]
fn a_refund_closes_the_live_dispute_and_frees_nothing_else() {
    run(async {
        let stack = shared().await;
        for (status, action, through_a_batch) in [("Refund", Action::Refund, false), ("Failed", Action::Fail, true)] {
            let transaction = stack.transaction("acct_demo", "Succesful").await;
            let other = stack.transaction("acct_demo", "Succesful").await;
            for reported in [&transaction, &other] {
                let answer = stack.report(&CLIENT, &json!({"refid": reported.refid})).await;
                assert_eq!(answer.text, about(SUCCESS, &reported.refid));
            }
            let update = transaction.later(status, 1);
            if through_a_batch {
                assert_eq!(stack.send(&Call::import(&PLATFORM, &[update])).await.status, 200);
            } else {
                stack.upsert(&update).await;
            }
            let case = stack.dispute(&transaction.trxid).await;
            assert!(!case.dispute.state.is_open());
            let [_, closed] = case.events.as_slice() else { panic!("{:?}", case.events) };
            assert_eq!((closed.kind, closed.by.name.as_str()), (EventKind::Did(action), PLATFORM.id));
            assert!(closed.note.as_ref().is_some_and(|note| note.contains(status)), "{closed:?}");
            let answer = stack.report(&CLIENT, &json!({"refid": transaction.refid})).await;
            assert_eq!(answer.text, about(REFUNDED, &transaction.refid));
            assert!(stack.dispute(&other.trxid).await.dispute.state.is_open());
            // The same update again changes nothing.
            stack.upsert(&transaction.later(status, 2)).await;
            assert_eq!(stack.dispute(&transaction.trxid).await.events.len(), 2);
        }
    });
}
