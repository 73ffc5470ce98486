//! Captures that are sent after the transaction: the Connect API finds the transaction by them.

use serde_json::{Value, json};

use super::{errors, known, put};
use crate::harness::{Connect, Stack, Transaction, run, shared, unique};

fn with(transaction: &Transaction, status: &str, second: u8, captures: &Value) -> Value {
    let mut update = transaction.later(status, second);
    update["details"] = json!({ "captures": captures });
    update
}

/// What the merchant gets who disputes a capture.
async fn disputed(stack: &Stack, capture: &str) -> u16 {
    let contact = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
    let call = Connect::new("POST", format!("/v1/1001/captures/{capture}/dispute")).json(&contact);
    stack.connect(call).await.status
}

#[test]
fn a_capture_that_is_sent_later_leads_to_the_transaction() {
    run(async {
        let stack = shared().await;
        let transaction = stack.transaction("acct_demo", "Accepted").await;
        let (first, second) = (unique("capture"), unique("capture"));
        assert_eq!(disputed(&stack, &first).await, 404);
        let update = with(&transaction, "Succesful", 1, &json!([first]));
        assert_eq!(put(&stack, &update).await.json()["status"], "replaced");
        assert_eq!(known(&stack, &transaction.trxid).await["details"]["captures"], json!([first]));
        // An update without it removes nothing. An update with another one adds that.
        stack.upsert(&transaction.later("Succesful", 2)).await;
        stack.upsert(&with(&transaction, "Succesful", 3, &json!([second]))).await;
        assert_eq!(known(&stack, &transaction.trxid).await["details"]["captures"], json!([first, second]));
        assert_eq!(disputed(&stack, &second).await, 201);
        assert_eq!(disputed(&stack, &first).await, 409, "it is one payment, with one live dispute");
    });
}

#[test]
fn a_capture_that_another_transaction_has_is_taken_and_there_are_at_most_twenty() {
    run(async {
        let stack = shared().await;
        let (one, other) =
            (stack.transaction("acct_demo", "Accepted").await, Transaction::new("acct_demo", "Accepted"));
        let capture = unique("capture");
        stack.upsert(&with(&other, "Accepted", 1, &json!([capture]))).await;
        let before = known(&stack, &one.trxid).await;
        let update = with(&one, "Refund", 1, &json!([unique("capture"), capture]));
        assert_eq!(errors(&put(&stack, &update).await, 409), ["details.captures"]);
        assert_eq!(known(&stack, &one.trxid).await, before);

        let twenty: Vec<_> = (0..20).map(|_| unique("capture")).collect();
        stack.upsert(&with(&one, "Accepted", 2, &json!(twenty))).await;
        let more = with(&one, "Accepted", 3, &json!([unique("capture")]));
        assert_eq!(errors(&put(&stack, &more).await, 409), ["details.captures"]);
        assert_eq!(known(&stack, &one.trxid).await["details"]["captures"], json!(twenty));
    });
}
