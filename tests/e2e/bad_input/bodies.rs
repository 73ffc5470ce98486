//! Bodies that no honest client sends.

use serde_json::{Value, json};

/// The largest body of a report, in bytes.
pub(super) const MAX_BYTES: usize = 64 * 1024;

fn of_json(fields: &'static [&'static str], body: Value) -> (&'static [&'static str], Vec<u8>) {
    (fields, body.to_string().into_bytes())
}

/// Bodies that are refused for what they are, each with the fields that the errors name.
pub(super) fn bad_bodies() -> Vec<(&'static [&'static str], Vec<u8>)> {
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
        (body, padded(MAX_BYTES + 1)),
        (body, padded(1024 * 1024)),
    ]);
    let trxid: &[&str] = &["trxid"];
    cases.extend([
        (trxid, br#"{"refid":"bill-1","refid":"bill-1"}"#.to_vec()),
        (trxid, br#"{"refid":"\ud800"}"#.to_vec()),
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
        "us er@customer.example",
        "=?utf-8?q?user?=@customer.example",
        "üser@customer.example",
        "",
    ];
    cases.extend(addresses.map(|text| of_json(&["user_email.0"], json!({"refid": "bill-1", "user_email": [text]}))));
    cases
}

/// A report of no transaction, as many bytes long.
pub(super) fn padded(length: usize) -> Vec<u8> {
    let body = json!({"refid": "unknown", "other": ""}).to_string();
    body.replace(r#""other":"""#, &format!(r#""other":"{}""#, "x".repeat(length - body.len()))).into_bytes()
}

/// What names no transaction of the caller's, whoever's it is or whether there could be one.
pub(super) fn no_transactions() -> Vec<Value> {
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
