//! What is decided for good, and what the merchant may take back.

use recourse_dispute::channel::Channel;
use recourse_dispute::lifecycle::{Closing, Stage, State};
use recourse_dispute::number::DisputeNumber;
use serde_json::{Value, json};

use super::{call, create, dispute, failure, id_here, id_of, least, put, success};
use crate::arbiter::{FBN, GTB, code_of, log_of, paid};
use crate::cli::{folder, recourse};
use crate::deadlines;
use crate::harness::{CLIENT, Connect, Stack, run, shared};

const REACTED: &str = "Already reacted to this dispute";
const CLOSED: &str = "Dispute already closed";
const NOT_RAISED_HERE: &str = "Dispute was not raised by this merchant here";

/// Reopening is refused at every level, and so the verdict stays.
async fn stays_decided(stack: &Stack, id: &str, why: &str) {
    let record = stack.store().dispute(DisputeNumber::from_any_view(id).unwrap()).await.unwrap().unwrap();
    let text = if record.channel == Channel::Tutelar { "Dispute cannot be reopened" } else { NOT_RAISED_HERE };
    for level in [json!({}), json!({"level": "level_2"}), json!({"level": "level_3"})] {
        let answer = put(stack, "reopen", id, &level).await;
        assert_eq!((answer.status, answer.text), (422, failure(text)), "{why} {level}");
    }
    for path in ["merchant-won", "merchant-loss"] {
        assert_eq!(put(stack, path, id, &Value::Null).await.text, failure(REACTED), "{why}");
    }
}

#[test]
fn an_operators_decision_is_final() {
    run(async {
        let (stack, folder) = (shared().await, folder());
        let (transaction, id) = dispute(&stack).await;
        let report = stack.transaction("acct_demo", "Succesful").await;
        stack.report(&CLIENT, &json!({ "trxid": report.trxid })).await;
        let reported = id_here(&stack, &report).await;
        for id in [&id, &reported] {
            let close =
                ["dispute", "close", id.as_str(), "--for", "customer", "--why", "the claim is right", "--by", "bob"];
            let closed = recourse(&stack, folder.path(), &close).await;
            assert_eq!(closed.code, 0, "{}{}", closed.out, closed.err);
            stays_decided(&stack, id, "an operator").await;
        }
        let lost = State::Closed { closing: Closing::Customer, stage: Stage::First };
        assert_eq!(stack.dispute(&transaction.trxid).await.dispute.state, lost);
        // Its transaction is free, as after any end.
        id_of(&create(&stack, &transaction).await);
    });
}

#[test]
fn what_a_bank_accepted_and_what_expired_is_final_too() {
    run(async {
        let stack = shared().await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        for (action, closing) in [("ACCEPT", Closing::Customer), ("DECLINE", Closing::Merchant)] {
            let transaction = paid(&stack).await;
            let code = code_of(&fbn.log(&stack, &log_of(&transaction, "Chargeback")).await);
            let id = id_here(&stack, &transaction).await;
            assert_eq!(gtb.put(&stack, &code, action).await.status, 200);
            stays_decided(&stack, &id, action).await;
            assert_eq!(stack.dispute(&transaction.trxid).await.dispute.state.closing(), Some(closing));
        }
        let late = deadlines::opened(&stack, "GTB", 21).await;
        deadlines::sweep(&stack).await;
        stays_decided(&stack, &late.number.tutelar_id(), "a deadline").await;
    });
}

#[test]
fn a_verdict_on_an_expired_dispute_is_answered_that_it_is_closed() {
    run(async {
        let stack = shared().await;
        let opened = stack.transaction("acct_demo", "Failed").await;
        let opened = id_of(&create(&stack, &opened).await);
        let (refunded, id) = dispute(&stack).await;
        stack.upsert(&refunded.later("Refund", 1)).await;
        let payment = paid(&stack).await;
        let contact = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
        let draft = stack.connect(Connect::create(&payment.trxid, &contact)).await;
        let cancelled = id_here(&stack, &payment).await;
        let answer = put(&stack, "merchant-won", &cancelled, &json!({})).await;
        assert_eq!((answer.status, answer.text), (422, failure("Dispute not submitted yet")));
        for path in ["move-level", "reopen"] {
            assert_eq!(put(&stack, path, &cancelled, &json!({})).await.text, failure(NOT_RAISED_HERE), "{path}");
        }
        let id_there = draft.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(stack.connect(Connect::cancel(&id_there)).await.status, 200);
        for id in [&opened, &id, &cancelled] {
            for path in ["merchant-won", "merchant-loss"] {
                let answer = put(&stack, path, id, &Value::Null).await;
                assert_eq!((answer.status, answer.text), (422, failure(CLOSED)), "{path}");
            }
        }
        for id in [&opened, &id] {
            assert_eq!(put(&stack, "move-level", id, &Value::Null).await.text, failure(CLOSED));
            assert_eq!(put(&stack, "reopen", id, &json!({})).await.text, failure("Dispute cannot be reopened"));
        }
    });
}

/// The merchant neither ends nor holds open a claim of a bank or a customer: not while another
/// party is due to respond, not without evidence, and not by levels, which only its own record has.
#[test]
fn the_merchant_does_not_decide_the_claims_of_others() {
    run(async {
        let stack = shared().await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        let transaction = paid(&stack).await;
        let code = code_of(&fbn.log(&stack, &log_of(&transaction, "Chargeback")).await);
        let (logged, reported) = (id_here(&stack, &transaction).await, super::reported(&stack, false).await);
        let refused = async |id: &str, path, text| {
            let before = stack.store().dispute(DisputeNumber::from_any_view(id).unwrap()).await.unwrap();
            let answer = put(&stack, path, id, &json!({})).await;
            assert_eq!((answer.status, answer.text), (422, failure(text)), "{path} {id}");
            let after = stack.store().dispute(DisputeNumber::from_any_view(id).unwrap()).await.unwrap();
            assert_eq!(before, after, "{path} {id}");
        };
        for id in [&logged, &reported] {
            refused(id, "merchant-won", "Dispute has no evidence to win it by").await;
            refused(id, "move-level", NOT_RAISED_HERE).await;
            refused(id, "reopen", NOT_RAISED_HERE).await;
        }
        assert_eq!(gtb.put(&stack, &code, "REPRESENTMENT").await.status, 200);
        for path in ["merchant-won", "merchant-loss"] {
            refused(&logged, path, "Dispute waits for another party").await;
        }
        assert_eq!(fbn.put(&stack, &code, "PRE_ARBITRATION").await.status, 200);
        assert_eq!(put(&stack, "merchant-loss", &logged, &Value::Null).await.status, 200, "it may give in");
        refused(&logged, "reopen", NOT_RAISED_HERE).await;
    });
}

/// What a merchant raised is its own record until a bank acts on it.
#[test]
fn once_a_bank_has_acted_a_verdict_waits_until_its_party_is_due_and_is_final() {
    run(async {
        let stack = shared().await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        let transaction = paid(&stack).await;
        let id = id_of(&create(&stack, &transaction).await);
        let code = stack.dispute(&transaction.trxid).await.dispute.log_code().unwrap();
        assert_eq!(gtb.put(&stack, &code, "REPRESENTMENT").await.status, 200);
        for path in ["merchant-won", "move-level"] {
            let answer = put(&stack, path, &id, &json!({})).await;
            assert_eq!(answer.text, failure("Dispute waits for another party"), "{path}");
        }
        assert_eq!(fbn.put(&stack, &code, "PRE_ARBITRATION").await.status, 200);
        assert_eq!(put(&stack, "merchant-loss", &id, &Value::Null).await.status, 200);
        let reopened = put(&stack, "reopen", &id, &json!({})).await;
        assert_eq!((reopened.status, reopened.text), (422, failure("Dispute was acted on by a bank")));
    });
}

/// Closing and reopening does not give a stage more time than it had left.
#[test]
fn a_reopened_stage_has_its_remaining_time() {
    run(async {
        let stack = shared().await;
        let (transaction, id) = dispute(&stack).await;
        let ends_at = async || stack.dispute(&transaction.trxid).await.dispute.deadline.unwrap().ends_at;
        let first = ends_at().await;
        for _ in 0..3 {
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
            assert_eq!(put(&stack, "merchant-won", &id, &Value::Null).await.status, 200);
            let closed_at = stack.dispute(&transaction.trxid).await.dispute.state_since;
            assert_eq!(put(&stack, "reopen", &id, &json!({})).await.status, 200);
            let opened_at = stack.dispute(&transaction.trxid).await.dispute.state_since;
            // All that the end moves is the time in which the dispute was closed.
            assert!(ends_at().await.0 - first.0 < 60_000 && opened_at >= closed_at);
        }
        let open_ms = stack.dispute(&transaction.trxid).await;
        let mut since = None;
        let mut live = 0;
        for event in &open_ms.events {
            match event.state {
                State::Live(_) => since = Some(event.at),
                State::Closed { .. } | State::Draft => live += event.at.0 - since.take().map_or(event.at.0, |at| at.0),
            }
        }
        let last = open_ms.dispute.state_since;
        assert_eq!(ends_at().await.0 - last.0 + live, 20 * 24 * 60 * 60 * 1000, "twenty days in all");
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
        for (path, body) in [
            ("move-level", "soon"),
            ("move-level", "2024-02-30"),
            ("move-level", "2024-02-29"),
            ("reopen", "3651"),
            ("reopen", "31-12-2099"),
            ("reopen", "2024-12-31"),
        ] {
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
