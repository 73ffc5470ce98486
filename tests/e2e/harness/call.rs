//! Requests, signed as a client signs them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_STANDARD as STANDARD;
use http::Request;
use recourse_signing::{Secret, v1};
use serde_json::Value;

/// A key of local/demo.json.
#[derive(Clone, Copy)]
pub(crate) struct DemoKey {
    pub(crate) id: &'static str,
    pub(crate) secret: &'static str,
}

/// The production client; its account is `acct_demo`.
pub(crate) const CLIENT: DemoKey =
    DemoKey { id: "iimm_prod_demo", secret: "ZGVtby1jbGllbnQtc2VjcmV0LWxvb3BiYWNrLW9ubHkh" };
/// The staging client; its account is `acct_staging`.
pub(crate) const STAGING: DemoKey =
    DemoKey { id: "iimm_dev_demo", secret: "ZGVtby1zdGFnaW5nLXNlY3JldC1sb29wYmFjay1vbmx5" };
/// Another production client; its account is `acct_stranger`.
pub(crate) const STRANGER: DemoKey =
    DemoKey { id: "iimm_prod_stranger", secret: "ZGVtby1zdHJhbmdlci1zZWNyZXQtbG9vcGJhY2stb25s" };
/// The payment platform, for staging accounts.
pub(crate) const PLATFORM_STAGING: DemoKey =
    DemoKey { id: "platform_dev_demo", secret: "ZGVtby1zdGFnaW5nLXBsYXRmb3JtLWxvb3BiYWNrICE=" };
/// The payment platform, for production accounts.
pub(crate) const PLATFORM: DemoKey =
    DemoKey { id: "platform_demo", secret: "ZGVtby1wbGF0Zm9ybS1zZWNyZXQtbG9vcGJhY2sgISE=" };

/// A name that nothing else in this run has.
pub(crate) fn unique(prefix: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A customer's address that nothing else in this run has.
pub(crate) fn address() -> String {
    format!("{}@customer.example", unique("user"))
}

/// An address of SES's mailbox simulator that nothing else in this run has: `bounce`, `complaint`, `ooto`, `suppressionlist` or `success`.
pub(crate) fn simulator(what: &str) -> String {
    format!("{what}+{}@simulator.amazonses.com", unique("user"))
}

/// The time, in Unix seconds.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A request before it is signed. A test changes what it wants to be different.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) key: DemoKey,
    pub(crate) method: &'static str,
    /// The path, with the query where there is one.
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
    pub(crate) timestamp: String,
    pub(crate) nonce: String,
}

impl Call {
    /// A call with these bytes.
    pub(crate) fn new(key: &DemoKey, method: &'static str, path: impl Into<String>, body: impl Into<Vec<u8>>) -> Call {
        let (path, body) = (path.into(), body.into());
        // With the time: events that were written by another run may have used a number on the same cloud.
        let timestamp = now().to_string();
        Call { key: *key, method, path, body, nonce: unique(&format!("e2e-nonce-{timestamp}")), timestamp }
    }

    /// A report of an issue.
    pub(crate) fn report(key: &DemoKey, body: &Value) -> Call {
        Call::report_bytes(key, body.to_string())
    }

    /// A report of an issue, with these bytes as its body.
    pub(crate) fn report_bytes(key: &DemoKey, body: impl Into<Vec<u8>>) -> Call {
        Call::new(key, "POST", "/v2/transactions/check", body)
    }

    /// A word about one transaction, under its own trxid.
    pub(crate) fn put(key: &DemoKey, transaction: &Value) -> Call {
        let path = format!("/platform/v1/transactions/{}", transaction["trxid"].as_str().unwrap());
        Call::new(key, "PUT", path, transaction.to_string())
    }

    /// A word about several.
    pub(crate) fn import(key: &DemoKey, transactions: &[Value]) -> Call {
        let body = serde_json::json!({ "transactions": transactions });
        Call::new(key, "POST", "/platform/v1/transactions", body.to_string())
    }

    /// A question about one.
    pub(crate) fn get(key: &DemoKey, trxid: &str) -> Call {
        Call::new(key, "GET", format!("/platform/v1/transactions/{trxid}"), Vec::new())
    }

    /// The request with HTTP Basic instead of a signature.
    pub(crate) fn basic(&self) -> Request<Vec<u8>> {
        let credentials = STANDARD.encode(format!("{}:{}", self.key.id, self.key.secret));
        Request::builder()
            .method(self.method)
            .uri(&self.path)
            .header("content-type", "application/json")
            .header("authorization", format!("Basic {credentials}"))
            .body(self.body.clone())
            .unwrap()
    }

    /// The value of the `X-Signature` header.
    pub(crate) fn signature(&self) -> String {
        let Call { key, method, path, body, timestamp, nonce } = self;
        let query = path.split_once('?').map_or("", |(_, query)| query);
        v1::sign(&Secret::from_base64(key.secret).unwrap(), &v1::Parts { timestamp, nonce, method, query, body })
    }

    /// The request, signed.
    pub(crate) fn request(&self) -> Request<Vec<u8>> {
        Request::builder()
            .method(self.method)
            .uri(&self.path)
            .header("content-type", "application/json")
            .header(v1::API_KEY, self.key.id)
            .header(v1::TIMESTAMP, &self.timestamp)
            .header(v1::NONCE, &self.nonce)
            .header(v1::SIGNATURE, self.signature())
            .body(self.body.clone())
            .unwrap()
    }
}
