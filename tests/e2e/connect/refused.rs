//! Rejected callers and calls: each rejection changes nothing, and a stranger learns nothing from
//! it.

use serde_json::{Value, json};

use super::{code, contact, is, pdf, text, without_ids};
use crate::harness::{CLIENT, Connect, DemoKey, PLATFORM, STRANGER, Stack, options, run, shared};

/// Every call about one draft and its file, by the merchant.
fn calls(payment: &str, capture: &str, dispute: &str, file: &str) -> Vec<Connect> {
    let path = |method, path: String| Connect::new(method, path);
    vec![
        Connect::create(payment, &contact()),
        path("GET", format!("/v1/1001/payments/{payment}/disputes")),
        path("POST", format!("/v1/1001/captures/{capture}/dispute")).json(&contact()),
        path("GET", format!("/v1/1001/captures/{capture}/disputes")),
        Connect::get(dispute),
        Connect::submit(dispute),
        Connect::cancel(dispute),
        Connect::upload(dispute, "a.pdf", "application/pdf", &pdf(100)),
        Connect::start(dispute, "a.pdf", "application/pdf", 100),
        Connect::complete(dispute, file),
        Connect::file(file),
        Connect::url(file),
    ]
}

#[test]
fn anothers_item_is_answered_byte_for_byte_like_a_missing_one() {
    run(async {
        let stack = Stack::start(options()).await;
        let payment = "000000852800000014110000100001";
        let created = stack.connect(Connect::create(payment, &contact())).await.json();
        let id = text(&created, "/id");
        let upload = Connect::upload(id, "a.pdf", "application/pdf", &pdf(100));
        let file = text(&stack.connect(upload).await.json(), "/fileId").to_owned();
        let before = (stack.items("DISPUTES_TABLE").await, stack.items("EPHEMERAL_TABLE").await, stack.objects());
        let nobodys_file = format!("7-{}", "0".repeat(32));
        let theirs = calls(payment, "000000852800000014110000100002", id, &file);
        let nobodys = calls("none", "none", "7", &nobodys_file);
        for (theirs, nobodys) in theirs.into_iter().zip(nobodys) {
            for key in [None, Some("key")] {
                let sent = |call: &Connect| {
                    let call = call.clone().by_stranger();
                    key.map_or(call.clone(), |key| call.idempotent(key))
                };
                let (foreign, unknown) = (stack.connect(sent(&theirs)).await, stack.connect(sent(&nobodys)).await);
                assert_eq!(code(&foreign).0, 404, "{} {foreign:?}", theirs.path);
                assert_eq!(without_ids(&foreign), without_ids(&unknown), "{}", theirs.path);
                let lengths = |answer: &crate::harness::HttpResponse| answer.headers["content-length"].clone();
                assert_eq!(lengths(&foreign), lengths(&unknown));
            }
            // The key does not belong to the merchant in the path. Whether anything exists there
            // does not matter.
            let borrowed = Connect { key: STRANGER, ..theirs };
            is(&stack.connect(borrowed).await, 403, "9007");
            is(&stack.connect(Connect { key: STRANGER, ..nobodys }).await, 403, "9007");
        }
        let after = (stack.items("DISPUTES_TABLE").await, stack.items("EPHEMERAL_TABLE").await, stack.objects());
        assert!(before == after, "a stranger changed something");
    });
}

#[test]
fn bad_authorisation_is_403_and_changes_nothing() {
    run(async {
        let stack = shared().await;
        let id = stack.draft().await;
        let good = Connect::submit(&id);
        let (forged, unknown) = (
            Connect { key: DemoKey { id: CLIENT.id, secret: STRANGER.secret }, ..good.clone() },
            Connect { key: DemoKey { id: "iimm_prod_nobody", secret: CLIENT.secret }, ..good.clone() },
        );
        let forged = stack.connect(forged).await;
        is(&forged, 403, "9002");
        assert_eq!(without_ids(&forged), without_ids(&stack.connect(unknown).await));
        for seconds in [-400, 400] {
            is(&stack.connect(good.clone().dated(seconds)).await, 403, "9002");
        }
        is(&stack.connect(Connect { key: PLATFORM, ..good.clone() }).await, 403, "9007");
        let spoilt = |name: &'static str, value: &'static str| {
            let mut request = good.request();
            request.headers_mut().insert(name, value.parse().unwrap());
            request
        };
        let without = |name: &'static str| {
            let mut request = good.request();
            request.headers_mut().remove(name);
            request
        };
        let mut twice = good.request();
        let authorization = twice.headers()["authorization"].clone();
        twice.headers_mut().append("authorization", authorization);
        let mut elsewhere = good.request();
        *elsewhere.uri_mut() = format!("/v1/1001/disputes/{id}/cancel").parse().unwrap();
        let mut asked = good.request();
        *asked.uri_mut() = format!("/v1/1001/disputes/{id}/submit?a=b").parse().unwrap();
        let mut encoded = good.request();
        *encoded.uri_mut() = format!("/v1/1001/disputes/%20{id}/submit").parse().unwrap();
        for request in [
            without("authorization"),
            spoilt("authorization", "GCS v1HMAC:iimm_prod_demo:AAAA"),
            spoilt("authorization", "Basic aWltbV9wcm9kX2RlbW86eA=="),
            spoilt("x-gcs-more", "unsigned"),
            twice,
            elsewhere,
            asked,
            encoded,
        ] {
            is(&stack.raw(request).await, 403, "9002");
        }
        // A date in another form is no wrong secret, and the answer says which form is right.
        for request in [without("date"), spoilt("date", "today"), spoilt("date", "Fri, 06 Jun 2014 13:39:43 CET")] {
            let answer = stack.raw(request).await;
            is(&answer, 403, "9002");
            let said = "The Date header must be in the form of Fri, 06 Jun 2014 13:39:43 GMT";
            assert_eq!(answer.json()["errors"][0]["message"], said);
        }
        assert_eq!(text(&stack.connect(Connect::get(&id)).await.json(), "/status"), "DRAFT");
        for zone in ["UTC", "+0000"] {
            let date = good.date.replace("GMT", zone);
            assert_eq!(stack.connect(Connect { date, ..Connect::get(&id) }).await.status, 200, "{zone}");
        }
        assert_eq!(stack.connect(good).await.status, 200);
    });
}

/// AWS's HTTP API decodes the path, and a client signs the path that it sends.
#[test]
fn a_signature_over_an_encoded_path_is_no_wrong_secret() {
    run(async {
        let stack = shared().await;
        for (path, expected) in [
            ("/v1/1001/disputes/%20551", "310404001"),
            ("/v1/1001/payments/a%20b/disputes", "300240"),
            ("/v1/1001/payments/a%3Ab~/disputes", "300240"),
            ("/v1/1001/payments/a%7Eb/disputes", "300240"),
            ("/v1/1001/payments/%E8%A8%88/disputes", "300240"),
        ] {
            let call = Connect::new("GET", path);
            is(&stack.connect(call.clone()).await, 404, expected);
            let forged = Connect { key: DemoKey { id: CLIENT.id, secret: STRANGER.secret }, ..call };
            is(&stack.connect(forged).await, 403, "9002");
        }
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let found = format!("/v1/1001/payments/{}/disputes", transaction.trxid);
        assert_eq!(stack.connect(Connect::new("GET", found.clone())).await.status, 200);
        // Nobody can tell from the decoded path that a letter was encoded.
        let needless = found.replacen("/payments/", "/%70ayments/", 1);
        is(&stack.connect(Connect::new("GET", needless)).await, 403, "9002");
    });
}

/// AWS's HTTP API hands the function a type that the client did not send, where there is no body.
#[test]
fn a_content_type_that_the_gateway_adds_to_an_empty_body_does_not_break_the_signature() {
    run(async {
        let stack = shared().await;
        let id = stack.draft().await;
        let typed = |call: &Connect, content_type: &'static str| {
            let mut request = call.request();
            request.headers_mut().insert("content-type", content_type.parse().unwrap());
            request
        };
        let submitted = stack.raw(typed(&Connect::submit(&id), "application/octet-stream")).await;
        assert_eq!((submitted.status, text(&submitted.json(), "/status")), (200, "CREATED"));
        let cancelled = stack.raw(typed(&Connect::cancel(&id), "text/plain; charset=utf-8")).await;
        assert_eq!((cancelled.status, text(&cancelled.json(), "/status")), (200, "CANCELLED"));
        // With a body the type is what the client says of it, and signed.
        let payment = stack.transaction("acct_demo", "Succesful").await;
        let create = Connect { content_type: None, ..Connect::create(&payment.trxid, &contact()) };
        is(&stack.raw(typed(&create, "application/json")).await, 403, "9002");
    });
}

#[test]
fn bad_input_names_its_place_and_nothing_is_written() {
    run(async {
        let stack = Stack::start(options()).await;
        let payment = stack.transaction("acct_demo", "Succesful").await;
        let before = stack.items("DISPUTES_TABLE").await;
        let with = |field: &str, value: Value| {
            let mut body = contact();
            body[field] = value;
            body
        };
        for (body, place) in [
            (json!({}), "contactPerson"),
            (with("emailAddress", json!("a\r\nBcc: x@example.com")), "emailAddress"),
            (with("replyTo", json!({})), "replyTo"),
            (with("requestMessage", json!("x".repeat(4_001))), "requestMessage"),
            (with("amountOfMoney", json!([])), "amountOfMoney"),
            (with("amountOfMoney", json!({ "amount": 155_001, "currencyCode": "MYR" })), "amountOfMoney.amount"),
            (with("amountOfMoney", json!({ "amount": 1e3, "currencyCode": "MYR" })), "amountOfMoney.amount"),
            (with("amountOfMoney", json!({ "amount": 1, "currencyCode": "USD" })), "amountOfMoney.currencyCode"),
            (json!([]), "body"),
        ] {
            let answer = stack.connect(Connect::create(&payment.trxid, &body).idempotent("key")).await;
            is(&answer, 400, "310400001");
            assert_eq!(text(&answer.json(), "/errors/0/propertyName"), place, "{body}");
        }
        for body in [b"".to_vec(), b"\xff".to_vec(), b"{".to_vec(), "[".repeat(65_000).into_bytes(), vec![b' '; 70_000]]
        {
            let call = Connect::create(&payment.trxid, &contact()).text(body);
            is(&stack.connect(call).await, 400, "310400001");
        }
        for status in ["Refund", "Failed", "Accepted", "Processing"] {
            let payment = stack.transaction("acct_demo", status).await;
            is(&stack.connect(Connect::create(&payment.trxid, &contact())).await, 400, "310400200");
        }
        for id in ["0", "007", "-1", "none", "218340105584896", "RC-00000001", "%20"] {
            let answer = stack.connect(Connect::get(id)).await;
            assert!([(404, "310404001"), (403, "9002")].contains(&(code(&answer).0, code(&answer).1.as_str())), "{id}");
        }
        let after = stack.items("DISPUTES_TABLE").await;
        assert_eq!(after.len() - before.len(), 8, "four transactions and their pointers");
        assert!(stack.items("EPHEMERAL_TABLE").await.keys().all(|(pk, _)| !pk.starts_with("IDEM#")));
    });
}
