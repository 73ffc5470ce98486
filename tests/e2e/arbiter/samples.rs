//! the vendor's Arbiter "Create Dispute"'s two samples, as they are printed there.

use std::path::Path;

use recourse_local::Options;
use serde_json::{Value, json};

use super::bank::{FBN, log_of, paid};
use crate::harness::{Stack, options, root, run};

/// "Sample Request".
const REQUEST: &str = r#"{
"transactionType": "BillPayment",
"transactionReference": "1286176",
"disputeAmountType": "Partial",
"disputeAmount": 1000,
"comment": "Log with comment",
"reasonCode": "AP",
"category": "Chargeback"
}"#;

/// "Sample Response".
const RESPONSE: &str = r#"{
"id": 551,
"logCode": "FBN00II551",
"issuerCode": "FBN",
"issuer": "FIRST BANK OF NIGERIA",
"acquirerCode": "GTB",
"acquirer": "GUARANTY TRUST BANK",
"merchantCode": "AIRTEL",
"merchant": "Airtel Nigeria",
"merchantReference": "",
"customerReference": "0802221412",
"transactionStore": "PAYDIRECT",
"transactionReference": "1286176",
"transactionDate": "2018-05-30T08:04:20Z",
"transactionType": "BillPayment",
"transactionAmount": "NGN 1,550.00",
"surchargeAmount": "NGN 100.00",
"transactionCurrencyCode": "566",
"terminalType": "Bank Branch",
"disputeAmountType": "Partial",
"disputeAmount": "NGN 1,000.00",
"additionalInfo": {
"Payment Reference": "FBN|BRH|AIRTEL|31-05-2018|603793",
"Has Merchant": true,
"Card Scheme": "Verve",
"Response Description": "Approved or completed successfully",
"Settled": true,
"Terminal Id": "3IPD0029",
"Pan": "506099*********7158",
"Merchant Type": "REGULAR",
"Response Code": "00"
},
"reasonCode": "AP",
"reason": "Recurring Payments",
"category": "Chargeback",
"region": "Domestic Bill Payment",
"merchantDisputant": false,
"domainCode": "FBN",
"status": "Chargeback",
"statusStartDate": "2019-02-28T11:15:23.403Z",
"statusScheduledEndDate": "2019-03-20T11:15:23.403Z",
"createdBy": "Jideobi.Onuora@FBN",
"createdOn": "2019-02-28T11:15:23.41Z"
}"#;

/// What differs in the sample: the id, the log code, the dates of the dispute. Everything else is
/// compared, in its order.
const OWN: [&str; 5] = ["id", "logCode", "statusStartDate", "statusScheduledEndDate", "createdOn"];

/// The demo's data, where transaction 50001 is the samples' payment.
fn options_with_the_samples_payment(folder: &Path) -> Options {
    let mut demo: Value = serde_json::from_slice(&std::fs::read(root().join("local/demo.json")).unwrap()).unwrap();
    let transactions = demo["transactions"].as_array_mut().unwrap();
    let paid = transactions.iter_mut().find(|transaction| transaction["trxid"] == "50001").unwrap();
    let response: Value = serde_json::from_str(RESPONSE).unwrap();
    paid["occurred_at"] = response["transactionDate"].clone();
    paid["details"]["terminal_type"] = response["terminalType"].clone();
    paid["details"]["additional_info"] = response["additionalInfo"].clone();
    let path = folder.join("demo.json");
    std::fs::write(&path, demo.to_string()).unwrap();
    Options { demo: Some(path), ..options() }
}

#[test]
fn the_sample_request_gets_the_sample_response() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let stack = Stack::start(options_with_the_samples_payment(folder.path())).await;
        let user = FBN.sign_in(&stack).await;
        let request: Value = serde_json::from_str(REQUEST).unwrap();
        let answer = user.log(&stack, &request).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let (answered, mut expected) = (answer.json(), serde_json::from_str::<Value>(RESPONSE).unwrap());
        let text = |name: &str| answered[name].as_str().unwrap();
        assert_eq!(text("logCode"), format!("FBN00II{}", answered["id"]));
        assert_eq!(text("createdOn"), text("statusStartDate"));
        for name in OWN {
            expected[name] = answered[name].clone();
        }
        // Byte for byte: the same fields in the same order, without the line breaks and spaces of
        // the sample.
        let compact: String = expected.to_string();
        let info = |text: &str| text.split_once("\"additionalInfo\":").unwrap().1.split_once('}').unwrap().0.to_owned();
        let spaced = info(&answer.text);
        assert_eq!(answer.text.replace(&spaced, &info(&compact)), compact);
        let began = text("statusStartDate");
        let ends =
            time::OffsetDateTime::parse(text("statusScheduledEndDate"), &time::format_description::well_known::Rfc3339)
                .unwrap();
        let began = time::OffsetDateTime::parse(began, &time::format_description::well_known::Rfc3339).unwrap();
        assert_eq!(ends - began, time::Duration::days(20));

        let record = stack.dispute("50001").await;
        assert_eq!(record.events[0].note.as_deref(), Some("Log with comment"));
        let known = user.get(&stack, "/transactions/types/BillPayment/references/1286176").await;
        assert_eq!(known.json()["disputeCategoryErrors"]["Chargeback"], "A dispute of the transaction is live.");
        assert_eq!(known.json()["disputeCategories"], json!(["Government Biller"]));
        let mail = stack.inbox("disputes@gtb.example", 1).await.remove(0);
        assert_eq!(mail.cc, ["disputes@fbn.example"]);
        assert!(mail.text.unwrap().contains("Transaction: BillPayment 1286176"));
    });
}

/// What a log costs when the function is warm and knows the parties.
#[test]
fn round_trips_of_a_log_counted_at_the_endpoint() {
    run(async {
        let stack = Stack::start(options()).await;
        let user = FBN.sign_in(&stack).await;
        user.log(&stack, &log_of(&paid(&stack).await, "Refund")).await;
        let log = log_of(&paid(&stack).await, "Refund");
        let calls = async |status: u16| {
            stack.cloud().dynamodb.clear_calls();
            let answer = user.log(&stack, &log).await;
            assert_eq!(answer.status, status, "{answer:?}");
            stack.dynamodb_calls("ArbiterLog")
        };
        assert_eq!(calls(201).await, ["GetItem", "TransactWriteItems"]);
        assert_eq!(calls(409).await, ["GetItem", "TransactWriteItems", "GetItem"]);
    });
}
