//! The contract's vector, and what a signature guarantees.

use super::*;
use crate::testing::flip;
use proptest::prelude::*;

const VECTOR_SECRET: &str = "I42Zf4pVnRdroHfuHnRiJjJ2B6+22h0yQt/R3nZR8Xg=";
const VECTOR: Parts<'static> = Parts {
    method: "GET",
    content_type: "",
    date: "Fri, 06 Jun 2014 13:39:43 GMT",
    headers: &[],
    path: "/v1/9991/tokens/123456789",
    query: "",
};

#[test]
fn makes_the_contracts_vector() {
    let secret = Secret::from_text(VECTOR_SECRET).unwrap();
    assert_eq!(VECTOR.string_to_sign(), "GET\n\nFri, 06 Jun 2014 13:39:43 GMT\n/v1/9991/tokens/123456789\n");
    let sent = sign(&secret, "key-1", &VECTOR);
    assert_eq!(sent, "GCS v1HMAC:key-1:J5LjfSBvrQNhu7gG0gvifZt+IWNDReGCmHmBmth6ueI=");
    let read = Authorization::parse(&sent).unwrap();
    assert_eq!(read.key_id, "key-1");
    assert_eq!(verify(&secret, &VECTOR, &read.signature), Ok(()));
}

#[test]
fn the_secret_is_not_decoded() {
    let decoded = Secret::from_base64(VECTOR_SECRET).unwrap();
    let read = Authorization::parse("GCS v1HMAC:k:J5LjfSBvrQNhu7gG0gvifZt+IWNDReGCmHmBmth6ueI=").unwrap();
    assert_eq!(verify(&decoded, &VECTOR, &read.signature), Err(BadSignature));
}

#[test]
fn signs_the_x_gcs_headers_by_name_and_the_query() {
    let parts = Parts {
        method: "POST",
        content_type: "application/json",
        headers: &[
            ("X-GCS-ServerMetaInfo", "  eyJ9 "),
            ("Host", "127.0.0.1"),
            ("x-gcs-Idempotence-Key", "once"),
            ("X-Gcs-ClientMetaInfo", "a  b"),
        ],
        query: "b=%20&a=1",
        ..VECTOR
    };
    assert_eq!(
        parts.string_to_sign(),
        "POST\napplication/json\nFri, 06 Jun 2014 13:39:43 GMT\nx-gcs-clientmetainfo:a  b\nx-gcs-idempotence-key:once\n\
         x-gcs-servermetainfo:eyJ9\n/v1/9991/tokens/123456789?b=%20&a=1\n"
    );
}

/// AWS's HTTP API adds a `Content-Type` where a client sent `Content-Length: 0` and none.
#[test]
fn without_a_body_the_type_may_be_the_gateways() {
    let secret = Secret::from_text(VECTOR_SECRET).unwrap();
    let parts = Parts { method: "POST", ..VECTOR };
    let signature = |parts: &Parts<'_>| Authorization::parse(&sign(&secret, "k", parts)).unwrap().signature;
    let (none, json) = (signature(&parts), signature(&Parts { content_type: "application/json", ..parts }));
    let received = |content_type| Parts { content_type, ..parts };
    for content_type in ["", "application/octet-stream", "application/json"] {
        assert_eq!(verify_without_body(&secret, &received(content_type), &none), Ok(()), "{content_type}");
        let as_sent = if content_type == "application/json" { Ok(()) } else { Err(BadSignature) };
        assert_eq!(verify_without_body(&secret, &received(content_type), &json), as_sent, "{content_type}");
    }
    assert_eq!(verify(&secret, &received("application/octet-stream"), &none), Err(BadSignature), "with a body");
    let other = Parts { path: "/v1/9991/tokens/123456780", ..received("application/octet-stream") };
    assert_eq!(verify_without_body(&secret, &other, &none), Err(BadSignature));
}

#[test]
fn another_scheme_or_form_is_refused() {
    let good = "J5LjfSBvrQNhu7gG0gvifZt+IWNDReGCmHmBmth6ueI=";
    for value in [
        String::new(),
        format!("GCS v1HMAC:{good}"),
        format!("GCS v1HMAC::{good}"),
        format!("gcs v1HMAC:k:{good}"),
        format!("GCS v2HMAC:k:{good}"),
        format!("GCS v1HMAC: k:{good}"),
        format!("GCS v1HMAC:k:{good} "),
        format!("GCS v1HMAC:{}:{good}", "k".repeat(65)),
        format!("GCS v1HMAC:k:{good},GCS v1HMAC:k:{good}"),
        "GCS v1HMAC:k:AAAA".to_owned(),
        "Bearer abc".to_owned(),
    ] {
        assert_eq!(Authorization::parse(&value).unwrap_err(), BadAuthorization, "{value:?}");
    }
}

#[test]
fn a_decoded_path_has_the_forms_that_encoders_write() {
    for (decoded, forms) in [
        ("/v1/1001/payments/50016/dispute", &[][..]),
        ("/v1/1001/payments/a b/dispute", &["/v1/1001/payments/a%20b/dispute"]),
        ("/v1/1001/payments/a~b", &["/v1/1001/payments/a%7Eb"]),
        ("/v1/a:b~", &["/v1/a%3Ab~", "/v1/a%3Ab%7E"]),
        ("/v1/a:b ", &["/v1/a:b%20", "/v1/a%3Ab%20"]),
        ("/v1/\u{8a08}%", &["/v1/%E8%A8%88%25"]),
    ] {
        let paths = sent_paths(decoded);
        assert_eq!(paths.iter().map(AsRef::as_ref).collect::<Vec<_>>(), [&[decoded], forms].concat(), "{decoded}");
    }
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_one_bit_off_does_not(
        key in "[ -~]{1,100}",
        method in "[A-Z]{3,7}",
        content_type in "[a-z]{1,12}/[a-z]{1,12}",
        date in "[A-Za-z0-9, :]{10,30}",
        value in "[!-~]{1,40}",
        path in "/[a-zA-Z0-9/._~-]{1,40}",
        query in "[a-z0-9=&%]{1,20}",
        bit in any::<prop::sample::Index>(),
    ) {
        let secret = Secret::from_text(&key).unwrap();
        let headers = [("X-GCS-Idempotence-Key", value.as_str())];
        let parts = Parts { method: &method, content_type: &content_type, date: &date, headers: &headers, path: &path, query: &query };
        let sent = sign(&secret, "key-1", &parts);
        let signature = Authorization::parse(&sent).unwrap().signature;
        prop_assert_eq!(verify(&secret, &parts, &signature), Ok(()));

        let refused = Err(BadSignature);
        let other = flip::text(&method, bit);
        prop_assert_eq!(verify(&secret, &Parts { method: &other, ..parts }, &signature), refused);
        let other = flip::text(&content_type, bit);
        prop_assert_eq!(verify(&secret, &Parts { content_type: &other, ..parts }, &signature), refused);
        let other = flip::text(&date, bit);
        prop_assert_eq!(verify(&secret, &Parts { date: &other, ..parts }, &signature), refused);
        let other = flip::text(&value, bit);
        prop_assert_eq!(verify(&secret, &Parts { headers: &[("x-gcs-idempotence-key", &other)], ..parts }, &signature), refused);
        let other = flip::text(&path, bit);
        prop_assert_eq!(verify(&secret, &Parts { path: &other, ..parts }, &signature), refused);
        let other = flip::text(&query, bit);
        prop_assert_eq!(verify(&secret, &Parts { query: &other, ..parts }, &signature), refused);
        let other = Secret::from_text(&flip::text(&key, bit)).unwrap();
        prop_assert_eq!(verify(&other, &parts, &signature), refused);
        if let Ok(other) = Authorization::parse(&flip::text(&sent, bit)) {
            prop_assert!(other.key_id != "key-1" || verify(&secret, &parts, &other.signature) == refused);
        }
    }

    #[test]
    fn parsing_never_panics(value: String, near in "GCS v1HMAC:.{0,20}:.{0,60}") {
        let _ = Authorization::parse(&value);
        let _ = Authorization::parse(&near);
    }

    #[test]
    fn any_text_can_be_signed(method: String, content_type: String, date: String, header in any::<(String, String)>(), path: String, query: String) {
        let secret = Secret::from_text(VECTOR_SECRET).unwrap();
        let headers = [(header.0.as_str(), header.1.as_str())];
        let parts = Parts { method: &method, content_type: &content_type, date: &date, headers: &headers, path: &path, query: &query };
        prop_assert!(Authorization::parse(&sign(&secret, "k", &parts)).is_ok());
    }
}
