//! Imports of a hundred transaction updates.

use serde_json::json;

use super::{errors, known};
use crate::harness::{Call, HttpResponse, PLATFORM, Stack, Transaction, options, run, shared};
use crate::raw;

#[test]
fn one_bad_entry_of_a_hundred_fails_alone() {
    run(async {
        let stack = shared().await;
        let mut batch: Vec<_> = (0..100).map(|_| Transaction::new("acct_demo", "Processing").body).collect();
        batch[41]["amount"] = json!("1.2.3");
        let results = |answer: &HttpResponse| {
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.json()["results"].as_array().unwrap().clone()
        };
        for expected in ["created", "replaced"] {
            let sent = results(&stack.send(&Call::import(&PLATFORM, &batch)).await);
            assert_eq!(sent.len(), 100);
            for (place, (result, entry)) in sent.iter().zip(&batch).enumerate() {
                let status = if place == 41 { "invalid" } else { expected };
                assert_eq!((&result["trxid"], &result["status"]), (&entry["trxid"], &json!(status)), "{place}");
                assert_eq!(result.get("errors").is_some(), place == 41);
            }
            assert!(sent[41]["errors"]["amount"][0].is_string(), "{}", sent[41]);
        }
        assert_eq!(known(&stack, batch[99]["trxid"].as_str().unwrap()).await, {
            let mut sent = batch[99].clone();
            (sent["parties"], sent["details"]) = (json!({}), json!({"captures": []}));
            sent
        });

        let mut stale = batch[0].clone();
        stale["updated_at"] = "2026-01-16T02:00:02Z".into();
        let mut contradicts = batch[1].clone();
        contradicts["currency"] = "NGN".into();
        let sent = [stale, contradicts, json!({"trxid": "only-this"}), json!("nothing"), json!({"refid": 1})];
        let sent = results(&stack.send(&Call::import(&PLATFORM, &sent)).await);
        let statuses: Vec<_> = sent.iter().map(|result| result["status"].as_str().unwrap()).collect();
        assert_eq!(statuses, ["stale", "invalid", "invalid", "invalid", "invalid"]);
        assert!(sent[1]["errors"]["currency"].is_array() && sent[3]["errors"]["body"].is_array(), "{sent:?}");
        assert_eq!(
            (&sent[2]["trxid"], &sent[3]["trxid"], &sent[4]["trxid"]),
            (&json!("only-this"), &json!(null), &json!(null))
        );

        batch.push(Transaction::new("acct_demo", "Processing").body);
        assert_eq!(errors(&stack.send(&Call::import(&PLATFORM, &batch)).await, 400), ["transactions"]);
        assert_eq!(results(&stack.send(&Call::import(&PLATFORM, &[])).await).len(), 0);
        for body in [r#"{"transactions": {}}"#, "[]", "[[]]", "", r#"{"transactions":[],"more":1}"#] {
            let call = Call::new(&PLATFORM, "POST", "/platform/v1/transactions", body);
            assert_eq!(errors(&stack.send(&call).await, 400), ["body"], "{body}");
        }
    });
}

/// Equal times, so that the last one counts: not the one that was written last by chance.
#[test]
fn updates_of_one_transaction_are_applied_in_their_order() {
    run(async {
        let stack = shared().await;
        let transactions: Vec<_> = (0..12).map(|_| Transaction::new("acct_demo", "Processing")).collect();
        let statuses = ["Accepted", "Processing", "Accepted", "Succesful", "Failed", "Refund", "Succesful"];
        let update = |transaction: &Transaction, status: &str| transaction.later(status, 1);
        let updates: Vec<_> = statuses
            .iter()
            .flat_map(|status| transactions.iter().map(|transaction| update(transaction, status)))
            .collect();
        let answer = stack.send(&Call::import(&PLATFORM, &updates)).await.json();
        let results = answer["results"].as_array().unwrap();
        assert_eq!(results.len(), updates.len());
        for (place, (result, update)) in results.iter().zip(&updates).enumerate() {
            let status = if place < transactions.len() { "created" } else { "replaced" };
            assert_eq!((&result["trxid"], &result["status"]), (&update["trxid"], &json!(status)), "{place}");
        }
        for transaction in &transactions {
            assert_eq!(known(&stack, &transaction.trxid).await["status"], "Succesful");
        }
    });
}

/// An item that no release wrote, stored under a trxid. It can never be read.
#[test]
fn an_entry_that_causes_an_internal_error_fails_alone() {
    run(async {
        let stack = Stack::start(options()).await;
        let updates: Vec<_> = (0..3).map(|_| Transaction::new("acct_demo", "Succesful").body).collect();
        let pk = format!("TXN#production#{}", updates[1]["trxid"].as_str().unwrap());
        let item = json!({ "PK": { "S": pk }, "SK": { "S": "TXN" }, "item": { "S": "nothing" } });
        let put = json!({ "TableName": raw::table(stack.cloud(), "DISPUTES_TABLE"), "Item": item });
        raw::call(&stack.cloud().dynamodb.endpoint(), "PutItem", &put).await;
        for expected in ["created", "replaced"] {
            let answer = stack.send(&Call::import(&PLATFORM, &updates)).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let results = answer.json()["results"].clone();
            assert_eq!((&results[0]["status"], &results[2]["status"]), (&json!(expected), &json!(expected)));
            assert_eq!((&results[1]["status"], &results[1]["trxid"]), (&json!("invalid"), &updates[1]["trxid"]));
            assert!(results[1]["errors"]["body"][0].is_string(), "{results}");
        }
        assert_eq!(stack.send(&Call::put(&PLATFORM, &updates[1])).await.status, 500);
    });
}
