//! What is decided for good, and what the merchant may take back.

use recourse_dispute::lifecycle::{Closing, Stage, State};
use serde_json::{Value, json};

use super::{call, create, dispute, failure, id_here, id_of, least, put, success};
use crate::arbiter::{FBN, GTB, code_of, log_of, paid};
use crate::cli::{folder, recourse};
use crate::expire;
use crate::harness::{CLIENT, Connect, Stack, options, run, shared};

const REACTED: &str = "Already reacted to this dispute";
const CLOSED: &str = "Dispute already closed";

/// Reopening is refused at every level, and so the verdict stays.
async fn stays_decided(stack: &Stack, id: &str, why: &str) {
    for level in [json!({}), json!({"level": "level_2"}), json!({"level": "level_3"})] {
        let answer = put(stack, "reopen", id, &level).await;
        assert_eq!((answer.status, answer.text), (422, failure("Dispute cannot be reopened")), "{why} {level}");
    }
    for path in ["merchant-won", "merchant-loss"] {
        assert_eq!(put(stack, path, id, &Value::Null).await.text, failure(REACTED), "{why}");
    }
}

#[test]
fn what_the_desk_decided_is_for_good() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let (transaction, id) = dispute(&stack).await;
        let report = stack.transaction("acct_demo", "Succesful").await;
        stack.report(&CLIENT, &json!({ "trxid": report.trxid })).await;
        let reported = id_here(&stack, &report).await;
        for id in [&id, &reported] {
            let close =
                ["dispute", "close", id.as_str(), "--for", "customer", "--why", "the claim is right", "--by", "bob"];
            let closed = recourse(&stack, folder.path(), &close).await;
            assert_eq!(closed.code, 0, "{}{}", closed.out, closed.err);
            stays_decided(&stack, id, "the desk").await;
        }
        let lost = State::Closed { closing: Closing::Customer, stage: Stage::First };
        assert_eq!(stack.dispute(&transaction.trxid).await.dispute.state, lost);
        // Its transaction is free, as after any end.
        id_of(&create(&stack, &transaction).await);
    });
}

#[test]
fn so_is_what_a_bank_gave_in_to_and_what_time_ended() {
    run(async {
        let stack = Stack::start(options()).await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        for (action, closing) in [("ACCEPT", Closing::Customer), ("DECLINE", Closing::Merchant)] {
            let transaction = paid(&stack).await;
            let code = code_of(&fbn.log(&stack, &log_of(&transaction, "Chargeback")).await);
            let id = id_here(&stack, &transaction).await;
            // A verdict that was taken back does not make the next end the merchant's.
            for path in ["merchant-won", "reopen"] {
                assert_eq!(put(&stack, path, &id, &Value::Null).await.status, 200, "{path}");
            }
            assert_eq!(gtb.put(&stack, &code, action).await.status, 200);
            stays_decided(&stack, &id, action).await;
            assert_eq!(stack.dispute(&transaction.trxid).await.dispute.state.closing(), Some(closing));
        }
        let late = expire::opened(&stack, "GTB", 21).await;
        expire::sweep(&stack).await;
        stays_decided(&stack, &late.number.tutelar_id(), "a deadline").await;
    });
}

#[test]
fn where_nobody_reacted_a_verdict_says_that_the_dispute_is_closed() {
    run(async {
        let stack = shared().await;
        let born = stack.transaction("acct_demo", "Failed").await;
        let born = id_of(&create(&stack, &born).await);
        let (refunded, id) = dispute(&stack).await;
        stack.tell(&refunded.later("Refund", 1)).await;
        let payment = paid(&stack).await;
        let contact = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
        let draft = stack.connect(Connect::create(&payment.trxid, &contact)).await;
        let cancelled = id_here(&stack, &payment).await;
        for path in ["merchant-won", "move-level"] {
            let answer = put(&stack, path, &cancelled, &json!({})).await;
            assert_eq!((answer.status, answer.text), (422, failure("Dispute not submitted yet")), "{path}");
        }
        assert_eq!(
            put(&stack, "reopen", &cancelled, &json!({})).await.text,
            failure("Dispute already in open status"),
            "a draft is open"
        );
        let id_there = draft.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(stack.connect(Connect::cancel(&id_there)).await.status, 200);
        for id in [&born, &id, &cancelled] {
            for path in ["merchant-won", "merchant-loss", "move-level"] {
                let answer = put(&stack, path, id, &Value::Null).await;
                assert_eq!((answer.status, answer.text), (422, failure(CLOSED)), "{path}");
            }
            assert_eq!(put(&stack, "reopen", id, &json!({})).await.text, failure("Dispute cannot be reopened"));
        }
    });
}

#[test]
fn a_dispute_of_one_level_is_reopened_at_that_one_and_an_open_one_is_not() {
    run(async {
        let stack = shared().await;
        let open = super::reported(&stack, false).await;
        assert_eq!(put(&stack, "reopen", &open, &json!({})).await.text, failure("Dispute already in open status"));
        let id = super::reported(&stack, true).await;
        let higher = put(&stack, "reopen", &id, &json!({"level": "level_2"})).await;
        assert_eq!(higher.text, failure("Dispute has no such level"));
        assert_eq!(put(&stack, "reopen", &id, &json!({})).await.text, success("Dispute reopened to level_1"));
    });
}

/// The vendor's rule: who names no due date gets the configuration's days from the level on.
#[test]
fn a_level_begins_with_the_due_days_of_the_configuration_unless_others_are_sent() {
    run(async {
        let stack = shared().await;
        let (_, id) = dispute(&stack).await;
        let due = async |id: &str| super::view(&stack, id).await["dueDate"].clone();
        for (path, body, expected) in [
            ("move-level", json!({"dueDate": 3}), json!(3)),
            // Nine days, as the account's configuration has it.
            ("move-level", json!({}), json!(9)),
            ("merchant-won", Value::Null, json!(9)),
            ("reopen", json!({"dueDate": "2099-12-31"}), json!("2099-12-31")),
            ("merchant-won", Value::Null, json!("2099-12-31")),
            ("reopen", json!({"comment": "once more"}), json!(9)),
        ] {
            assert_eq!(put(&stack, path, &id, &body).await.status, 200, "{path}");
            assert_eq!(due(&id).await, expected, "{path} {body}");
        }
        for (path, body) in
            [("move-level", "soon"), ("move-level", "2024-02-30"), ("reopen", "3651"), ("reopen", "31-12-2099")]
        {
            let answer = put(&stack, path, &id, &json!({ "dueDate": body })).await;
            assert_eq!((answer.status, answer.text), (422, failure("Invalid Due date")), "{path} {body}");
        }
        // An account without a configuration has no days to fall back to.
        let stranger = crate::harness::STRANGER;
        let theirs = stack.transaction("acct_stranger", "Succesful").await;
        let mut body = least(&theirs.trxid, "1003");
        body["dueDate"] = json!(30);
        let id = id_of(&call(&stack, &stranger, "POST", "create", &body).await);
        let moved = call(&stack, &stranger, "PUT", &format!("move-level/{id}"), &json!({})).await;
        assert_eq!(moved.text, success("Dispute moved to level_2"));
        let shown = call(&stack, &stranger, "GET", &format!("view/{id}"), &Value::Null).await.json();
        assert_eq!(shown["data"]["dueDate"], 30);
    });
}
