//! The disputes of this API are those of the caller's transactions, whichever API opened them, and
//! nobody else's.

use recourse_dispute::number::DisputeNumber;
use serde_json::{Value, json};

use super::{call, dispute, failure, id_here, id_of, least, put, success, update, view};
use crate::arbiter::{FBN, GTB, code_of, log_of, paid};
use crate::harness::{CLIENT, Call, Connect, STRANGER, Stack, address, options, run, shared};
use crate::vendor_texts::{DUPLICATE, SUCCESS, about};

#[test]
fn another_accounts_dispute_is_answered_as_one_that_does_not_exist() {
    run(async {
        let stack = Stack::start(options()).await;
        let (_, id) = dispute(&stack).await;
        let (_, closed) = dispute(&stack).await;
        assert_eq!(put(&stack, "merchant-won", &closed, &Value::Null).await.status, 200);
        let before = stack.items("DISPUTES_TABLE").await;
        let mut there = vec![id.clone(), closed.clone(), "dispute_00000001".to_owned(), "dispute_zzzzzzzz".to_owned()];
        // The ids of the same dispute at other APIs are unknown here.
        let number = DisputeNumber::from_any_view(&id).unwrap();
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
fn a_dispute_of_another_api_is_viewed_and_updated_by_its_id_here() {
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
        assert!(shown["amount"].to_string().starts_with("1550"), "{shown}");
        let change = json!({"comments": "seen by both", "transactionDetails": {"customerName": "Johnson"}});
        assert_eq!(update(&stack, &id, &change).await.text, success("Dispute Details updated successfully"));
        let shown = view(&stack, &id).await;
        assert_eq!((&shown["disputeAmount"], &shown["customerName"]), (&json!(1550), &json!("Johnson")));
        // The change is stored in the dispute that every API shows: a new version and a history
        // entry. The disputed amount is still what was reported.
        let record = stack.dispute(&transaction.trxid).await;
        assert_eq!((record.dispute.version, record.dispute.amount), (2, record.dispute.facts.amount));
        assert_eq!(record.events[1].note.as_deref(), Some("transactionDetails.customerName, comments"));
        // The other way round, a verdict here makes the transaction free for a report there, and a
        // dispute opened here blocks one.
        assert_eq!(stack.report(&CLIENT, &report).await.text, about(DUPLICATE, &transaction.refid));
        assert_eq!(put(&stack, "merchant-loss", &id, &Value::Null).await.status, 200);
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

#[test]
fn the_parties_of_a_transaction_look_at_its_disputes_and_do_nothing_else() {
    run(async {
        let stack = shared().await;
        let fbn = FBN.sign_in(&stack).await;
        let no_data = failure("No data found");
        let (logged, raised) = (paid(&stack).await, paid(&stack).await);
        code_of(&fbn.log(&stack, &log_of(&logged, "Chargeback")).await);
        id_of(&call(&stack, &CLIENT, "POST", "create", &least(&raised.trxid, "1001")).await);
        for transaction in [&logged, &raised] {
            let id = id_here(&stack, transaction).await;
            for bank in [FBN, GTB] {
                let seen = call(&stack, &bank.key, "GET", &format!("view/{id}"), &Value::Null).await;
                assert_eq!((seen.status, &seen.json()["data"]["disputeId"]), (200, &json!(id)), "{seen:?}");
                assert_eq!(seen.json()["data"]["merchantId"], Value::Null, "its account is not the bank's");
            }
            let before = stack.dispute(&transaction.trxid).await.dispute;
            for (method, path, body) in [
                ("PATCH", "update", json!({"comments": "x"})),
                ("PUT", "move-level", json!({"dueDate": "never"})),
                ("PUT", "merchant-won", Value::Null),
                ("PUT", "merchant-loss", Value::Null),
                ("PUT", "reopen", json!({})),
            ] {
                let answer = call(&stack, &GTB.key, method, &format!("{path}/{id}"), &body).await;
                let checked_before = body["dueDate"] == "never";
                let expected = if checked_before { failure("Invalid Due date") } else { no_data.clone() };
                assert_eq!((answer.status, answer.text), (422, expected), "{method} {path}");
            }
            assert_eq!(stack.dispute(&transaction.trxid).await.dispute, before);
            let stranger = call(&stack, &STRANGER, "GET", &format!("view/{id}"), &Value::Null).await;
            assert_eq!((stranger.status, stranger.text), (422, no_data.clone()));
        }
        // A draft is its opener's alone, here as at the Arbiter API.
        let payment = paid(&stack).await;
        let contact = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
        assert_eq!(stack.connect(Connect::create(&payment.trxid, &contact)).await.status, 201);
        let id = id_here(&stack, &payment).await;
        assert_eq!(view(&stack, &id).await["status"], "open");
        assert_eq!(call(&stack, &GTB.key, "GET", &format!("view/{id}"), &Value::Null).await.text, no_data);
    });
}
