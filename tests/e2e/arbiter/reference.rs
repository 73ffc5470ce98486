//! References of any characters: a bank finds by its path what the platform has sent.

use serde_json::json;

use super::bank::FBN;
use crate::harness::{Transaction, run, shared, unique};

/// Every byte that is no letter and no digit as `%XX`.
fn encoded(text: &str) -> String {
    let byte = |b: u8| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(byte).collect()
}

#[test]
fn a_reference_of_any_characters_is_found_by_its_path() {
    run(async {
        let stack = &shared().await;
        let user = FBN.sign_in(stack).await;
        for (kind, reference) in [
            ("BillPayment", "2018/05/31"),
            ("BillPayment", "a?b=c&d"),
            ("BillPayment", "100%"),
            ("BillPayment", "%2F"),
            ("Airtime top-up?", "漢 #1;x"),
        ] {
            let reference = format!("{reference}-{}", unique("r"));
            let mut sent = Transaction::new("acct_demo", "Succesful").body;
            sent["parties"] = json!({ "issuer": { "code": "FBN", "name": "FIRST BANK OF NIGERIA" } });
            sent["details"] = json!({ "type": kind, "reference": reference });
            assert_eq!(stack.upsert(&sent).await.status, 201);
            let path = |text: &str| encoded(&encoded(text));
            let path = format!("/transactions/types/{}/references/{}", path(kind), path(&reference));
            let found = user.get(stack, &path).await;
            assert_eq!(
                (found.status, &found.json()["transactionReference"]),
                (200, &json!(reference)),
                "{path} {found:?}"
            );
        }
        // Slashes may also be sent as they are.
        let reference = format!("plain/{}", unique("r"));
        let mut transaction = Transaction::new("acct_demo", "Succesful");
        transaction.body["parties"] = json!({ "issuer": { "code": "FBN", "name": "FIRST BANK OF NIGERIA" } });
        transaction.body["details"] = json!({ "type": "BillPayment", "reference": reference });
        assert_eq!(stack.upsert(&transaction.body).await.status, 201);
        let found = user.get(stack, &format!("/transactions/types/BillPayment/references/{reference}")).await;
        assert_eq!(found.status, 200, "{found:?}");
    });
}
