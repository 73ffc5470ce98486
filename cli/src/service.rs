//! The service over HTTP.
//!
//! Every HTTP status is an answer, and the caller decides what it means. Redirects are not
//! followed, because a request is signed for one service. Requests to this machine use no proxy.

use std::fmt::Display;
use std::time::Duration;

use clap::Args;
use ureq::Agent;
use ureq::http::{HeaderMap, Request, StatusCode};

use crate::base_url::BaseUrl;
use crate::ending::Failure;
use crate::settings::Settings;

/// The most bytes of an answer that are read. Lambda answers with no more.
const MAX_BYTES: u64 = 6 * 1024 * 1024;
/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(10);

/// Where the service is.
#[derive(Args)]
pub(crate) struct Where {
    /// The service, such as https://disputes.example.com [env: RECOURSE_URL]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

impl Where {
    /// The service's address, from the flag or the settings.
    pub(crate) fn address(&self, settings: &Settings) -> Result<BaseUrl, Failure> {
        let url = self.url.clone().or_else(|| settings.get("RECOURSE_URL")).ok_or_else(|| {
            Failure::refused("the service's address is missing. Pass --url, set RECOURSE_URL, or run this in the folder where `make run` runs.")
        })?;
        BaseUrl::parse(&url).map_err(|rule| Failure::refused(format!("the service's address {rule}")))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServiceResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl ServiceResponse {
    /// An answer without headers, for a test.
    #[cfg(test)]
    pub(crate) fn of(status: u16, body: &str) -> Self {
        Self { status, headers: HeaderMap::new(), body: body.to_owned() }
    }

    /// Status and reason, such as `400 Bad Request`.
    pub(crate) fn status_line(&self) -> String {
        let reason = StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        format!("{} {}", self.status, reason.unwrap_or_default()).trim_end().to_owned()
    }

    /// Whether the same request, with a new signature, may be answered otherwise later.
    pub(crate) fn is_temporary(&self) -> bool {
        self.status == 429 || self.status >= 500
    }
}

/// The service, with its connections.
pub(crate) struct Service {
    url: BaseUrl,
    agent: Agent,
}

impl Service {
    /// The service at `url`. Each request waits for its answer for at most `timeout`.
    pub(crate) fn new(url: BaseUrl, timeout: Duration) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("recourse/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(timeout));
        if url.is_loopback() {
            config = config.proxy(None);
        }
        Self { agent: config.build().into(), url }
    }

    /// Posts JSON. As for [`Self::request`], an error leaves open whether the service acted.
    pub(crate) fn post(
        &self,
        path: &str,
        headers: &[(&'static str, String)],
        body: &[u8],
    ) -> Result<ServiceResponse, String> {
        let content_type = [("Content-Type", "application/json".to_owned())];
        self.request("POST", path, &[headers, &content_type].concat(), Some(body))
    }

    pub(crate) fn get(&self, path: &str) -> Result<ServiceResponse, String> {
        self.request("GET", path, &[], None)
    }

    /// Sends a request to a path of the service, or to a whole address, with these headers and
    /// those that HTTP needs. An error says why there is no answer; the service may have acted all
    /// the same.
    pub(crate) fn request(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, String)],
        body: Option<&[u8]>,
    ) -> Result<ServiceResponse, String> {
        let is_path = target.starts_with('/');
        let url = if is_path { format!("{}{target}", self.url.as_str()) } else { target.to_owned() };
        let whose = if is_path { self.url.as_str() } else { "the presigned address" };
        let unanswered = |error: &dyn Display| format!("{whose} does not answer: {error}");
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = match body {
            Some(body) => self.agent.run(request.body(body).map_err(|error| unanswered(&error))?),
            None => self.agent.run(request.body(()).map_err(|error| unanswered(&error))?),
        };
        let mut answer = answer.map_err(|error| unanswered(&error))?;
        let body = answer.body_mut().with_config().limit(MAX_BYTES).lossy_utf8(true).read_to_string();
        let body = body.map_err(|error| unanswered(&error))?;
        Ok(ServiceResponse { status: answer.status().as_u16(), headers: answer.headers().clone(), body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_line_has_the_reason_of_a_known_status() {
        assert_eq!(ServiceResponse::of(400, "").status_line(), "400 Bad Request");
        assert_eq!(ServiceResponse::of(599, "").status_line(), "599");
    }

    #[test]
    fn an_overloaded_or_failing_service_may_answer_later() {
        let all = [200, 400, 401, 409, 429, 500, 503].into_iter();
        let temporary: Vec<u16> = all.filter(|status| ServiceResponse::of(*status, "").is_temporary()).collect();
        assert_eq!(temporary, [429, 500, 503]);
    }
}
