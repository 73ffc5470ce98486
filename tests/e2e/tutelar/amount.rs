//! Whose words a dispute's amount is, as another door shows it.

use serde_json::{Value, json};

use super::{call, id_here, id_of, put, success, update, view};
use crate::arbiter::{FBN, GTB, code_of, log_of, paid};
use crate::harness::{CLIENT, run, shared};

const UPDATED: &str = "Dispute Details updated successfully";

#[test]
fn a_banks_claim_is_not_the_merchants_to_rewrite_neither_open_nor_closed() {
    run(async {
        let stack = shared().await;
        let (fbn, gtb) = (FBN.sign_in(&stack).await, GTB.sign_in(&stack).await);
        let transaction = paid(&stack).await;
        let code = code_of(&fbn.log(&stack, &log_of(&transaction, "Chargeback")).await);
        let id = id_here(&stack, &transaction).await;
        let claimed = async || {
            let shown = fbn.get(&stack, &format!("/disputes/{code}")).await.json();
            (shown["disputeAmountType"].clone(), shown["disputeAmount"].clone())
        };
        let whole = (json!("Full"), json!("NGN 1,550.00"));
        for (key, amount) in [(CLIENT, json!("0.01")), (FBN.key, json!(0.02))] {
            let body = json!({ "disputeAmount": amount });
            let answer = call(&stack, &key, "PATCH", &format!("update/{id}"), &body).await;
            // The details are the account's own, whoever opened the dispute.
            assert_eq!(answer.status == 200, key.id == CLIENT.id, "{answer:?}");
            assert_eq!(claimed().await, whole);
        }
        assert_eq!(view(&stack, &id).await["disputeAmount"], json!(0.01), "what was said is kept and shown");
        assert_eq!(gtb.put(&stack, &code, "ACCEPT").await.status, 200);
        assert_eq!(update(&stack, &id, &json!({"disputeAmount": 0.03})).await.text, success(UPDATED));
        assert_eq!(claimed().await, whole);
        assert_eq!(stack.dispute(&transaction.trxid).await.dispute.amount.decimal(), "1550.00");
    });
}

#[test]
fn the_merchants_own_claim_follows_its_words_while_it_is_open() {
    run(async {
        let stack = shared().await;
        let transaction = paid(&stack).await;
        let id = id_of(&call(&stack, &CLIENT, "POST", "create", &super::least(&transaction.trxid, "1001")).await);
        let amount = async || stack.dispute(&transaction.trxid).await.dispute.amount.decimal();
        assert_eq!(amount().await, "100.00");
        update(&stack, &id, &json!({"disputeAmount": 12.5})).await;
        assert_eq!(amount().await, "12.50");
        assert_eq!(put(&stack, "merchant-loss", &id, &Value::Null).await.status, 200);
        assert_eq!(update(&stack, &id, &json!({"disputeAmount": "30"})).await.text, success(UPDATED));
        assert_eq!((amount().await, &view(&stack, &id).await["disputeAmount"]), ("12.50".to_owned(), &json!(30)));
        // Taken up again it is open, and its opener's word counts.
        assert_eq!(put(&stack, "reopen", &id, &Value::Null).await.status, 200);
        assert_eq!(amount().await, "30.00");
    });
}

/// What JavaScript prints of 0.1 + 0.2, and of 100 / 3.
#[test]
fn a_fee_that_came_out_of_binary_floating_point_is_a_number() {
    run(async {
        let stack = shared().await;
        let (_, id) = super::dispute(&stack).await;
        for (measure, amount) in [("price", "0.30000000000000004"), ("percentage", "33.333333333333336")] {
            for quote in ["", "\""] {
                let body = format!(
                    r#"{{"disputeAmountTdrDetails":{{"type":"include","amountType":"{measure}","amount":{quote}{amount}{quote}}}}}"#
                );
                let path = format!("/api/v1/dispute/update/{id}");
                let answer = stack.raw(crate::harness::Call::new(&CLIENT, "PATCH", path, body).basic()).await;
                assert_eq!(answer.text, success(UPDATED), "{amount}");
            }
            let shown = call(&stack, &CLIENT, "GET", &format!("view/{id}"), &Value::Null).await;
            assert!(shown.text.contains(&format!("\"amount\":{amount}}}")), "digit for digit: {shown:?}");
        }
    });
}
