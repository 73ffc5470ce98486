//! Authentication (IIMMPACT contract, "Signing" and "Errors outside the vendor's specification"): a
//! wrong, late or replayed signature changes nothing.

mod costs;
mod nonces;
mod roles;

use http::{HeaderValue, Request};
use serde_json::json;

use crate::harness::{CLIENT, Call, DemoKey, HttpResponse, STRANGER, Stack, now, run, shared};
use crate::vendor_texts::{SUCCESS, about};

const HEADERS: [&str; 4] = ["x-api-key", "x-timestamp", "x-nonce", "x-signature"];

#[track_caller]
fn is_401(answer: &HttpResponse, code: &str) {
    assert_eq!(answer.status, 401, "{answer:?}");
    let body = answer.json();
    let fields = body.as_object().unwrap();
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["error", "message"]);
    assert_eq!(fields["error"], code, "{body}");
    assert!(fields["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
}

/// A call that would open a case, if it were let in.
async fn honest(stack: &Stack) -> (Call, String) {
    let transaction = stack.transaction("acct_demo", "Succesful").await;
    (Call::report(&CLIENT, &json!({"refid": transaction.refid})), transaction.refid)
}

/// Sends a request that is rejected, and then the correct one with the same nonce. That one opens
/// the case, so the first one changed nothing.
async fn refused(stack: &Stack, code: &str, spoil: impl FnOnce(&mut Call) -> Request<Vec<u8>>) -> HttpResponse {
    let (call, refid) = honest(stack).await;
    let answer = stack.raw(spoil(&mut call.clone())).await;
    is_401(&answer, code);
    let answer_to_honest = stack.send(&call).await;
    assert_eq!((answer_to_honest.status, answer_to_honest.text), (200, about(SUCCESS, &refid)));
    answer
}

/// The same with one header set to something else, after signing.
async fn refused_with(stack: &Stack, code: &str, header: &'static str, value: &[u8]) -> HttpResponse {
    let value = HeaderValue::from_bytes(value).unwrap();
    refused(stack, code, |call| {
        let mut request = call.request();
        request.headers_mut().insert(header, value);
        request
    })
    .await
}

#[test]
fn every_header_has_to_be_there_once() {
    run(async {
        let stack = shared().await;
        for header in HEADERS {
            let answer = refused(&stack, "missing_header", |call| {
                let mut request = call.request();
                request.headers_mut().remove(header);
                request
            })
            .await;
            let message = answer.json()["message"].to_string().to_lowercase();
            assert!(message.contains(header), "{header}: {message}");

            let answer = refused(&stack, "malformed_header", |call| {
                let mut request = call.request();
                let value = request.headers()[header].clone();
                request.headers_mut().append(header, value);
                request
            })
            .await;
            let message = answer.json()["message"].to_string().to_lowercase();
            assert!(message.contains(header), "{header}: {message}");
        }
    });
}

#[test]
fn every_header_has_a_form() {
    run(async {
        let stack = shared().await;
        let signature = format!("v1={}", "A".repeat(43));
        for (header, value) in [
            ("x-api-key", b"".as_slice()),
            ("x-api-key", b"a key"),
            ("x-api-key", "k".repeat(65).as_bytes()),
            ("x-api-key", b"\xff\xfe"),
            ("x-timestamp", b""),
            ("x-timestamp", b"now"),
            ("x-timestamp", b"-1764547200"),
            ("x-timestamp", b"+1764547200"),
            ("x-timestamp", b"1764547200.0"),
            ("x-timestamp", b"1e9"),
            ("x-timestamp", b"17645472001764547200"),
            ("x-timestamp", b"99999999999999999999"),
            ("x-nonce", b"fifteen-letters"),
            ("x-nonce", "n".repeat(129).as_bytes()),
            ("x-nonce", b"a nonce with spaces"),
            ("x-nonce", "a-nönce-of-sixteen".as_bytes()),
            ("x-nonce", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
            ("x-signature", b"v1="),
            ("x-signature", b"v2=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            ("x-signature", b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            ("x-signature", b"v1=!!!!"),
            ("x-signature", signature.as_bytes()),
        ] {
            refused_with(&stack, "malformed_header", header, value).await;
        }
    });
}

#[test]
fn the_timestamp_is_within_five_minutes_either_way() {
    run(async {
        let stack = shared().await;
        for seconds in [-360, 360, -1_000_000, 1_000_000] {
            refused(&stack, "stale_timestamp", |call| {
                call.timestamp = (now().cast_signed() + seconds).to_string();
                call.request()
            })
            .await;
        }
        for timestamp in ["0", "999999999999999"] {
            refused(&stack, "stale_timestamp", |call| {
                call.timestamp = timestamp.to_owned();
                call.request()
            })
            .await;
        }
        for seconds in [-280, 280] {
            let (mut call, refid) = honest(&stack).await;
            call.timestamp = (now().cast_signed() + seconds).to_string();
            let answer = stack.send(&call).await;
            assert_eq!((answer.status, answer.text), (200, about(SUCCESS, &refid)), "{seconds}");
        }
    });
}

#[test]
fn a_wrong_signature_and_an_unknown_key_are_byte_for_byte_the_same() {
    run(async {
        let stack = shared().await;
        let some = format!("v1={}=", "A".repeat(43));
        let wrong = refused_with(&stack, "invalid_credentials", "x-signature", some.as_bytes()).await.without_ids();
        let unknown = refused(&stack, "invalid_credentials", |call| {
            call.key = DemoKey { id: "iimm_prod_nobody", secret: CLIENT.secret };
            call.request()
        });
        assert_eq!(unknown.await.without_ids(), wrong);
        // The key that exists, with another client's secret.
        let borrowed = refused(&stack, "invalid_credentials", |call| {
            call.key = DemoKey { id: CLIENT.id, secret: STRANGER.secret };
            call.request()
        });
        assert_eq!(borrowed.await.without_ids(), wrong);
    });
}

#[test]
fn no_signed_part_can_be_changed() {
    run(async {
        let stack = shared().await;
        let code = "invalid_credentials";
        refused(&stack, code, |call| {
            let mut request = call.request();
            request.body_mut().push(b' ');
            request
        })
        .await;
        refused(&stack, code, |call| {
            let mut request = call.request();
            *request.body_mut() = b"{}".to_vec();
            request
        })
        .await;
        refused(&stack, code, |call| {
            let mut request = call.request();
            *request.uri_mut() = "/v2/transactions/check?refid=1".parse().unwrap();
            request
        })
        .await;
        refused_with(&stack, code, "x-timestamp", (now() - 1).to_string().as_bytes()).await;
        refused_with(&stack, code, "x-nonce", b"another-nonce-of-the-same-length").await;
        refused(&stack, code, |call| {
            let signed_as_put = Call { method: "PUT", ..call.clone() }.signature();
            let mut request = call.request();
            request.headers_mut().insert("x-signature", signed_as_put.parse().unwrap());
            request
        })
        .await;
    });
}
