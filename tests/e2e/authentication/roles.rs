//! What a key is for, and that both APIs check it alike.

use serde_json::{Value, json};

use super::{HEADERS, is_401};
use crate::harness::{CLIENT, Call, DemoKey, HttpResponse, PLATFORM, Transaction, now, run, shared};

#[test]
fn a_platform_key_cannot_report_and_a_client_key_cannot_send_transactions() {
    run(async {
        let stack = shared().await;
        let is_403 = |answer: &HttpResponse| {
            let body = answer.json();
            assert_eq!((answer.status, &body["error"]), (403, &Value::from("forbidden")), "{answer:?}");
            assert!(body["message"].is_string());
        };
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        is_403(&stack.report(&PLATFORM, &json!({"refid": transaction.refid})).await);
        assert_eq!(stack.disputes(&transaction.trxid).await.len(), 0);

        is_403(&stack.send(&Call::put(&CLIENT, &transaction.later("Refund", 9))).await);
        is_403(&stack.send(&Call::import(&CLIENT, &[transaction.later("Refund", 9)])).await);
        is_403(&stack.send(&Call::get(&CLIENT, &transaction.trxid)).await);
        let known = stack.send(&Call::get(&PLATFORM, &transaction.trxid)).await.json();
        assert_eq!(known["status"], "Succesful");
    });
}

/// The Platform API is signed as the IIMMPACT API is.
#[test]
fn the_platform_api_rejects_in_the_same_way() {
    run(async {
        let stack = shared().await;
        let transaction = Transaction::new("acct_demo", "Succesful");
        let calls =
            [Call::put(&PLATFORM, &transaction.body), Call::import(&PLATFORM, &[]), Call::get(&PLATFORM, "50001")];
        for call in calls {
            for header in HEADERS {
                let mut request = call.request();
                request.headers_mut().remove(header);
                is_401(&stack.raw(request).await, "missing_header");
            }
            let short = Call { nonce: "fifteen-letters".to_owned(), ..call.clone() };
            is_401(&stack.send(&short).await, "malformed_header");
            let stale = Call { timestamp: (now() - 360).to_string(), ..call.clone() };
            is_401(&stack.send(&stale).await, "stale_timestamp");
            let wrong = Call { key: DemoKey { id: PLATFORM.id, secret: CLIENT.secret }, ..call.clone() };
            is_401(&stack.send(&wrong).await, "invalid_credentials");
        }
        assert_eq!(stack.send(&Call::get(&PLATFORM, &transaction.trxid)).await.status, 404);
    });
}
