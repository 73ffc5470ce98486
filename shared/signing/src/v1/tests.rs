//! The contract's vector, and what a signature guarantees.

use super::*;
use crate::testing::flip;
use proptest::prelude::*;

const VECTOR_SECRET: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const VECTOR_SIGNATURE: &str = "v1=cDjRvALYQuDu1y+gHKis37P2W59ReuhXIf655mtj49U=";
const VECTOR: Parts<'static> = Parts {
    timestamp: "1764547200",
    nonce: "req-1764547200-00000000-0000-4000-8000-000000000001",
    method: "POST",
    query: "",
    body: br#"{"refid":"123456","user_email":["user@example.com"]}"#,
};

fn read(signature: &str) -> Option<Signature> {
    signature.strip_prefix("v1=").and_then(|rest| Signature::from_base64(rest.as_bytes()))
}

#[test]
fn makes_the_contracts_vector() {
    let secret = Secret::from_base64(VECTOR_SECRET).unwrap();
    assert!(VECTOR.canonical().ends_with(":POST::XMsdD1nbuCbjbiJJg9FPV49rq0RPZgTNqmkD9tSfmBM="));
    assert_eq!(sign(&secret, &VECTOR), VECTOR_SIGNATURE);
    assert_eq!(verify(&secret, &VECTOR, &read(VECTOR_SIGNATURE).unwrap()), Ok(()));
}

#[test]
fn the_secret_is_decoded_first() {
    let undecoded = Secret::from_text(VECTOR_SECRET).unwrap();
    assert_eq!(verify(&undecoded, &VECTOR, &read(VECTOR_SIGNATURE).unwrap()), Err(BadSignature));
}

#[test]
fn an_empty_body_is_hashed_too() {
    let parts = Parts { body: b"", ..VECTOR };
    assert!(parts.canonical().ends_with(":47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="));
}

#[test]
fn the_query_is_sorted_by_key_and_otherwise_left_alone() {
    for (raw, canonical) in [
        ("", ""),
        ("a=1", "a=1"),
        ("b=2&a=1", "a=1&b=2"),
        ("page2=x&page=y", "page=y&page2=x"),
        ("a=2&a=1", "a=1&a=2"),
        ("a0=x&a==b", "a==b&a0=x"),
        ("b=%2f&a=+%20", "a=+%20&b=%2f"),
        ("b&a==&a", "a&a==&b"),
        ("a=1&", "&a=1"),
    ] {
        assert_eq!(canonical_query(raw), canonical);
    }
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_one_bit_off_does_not(
        key in prop::collection::vec(any::<u8>(), 1..100),
        timestamp in "[0-9]{1,15}",
        nonce in "[!-~&&[^,:]]{16,128}",
        method in "[A-Z]{3,7}",
        query in "([a-c]{1,2}=[a-c%0-9]{0,3}&?){0,4}",
        body in prop::collection::vec(any::<u8>(), 1..200),
        bit in any::<prop::sample::Index>(),
    ) {
        let secret = Secret::from_bytes(&key).unwrap();
        let parts = Parts { timestamp: &timestamp, nonce: &nonce, method: &method, query: &query, body: &body };
        let sent = sign(&secret, &parts);
        let signature = read(&sent).unwrap();
        prop_assert_eq!(verify(&secret, &parts, &signature), Ok(()));

        let refused = Err(BadSignature);
        let other = flip::text(&timestamp, bit);
        prop_assert_eq!(verify(&secret, &Parts { timestamp: &other, ..parts }, &signature), refused);
        let other = flip::text(&nonce, bit);
        prop_assert_eq!(verify(&secret, &Parts { nonce: &other, ..parts }, &signature), refused);
        let other = flip::text(&method, bit);
        prop_assert_eq!(verify(&secret, &Parts { method: &other, ..parts }, &signature), refused);
        if !query.is_empty() {
            let other = flip::text(&query, bit);
            prop_assert_eq!(verify(&secret, &Parts { query: &other, ..parts }, &signature), refused);
        }
        let other = flip::bytes(&body, bit);
        prop_assert_eq!(verify(&secret, &Parts { body: &other, ..parts }, &signature), refused);
        let other = Secret::from_bytes(&flip::bytes(&key, bit)).unwrap();
        prop_assert_eq!(verify(&other, &parts, &signature), refused);
        if let Some(other) = read(&flip::text(&sent, bit)) {
            prop_assert_eq!(verify(&secret, &parts, &other), refused);
        }
    }

    #[test]
    fn the_order_of_the_query_does_not_matter(mut pairs in prop::collection::vec("[a-c]{1,2}=[a-c]{0,2}", 0..6)) {
        let secret = Secret::from_base64(VECTOR_SECRET).unwrap();
        let sent = pairs.join("&");
        pairs.reverse();
        let turned = pairs.join("&");
        let signature = read(&sign(&secret, &Parts { query: &sent, ..VECTOR })).unwrap();
        prop_assert_eq!(verify(&secret, &Parts { query: &turned, ..VECTOR }, &signature), Ok(()));
    }

    #[test]
    fn any_text_can_be_signed(timestamp: String, nonce: String, method: String, query: String, body: Vec<u8>) {
        let secret = Secret::from_base64(VECTOR_SECRET).unwrap();
        let parts = Parts { timestamp: &timestamp, nonce: &nonce, method: &method, query: &query, body: &body };
        prop_assert!(read(&sign(&secret, &parts)).is_some());
    }
}
