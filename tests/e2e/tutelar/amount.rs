//! Which party's amount another API shows for a dispute.

use serde_json::{Value, json};

use super::{call, failure, id_here, id_of, put, success, update, view};
use crate::arbiter::{FBN, GTB, code_of, log_of, paid};
use crate::harness::{CLIENT, Connect, Transaction, run, shared, unique};

const FIXED: &str = "Dispute amount cannot be changed";
const UPDATED: &str = "Dispute Details updated successfully";

#[test]
fn a_merchant_cannot_change_a_banks_claim_open_or_closed() {
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
        for (key, text) in [(CLIENT, FIXED), (FBN.key, "Please Update general configuration")] {
            let body = json!({ "disputeAmount": "0.01", "comments": "not stored" });
            let answer = call(&stack, &key, "PATCH", &format!("update/{id}"), &body).await;
            assert_eq!((answer.status, answer.text), (422, failure(text)));
            assert_eq!(claimed().await, whole);
        }
        let shown = view(&stack, &id).await;
        assert_eq!((&shown["disputeAmount"], &shown["comments"]), (&json!(1550), &Value::Null));
        assert_eq!(gtb.put(&stack, &code, "ACCEPT").await.status, 200);
        let closed = update(&stack, &id, &json!({"disputeAmount": 0.03})).await;
        assert_eq!((closed.status, closed.text), (422, failure(FIXED)));
        assert_eq!(update(&stack, &id, &json!({"disputeAmount": 1550, "comments": "x"})).await.text, success(UPDATED));
        assert_eq!(claimed().await, whole);
        assert_eq!(stack.dispute(&transaction.trxid).await.dispute.amount.decimal(), "1550.00");
    });
}

#[test]
fn the_merchant_changes_the_amount_of_its_own_claim_while_it_is_open() {
    run(async {
        let stack = shared().await;
        let transaction = paid(&stack).await;
        let id = id_of(&call(&stack, &CLIENT, "POST", "create", &super::least(&transaction.trxid, "1001")).await);
        // One number, wherever it is read.
        let amount = async || {
            let amount = stack.dispute(&transaction.trxid).await.dispute.amount.decimal();
            let shown = view(&stack, &id).await["disputeAmount"].as_f64().unwrap();
            assert_eq!(format!("{shown:.2}"), amount);
            amount
        };
        assert_eq!(amount().await, "100.00");
        update(&stack, &id, &json!({"disputeAmount": 12.5})).await;
        assert_eq!(amount().await, "12.50");
        assert_eq!(put(&stack, "merchant-loss", &id, &Value::Null).await.status, 200);
        assert_eq!(update(&stack, &id, &json!({"disputeAmount": "30"})).await.text, failure(FIXED));
        assert_eq!(amount().await, "12.50");
        // After it is reopened, the opener's amount counts again.
        assert_eq!(put(&stack, "reopen", &id, &Value::Null).await.status, 200);
        assert_eq!(amount().await, "12.50");
        assert_eq!(update(&stack, &id, &json!({"disputeAmount": "30"})).await.text, success(UPDATED));
        assert_eq!(amount().await, "30.00");
    });
}

/// What cannot be claimed is refused, and never cut to what can be.
#[test]
fn a_claim_is_above_zero_and_at_most_what_was_paid() {
    run(async {
        let stack = shared().await;
        let (zero, exceeds) =
            ("Dispute amount should be greater than 0", "Dispute amount should not be greater than transaction amount");
        let transaction = paid(&stack).await;
        let raise = async |trxid: &str, amount: Value| {
            let mut body = super::least(trxid, "1001");
            body["disputeAmount"] = amount;
            call(&stack, &CLIENT, "POST", "create", &body).await
        };
        for (amount, text) in [
            (json!(0), zero),
            (json!("0.00"), zero),
            (json!(99_999), exceeds),
            (json!("1550.01"), exceeds),
            (json!("999999999999999"), exceeds),
        ] {
            let answer = raise(&transaction.trxid, amount.clone()).await;
            assert_eq!((answer.status, answer.text), (422, failure(text)), "{amount}");
        }
        assert!(stack.disputes(&transaction.trxid).await.is_empty());
        let id = id_of(&raise(&transaction.trxid, json!("1550.00")).await);
        for (amount, text) in [(json!(0), zero), (json!(1550.01), exceeds)] {
            let answer = update(&stack, &id, &json!({ "disputeAmount": amount })).await;
            assert_eq!((answer.status, answer.text), (422, failure(text)));
        }
        // A fee is measured by what is disputed, which is what was paid, too.
        let tdr =
            |amount| json!({"disputeAmountTdrDetails": {"type": "include", "amountType": "price", "amount": amount}});
        let over = update(&stack, &id, &tdr("1550.01")).await;
        assert_eq!(over.text, failure("Dispute-tdr amount should not be greater than dispute amount"));
        assert_eq!(update(&stack, &id, &tdr("1550")).await.text, success(UPDATED));
        assert_eq!(stack.dispute(&transaction.trxid).await.dispute.amount.decimal(), "1550.00");
    });
}

/// Of what was free of charge nothing can be claimed, at any API; it can be reported.
#[test]
fn nothing_can_be_claimed_of_an_amount_of_zero() {
    run(async {
        let stack = shared().await;
        let mut free = Transaction::new("acct_demo", "Succesful");
        let parties = paid(&stack).await.body;
        free.body["amount"] = "0".into();
        free.body["currency"] = "NGN".into();
        (free.body["parties"], free.body["details"]) = (parties["parties"].clone(), parties["details"].clone());
        free.body["details"]["reference"] = unique("reference").into();
        assert_eq!(stack.upsert(&free.body).await.status, 201);
        let raised = call(&stack, &CLIENT, "POST", "create", &super::least(&free.trxid, "1001")).await;
        assert_eq!(raised.text, failure("Dispute amount should not be greater than transaction amount"));
        let fbn = FBN.sign_in(&stack).await;
        let logged = fbn.log(&stack, &log_of(&free, "Chargeback")).await;
        assert_eq!((logged.status, &logged.json()["errors"][0]["field"]), (400, &json!("transactionReference")));
        let path = format!(
            "/transactions/types/BillPayment/references/{}",
            free.body["details"]["reference"].as_str().unwrap()
        );
        let shown = fbn.get(&stack, &path).await.json();
        assert_eq!(shown["disputeCategories"], json!([]));
        assert_eq!(shown["disputeCategoryErrors"]["Chargeback"], "The transaction's amount is zero.");
        let contact = json!({ "contactPerson": "Wile Coyote", "emailAddress": "wile.e.coyote@acmelabs.com" });
        let created = stack.connect(Connect::create(&free.trxid, &contact)).await;
        assert_eq!((created.status, &created.json()["errors"][0]["propertyName"]), (400, &json!("amountOfMoney")));
        assert!(stack.disputes(&free.trxid).await.is_empty());
        assert_eq!(stack.report(&CLIENT, &json!({ "trxid": free.trxid })).await.status, 200);
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
