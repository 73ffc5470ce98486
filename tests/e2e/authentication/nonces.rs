//! A nonce is good once, per key and not per path.

use serde_json::json;

use super::{honest, is_401};
use crate::harness::{CLIENT, Call, PLATFORM, STRANGER, run, shared};
use crate::vendor_texts::{DUPLICATE, INVALID, SUCCESS, about, bytes};

#[test]
fn the_same_signed_request_is_a_replay_and_a_fresh_one_is_a_duplicate() {
    run(async {
        let stack = shared().await;
        let (call, refid) = honest(&stack).await;
        assert_eq!(stack.send(&call).await.text, about(SUCCESS, &refid));
        for _ in 0..2 {
            is_401(&stack.send(&call).await, "replayed_nonce");
        }
        let afresh = Call::report_bytes(&CLIENT, call.body.clone());
        assert_eq!(stack.send(&afresh).await.text, about(DUPLICATE, &refid));
    });
}

/// "A nonce is recorded for every authenticated request", refused ones included.
#[test]
fn a_nonce_is_used_up_whatever_the_answer() {
    run(async {
        let stack = shared().await;
        for body in ["{}", "[", r#"{"refid":"12345678ABCd"}"#, r#"{"refid":"accepted-1"}"#, r#"{"trxid":"50002"}"#] {
            let call = Call::report_bytes(&CLIENT, body);
            assert!(matches!(stack.send(&call).await.status, 200 | 400), "{body}");
            is_401(&stack.send(&call).await, "replayed_nonce");
        }
    });
}

#[test]
fn a_nonce_is_unique_per_key_across_all_endpoints() {
    run(async {
        let stack = shared().await;
        // Path and host are not signed: the very same request is valid wherever it is sent.
        let sent = Call::import(&PLATFORM, &[]);
        assert_eq!(stack.send(&sent).await.status, 200);
        is_401(
            &stack.send(&Call { path: "/v2/transactions/check".to_owned(), ..sent.clone() }).await,
            "replayed_nonce",
        );

        let reported = Call::report(&CLIENT, &json!({"refid": "unknown"}));
        assert_eq!(stack.send(&reported).await.text, bytes(INVALID));
        let elsewhere = Call { path: "/platform/v1/transactions".to_owned(), ..reported.clone() };
        is_401(&stack.send(&elsewhere).await, "replayed_nonce");

        // Another request of the same key with the same nonce, at another endpoint.
        let get = Call { nonce: sent.nonce.clone(), ..Call::get(&PLATFORM, "50001") };
        is_401(&stack.send(&get).await, "replayed_nonce");
        // Another key may use it.
        let other = Call { nonce: reported.nonce.clone(), ..Call::report(&STRANGER, &json!({"refid": "unknown"})) };
        assert_eq!(stack.send(&other).await.text, bytes(INVALID));
    });
}
