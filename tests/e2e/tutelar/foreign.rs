//! Whose disputes there are at this door: those of the caller's transactions, whichever door they came through, and nobody else's.

use recourse_dispute::money::Money;
use recourse_dispute::number::DisputeNumber;
use serde_json::{Value, json};

use super::{call, dispute, failure, id_of, least, put, success, update, view};
use crate::harness::{CLIENT, Call, STRANGER, Stack, address, options, run, shared};
use crate::seed::{DUPLICATE, SUCCESS, about};

#[test]
fn every_other_accounts_dispute_is_one_that_is_not_there() {
    run(async {
        let stack = Stack::start(options()).await;
        let (_, id) = dispute(&stack).await;
        let (_, closed) = dispute(&stack).await;
        assert_eq!(put(&stack, "merchant-won", &closed, &Value::Null).await.status, 200);
        let before = stack.items("DISPUTES_TABLE").await;
        let mut there = vec![id.clone(), closed.clone(), "dispute_00000001".to_owned(), "dispute_zzzzzzzz".to_owned()];
        // Other faces of the same number are nothing here.
        let number = DisputeNumber::from_any_face(&id).unwrap();
        there.extend([
            number.to_string(),
            number.case_id(),
            number.log_code("FBN"),
            "x".to_owned(),
            "dispute_".to_owned(),
        ]);
        let no_data = failure("No data found");
        for id in &there {
            for (method, path, body) in [
                ("PATCH", "update", json!({"comments": "x"})),
                ("PATCH", "update", json!({"reasonCode": "none"})),
                ("GET", "view", Value::Null),
                ("PUT", "move-level", json!({})),
                ("PUT", "merchant-won", Value::Null),
                ("PUT", "merchant-loss", Value::Null),
                ("PUT", "reopen", json!({"level": "level_2"})),
            ] {
                let answer = call(&stack, &STRANGER, method, &format!("{path}/{id}"), &body).await;
                assert_eq!((answer.status, answer.text), (422, no_data.clone()), "{method} {path} {id}");
            }
        }
        let theirs = stack.transaction("acct_stranger", "Succesful").await;
        assert_eq!(stack.items("DISPUTES_TABLE").await.len(), before.len() + 2, "the transaction, and the way to it");
        let before = stack.items("DISPUTES_TABLE").await;
        for body in [
            least(&theirs.trxid, "1001"),
            least(&theirs.trxid, "1003"),
            least("no-such-transaction", "1001"),
            least("50001", "1003"),
            least("a#b", "1001"),
        ] {
            let answer = call(&stack, &CLIENT, "POST", "create", &body).await;
            assert_eq!((answer.status, answer.text), (422, no_data.clone()), "{body}");
        }
        assert_eq!(stack.items("DISPUTES_TABLE").await, before);
    });
}

#[test]
fn what_was_opened_at_another_door_is_viewed_and_updated_by_its_face_here() {
    run(async {
        let stack = shared().await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let user = address();
        let report = json!({"refid": transaction.refid, "user_email": [user]});
        assert_eq!(stack.report(&CLIENT, &report).await.text, about(SUCCESS, &transaction.refid));
        let number = stack.dispute(&transaction.trxid).await.dispute.number;
        let id = number.tutelar_id();
        let shown = view(&stack, &id).await;
        assert_eq!([&shown["status"], &shown["verdict"], &shown["level"]], ["open", "pending", "level_1"]);
        assert_eq!((&shown["merchantName"], &shown["merchantId"]), (&Value::Null, &json!("1001")));
        assert!(shown["amount"].to_string().starts_with("50"), "{shown}");
        let change = json!({"disputeAmount": 12.5, "comments": "seen by both", "transactionDetails": {"customerName": "Johnson"}});
        assert_eq!(update(&stack, &id, &change).await.text, success("Dispute Details updated successfully"));
        let shown = view(&stack, &id).await;
        assert_eq!((&shown["disputeAmount"], &shown["customerName"]), (&json!(12.5), &json!("Johnson")));
        // The core has it, which every door shows: an amount, a version, a line in the history.
        let record = stack.dispute(&transaction.trxid).await;
        let currency = record.dispute.facts.amount.currency();
        assert_eq!(record.dispute.amount, Money::parse("12.50", currency).unwrap());
        assert_eq!(record.events[1].note.as_deref(), Some("transactionDetails.customerName, disputeAmount, comments"));
        // A report has one level.
        assert_eq!(put(&stack, "move-level", &id, &json!({})).await.text, failure("Dispute has no such level"));
        // And the other way round: a verdict here frees the transaction for a report there, a dispute raised here does not.
        assert_eq!(stack.report(&CLIENT, &report).await.text, about(DUPLICATE, &transaction.refid));
        assert_eq!(put(&stack, "merchant-won", &id, &Value::Null).await.status, 200);
        let raised = call(&stack, &CLIENT, "POST", "create", &least(&transaction.trxid, "1001")).await;
        id_of(&raised);
        assert_eq!(stack.report(&CLIENT, &report).await.text, about(DUPLICATE, &transaction.refid));
    });
}

#[test]
fn the_stranger_sees_its_own() {
    run(async {
        let stack = shared().await;
        let theirs = stack.transaction("acct_stranger", "Succesful").await;
        let id = id_of(&call(&stack, &STRANGER, "POST", "create", &least(&theirs.trxid, "1003")).await);
        let request = Call::new(&STRANGER, "GET", format!("/api/v1/dispute/view/{id}"), "").basic();
        assert_eq!(stack.raw(request).await.json()["data"]["merchantId"], "1003");
    });
}
