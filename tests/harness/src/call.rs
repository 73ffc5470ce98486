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
pub struct DemoKey {
    /// The key's id.
    pub id: &'static str,
    /// The secret, in base64.
    pub secret: &'static str,
}

/// The production client; its account is `acct_demo`.
pub const CLIENT: DemoKey = DemoKey { id: "iimm_prod_demo", secret: "ZGVtby1jbGllbnQtc2VjcmV0LWxvb3BiYWNrLW9ubHkh" };
/// The staging client; its account is `acct_staging`.
pub const STAGING: DemoKey = DemoKey { id: "iimm_dev_demo", secret: "ZGVtby1zdGFnaW5nLXNlY3JldC1sb29wYmFjay1vbmx5" };
/// Another production client; its account is `acct_stranger`.
pub const STRANGER: DemoKey =
    DemoKey { id: "iimm_prod_stranger", secret: "ZGVtby1zdHJhbmdlci1zZWNyZXQtbG9vcGJhY2stb25s" };
/// The payment platform, for staging accounts.
pub const PLATFORM_STAGING: DemoKey =
    DemoKey { id: "platform_dev_demo", secret: "ZGVtby1zdGFnaW5nLXBsYXRmb3JtLWxvb3BiYWNrICE=" };
/// The payment platform, for production accounts.
pub const PLATFORM: DemoKey = DemoKey { id: "platform_demo", secret: "ZGVtby1wbGF0Zm9ybS1zZWNyZXQtbG9vcGJhY2sgISE=" };

/// A name that is unique in this run.
pub fn unique(prefix: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A customer's address that is unique in this run.
pub fn address() -> String {
    format!("{}@customer.example", unique("user"))
}

/// An address of SES's mailbox simulator that is unique in this run. `what` is `bounce`,
/// `complaint`, `ooto`, `suppressionlist` or `success`.
pub fn simulator(what: &str) -> String {
    format!("{what}+{}@simulator.amazonses.com", unique("user"))
}

/// The time, in Unix seconds.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A request before it is signed. A test changes the fields that it is about.
#[derive(Clone)]
pub struct Call {
    /// The key that signs.
    pub key: DemoKey,
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with the query if there is one.
    pub path: String,
    /// The body.
    pub body: Vec<u8>,
    /// `X-Timestamp`.
    pub timestamp: String,
    /// `X-Nonce`.
    pub nonce: String,
}

impl Call {
    /// A call with these bytes.
    pub fn new(key: &DemoKey, method: &'static str, path: impl Into<String>, body: impl Into<Vec<u8>>) -> Call {
        let (path, body) = (path.into(), body.into());
        // With the time, as `make events` writes events for a cloud that may have seen an earlier
        // run.
        let timestamp = now().to_string();
        Call { key: *key, method, path, body, nonce: unique(&format!("e2e-nonce-{timestamp}")), timestamp }
    }

    /// A report of an issue.
    pub fn report(key: &DemoKey, body: &Value) -> Call {
        Call::report_bytes(key, body.to_string())
    }

    /// A report of an issue, with these bytes as its body.
    pub fn report_bytes(key: &DemoKey, body: impl Into<Vec<u8>>) -> Call {
        Call::new(key, "POST", "/v2/transactions/check", body)
    }

    /// A transaction update, to the path of its trxid.
    pub fn put(key: &DemoKey, transaction: &Value) -> Call {
        let path = format!("/platform/v1/transactions/{}", transaction["trxid"].as_str().unwrap());
        Call::new(key, "PUT", path, transaction.to_string())
    }

    /// An import of several transactions.
    pub fn import(key: &DemoKey, transactions: &[Value]) -> Call {
        let body = serde_json::json!({ "transactions": transactions });
        Call::new(key, "POST", "/platform/v1/transactions", body.to_string())
    }

    /// A look at one transaction.
    pub fn get(key: &DemoKey, trxid: &str) -> Call {
        Call::new(key, "GET", format!("/platform/v1/transactions/{trxid}"), Vec::new())
    }

    /// A list of disputes; `query` is without its `?`.
    pub fn disputes(key: &DemoKey, query: &str) -> Call {
        let mark = if query.is_empty() { "" } else { "?" };
        Call::new(key, "GET", format!("/platform/v1/disputes{mark}{query}"), Vec::new())
    }

    /// A look at one dispute.
    pub fn dispute(key: &DemoKey, case_id: &str) -> Call {
        Call::new(key, "GET", format!("/platform/v1/disputes/{case_id}"), Vec::new())
    }

    /// The request with HTTP Basic instead of a signature.
    pub fn basic(&self) -> Request<Vec<u8>> {
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
    pub fn signature(&self) -> String {
        let Call { key, method, path, body, timestamp, nonce } = self;
        let query = path.split_once('?').map_or("", |(_, query)| query);
        v1::sign(&Secret::from_base64(key.secret).unwrap(), &v1::Parts { timestamp, nonce, method, query, body })
    }

    /// The request, signed, with a key that names it for when it is sent again.
    pub fn keyed(&self, key: &str) -> Request<Vec<u8>> {
        let mut request = self.request();
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        request
    }

    /// The request, signed.
    pub fn request(&self) -> Request<Vec<u8>> {
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
