//! What becomes of enqueued mails, whatever happens on the way.

mod caps;
mod ends;
mod many;
mod once;
mod sign_in;

use serde_json::Value;

use super::testing::Bench;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

fn subject(mail: &Value) -> &str {
    mail.pointer("/Content/Simple/Subject/Data").and_then(Value::as_str).unwrap()
}

fn tag(mail: &Value) -> &str {
    mail.pointer("/EmailTags/0/Value").and_then(Value::as_str).unwrap()
}

fn header<'a>(mail: &'a Value, name: &str) -> Option<&'a str> {
    let headers = mail.pointer("/Content/Simple/Headers").and_then(Value::as_array).unwrap();
    headers.iter().find(|header| header["Name"] == name).and_then(|header| header["Value"].as_str())
}

/// The outbox ids of what SES was handed, in order of the ids.
fn tags(bench: &Bench) -> Vec<String> {
    let mut tags: Vec<_> = bench.mails().iter().map(|mail| tag(mail).to_owned()).collect();
    tags.sort();
    tags
}

/// Whether a call writes how a claim ended.
fn is_end(body: &Value) -> bool {
    body["UpdateExpression"].as_str().is_some_and(|update| update.contains("REMOVE"))
}

/// Whether a call claims a mail.
fn is_claim(body: &Value) -> bool {
    body["UpdateExpression"].as_str().is_some_and(|update| update.contains("attempts + :one"))
}
