//! Requests of the demo's callers, each signed by the scheme of its API.

use axum::body::{Body, to_bytes};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Request;
use http::request::Builder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use recourse_signing::clock::UnixSeconds;
use recourse_signing::{Secret, gcs, v1};
use serde_json::Value;

use super::{DemoError, DemoKey, random};

/// The most of an answer that is read, in bytes.
const MAX_ANSWER: usize = 1024 * 1024;
/// Between the parts of an upload.
const BOUNDARY: &str = "recourse-demo";

/// A call before it is signed.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) method: &'static str,
    pub(super) path: &'a str,
    /// Its media type; none where there is no body.
    pub(super) media: &'a str,
    pub(super) body: Vec<u8>,
}

impl<'a> Call<'a> {
    pub(super) fn json(method: &'static str, path: &'a str, body: &Value) -> Self {
        Self { method, path, media: "application/json", body: body.to_string().into_bytes() }
    }
}

fn refused(error: impl std::fmt::Display) -> DemoError {
    DemoError::Refused(error.to_string())
}

/// Where requests go, and by whose clock they are signed.
#[derive(Debug)]
pub(super) struct Gateway<'a> {
    pub(super) url: &'a str,
    /// A header that every request has.
    pub(super) pass: Option<(&'static str, &'a str)>,
    /// What time it is there, in Unix seconds.
    pub(super) now: i64,
}

impl Gateway<'_> {
    /// Signed by the v1 scheme: the IIMMPACT API and the Platform API.
    pub(super) async fn v1(&self, key: &DemoKey, call: Call<'_>) -> Result<Value, DemoError> {
        let secret = Secret::from_base64(&key.secret).map_err(refused)?;
        let timestamp = self.now.to_string();
        let nonce = format!("demo-{:032x}", u128::from_be_bytes(random()?));
        let parts =
            v1::Parts { timestamp: &timestamp, nonce: &nonce, method: call.method, query: "", body: &call.body };
        let signature = v1::sign(&secret, &parts);
        let headers = |request: Builder| {
            let request = request.header(v1::API_KEY, key.id.as_str()).header(v1::TIMESTAMP, &timestamp);
            request.header(v1::NONCE, &nonce).header(v1::SIGNATURE, signature)
        };
        self.send(call, headers).await
    }

    /// With HTTP Basic: the Tutelar API, and the tokens of the Arbiter API.
    pub(super) async fn basic(&self, key: &DemoKey, call: Call<'_>) -> Result<Value, DemoError> {
        let credentials = BASE64_STANDARD.encode(format!("{}:{}", key.id, key.secret));
        self.send(call, |request| request.header("authorization", format!("Basic {credentials}"))).await
    }

    /// With a token: the Arbiter API.
    pub(super) async fn bearer(&self, token: &str, call: Call<'_>) -> Result<Value, DemoError> {
        self.send(call, |request| request.header("authorization", format!("Bearer {token}"))).await
    }

    /// Signed by the GCS scheme: the Connect API.
    pub(super) async fn gcs(&self, key: &DemoKey, call: Call<'_>) -> Result<Value, DemoError> {
        let secret = Secret::from_text(&key.secret).map_err(refused)?;
        let date = gcs::format_date(UnixSeconds(self.now)).unwrap_or_default();
        let (method, path) = (call.method, call.path);
        let parts = gcs::Parts { method, content_type: call.media, date: &date, headers: &[], path, query: "" };
        let authorization = gcs::sign(&secret, key.id.as_str(), &parts);
        self.send(call, |request| request.header("date", &date).header("authorization", authorization)).await
    }

    /// Sends it, and returns the JSON of an answer that is a success.
    async fn send(&self, call: Call<'_>, headers: impl FnOnce(Builder) -> Builder) -> Result<Value, DemoError> {
        let mut request = Request::builder().method(call.method).uri(format!("{}{}", self.url, call.path));
        if let Some((name, value)) = self.pass {
            request = request.header(name, value);
        }
        if !call.media.is_empty() {
            request = request.header("content-type", call.media);
        }
        let request = headers(request).body(Body::from(call.body)).map_err(refused)?;
        let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
        let (head, body) = client.request(request).await.map_err(refused)?.into_parts();
        let answer = to_bytes(Body::new(body), MAX_ANSWER).await.map_err(refused)?;
        let text = || String::from_utf8_lossy(&answer).into_owned();
        if !head.status.is_success() {
            return Err(refused(format!("{} {}: {} {}", call.method, call.path, head.status, text())));
        }
        if answer.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&answer).map_err(|_| refused(format!("{} {}: {}", call.method, call.path, text())))
    }
}

/// The media type and the body of an upload of one file.
pub(super) fn upload(name: &str, media: &str, content: &[u8]) -> (String, Vec<u8>) {
    let disposition = format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"");
    let head = format!("--{BOUNDARY}\r\n{disposition}\r\nContent-Type: {media}\r\n\r\n");
    let body = [head.as_bytes(), content, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat();
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}
