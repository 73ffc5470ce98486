//! What comes in: API Gateway's payload format 2.0, read into what an endpoint needs.
//!
//! Not read by `lambda_http`: it turns the event into an `http::Request`, which panics on a path
//! that API Gateway has decoded (a space, say) and fails on a header value that is not ASCII. API
//! Gateway would answer either with its own 500, not in the API's form.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use recourse_aws::is_request_id;
use recourse_signing::diagnosis::Sent;
use serde::Deserialize;
use serde::de::Error;

/// An HTTP request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method, upper case.
    pub method: String,
    /// The path as API Gateway gives it: decoded.
    pub path: String,
    /// The query as it was sent, without the `?`.
    pub query: String,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    headers: BTreeMap<String, String>,
    parameters: BTreeMap<String, String>,
    cookies: Vec<String>,
    source_ip: String,
    id: String,
    invocation_id: String,
}

/// The largest body that is looked at for a mistake, in bytes: it is printed in some twenty forms.
const MAX_DIAGNOSED: usize = 16 * 1024;

impl Request {
    /// The id of the request, which its answer has, too: API Gateway's own, or Lambda's where there
    /// is none. It has letters, digits, `_`, `-` and `=`, and may be empty in a test alone.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Lambda's id of the call, which the other log lines of the function have; empty in a test.
    #[must_use]
    pub fn invocation_id(&self) -> &str {
        &self.invocation_id
    }

    /// The request as a signature may be over it, with its headers. A body that is too large to be
    /// looked at for a mistake is left out.
    pub(crate) fn sent<'a>(&'a self, headers: &'a [(&'a str, &'a str)]) -> Sent<'a> {
        let body: &[u8] = if self.body.len() > MAX_DIAGNOSED { &[] } else { &self.body };
        Sent { method: &self.method, path: &self.path, query: &self.query, headers, body }
    }

    /// The same request, of a call with this id.
    #[must_use]
    pub(crate) fn invoked_as(mut self, id: &str) -> Self {
        if is_request_id(id) {
            id.clone_into(&mut self.invocation_id);
        }
        if self.id.is_empty() {
            self.id.clone_from(&self.invocation_id);
        }
        self
    }

    /// A header by its name, in any case. If the header was sent several times, its values are
    /// joined by commas.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(&name.to_ascii_lowercase()).map(String::as_str)
    }

    /// Every header, its name in lower case, in the order of the names.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A parameter of the route's path, decoded; empty if the route has no such parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// A cookie by its name; the first one, if the name was sent several times.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let mut pairs = self.cookies.iter().filter_map(|cookie| cookie.split_once('='));
        pairs.find_map(|(sent, value)| (sent == name).then_some(value))
    }

    /// The address that the request came from, as API Gateway saw it. No header has a part in it.
    #[must_use]
    pub fn source_ip(&self) -> &str {
        &self.source_ip
    }
}

/// The event, as far as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpApiEvent {
    #[serde(default)]
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    path_parameters: Option<BTreeMap<String, String>>,
    #[serde(default)]
    cookies: Vec<String>,
    request_context: Context,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    http: Http,
    #[serde(default)]
    request_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    #[serde(default)]
    source_ip: String,
}

impl<'de> Deserialize<'de> for Request {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event = HttpApiEvent::deserialize(deserializer)?;
        let body = event.body.unwrap_or_default();
        let body =
            if event.is_base64_encoded { BASE64.decode(body).map_err(D::Error::custom)? } else { body.into_bytes() };
        Ok(Self {
            method: event.request_context.http.method,
            path: event.raw_path,
            query: event.raw_query_string,
            body,
            headers: in_lower_case(event.headers),
            parameters: event.path_parameters.unwrap_or_default(),
            cookies: event.cookies,
            source_ip: event.request_context.http.source_ip,
            id: Some(event.request_context.request_id).filter(|id| is_request_id(id)).unwrap_or_default(),
            invocation_id: String::new(),
        })
    }
}

/// Headers with their names in lower case, which API Gateway's already are.
fn in_lower_case(headers: BTreeMap<String, String>) -> BTreeMap<String, String> {
    if headers.keys().any(|name| name.bytes().any(|byte| byte.is_ascii_uppercase())) {
        headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect()
    } else {
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(event: serde_json::Value) -> Request {
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn bytes_come_through_as_they_were_sent() {
        let request = read(serde_json::json!({
            "rawPath": "/a b", "rawQueryString": "x=%20", "headers": {"X-Nonce": "é,b"},
            "pathParameters": {"trxid": "a b"}, "requestContext": {"http": {"method": "POST"}},
            "body": "/wD+", "isBase64Encoded": true
        }));
        assert_eq!(request.body, [0xff, 0x00, 0xfe]);
        assert_eq!(request.header("x-nonce"), Some("é,b"));
        assert_eq!(request.headers().collect::<Vec<_>>(), [("x-nonce", "é,b")]);
        assert_eq!(
            (request.path.as_str(), request.query.as_str(), request.parameter("trxid")),
            ("/a b", "x=%20", "a b")
        );
    }

    #[test]
    fn cookies_and_the_source_are_apart_from_the_headers() {
        let request = read(serde_json::json!({
            "headers": {"x-forwarded-for": "192.0.2.1"}, "cookies": ["a=1=2", "b=", "c", "a=3"],
            "requestContext": {"http": {"method": "GET", "sourceIp": "198.51.100.7"}}
        }));
        let cookies = ["a", "b", "c", "d"].map(|name| request.cookie(name));
        assert_eq!(cookies, [Some("1=2"), Some(""), None, None]);
        assert_eq!(request.source_ip(), "198.51.100.7");
    }

    #[test]
    fn the_id_is_the_gateways_or_lambdas() {
        let sent = |id: &str| {
            let request =
                read(serde_json::json!({ "requestContext": { "http": { "method": "GET" }, "requestId": id } }));
            request.invoked_as("5ded4dda-0000-4000-8000-000000000000")
        };
        let request = sent("JKJaXmPLvHcESHA=");
        assert_eq!(request.id(), "JKJaXmPLvHcESHA=");
        assert_eq!(request.invocation_id(), "5ded4dda-0000-4000-8000-000000000000");
        for id in ["", "a\r\nb: c"] {
            assert_eq!(sent(id).id(), "5ded4dda-0000-4000-8000-000000000000", "{id:?}");
        }
    }

    #[test]
    fn what_is_left_out_is_empty() {
        let request = read(serde_json::json!({"requestContext": {"http": {"method": "GET"}}}));
        assert_eq!((request.body.len(), request.header("host"), request.parameter("trxid")), (0, None, ""));
    }
}
