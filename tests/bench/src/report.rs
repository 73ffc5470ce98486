//! A report of a transaction, and the event that API Gateway makes of it.

use std::time::{SystemTime, UNIX_EPOCH};

use recourse_test_harness::{CLIENT, Call};
use serde_json::{Map, Value, json};

use crate::Result;

/// A transaction that can be reported once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The platform's id of it.
    pub trxid: String,
    /// The account's own.
    pub refid: String,
}

impl Report {
    /// The transaction with this number.
    #[must_use]
    pub fn numbered(number: u64) -> Self {
        Self { trxid: format!("bench-trx-{number:09}"), refid: format!("bench-ref-{number:09}") }
    }

    /// The text of an item of the first transaction, as one of this transaction.
    #[must_use]
    pub fn rename(&self, item: &str) -> String {
        let first = Self::numbered(0);
        item.replace(&first.trxid, &self.trxid).replace(&first.refid, &self.refid)
    }

    /// The call, signed now and with a nonce of its own each time.
    #[must_use]
    pub fn call(&self) -> Call {
        Call::report(&CLIENT, &json!({ "refid": self.refid, "user_email": ["user@customer.example"] }))
    }
}

/// The event of payload format 2.0 that API Gateway would make of a call.
///
/// # Errors
/// The body is not UTF-8.
pub fn event(call: &Call) -> Result<Vec<u8>> {
    let request = call.request();
    let mut headers: Map<String, Value> = Map::new();
    for (name, value) in request.headers() {
        headers.insert(name.as_str().to_owned(), value.to_str()?.into());
    }
    headers.insert("content-length".to_owned(), call.body.len().to_string().into());
    headers.insert("host".to_owned(), "localapi.execute-api.us-east-1.amazonaws.com".into());
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let route = format!("{} {}", call.method, call.path);
    let event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": call.path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "localapi",
            "domainName": "localapi.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "localapi",
            "http": {
                "method": call.method, "path": call.path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                "userAgent": "bench",
            },
            "requestId": "bench=",
            "routeKey": route,
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": u64::try_from(now)?,
        },
        "body": std::str::from_utf8(&call.body)?,
        "isBase64Encoded": false,
    });
    Ok(event.to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_of_the_first_transaction_becomes_one_of_another() {
        let item = r#"{"PK":{"S":"TXN#production#bench-trx-000000000"},"refid":{"S":"bench-ref-000000000"}}"#;
        assert_eq!(
            Report::numbered(7).rename(item),
            r#"{"PK":{"S":"TXN#production#bench-trx-000000007"},"refid":{"S":"bench-ref-000000007"}}"#
        );
    }

    #[test]
    fn an_event_has_the_signed_headers_in_lower_case_and_the_exact_body() {
        let call = Report::numbered(1).call();
        let event: Value = serde_json::from_slice(&event(&call).unwrap()).unwrap();
        assert_eq!(event["headers"]["x-nonce"], call.nonce);
        assert_eq!(event["headers"]["x-signature"], call.signature());
        assert_eq!(event["body"].as_str().unwrap().as_bytes(), call.body);
        assert_eq!(event["requestContext"]["http"]["method"], "POST");
        assert_ne!(Report::numbered(1).call().nonce, call.nonce);
    }
}
