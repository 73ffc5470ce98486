//! Which requests are answered: those to one of this machine's own names, once the start is over.
//!
//! The pages show keys and mails, and the demo's keys are published. A web page whose name leads to
//! this machine (DNS rebinding) could read and send all of it. But its requests have that name in
//! `Host`, and are refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{CONTENT_TYPE, HOST, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::random;

/// The names that are answered, with any port.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// The header by which the demo's loader gets in before everybody else.
const PASS: &str = "x-recourse-start";

const FOREIGN: &str = r#"{"message":"Forbidden","reason":"The local cloud answers to 127.0.0.1, localhost and [::1] alone, with any port; Host named another."}"#;
const STARTING: &str =
    r#"{"message":"Service Unavailable","reason":"The local cloud is starting: the demo's data is being loaded."}"#;

/// Whether the start is over. Clones are the same gate.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    open: AtomicBool,
    pass: String,
}

impl Gate {
    /// A gate that is open from the first, or closed until [`Gate::open`].
    #[must_use]
    pub fn new(open: bool) -> Gate {
        Gate(Arc::new(Inner { open: AtomicBool::new(open), pass: random::uuid() }))
    }

    /// From now on all requests are answered.
    pub fn open(&self) {
        self.0.open.store(true, Ordering::Release);
    }

    /// The header, and its value, of a request that is answered before.
    pub(crate) fn pass(&self) -> (&'static str, &str) {
        (PASS, &self.0.pass)
    }

    fn lets_in(&self, headers: &HeaderMap) -> bool {
        self.0.open.load(Ordering::Acquire) || headers.get(PASS).is_some_and(|pass| pass == self.0.pass.as_str())
    }
}

/// Passes on the requests that are answered.
pub(super) async fn guard(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    if !is_for_this_machine(request.headers()) {
        return refusal(StatusCode::FORBIDDEN, FOREIGN);
    }
    if !gate.lets_in(request.headers()) {
        let mut answer = refusal(StatusCode::SERVICE_UNAVAILABLE, STARTING);
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        return answer;
    }
    request.headers_mut().remove(PASS);
    next.run(request).await
}

/// Whether the one `Host` of a request is one of [`NAMES`].
fn is_for_this_machine(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).into_iter();
    let (Some(host), None) = (hosts.next().and_then(|host| host.to_str().ok()), hosts.next()) else { return false };
    let port_fits = |rest: &str| match rest.strip_prefix(':') {
        Some(port) => port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok(),
        None => rest.is_empty(),
    };
    NAMES.iter().any(|name| {
        let (start, rest) = host.split_at_checked(name.len()).unwrap_or((host, ""));
        start.eq_ignore_ascii_case(name) && port_fits(rest)
    })
}

fn refusal(status: StatusCode, body: &'static str) -> Response {
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(hosts: &[&str]) -> HeaderMap {
        hosts.iter().map(|host| (HOST, HeaderValue::from_str(host).unwrap())).collect()
    }

    #[test]
    fn only_this_machines_names_are_answered() {
        for host in ["127.0.0.1", "127.0.0.1:3000", "localhost:80", "LocalHost:65535", "[::1]", "[::1]:3000"] {
            assert!(is_for_this_machine(&headers(&[host])), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:3000",
            "localhost.evil.example",
            "localhost.",
            "127.0.0.1.nip.io",
            "127.0.0.11",
            "127.0.0.1:",
            "127.0.0.1:65536",
            "127.0.0.1:+1",
            "localhost:80:80",
            "0.0.0.0:3000",
            "[::]",
            "user@127.0.0.1",
            "::1",
        ] {
            assert!(!is_for_this_machine(&headers(&[host])), "{host}");
        }
        assert!(!is_for_this_machine(&headers(&[])));
        assert!(!is_for_this_machine(&headers(&["localhost", "localhost"])), "one of them may be another's");
    }

    #[test]
    fn a_closed_gate_lets_only_the_demos_loader_in() {
        let gate = Gate::new(false);
        let (name, value) = gate.pass();
        let own: HeaderMap = [(name.parse().unwrap(), value.parse().unwrap())].into_iter().collect();
        let other: HeaderMap = [(name.parse().unwrap(), "1".parse().unwrap())].into_iter().collect();
        assert!(gate.lets_in(&own) && !gate.lets_in(&other) && !gate.lets_in(&HeaderMap::new()));
        gate.open();
        assert!(gate.lets_in(&HeaderMap::new()));
    }
}
