use std::collections::BTreeMap;

use recourse_signing::clock::UnixSeconds;

use super::*;
use crate::service::BaseUrl;

fn sign(method: Method, path: &str, data: Option<&str>) -> Sign {
    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        sign: Sign,
    }
    let mut words = vec!["sign", method.name(), path, "--key", "k", "--secret", "c2VjcmV0"];
    words.extend(data.map(|data| ["--data", data]).into_iter().flatten());
    <Line as clap::Parser>::parse_from(words).sign
}

fn headers(sign: &Sign, scheme: Scheme) -> Vec<String> {
    let environment = Environment::new(BTreeMap::new(), "").unwrap();
    let key = sign.key.key(&environment, &BaseUrl::parse("http://localhost").unwrap(), Caller::Client).unwrap();
    let stamp = Stamp { at: UnixSeconds(1_402_061_983), nonce: "0123456789abcdef".into() };
    let body = sign.body().unwrap();
    let headers = sign.headers(&key, scheme, stamp, body.as_deref()).unwrap();
    headers.into_iter().map(|(name, value)| format!("{name}: {value}")).collect()
}

/// Both signatures computed a second time in Python.
#[test]
fn every_scheme_has_its_headers() {
    let post = sign(Method::Post, "/v1/1001/payments/50001/dispute?b=2&a=1", Some("{}"));
    assert_eq!(
        headers(&post, Scheme::V1),
        [
            "X-Api-Key: k",
            "X-Timestamp: 1402061983",
            "X-Nonce: 0123456789abcdef",
            "X-Signature: v1=id4HUcIekKhFBEhpA7brLcAvFStPheJclGjcOKUiw7E=",
            "Content-Type: application/json"
        ]
    );
    assert_eq!(
        headers(&post, Scheme::Gcs),
        [
            "Date: Fri, 06 Jun 2014 13:39:43 GMT",
            "Authorization: GCS v1HMAC:k:KdaSyc5iHW7q9jxEWflqO4Oh1G6/Je1BFh3IviJ9P7c=",
            "Content-Type: application/json"
        ]
    );
    assert_eq!(
        headers(&sign(Method::Get, "/api/v1/dispute/view/dispute_0000008t", None), Scheme::Basic),
        ["Authorization: Basic azpjMlZqY21WMA=="]
    );
}

#[test]
fn a_request_for_a_token_is_a_form() {
    let token = sign(Method::Post, door::TOKEN, Some("grant_type=client_credentials"));
    let form = "Content-Type: application/x-www-form-urlencoded".to_owned();
    assert_eq!(headers(&token, Scheme::Basic).last(), Some(&form));
}

#[test]
fn a_path_is_what_can_be_sent() {
    for path in ["/", "/v2/x?a=%20&b=c", "/a[1]{2}"] {
        assert!(target(path).is_ok(), "{path}");
    }
    for path in ["", "v2/x", "http://x/y", "/a b", "/a#b", "/é", "/a\nb"] {
        assert!(target(path).is_err(), "{path}");
    }
}

#[test]
fn a_file_is_signed_byte_for_byte_and_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"{}\xff\n").unwrap();
    let mut sign = sign(Method::Post, "/v2/x", None);
    let path = file.path().to_str().unwrap().to_owned();
    sign.data_file = Some(path.clone());
    assert_eq!(sign.body().unwrap().unwrap(), b"{}\xff\n");
    assert!(matches!(sign.data(), Some(Data::File(named)) if named == path));
    sign.data_file = Some("/nowhere/body.json".into());
    assert!(sign.body().unwrap_err().text.contains("/nowhere/body.json cannot be read"));
    assert!(super::file("-").is_err());
}
