//! Every known mistake at every scheme, made as clients make it, is named.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use data_encoding::{HEXLOWER, HEXUPPER};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;
use crate::Secret;
use crate::gcs::{self as gcs_scheme, Parts as GcsParts};
use crate::v1::{self as v1_scheme, Parts as V1Parts};

const SECRET: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const TIME: &str = "1764547200";
const NONCE: &str = "req-1764547200-0001";
const BODY: &[u8] = br#"{"refid": "123456", "user_email": ["user@example.com"]}"#;
const QUERY: &str = "to=b%20c&from=a%2Fb";
const SORTED: &str = "from=a%2Fb&to=b%20c";

fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    Secret::from_bytes(key).unwrap().sign_bytes(text)
}

fn key() -> Vec<u8> {
    STANDARD.decode(SECRET).unwrap()
}

fn hash(body: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(body))
}

/// What is found of a request with this signature, to a path with a query and with a body.
fn v1_of(method: &str, timestamp: &str, query: &str, body: &[u8], signature: &str) -> Option<Vec<Refusal>> {
    let headers = [
        ("host", "disputes.example.com"),
        ("x-api-key", "iimm_prod_1"),
        ("X-TIMESTAMP", timestamp),
        ("X-Nonce", NONCE),
        ("X-Signature", signature),
    ];
    let sent = Sent { method, path: "/v2/transactions/check", query, headers: &headers, body };
    let (one, two) = (v1(SECRET, &sent, Depth::One), v1(SECRET, &sent, Depth::Two));
    if one.is_some() {
        assert_eq!(one, two, "{signature}");
    }
    two
}

fn encoded(text: &str) -> String {
    format!("v1={}", STANDARD.encode(mac(&key(), text.as_bytes())))
}

fn v1_text(target: &str, hash: &str) -> String {
    format!("v1:{TIME}:{NONCE}:POST:{target}:{hash}")
}

#[test]
fn a_right_signature_has_no_mistake() {
    let parts = V1Parts { timestamp: TIME, nonce: NONCE, method: "POST", query: QUERY, body: BODY };
    let signature = v1_scheme::sign(&Secret::from_base64(SECRET).unwrap(), &parts);
    assert_eq!(v1_of("POST", TIME, QUERY, BODY, &signature), Some(Vec::new()));
    let other = encoded("something else");
    assert_eq!(v1_of("POST", TIME, QUERY, BODY, &other), None);
    assert_eq!(v1_of("POST", TIME, QUERY, BODY, "v1=short"), None);
}

#[test]
fn every_mistake_at_the_v1_scheme_is_named() {
    let right = v1_text(SORTED, &hash(BODY));
    let of_right = mac(&key(), right.as_bytes());
    let path = "/v2/transactions/check";
    let compact = br#"{"refid":"123456","user_email":["user@example.com"]}"#;
    let pretty = serde_json::to_string_pretty(&serde_json::from_slice::<serde_json::Value>(BODY).unwrap()).unwrap();
    let with = |target: &str| encoded(&v1_text(target, &hash(BODY)));
    let over = |body: &[u8]| encoded(&v1_text(SORTED, &hash(body)));
    use Refusal as R;
    for (mistake, signature) in [
        (R::SecretNotDecoded, format!("v1={}", STANDARD.encode(mac(SECRET.as_bytes(), right.as_bytes())))),
        (R::HexSignature, format!("v1={}", HEXLOWER.encode(&of_right))),
        (R::HexSignature, format!("v1={}", HEXUPPER.encode(&of_right))),
        (R::HexSignature, format!("v1={}", STANDARD.encode(HEXLOWER.encode(&of_right)))),
        (R::Base64Form, format!("v1={}", URL_SAFE_NO_PAD.encode(of_right))),
        (R::SignaturePrefix, STANDARD.encode(of_right)),
        (R::SignaturePrefix, format!("V1={}", STANDARD.encode(of_right))),
        (R::PathSigned, with(path)),
        (R::PathSigned, with(&format!("{path}?{QUERY}"))),
        (R::PathSigned, with(&format!("{path}?{SORTED}"))),
        (R::PathSigned, with(&format!("{path}:{SORTED}"))),
        (R::PathSigned, with(&format!("https://disputes.example.com{path}?{QUERY}"))),
        (R::DecodedQuery, with("from=a/b&to=b c")),
        (R::DecodedQuery, with("to=b c&from=a/b")),
        (R::QueryLeftOut, with("")),
        (R::UnsortedQuery, with(QUERY)),
        (R::BodyChanged, over(compact)),
        (R::BodyChanged, over(pretty.as_bytes())),
        (R::BodyChanged, over(b"")),
        (R::TrailingNewline, over(&[BODY, b"\n"].concat())),
        (R::TrailingNewline, encoded(&format!("{right}\n"))),
        (R::HexBodyHash, encoded(&v1_text(SORTED, &HEXLOWER.encode(&Sha256::digest(BODY))))),
        (R::BodyNotHashed, encoded(&v1_text(SORTED, std::str::from_utf8(BODY).unwrap()))),
        (R::LowerCaseMethod, encoded(&right.replace("POST", "post"))),
        (R::VersionLeftOut, encoded(right.strip_prefix("v1:").unwrap())),
        (R::Milliseconds, encoded(&right.replacen(TIME, &format!("{TIME}000"), 1))),
    ] {
        assert_eq!(v1_of("POST", TIME, QUERY, BODY, &signature), Some(vec![mistake]), "{mistake:?} {signature}");
    }
    // A time in milliseconds that is signed in seconds.
    let late = v1_of("POST", "1764547200123", QUERY, BODY, &encoded(&right));
    assert_eq!(late, Some(vec![R::Milliseconds]));
    // The body that was sent has a line feed that was not signed.
    let sent = [BODY, b"\n"].concat();
    assert_eq!(v1_of("POST", TIME, QUERY, &sent, &over(BODY)), Some(vec![R::TrailingNewline]));
}

#[test]
fn two_mistakes_are_both_named() {
    let text = v1_text("/v2/transactions/check", &hash(br#"{"refid":"123456","user_email":["user@example.com"]}"#));
    let signature = HEXLOWER.encode(&mac(SECRET.as_bytes(), text.as_bytes()));
    use Refusal as R;
    let found = v1_of("POST", TIME, "", BODY, &format!("v1={signature}"));
    assert_eq!(found, Some(vec![R::SecretNotDecoded, R::PathSigned, R::BodyChanged, R::HexSignature]));
}

#[test]
fn a_malformed_signature_is_explained_without_a_secret() {
    let bytes = [0xfb; 32];
    for (signature, found) in [
        (format!("v1={}", HEXLOWER.encode(&bytes)), Refusal::HexSignature),
        (HEXUPPER.encode(&bytes), Refusal::HexSignature),
        (format!("v1={}", URL_SAFE_NO_PAD.encode(bytes)), Refusal::Base64Form),
        (STANDARD.encode(bytes), Refusal::SignaturePrefix),
        ("v1=".to_owned(), Refusal::MalformedHeader),
        (String::new(), Refusal::MalformedHeader),
        (format!("v1={}", STANDARD.encode([1; 31])), Refusal::MalformedHeader),
    ] {
        assert_eq!(malformed_v1(&signature), found, "{signature}");
    }
}

const DATE: &str = "Fri, 06 Jun 2014 13:39:43 GMT";
const PATH: &str = "/v1/1001/payments/a%20b/dispute";
const TYPE: &str = "application/json; charset=utf-8";

fn gcs_of(signature: &str) -> Option<Vec<Refusal>> {
    let authorization = format!("GCS v1HMAC:iimm_prod_1:{signature}");
    let headers = [
        ("Host", "disputes.example.com"),
        ("Date", DATE),
        ("Content-Type", TYPE),
        ("X-GCS-Idempotence-Key", "once"),
        ("X-GCS-ClientMetaInfo", "e30="),
        ("Authorization", authorization.as_str()),
    ];
    let sent = Sent { method: "POST", path: PATH, query: QUERY, headers: &headers, body: BODY };
    let (one, two) = (gcs(SECRET, &sent, Depth::One), gcs(SECRET, &sent, Depth::Two));
    if one.is_some() {
        assert_eq!(one, two, "{signature}");
    }
    two
}

#[test]
fn every_mistake_at_the_gcs_scheme_is_named() {
    let headers = [("X-GCS-Idempotence-Key", "once"), ("X-GCS-ClientMetaInfo", "e30=")];
    let parts =
        GcsParts { method: "POST", content_type: TYPE, date: DATE, headers: &headers, path: PATH, query: QUERY };
    let right = parts.string_to_sign();
    let sign = |text: &str| STANDARD.encode(mac(SECRET.as_bytes(), text.as_bytes()));
    let authorization = gcs_scheme::sign(&Secret::from_text(SECRET).unwrap(), "k", &parts);
    assert!(authorization.ends_with(&sign(&right)));
    assert_eq!(gcs_of(&sign(&right)), Some(Vec::new()));
    assert_eq!(gcs_of(&sign("something else")), None);
    let of_right = mac(SECRET.as_bytes(), right.as_bytes());
    let (target, lines) = (format!("{PATH}?{QUERY}"), "x-gcs-clientmetainfo:e30=\nx-gcs-idempotence-key:once\n");
    assert!(right.contains(&target) && right.contains(lines), "{right}");
    let with = |from: &str, to: &str| sign(&right.replace(from, to));
    use Refusal as R;
    for (mistake, signature) in [
        (R::SecretDecoded, STANDARD.encode(mac(&key(), right.as_bytes()))),
        (R::TrailingNewline, STANDARD.encode(mac(format!("{SECRET}\n").as_bytes(), right.as_bytes()))),
        (R::TrailingNewline, sign(right.strip_suffix('\n').unwrap())),
        (R::TrailingNewline, sign(&format!("{right}\n"))),
        (R::HexSignature, HEXLOWER.encode(&of_right)),
        (R::HexSignature, STANDARD.encode(HEXLOWER.encode(&of_right))),
        (R::Base64Form, URL_SAFE_NO_PAD.encode(of_right)),
        (R::UrlSigned, with(&target, &format!("https://disputes.example.com{target}"))),
        (R::PathDecoded, with(PATH, "/v1/1001/payments/a b/dispute")),
        (R::QueryLeftOut, with(&target, PATH)),
        (R::DecodedQuery, with(QUERY, "to=b c&from=a/b")),
        (R::UnsortedQuery, with(QUERY, SORTED)),
        (R::ContentType, with(TYPE, "application/json")),
        (R::ContentType, with(TYPE, "")),
        (R::GcsHeaders, with(lines, "")),
        (R::GcsHeaders, with(lines, "x-gcs-idempotence-key:once\nx-gcs-clientmetainfo:e30=\n")),
        (R::GcsHeaders, with(lines, "X-GCS-Idempotence-Key:once\nX-GCS-ClientMetaInfo:e30=\n")),
        (R::LowerCaseMethod, with("POST", "post")),
        (R::BodySigned, sign(&format!("{right}{}", std::str::from_utf8(BODY).unwrap()))),
        (R::BodySigned, sign(&format!("{right}{}\n", hash(BODY)))),
    ] {
        assert_eq!(gcs_of(&signature), Some(vec![mistake]), "{mistake:?} {signature}");
    }
}

#[test]
fn a_malformed_gcs_header_is_explained_without_a_secret() {
    let bytes = [0xfb; 32];
    for (signature, found) in [
        (HEXLOWER.encode(&bytes), Refusal::HexSignature),
        (URL_SAFE_NO_PAD.encode(bytes), Refusal::Base64Form),
        ("AAAA".to_owned(), Refusal::MalformedHeader),
    ] {
        assert_eq!(malformed_gcs(&format!("GCS v1HMAC:k:{signature}")), found, "{signature}");
    }
    assert_eq!(malformed_gcs("Basic a2V5OnNlY3JldA=="), Refusal::MalformedHeader);
    for (date, found) in [
        ("1764547200123", Refusal::Milliseconds),
        ("1764547200", Refusal::MalformedDate),
        ("2026-01-16T02:00:00Z", Refusal::MalformedDate),
        ("", Refusal::MalformedDate),
    ] {
        assert_eq!(malformed_date(date), found, "{date}");
    }
}

#[test]
fn what_is_wrong_with_a_password_is_named() {
    let found = |secret: &str, password: &str| {
        let header = format!("Basic {}", STANDARD.encode(format!("key:{password}")));
        basic(secret, &crate::basic::Authorization::parse(&header).unwrap())
    };
    assert_eq!(found(SECRET, &format!("{SECRET}\n")), Refusal::TrailingNewline);
    assert_eq!(found(SECRET, &format!("{SECRET}\r\n")), Refusal::TrailingNewline);
    assert_eq!(found(SECRET, "0123456789abcdef0123456789abcdef"), Refusal::SecretDecoded);
    assert_eq!(found(SECRET, "something else"), Refusal::WrongSecret);
    // A secret that is no base64, one whose bytes are no text, and one that is empty.
    for secret in ["no base64!", "//8=", ""] {
        assert_eq!(found(secret, "something else"), Refusal::WrongSecret, "{secret}");
    }
}

#[test]
fn a_time_in_milliseconds_is_not_only_late() {
    let (window, now) = (Window::default(), UnixSeconds(1_764_547_200));
    for (sent_at, found) in [
        (1_764_547_200, Ok(())),
        (1_764_546_899, Err(Refusal::StaleTimestamp)),
        (1_764_547_200_123, Err(Refusal::Milliseconds)),
        (1_764_540_000_000, Err(Refusal::Milliseconds)),
        (1_700_000_000_000, Err(Refusal::StaleTimestamp)),
        (0, Err(Refusal::StaleTimestamp)),
    ] {
        assert_eq!(check_time(window, UnixSeconds(sent_at), now), found, "{sent_at}");
    }
}

/// A hint is the value of a header, and a name is a word of a script.
#[test]
fn every_refusal_has_a_name_and_a_text_of_its_own() {
    let names: std::collections::BTreeSet<_> = Refusal::ALL.iter().map(|refusal| refusal.name()).collect();
    assert_eq!(names.len(), Refusal::ALL.len());
    for refusal in Refusal::ALL {
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        assert!(refusal.name().bytes().all(is_name), "{refusal}");
        assert!(refusal.to_string().bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{refusal}");
        assert!(refusal.text().ends_with('.'), "{refusal}");
    }
}

proptest! {
    #[test]
    fn no_request_panics(
        method in ".{0,8}", path in ".{0,30}", query in ".{0,30}", body in prop::collection::vec(any::<u8>(), 0..80),
        names in prop::collection::vec("(?i)x-signature|x-timestamp|x-nonce|date|authorization|host|x-gcs-a|.{0,9}", 0..8),
        value in "(v1=|GCS v1HMAC:k:|Basic )?.{0,60}", secret in ".{0,50}",
    ) {
        let headers: Vec<_> = names.iter().map(|name| (name.as_str(), value.as_str())).collect();
        let sent = Sent { method: &method, path: &path, query: &query, headers: &headers, body: &body };
        let _ = (v1(&secret, &sent, Depth::One), gcs(&secret, &sent, Depth::One), malformed_v1(&value));
    }
}
