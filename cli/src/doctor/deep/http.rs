//! The API over HTTP: any method, any header, and the headers of the answer.

use std::time::Duration;

use ureq::Agent;
use ureq::http::{HeaderMap, Request};

use crate::service::BaseUrl;

/// The most of an answer that is read, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;
/// How long an answer is waited for: a cold function included, and a gateway that gives up after 30
/// s.
const PATIENCE: Duration = Duration::from_secs(31);

/// The API. Clones share their connections.
#[derive(Clone)]
pub(super) struct Api {
    base: String,
    agent: Agent,
}

/// What the API answered.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Api {
    pub(super) fn new(url: &BaseUrl) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("recourse/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(PATIENCE));
        if url.is_loopback() {
            config = config.proxy(None);
        }
        Self { base: url.as_str().to_owned(), agent: config.build().into() }
    }

    /// A request to a path of the API, or to a whole address. No header is sent but these and those
    /// that HTTP needs.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(super) fn ask(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, String)],
        body: Option<&[u8]>,
    ) -> Result<Reply, String> {
        let url = if target.starts_with('/') { format!("{}{target}", self.base) } else { target.to_owned() };
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let wrong = |error: &dyn std::fmt::Display| format!("no answer: {error}");
        let answer = match body {
            Some(body) => self.agent.run(request.body(body).map_err(|error| wrong(&error))?),
            None => self.agent.run(request.body(()).map_err(|error| wrong(&error))?),
        };
        let mut answer = answer.map_err(|error| wrong(&error))?;
        let body = answer.body_mut().with_config().limit(MAX_BYTES).lossy_utf8(true).read_to_string();
        Ok(Reply {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: body.map_err(|error| wrong(&error))?,
        })
    }
}

impl Reply {
    /// A member of a JSON answer.
    pub(super) fn text(&self, member: &str) -> Option<String> {
        let body: serde_json::Value = serde_json::from_str(&self.body).ok()?;
        body.get(member)?.as_str().map(str::to_owned)
    }

    /// Whether it is the gateway's own answer where no route fits.
    pub(super) fn is_no_route(&self) -> bool {
        self.status == 404 && self.body.trim() == r#"{"message":"Not Found"}"#
    }
}
