//! What each party reads of a dispute at this API: the account all that it said, the parties what
//! concerns them, and the others nothing.

use serde_json::{Value, json};

use super::{call, failure, id_here, id_of, least, success, update};
use crate::arbiter::{FBN, GTB, code_of, log_of, paid};
use crate::harness::{CLIENT, Call, DemoKey, STAGING, STRANGER, Stack, Transaction, run, shared};

/// All that the account says of a dispute, with the values of the vendor's sample.
fn said() -> Value {
    json!({
        "transactionDetails": {
            "customerName": "Johnson", "customerEmail": "johnson.a@ippopay.com", "customerMobile": "9878987677",
            "transactionDate": "2023-10-11"
        },
        "merchantDetails": {
            "name": "Thiyagarajan", "businessName": "Hamam", "chargebackEmail": "thiyagarajan.e@ippopay.com",
            "mobile": "9087657767"
        },
        "disputeAmount": AMOUNT, "disputeType": "fraud", "reasonCode": "10.1", "paymentType": "cc",
        "disputeAmountTdrDetails": { "type": "include", "amountType": "price", "amount": 5 },
        "disputeAmountTaxDetails": { "type": "exclude", "amountType": "percentage", "amount": 5 },
        "dueDate": 9, "internalDueDate": "2099-12-31", "acquirerBankCode": "HDFC", "remitterBank": "Indian Overseas Bank",
        "nodalAccountNo": "0989778", "gatewayOrderId": "ORD_90045", "paymentInstrumentId": "89 09 78",
        "comments": "our receipt is weak"
    })
}

/// How much is disputed, which only who raised the dispute here may say anew.
const AMOUNT: &str = "1550.00";

/// What the account alone reads.
const OWN: [&str; 13] = [
    "merchantId",
    "merchantMobile",
    "merchantEmail",
    "customerEmail",
    "customerMobile",
    "disputeAmountTdrDetails",
    "disputeAmountTaxDetails",
    "internalDueDate",
    "nodalAccountNo",
    "gatewayOrderId",
    "paymentInstrumentId",
    "comments",
    "customerName",
];

/// The view by this key.
async fn viewed(stack: &Stack, key: &DemoKey, id: &str) -> Value {
    let answer = call(stack, key, "GET", &format!("view/{id}"), &Value::Null).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["data"].clone()
}

/// That `key` reads what the account reads, but for these members, which are `null`.
async fn reads_all_but(stack: &Stack, key: &DemoKey, id: &str, hidden: &[&str]) {
    let (whole, seen) = (viewed(stack, &CLIENT, id).await, viewed(stack, key, id).await);
    for (name, value) in whole.as_object().unwrap() {
        assert!(!value.is_null(), "the account reads all that it said: {name} in {whole}");
        let expected = if hidden.contains(&name.as_str()) { &Value::Null } else { value };
        assert_eq!(&seen[name], expected, "{name} by {}", key.id);
    }
}

#[test]
fn a_bank_reads_its_part_of_a_dispute_that_the_merchant_opened() {
    run(async {
        let stack = shared().await;
        let payment = paid(&stack).await;
        let id = id_of(&call(&stack, &CLIENT, "POST", "create", &least(&payment.trxid, "1001")).await);
        assert_eq!(update(&stack, &id, &said()).await.text, success("Dispute Details updated successfully"));
        reads_all_but(&stack, &CLIENT, &id, &[]).await;
        let but_the_customer = &OWN[..OWN.len() - 1];
        reads_all_but(&stack, &FBN.key, &id, but_the_customer).await;
        assert_eq!(viewed(&stack, &FBN.key, &id).await["customerName"], "Johnson", "the issuer's own customer");
        reads_all_but(&stack, &GTB.key, &id, &OWN).await;
        let seen = call(&stack, &GTB.key, "GET", &format!("view/{id}"), &Value::Null).await.text;
        for own in
            ["johnson", "Johnson", "@", "9878987677", "9087657767", "0989778", "90045", "89 09 78", "weak", "2099"]
        {
            assert!(!seen.contains(own), "{own} in {seen}");
        }
    });
}

#[test]
fn an_opener_that_is_not_the_account_reads_its_log_and_what_is_public() {
    run(async {
        let stack = shared().await;
        for (opener, other) in [(GTB, FBN), (FBN, GTB)] {
            let (payment, user) = (paid(&stack).await, opener.sign_in(&stack).await);
            let mut log = log_of(&payment, "Chargeback");
            log["comment"] = "the card was stolen".into();
            let code = code_of(&user.log(&stack, &log).await);
            let id = id_here(&stack, &payment).await;
            assert_eq!(update(&stack, &id, &said()).await.status, 200);
            for bank in [opener, other] {
                // The issuer reads its customer's name, whoever opened the dispute.
                let hidden = if bank.key.id == FBN.key.id { &OWN[..OWN.len() - 1] } else { &OWN };
                reads_all_but(&stack, &bank.key, &id, hidden).await;
                // What the log says is said to both of them, and what the account updates is not.
                let shown = bank.sign_in(&stack).await.get(&stack, &format!("/disputes/{code}")).await.json();
                assert_eq!(shown["journal"][0]["detail"], "Logged: Chargeback: the card was stolen");
                assert_eq!(
                    (&shown["journal"][1]["detail"], &shown["journal"][1]["addedBy"]),
                    (&json!("Details updated"), &json!("merchant"))
                );
            }
        }
    });
}

#[test]
fn the_accounts_notes_are_visible_to_itself_alone() {
    run(async {
        let stack = shared().await;
        let (payment, fbn) = (paid(&stack).await, FBN.sign_in(&stack).await);
        let id = id_of(&super::create(&stack, &payment).await);
        let code = stack.dispute(&payment.trxid).await.dispute.log_code().unwrap();
        let moved = super::put(&stack, "move-level", &id, &json!({ "comments": "our receipt is weak" })).await;
        assert_eq!(moved.status, 200, "{moved:?}");
        let shown = fbn.get(&stack, &format!("/disputes/{code}")).await;
        assert_eq!(shown.json()["journal"][1]["detail"], "Pre Arbitration");
        assert!(!shown.text.contains("weak") && !shown.text.contains(CLIENT.id), "{}", shown.text);
        let note = stack.dispute(&payment.trxid).await.events[1].note.clone();
        assert_eq!(note.as_deref(), Some("our receipt is weak"), "it is stored for the account and for operators");
    });
}

#[test]
fn a_stranger_and_the_other_environment_read_nothing() {
    run(async {
        let stack = shared().await;
        let mut payment = Transaction::new("acct_demo", "Succesful");
        // A production transaction that names the domain of a staging account.
        payment.body["parties"] = json!({ "issuer": { "code": "DEMOS", "name": "A bank" } });
        stack.upsert(&payment.body).await;
        let id = id_of(&call(&stack, &CLIENT, "POST", "create", &least(&payment.trxid, "1001")).await);
        for key in [STRANGER, STAGING] {
            let request = Call::new(&key, "GET", format!("/api/v1/dispute/view/{id}"), "").basic();
            let answer = stack.raw(request).await;
            assert_eq!((answer.status, answer.text), (422, failure("No data found")), "{}", key.id);
        }
    });
}
