//! The service over HTTP.
//!
//! It answers or it does not: every status is an answer, and whoever asked decides what it means. No redirect is followed, since the request is
//! signed for one service; nothing on this machine is reached through a proxy.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use ureq::Agent;
use ureq::http::{StatusCode, Uri};

use crate::ending::Failure;
use crate::environment::Settings;

/// The most of an answer that is read, in bytes: Lambda answers with no more.
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
    /// The address, out of flag or settings.
    ///
    /// # Errors
    /// [`Failure`] when there is none, or it is none.
    pub(crate) fn address(&self, environment: &Settings) -> Result<BaseUrl, Failure> {
        let url = self.url.clone().or_else(|| environment.get("RECOURSE_URL")).ok_or_else(|| {
            Failure::refused(
                "the service's address is not known. Pass --url or set RECOURSE_URL; in the folder where `make run` runs it is known by itself.",
            )
        })?;
        BaseUrl::parse(&url).map_err(|rule| Failure::refused(format!("the service's address {rule}")))
    }
}

/// The address of a service: scheme, host and port. What is signed begins after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    text: String,
    host: String,
}

impl BaseUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// The rule that was broken.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let rule = "must be http:// or https://, a host and perhaps a port, and nothing more, such as https://disputes.example.com";
        let uri = Uri::from_str(text).map_err(|_| rule)?;
        let (Some("http" | "https"), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(rule) };
        if !matches!(uri.path(), "" | "/")
            || uri.query().is_some()
            || authority.as_str().contains('@')
            || text.contains('#')
        {
            return Err(rule);
        }
        Ok(Self { text: text.trim_end_matches('/').to_owned(), host: authority.host().to_owned() })
    }

    /// Whether it is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// The address itself, without a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

/// What the service said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServiceResponse {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body, as text.
    pub(crate) body: String,
}

impl ServiceResponse {
    /// Status and reason, such as `400 Bad Request`.
    pub(crate) fn status_line(&self) -> String {
        let reason = StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        format!("{} {}", self.status, reason.unwrap_or_default()).trim_end().to_owned()
    }

    /// Whether the same request, signed afresh, may be answered otherwise later.
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
    /// The service at `url`. An answer is waited for as long as `patience` says.
    pub(crate) fn new(url: BaseUrl, patience: Duration) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("recourse/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(patience));
        if url.is_loopback() {
            config = config.proxy(None);
        }
        Self { agent: config.build().into(), url }
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// Why there is no answer; the request may have been carried out all the same.
    pub(crate) fn post(
        &self,
        path: &str,
        headers: &[(&'static str, String)],
        body: &[u8],
    ) -> Result<ServiceResponse, String> {
        let mut request =
            self.agent.post(format!("{}{path}", self.url.as_str())).header("Content-Type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        self.answer(request.send(body))
    }

    /// Gets what is there.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) fn get(&self, path: &str) -> Result<ServiceResponse, String> {
        self.answer(self.agent.get(format!("{}{path}", self.url.as_str())).call())
    }

    fn answer(&self, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<ServiceResponse, String> {
        let unreached = |error: ureq::Error| format!("{} does not answer: {error}", self.url.as_str());
        let mut answer = answer.map_err(unreached)?;
        let body =
            answer.body_mut().with_config().limit(MAX_BYTES).lossy_utf8(true).read_to_string().map_err(unreached)?;
        Ok(ServiceResponse { status: answer.status().as_u16(), body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_scheme_host_and_port() {
        for text in ["http://127.0.0.1:3000", "https://disputes.example.com/", "http://[::1]:80", "http://LOCALHOST"] {
            assert_eq!(BaseUrl::parse(text).unwrap().as_str(), text.trim_end_matches('/'));
        }
        for text in [
            "",
            "/v2",
            "127.0.0.1:3000",
            "ftp://127.0.0.1",
            "http://",
            "http://a b",
            "https://x.example/prod",
            "https://x.example/?q",
            "https://x.example#f",
            "https://user:secret@x.example",
        ] {
            assert!(BaseUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn this_machine_is_known_by_any_name() {
        for (text, expected) in [
            ("http://127.0.0.1:3000", true),
            ("http://127.9.9.9", true),
            ("http://localhost:1", true),
            ("http://[::1]:3000", true),
            ("http://127.0.0.1.example.com", false),
            ("http://localhost.example.com", false),
            ("https://10.0.0.1", false),
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap().is_loopback(), expected, "{text}");
        }
    }

    #[test]
    fn a_status_has_its_reason_where_it_has_one() {
        let answer = |status| ServiceResponse { status, body: String::new() };
        assert_eq!(answer(400).status_line(), "400 Bad Request");
        assert_eq!(answer(599).status_line(), "599");
        let temporary: Vec<u16> =
            [200, 400, 401, 409, 429, 500, 503].into_iter().filter(|status| answer(*status).is_temporary()).collect();
        assert_eq!(temporary, [429, 500, 503]);
    }
}
