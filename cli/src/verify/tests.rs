//! Requests in each form in which they are recorded, and the verdict on each.

use recourse_signing::{Secret, gcs, v1};
use recourse_store::KeyLookup;
use serde_json::json;

use super::judge::{Judgement, Known, judge, key_id};
use super::recorded::Recorded;
use super::*;
use crate::sign::TOKEN;

const SECRET: &str = "ZGVtby1jbGllbnQtc2VjcmV0LWxvb3BiYWNrLW9ubHkh";
const NOW: i64 = 1_764_547_200;
const NONCE: &str = "req-1764547200-0001";
const URL: &str = "https://disputes.example.com/v2/transactions/check";
const BODY: &str = r#"{"refid":"it's 1"}"#;

fn no_file(path: &str) -> Result<Vec<u8>, Failure> {
    Err(Failure::refused(format!("no file {path}")))
}

fn curl(line: &str) -> Recorded {
    curl_line::read(line, no_file).unwrap()
}

fn refused(line: &str) -> String {
    curl_line::read(line, no_file).unwrap_err().text
}

#[test]
fn a_curl_line_is_read_as_curl_reads_it() {
    let body = BODY.replace('\'', r"'\''");
    let plain = curl(&format!("curl -sS -X PUT '{URL}?b=2&a=1#x' -H 'X-A: b'\\''c' -H X-B:1 --data-raw '@{body}'"));
    assert_eq!(
        (plain.method.as_str(), plain.path.as_str(), plain.query.as_str()),
        ("PUT", "/v2/transactions/check", "b=2&a=1")
    );
    assert_eq!((plain.header("x-a"), plain.header("X-B")), (Some("b'c"), Some("1")));
    assert_eq!(plain.body, format!("@{BODY}").into_bytes());
}

#[test]
fn curls_own_defaults_are_added() {
    let form = curl(&format!("/usr/bin/curl {URL} -d a=1 -d b=2"));
    assert_eq!((form.method.as_str(), form.body.as_slice()), ("POST", &b"a=1&b=2"[..]));
    assert_eq!(form.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(form.header("host"), Some("disputes.example.com"));
    let json = curl(&format!("curl --json '{{}}' --url {URL}"));
    assert_eq!((json.method.as_str(), json.header("content-type")), ("POST", Some("application/json")));
    let basic = curl(&format!("curl -u key:secret {URL}"));
    assert_eq!((basic.method.as_str(), basic.header("authorization")), ("GET", Some("Basic a2V5OnNlY3JldA==")));
    let query = curl(&format!("curl -G {URL} -d a=1"));
    assert_eq!((query.method.as_str(), query.query.as_str(), query.body.len()), ("GET", "a=1", 0));
    let removed = curl(&format!("curl {URL} -d x -H Content-Type:"));
    assert_eq!(removed.header("content-type"), None);
    let lines = curl(&format!("curl -XPOST \\\n  -sSkLHX-A:1 \\\n  {URL}"));
    assert_eq!((lines.method.as_str(), lines.header("x-a")), ("POST", Some("1")));
    assert_eq!(curl(&format!("curl {URL} -H 'X-A: 1' -H 'x-a: 2'")).header("x-a"), Some("1,2"));
}

#[test]
fn a_file_loses_its_line_ends_where_curl_takes_them_out() {
    let file = |path: &str| if path == "body.json" { Ok(b"{\r\n}\n".to_vec()) } else { no_file(path) };
    let body = |option: &str| curl_line::read(&format!("curl {URL} {option}"), file).unwrap().body;
    assert_eq!(body("-d @body.json"), b"{}");
    assert_eq!(body("--data @body.json"), b"{}");
    assert_eq!(body("--data-binary @body.json"), b"{\r\n}\n");
    assert_eq!(body("--data-raw @body.json"), b"@body.json");
    assert!(curl_line::read(&format!("curl {URL} -d @other"), file).unwrap_err().text.contains("no file other"));
}

#[test]
fn what_is_not_understood_is_named() {
    for (line, named) in [
        ("wget http://x".to_owned(), "one curl command"),
        (String::new(), "one curl command"),
        (format!("curl {URL} -d \"$BODY\""), "variable"),
        ("curl $URL".to_owned(), "variable"),
        (format!("curl {URL} -d \"`cat x`\""), "backquotes"),
        (format!("curl {URL} -d $'a'"), "$'...'"),
        (format!("cat x | curl {URL}"), "more than one command"),
        (format!("curl {URL}?a=1&b=2"), "not quoted"),
        (format!("curl {URL} -d 'x"), "quote"),
        (format!("curl {URL} -F file=@x"), "-F"),
        (format!("curl {URL} --form file=@x"), "--form"),
        (format!("curl {URL} --upload-file x"), "--upload-file"),
        (format!("curl {URL} -d @-"), "standard input"),
        (format!("curl {URL} -H @headers"), "file of headers"),
        (format!("curl {URL} -H"), "without its value"),
        (format!("curl {URL} {URL}"), "one address"),
        ("curl -s".to_owned(), "one address"),
    ] {
        assert!(refused(&line).contains(named), "{line}: {}", refused(&line));
    }
    // In single quotes, nothing is expanded.
    assert_eq!(curl(&format!("curl {URL} -d '$a `b` | c'")).body, b"$a `b` | c");
}

#[test]
fn a_har_has_the_request_of_an_entry() {
    let request = |url: &str, post: serde_json::Value| {
        json!({ "request": { "method": "POST", "url": url, "postData": post, "headers": [
            { "name": ":path", "value": "/x" }, { "name": "x-nonce", "value": NONCE }
        ] } })
    };
    let entries = [
        request(URL, json!({ "mimeType": "application/json", "text": BODY })),
        request("https://x.example/a%20b?c=d", json!({ "text": "e30=", "encoding": "base64" })),
        request(URL, serde_json::Value::Null),
    ];
    let of = |entries: &[serde_json::Value], entry| {
        har::read(json!({ "log": { "entries": entries } }).to_string().as_bytes(), entry)
    };
    let first = of(&entries[..1], None).unwrap();
    assert_eq!(
        (first.body.as_slice(), first.header("x-nonce"), first.header(":path")),
        (BODY.as_bytes(), Some(NONCE), None)
    );
    let second = of(&entries, Some(2)).unwrap();
    assert_eq!((second.path.as_str(), second.query.as_str(), second.body.as_slice()), ("/a%20b", "c=d", &b"{}"[..]));
    assert!(of(&entries, Some(3)).unwrap().body.is_empty());
    for (entry, text) in [(None, "--entry"), (Some(0), "no entry 0"), (Some(4), "no entry 4")] {
        assert!(of(&entries, entry).unwrap_err().text.contains(text), "{entry:?}");
    }
    assert!(har::read(b"{}", None).unwrap_err().text.contains("no HAR"));
}

#[test]
fn files_have_the_headers_and_the_request_line() {
    let read = |text: &str, method, url| files::read(text, method, url, BODY.as_bytes().to_vec());
    let log = "> POST /v2/transactions/check?a=1 HTTP/1.1\r\n> Host: x.example\r\n> X-Nonce:  abc \r\n>\r\n";
    let request = read(log, None, None).unwrap();
    assert_eq!(
        (request.method.as_str(), request.path.as_str(), request.query.as_str()),
        ("POST", "/v2/transactions/check", "a=1")
    );
    assert_eq!((request.header("x-nonce"), request.body.as_slice()), (Some("abc"), BODY.as_bytes()));
    let request = read("X-Nonce: abc\n", Some("GET"), Some(URL)).unwrap();
    assert_eq!((request.method.as_str(), request.header("host")), ("GET", Some("disputes.example.com")));
    for (text, method, url, named) in [
        ("X-Nonce: abc", None, Some(URL), "method"),
        ("X-Nonce: abc", Some("GET"), None, "url"),
        ("X-Nonce", Some("GET"), Some(URL), "Name: value"),
        ("", Some("GET /x"), Some(URL), "method"),
        ("", Some("GET"), Some("https://x.example/a b"), "Percent-encode"),
    ] {
        assert!(read(text, method, url).unwrap_err().text.contains(named), "{text} {named}");
    }
}

fn signed(timestamp: &str, body: &str) -> Vec<(String, String)> {
    let parts = v1::Parts { timestamp, nonce: NONCE, method: "POST", query: "", body: body.as_bytes() };
    let signature = v1::sign(&Secret::from_base64(SECRET).unwrap(), &parts);
    let headers = [
        (v1::API_KEY, "iimm_prod_demo"),
        (v1::TIMESTAMP, timestamp),
        (v1::NONCE, NONCE),
        (v1::SIGNATURE, signature.as_str()),
    ];
    headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn post(headers: Vec<(String, String)>) -> Recorded {
    Recorded::new("POST", URL, headers, BODY.as_bytes().to_vec()).unwrap()
}

fn of_v1(request: &Recorded, known: &Known) -> Judgement {
    judge(request, Scheme::V1, known, UnixSeconds(NOW), Window::default())
}

#[test]
fn a_v1_request_is_judged_step_by_step() {
    let known = Known::Secret(SECRET.to_owned());
    let good = post(signed("1764547200", BODY));
    assert_eq!(key_id(Scheme::V1, &good).unwrap().as_str(), "iimm_prod_demo");
    let judgement = of_v1(&good, &known);
    assert_eq!((judgement.refusals, judgement.detail), (vec![], None));
    assert!(judgement.signed_text.unwrap().ends_with(&judgement.body_hash.unwrap()));
    use Refusal as R;
    let with = |name: &str, value: &str| {
        let headers = signed("1764547200", BODY).into_iter();
        post(headers.map(|(known, old)| if known == name { (known, value.to_owned()) } else { (known, old) }).collect())
    };
    let mut other_length = signed("1764547200", "another body altogether");
    other_length.push(("Content-Length".to_owned(), "23".to_owned()));
    let other_length = post(other_length);
    let hex: String = Secret::from_base64(SECRET)
        .unwrap()
        .sign_bytes(of_v1(&good, &known).signed_text.unwrap().as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for (request, refusals) in [
        (post(signed("1764540000", BODY)), vec![R::StaleTimestamp]),
        (post(signed("1764547200123", BODY)), vec![R::Milliseconds]),
        (post(signed("1764547200", r#"{"refid": "it's 1"}"#)), vec![R::BodyChanged]),
        (post(signed("1764547200", &format!("{BODY}\n"))), vec![R::TrailingNewline]),
        (post(signed("1764540000", &format!("{BODY}\n"))), vec![R::TrailingNewline, R::StaleTimestamp]),
        (post(Vec::new()), vec![R::MissingHeader]),
        (with(v1::SIGNATURE, &format!("v1={hex}")), vec![R::HexSignature]),
        (with(v1::SIGNATURE, &hex), vec![R::HexSignature, R::SignaturePrefix]),
        (with(v1::SIGNATURE, "v1=x"), vec![R::MalformedHeader, R::WrongSignature]),
        (with(v1::NONCE, "another-nonce-of-this-request"), vec![R::WrongSignature]),
        (with(v1::NONCE, "short"), vec![R::MalformedHeader, R::WrongSignature]),
        (other_length, vec![R::BodyChanged, R::WrongSignature]),
    ] {
        assert_eq!(of_v1(&request, &known).refusals, refusals, "{request:?}");
    }
    assert_eq!(of_v1(&good, &Known::Key(KeyLookup::Unknown)).refusals, [R::UnknownKey]);
    let nobody = with(v1::API_KEY, "no key");
    assert_eq!(key_id(Scheme::V1, &nobody), None);
    assert_eq!(of_v1(&nobody, &Known::Nothing).refusals, [R::MalformedHeader]);
    let detail = of_v1(&post(Vec::new()), &known).detail;
    assert_eq!(detail.as_deref(), Some("X-Api-Key is missing."));
}

#[test]
fn a_gcs_request_is_judged_step_by_step() {
    let date = "Mon, 01 Dec 2025 00:00:00 GMT";
    let path = "/v1/1001/payments/a%20b/dispute";
    let request = |signed_path: &str, date: &str, content_type: &str, body: &str| {
        let parts = gcs::Parts { method: "POST", content_type, date, headers: &[], path: signed_path, query: "" };
        let authorization = gcs::sign(&Secret::from_text(SECRET).unwrap(), "iimm_prod_demo", &parts);
        let headers = [("Date", date), ("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Recorded::new("POST", &format!("https://x.example{path}"), headers, body.as_bytes().to_vec()).unwrap()
    };
    let known = Known::Secret(SECRET.to_owned());
    let of = |request: &Recorded| judge(request, Scheme::Gcs, &known, UnixSeconds(NOW), Window::default()).refusals;
    let json = "application/json";
    use Refusal as R;
    for (request, refusals) in [
        (request(path, date, json, BODY), vec![]),
        // The service accepts each form of the path, and no type for no body.
        (request("/v1/1001/payments/a b/dispute", date, json, BODY), vec![]),
        (request(path, date, "", ""), vec![]),
        (request(path, date, "", BODY), vec![R::ContentType]),
        (request("https://x.example/v1/1001/payments/a%20b/dispute", date, json, BODY), vec![R::UrlSigned]),
        (request(path, "Mon, 01 Dec 2025 01:00:00 GMT", json, BODY), vec![R::StaleTimestamp]),
        (request(path, "1764547200123", json, BODY), vec![R::Milliseconds]),
        (request(path, "2025-12-01T00:00:00Z", json, BODY), vec![R::MalformedDate]),
        (request("/other", date, json, BODY), vec![R::WrongSignature]),
    ] {
        assert_eq!(key_id(Scheme::Gcs, &request).unwrap().as_str(), "iimm_prod_demo");
        assert_eq!(of(&request), refusals, "{request:?}");
    }
}

#[test]
fn basic_credentials_are_judged_too() {
    let of = |url: &str, user: &str| {
        let request = curl(&format!("curl -u '{user}' https://x.example{url}"));
        let known = Known::Secret(SECRET.to_owned());
        judge(&request, Scheme::Basic, &known, UnixSeconds(NOW), Window::default()).refusals
    };
    let view = "/api/v1/dispute/view/dispute_00000001";
    assert!(of(view, &format!("iimm_prod_demo:{SECRET}")).is_empty());
    assert_eq!(of(view, "iimm_prod_demo:else"), [Refusal::WrongSecret]);
    assert_eq!(of(view, "a key:else"), [Refusal::MalformedHeader]);
    // An OAuth client may encode its secret.
    assert!(of(TOKEN, "iimm%5Fprod_demo:ZGVtby1jbGllbnQtc2VjcmV0LWxvb3BiYWNrLW9ubHkh").is_empty());
}

#[test]
fn a_verdict_is_printed_on_lines_of_its_own() {
    let verdict = VerdictJson {
        accepted: false,
        reason: Some("milliseconds"),
        also: vec!["wrong_signature"],
        method: "POST",
        path: "/v1/x",
        scheme: "gcs",
        key: Some("k"),
        account: None,
        signed_text: Some("POST\n\n\u{1b}\n"),
        body_hash: None,
        detail: None,
    };
    let text = lines(&verdict, Some(&Refusal::Milliseconds), &[Refusal::WrongSignature]);
    assert!(text.iter().any(|line| line == "reason: milliseconds"), "{text:?}");
    assert!(text.iter().any(|line| line == r"signed text: POST\n\n\u{1b}\n"), "{text:?}");
    assert!(text.iter().any(|line| line.starts_with("also: wrong_signature: ")), "{text:?}");
}

/// Each reason is in the table of the command line's README.
#[test]
fn every_reason_is_documented() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    for refusal in Refusal::ALL {
        assert!(page.contains(&format!("| `{}` | {} |", refusal.name(), refusal.text())), "{refusal}");
    }
}

/// A curl line is anybody's, and may name a device that has no end.
#[test]
fn a_body_is_read_as_it_is_and_has_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("body");
    std::fs::write(&file, "\u{feff}{}").unwrap();
    assert_eq!(read_body(&file).unwrap(), "\u{feff}{}".as_bytes());
    let endless = std::fs::File::create(&file).unwrap();
    endless.set_len(u64::try_from(MAX_FILE).unwrap() + 1).unwrap();
    let refused = read_body(&file).unwrap_err().text;
    assert!(refused.ends_with("body: is larger than 64 MB, and no API takes that much."), "{refused}");
}
