//! Bad input: the contract's error form, no write and no panic, and what the gateway itself
//! rejects.

mod bodies;
mod gateway;
mod twice;

use std::collections::BTreeMap;

use serde_json::json;

use bodies::{MAX_BYTES, bad_bodies, no_transactions, padded};

use crate::harness::{CLIENT, Call, HttpResponse, STRANGER, Stack, address, options, run, shared};
use crate::vendor_texts::{DUPLICATE, INVALID, SUCCESS, about, bytes};

/// A 400 in the API's form, and the fields that it names.
#[track_caller]
fn fields_of_400(answer: &HttpResponse, sent: &[u8]) -> Vec<String> {
    let sent = String::from_utf8_lossy(sent.get(..80).unwrap_or(sent));
    assert_eq!(answer.status, 400, "{sent} {answer:?}");
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    assert_eq!(body["message"], "The given data was invalid.");
    let errors: BTreeMap<String, Vec<String>> = serde_json::from_value(body["errors"].clone()).unwrap();
    assert!(errors.values().flatten().all(|text| !text.is_empty()), "{body}");
    errors.into_keys().collect()
}

#[test]
fn bad_input_is_answered_in_the_apis_form_and_writes_nothing() {
    run(async {
        let stack = Stack::start(options()).await;
        let before = stack.items("DISPUTES_TABLE").await;
        let mut sent = 0;
        for (fields, body) in bad_bodies() {
            let answer = stack.send(&Call::report_bytes(&CLIENT, body.clone())).await;
            assert_eq!(fields_of_400(&answer, &body), fields, "{}", String::from_utf8_lossy(&body));
            sent += 1;
        }
        for body in no_transactions() {
            let call = Call::report(&CLIENT, &body);
            assert_eq!(fields_of_400(&stack.send(&call).await, &call.body), ["trxid"], "{body}");
            sent += 1;
        }
        assert_eq!(stack.items("DISPUTES_TABLE").await, before);
        // All that is left of them is their nonces.
        let ephemeral = stack.items("EPHEMERAL_TABLE").await;
        let nonces = ephemeral.keys().filter(|(pk, _)| pk.starts_with("NONCE#iimm_prod_demo#")).count();
        let of_platform = ["NONCE#platform_demo#", "NONCE#platform_dev_demo#"];
        let platforms = ephemeral.keys().filter(|(pk, _)| of_platform.iter().any(|key| pk.starts_with(key))).count();
        assert_eq!((nonces, nonces + platforms), (sent, ephemeral.len()), "{:?}", ephemeral.keys());
        assert_eq!(stack.cloud().ses.mails().len(), 0);
        assert!(stack.log().iter().all(|line| !line.text.contains("panicked")), "{:?}", stack.log());
    });
}

#[test]
fn unknown_foreign_and_absent_transactions_are_byte_for_byte_the_same() {
    run(async {
        let stack = shared().await;
        let foreign = stack.transaction("acct_stranger", "Succesful").await;
        let live = stack.transaction("acct_stranger", "Succesful").await;
        let refunded = stack.transaction("acct_stranger", "Refund").await;
        assert_eq!(stack.report(&STRANGER, &json!({"trxid": live.trxid})).await.text, about(SUCCESS, &live.refid));

        let unknown = stack.report(&CLIENT, &json!({"refid": "unknown"})).await.without_ids();
        assert_eq!((unknown.status, unknown.text.as_str()), (400, bytes(INVALID).as_str()));
        let mut asked = no_transactions();
        for transaction in [&foreign, &live, &refunded] {
            asked.extend([json!({"trxid": transaction.trxid}), json!({"refid": transaction.refid})]);
        }
        for body in asked {
            assert_eq!(stack.report(&CLIENT, &body).await.without_ids(), unknown, "{body}");
        }
        // Being asked about by somebody else has not changed them.
        assert_eq!(stack.report(&STRANGER, &json!({"trxid": live.trxid})).await.text, about(DUPLICATE, &live.refid));
        assert_eq!(stack.disputes(&foreign.trxid).await.len(), 0);
    });
}

#[test]
fn the_limits_are_exact() {
    run(async {
        let stack = shared().await;
        assert_eq!(stack.send(&Call::report_bytes(&CLIENT, padded(MAX_BYTES))).await.text, bytes(INVALID));

        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let (first, doubled) = (address(), address());
        let mut addresses = vec![first, doubled.clone()];
        addresses.extend((0..47).map(|_| address()));
        addresses.push(doubled);
        let report = json!({"refid": transaction.refid, "user_email": addresses});
        assert_eq!(stack.report(&CLIENT, &report).await.text, about(SUCCESS, &transaction.refid));
        let case = stack.dispute(&transaction.trxid).await;
        assert_eq!(case.mails[0].notification.recipients.all().count(), 50);
    });
}

#[test]
fn what_is_not_read_does_not_matter() {
    run(async {
        let stack = shared().await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let body =
            format!(" \r\n{{\"refid\": \"{}\", \"user_email\": null, \"more\": [1, {{}}]}}\n", transaction.refid);
        let mut request = Call::report_bytes(&CLIENT, body).request();
        // Without this header the gateway takes the body for binary, and hands it on as base64.
        request.headers_mut().remove("content-type");
        assert_eq!(stack.raw(request).await.text, about(SUCCESS, &transaction.refid));
    });
}
