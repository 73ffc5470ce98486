//! Amounts of this API have two decimals, and some currencies have other numbers of them.

use serde_json::{Value, json};

use super::contact;
use crate::arbiter::{FBN, log_of, paid};
use crate::harness::{CLIENT, Call, Connect, PLATFORM, Transaction, run, shared};
use crate::tutelar::least;

#[test]
fn an_amount_that_two_decimals_cannot_express_is_explained() {
    run(async {
        let stack = shared().await;
        for (amount, shown, in_words) in [
            ("12.345", None, Some("KWD 12.345 has more than the two decimals of an amountOfMoney")),
            ("12.340", Some(json!({ "amount": 1234, "currencyCode": "KWD" })), None),
        ] {
            let mut payment = Transaction::new("acct_demo", "Succesful");
            (payment.body["amount"], payment.body["currency"]) = (amount.into(), "KWD".into());
            assert_eq!(stack.upsert(&payment.body).await.status, 201);
            let created = stack.connect(Connect::create(&payment.trxid, &contact())).await.json();
            let got = stack.connect(Connect::get(created["id"].as_str().unwrap())).await.json();
            for answer in [&created, &got] {
                let output = &answer["disputeOutput"];
                assert_eq!(output.get("amountOfMoney"), shown.as_ref(), "{answer}");
                assert_eq!(output.get("amountOfMoneyNotShown").and_then(Value::as_str), in_words, "{answer}");
            }
        }
    });
}

#[test]
fn zeros_after_the_currencys_decimals_say_nothing_at_any_api() {
    run(async {
        let stack = shared().await;
        for (amount, currency, known) in [("705.00", "JPY", "705"), ("1550.000", "NGN", "1550.00")] {
            let mut payment = Transaction::new("acct_demo", "Succesful");
            (payment.body["amount"], payment.body["currency"]) = (amount.into(), currency.into());
            assert_eq!(stack.upsert(&payment.body).await.status, 201, "{amount}");
            let stored = stack.send(&Call::get(&PLATFORM, &payment.trxid)).await.json();
            assert_eq!(stored["amount"], known);
            let mut raised = least(&payment.trxid, "1001");
            raised["disputeAmount"] = amount.into();
            let call = Call::new(&CLIENT, "POST", "/api/v1/dispute/create", raised.to_string());
            let answer = stack.raw(call.basic()).await;
            assert_eq!(answer.status, 201, "{amount} {answer:?}");
        }
        let fbn = FBN.sign_in(&stack).await;
        for (amount, expected) in [("1000.000", 201), ("1000.001", 400)] {
            let mut log = log_of(&paid(&stack).await, "Chargeback");
            (log["disputeAmountType"], log["disputeAmount"]) = ("PARTIAL".into(), amount.into());
            assert_eq!(fbn.log(&stack, &log).await.status, expected, "{amount}");
        }
        for (amount, currency) in [("705.01", "JPY"), ("1550.001", "NGN")] {
            let mut payment = Transaction::new("acct_demo", "Succesful");
            (payment.body["amount"], payment.body["currency"]) = (amount.into(), currency.into());
            let refused = stack.send(&Call::put(&PLATFORM, &payment.body)).await;
            let rule = json!(["must have at most as many decimals as its currency."]);
            assert_eq!((refused.status, &refused.json()["errors"]["amount"]), (400, &rule));
        }
    });
}
