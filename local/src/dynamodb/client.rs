//! The client of the engine: forwarded requests, and calls of this process.
//!
//! Calls are plain JSON, without an SDK: the template's tables are already in DynamoDB's own JSON,
//! and so are the records of a stream's events.

use axum::body::{Body, Bytes, to_bytes};
use http::{HeaderMap, Request, Response, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::loopback::StartError;

/// The largest answer that is read, in bytes: a batch of DynamoDB is 16 MiB.
const ANSWER_LIMIT: usize = 32 * 1024 * 1024;

/// Both engines want a signature and check none.
const AUTHORIZATION: &str =
    "AWS4-HMAC-SHA256 Credential=LOCAL/20200101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";

/// Why the engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No answer came.
    #[error("the DynamoDB engine did not answer {operation}: {why}")]
    Silent {
        /// The operation, such as `CreateTable`.
        operation: String,
        /// What went wrong on the way.
        why: String,
    },
    /// It answered with an error.
    #[error("the DynamoDB engine refused {operation}: {answer}")]
    Refused {
        /// The operation, such as `CreateTable`.
        operation: String,
        /// The exception's name, such as `ResourceInUseException`.
        exception: String,
        /// The whole answer.
        answer: String,
    },
}

impl From<EngineError> for StartError {
    fn from(error: EngineError) -> Self {
        Self::Engine(Box::new(error))
    }
}

/// A client of one engine; clones share its connections.
#[derive(Debug, Clone)]
pub(crate) struct EngineClient {
    http: Client<HttpConnector, Body>,
    authority: String,
}

impl EngineClient {
    /// A client of the engine at `authority` (`127.0.0.1:port`).
    pub(crate) fn new(authority: String) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { http: Client::builder(TokioExecutor::new()).build(connector), authority }
    }

    /// Sends `request` on as it is and returns the whole answer.
    pub(super) async fn forward(&self, request: Request<Bytes>) -> Result<Response<Bytes>, String> {
        let (mut head, body) = request.into_parts();
        head.uri = format!("http://{}/", self.authority).parse().map_err(|e| format!("{e}"))?;
        drop_connection_headers(&mut head.headers);
        head.headers.remove(header::HOST);
        let sent = self.http.request(Request::from_parts(head, Body::from(body)));
        let (mut head, body) = sent.await.map_err(|e| format!("{e}"))?.into_parts();
        drop_connection_headers(&mut head.headers);
        let body = to_bytes(Body::new(body), ANSWER_LIMIT).await.map_err(|e| format!("{e}"))?;
        Ok(Response::from_parts(head, body))
    }

    /// Calls `DynamoDB_20120810.{operation}`.
    pub(crate) async fn call(&self, operation: &str, input: &Value) -> Result<Value, EngineError> {
        self.target("DynamoDB_20120810", operation, input).await
    }

    /// Calls `DynamoDBStreams_20120810.{operation}`.
    pub(crate) async fn stream_call(&self, operation: &str, input: &Value) -> Result<Value, EngineError> {
        self.target("DynamoDBStreams_20120810", operation, input).await
    }

    async fn target(&self, service: &str, operation: &str, input: &Value) -> Result<Value, EngineError> {
        let silent = |why: String| EngineError::Silent { operation: operation.to_owned(), why };
        let request = Request::post("/")
            .header(header::CONTENT_TYPE, "application/x-amz-json-1.0")
            .header(header::AUTHORIZATION, AUTHORIZATION)
            .header("x-amz-date", "20200101T000000Z")
            .header("x-amz-target", format!("{service}.{operation}"))
            .body(Bytes::from(input.to_string()))
            .map_err(|e| silent(format!("{e}")))?;
        let answer = self.forward(request).await.map_err(silent)?;
        let value: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        if answer.status().is_success() {
            return Ok(value);
        }
        let kind = value.get("__type").and_then(Value::as_str).unwrap_or_default();
        Err(EngineError::Refused {
            operation: operation.to_owned(),
            exception: kind.rsplit('#').next().unwrap_or_default().to_owned(),
            answer: String::from_utf8_lossy(answer.body()).into_owned(),
        })
    }
}

/// Takes away what belongs to one connection and not to the message.
fn drop_connection_headers(headers: &mut HeaderMap) {
    for name in [header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH] {
        headers.remove(name);
    }
}
