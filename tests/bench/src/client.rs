//! A client that sends signed calls and keeps its connection.

use axum::body::{Body, to_bytes};
use http::Request;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use recourse_test_harness::Call;

use crate::Result;

/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 1 << 20;

/// A client of one address.
#[derive(Clone, Debug)]
pub struct Http {
    url: String,
    client: Client<HttpConnector, Body>,
}

impl Http {
    /// A client of `url`, as in `http://127.0.0.1:3000`.
    #[must_use]
    pub fn new(url: String) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { url, client: Client::builder(TokioExecutor::new()).build(connector) }
    }

    /// The address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends a call. Returns the status and the body.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn send(&self, call: &Call) -> Result<(u16, String)> {
        let mut request: Request<Body> = call.request().map(Body::from);
        *request.uri_mut() = format!("{}{}", self.url, call.path).parse()?;
        self.exchange(request).await
    }

    /// Reads a page. Returns the status and the body.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn get(&self, path: &str) -> Result<(u16, String)> {
        self.exchange(Request::get(format!("{}{path}", self.url)).body(Body::empty())?).await
    }

    async fn exchange(&self, request: Request<Body>) -> Result<(u16, String)> {
        let answer = self.client.request(request).await?;
        let status = answer.status().as_u16();
        let body = to_bytes(Body::new(answer.into_body()), MAX_ANSWER).await?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}
