//! Bad input: the contract's error form, no write, no panic; and what the gateway refuses by itself.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::{Answer, CLIENT, Call, PLATFORM, STRANGER, Stack, address, options, run, shared};
use crate::seed::{DUPLICATE, INVALID, SUCCESS, about, bytes};

/// The largest body of a report, in bytes.
const MOST_BYTES: usize = 64 * 1024;

/// A 400 in the door's form, and the fields that it names.
#[track_caller]
fn fields_of_400(answer: &Answer, sent: &[u8]) -> Vec<String> {
    let sent = String::from_utf8_lossy(sent.get(..80).unwrap_or(sent));
    assert_eq!(answer.status, 400, "{sent} {answer:?}");
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    assert_eq!(body["message"], "The given data was invalid.");
    let errors: BTreeMap<String, Vec<String>> = serde_json::from_value(body["errors"].clone()).unwrap();
    assert!(errors.values().flatten().all(|text| !text.is_empty()), "{body}");
    errors.into_keys().collect()
}

fn of_json(fields: &'static [&'static str], body: Value) -> (&'static [&'static str], Vec<u8>) {
    (fields, body.to_string().into_bytes())
}

/// Bodies that are refused for what they are, each with the fields that the errors name.
fn bad_bodies() -> Vec<(&'static [&'static str], Vec<u8>)> {
    let body: &[&str] = &["body"];
    let fifty: Vec<_> = (0..50).map(|number| format!("user{number}@customer.example")).collect();
    let nested = |open: &str, close: &str| open.repeat(20_000) + &close.repeat(20_000);
    let mut cases: Vec<(&'static [&'static str], Vec<u8>)> = [
        "",
        " ",
        "{",
        "null",
        "true",
        "7",
        "[]",
        r#"[["refid","bill-1"]]"#,
        r#"["123456",null,[]]"#,
        r#""bill-1""#,
        r#"{"refid":"bill-1""#,
        r#"{"refid":"bill-1"}}"#,
        r#"{"refid":"bill-1"} {}"#,
        r#"{'refid':'bill-1'}"#,
        r#"{"refid":"bill-1","refid":"bill-1"}"#,
        r#"{"refid":"\ud800"}"#,
        r#"{"refid":NaN}"#,
        "refid=bill-1",
        "\u{feff}{\"refid\":\"bill-1\"}",
    ]
    .map(|text| (body, text.as_bytes().to_vec()))
    .to_vec();
    cases.extend([
        (body, nested("[", "]").into_bytes()),
        (body, "[".repeat(20_000).into_bytes()),
        (body, nested(r#"{"refid":"#, "}").into_bytes()),
        (body, format!(r#"{{"refid":"bill-1","user_email":{}}}"#, nested("[", "]")).into_bytes()),
        (body, b"{\"refid\":\"\xff\xfe\"}".to_vec()),
        (body, b"\xff\xfe{\x00\"\x00}\x00".to_vec()),
        (body, vec![0; 1000]),
        (body, padded(MOST_BYTES + 1)),
        (body, padded(1024 * 1024)),
    ]);
    cases.extend([
        of_json(&["trxid"], json!({"refid": 6})),
        of_json(&["trxid"], json!({"refid": ["bill-1"]})),
        of_json(&["trxid"], json!({"trxid": {"$ne": null}, "refid": "bill-1"})),
        of_json(&["trxid"], json!({"trxid": true})),
        of_json(&["trxid", "user_email"], json!({"refid": 1.5, "user_email": 7})),
        of_json(&["user_email"], json!({"refid": "bill-1", "user_email": "user@customer.example"})),
        of_json(&["user_email"], json!({"refid": "bill-1", "user_email": {"0": "user@customer.example"}})),
        of_json(&["user_email"], json!({"refid": "bill-1", "user_email": fifty})),
        of_json(&["user_email.0"], json!({"refid": "bill-1", "user_email": [null]})),
        of_json(&["user_email.0"], json!({"refid": "bill-1", "user_email": [["user@customer.example"]]})),
        of_json(&["user_email.1"], json!({"refid": "bill-1", "user_email": ["user@customer.example", "nobody"]})),
    ]);
    let addresses = [
        "user@customer.example\r\nBcc: all@customer.example",
        "user@customer.example, other@customer.example",
        "User <user@customer.example>",
        "user@localhost",
        "üser@customer.example",
        "",
    ];
    cases.extend(addresses.map(|text| of_json(&["user_email.0"], json!({"refid": "bill-1", "user_email": [text]}))));
    cases
}

/// A report of no transaction, as many bytes long.
fn padded(length: usize) -> Vec<u8> {
    let body = json!({"refid": "unknown", "other": ""}).to_string();
    body.replace(r#""other":"""#, &format!(r#""other":"{}""#, "x".repeat(length - body.len()))).into_bytes()
}

/// What names no transaction of the caller's, whoever's it is or whether there could be one.
fn no_transactions() -> Vec<Value> {
    vec![
        json!({}),
        json!({"refid": null, "trxid": null}),
        json!({"refid": "", "trxid": ""}),
        json!({"refid": "unknown"}),
        json!({"trxid": "unknown"}),
        json!({"refid": "stranger-1"}),
        json!({"trxid": "70001"}),
        json!({"trxid": "70001", "refid": "bill-1"}),
        json!({"trxid": "60001"}),
        json!({"refid": "50001"}),
        json!({"trxid": "123456"}),
        json!({"trxid": "50001#LIVE"}),
        json!({"trxid": "5000%31"}),
        json!({"trxid": " 50001"}),
        json!({"trxid": "x".repeat(10_000)}),
        json!({"refid": "x".repeat(51)}),
        json!({"refid": "bill-1\n"}),
        json!({"refid": "a\u{0}b"}),
        json!({"refid": "acct_demo#bill-1"}),
    ]
}

#[test]
fn whatever_is_bad_is_answered_in_form_and_writes_nothing() {
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
        let guards = stack.items("GUARDS_TABLE").await;
        let nonces = guards.keys().filter(|(pk, _)| pk.starts_with("NONCE#iimm_prod_demo#")).count();
        let platforms = guards.keys().filter(|(pk, _)| pk.starts_with("NONCE#platform_demo#")).count();
        assert_eq!((nonces, nonces + platforms), (sent, guards.len()), "{:?}", guards.keys());
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
        assert_eq!(stack.send(&Call::report_bytes(&CLIENT, padded(MOST_BYTES))).await.text, bytes(INVALID));

        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let (first, doubled) = (address(), address());
        let mut addresses = vec![first, doubled.clone()];
        addresses.extend((0..47).map(|_| address()));
        addresses.push(doubled);
        let report = json!({"refid": transaction.refid, "user_email": addresses});
        assert_eq!(stack.report(&CLIENT, &report).await.text, about(SUCCESS, &transaction.refid));
        let case = stack.dispute(&transaction.trxid).await;
        assert_eq!(case.mails[0].notice.recipients.all().count(), 50);
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

#[test]
fn the_gateway_refuses_what_no_function_gets_to_see() {
    run(async {
        let stack = shared().await;
        let own = |answer: &Answer, status: u16, message: &str| {
            assert_eq!(
                (answer.status, answer.text.as_str()),
                (status, format!(r#"{{"message":"{message}"}}"#).as_str())
            );
        };
        let large = Call::report_bytes(&CLIENT, padded(6 * 1024 * 1024));
        own(&stack.send(&large).await, 413, "Request Entity Too Large");
        for (method, path) in [
            ("GET", "/v2/transactions/check"),
            ("POST", "/v2/transactions"),
            ("POST", "/v2/transactions/check/"),
            ("POST", "/v2/transactions%20/check"),
            ("DELETE", "/platform/v1/transactions/50001"),
            ("GET", "/platform/v1/transactions/50001/more"),
            ("POST", "/nothing/here"),
        ] {
            own(&stack.send(&Call::new(&PLATFORM, method, path, b"{}")).await, 404, "Not Found");
        }
        let mut long = Call::report_bytes(&CLIENT, "{}").request();
        long.headers_mut().insert("x-long", "x".repeat(10_240).parse().unwrap());
        own(&stack.raw(long).await, 431, "Request Header Fields Too Large");
    });
}

/// The gateway hands paths on decoded; a function must not fall over what comes out.
#[test]
fn a_path_of_any_characters_is_answered_by_the_door() {
    run(async {
        let stack = shared().await;
        for path in ["a%20b", "%00", "%ff%fe", "%F0%9F%92%A9", "%2e%2e%2fcheck", "a%0d%0ab", "%25", "%%%"] {
            let path = format!("/platform/v1/transactions/{path}");
            let answer = stack.send(&Call::new(&PLATFORM, "GET", path.clone(), b"")).await;
            assert_eq!((answer.status, answer.json()["message"].is_string()), (404, true), "{path} {answer:?}");
            let mut transaction = crate::harness::Transaction::new("acct_demo", "Succesful").told;
            transaction["trxid"] = "a b".into();
            let answer = stack.send(&Call::new(&PLATFORM, "PUT", path.clone(), transaction.to_string())).await;
            assert_eq!((answer.status, answer.json()["errors"]["trxid"].is_array()), (400, true), "{path} {answer:?}");
        }
    });
}
