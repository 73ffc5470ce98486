//! What goes out.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use recourse_dispute::number::DisputeNumber;
use serde::Serialize;

/// The status of no answer.
const NO_ANSWER: u16 = 0;

/// An HTTP answer, and what the request's log line says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiResponse {
    status: u16,
    headers: BTreeMap<&'static str, String>,
    cookies: Vec<String>,
    body: String,
    is_base64: bool,
    outcome: &'static str,
    dispute: Option<DisputeNumber>,
    stale_updates: Option<u64>,
}

/// API Gateway's payload format 2.0 of an answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wire {
    status_code: u16,
    headers: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    body: String,
    is_base64_encoded: bool,
}

impl ApiResponse {
    /// A JSON answer. The log line names it by `outcome`, which is never a value of the request.
    #[must_use]
    pub fn json(status: u16, outcome: &'static str, body: &impl Serialize) -> Self {
        match serde_json::to_string(body) {
            Ok(body) => Self::json_text(status, outcome, body),
            Err(_) => Self::json_text(500, "unprintable", "{}".to_owned()),
        }
    }

    /// The same, with the body as JSON text already.
    #[must_use]
    pub fn json_text(status: u16, outcome: &'static str, body: String) -> Self {
        Self::text(status, outcome, "application/json", body)
    }

    /// A page.
    #[must_use]
    pub fn html(status: u16, outcome: &'static str, body: String) -> Self {
        Self::text(status, outcome, "text/html; charset=utf-8", body)
    }

    /// An answer of text of any type.
    #[must_use]
    pub fn text(status: u16, outcome: &'static str, media: &str, body: String) -> Self {
        let headers = BTreeMap::from([("content-type", media.to_owned())]);
        let cookies = Vec::new();
        Self { status, headers, cookies, body, is_base64: false, outcome, dispute: None, stale_updates: None }
    }

    /// An answer of bytes.
    #[must_use]
    pub fn bytes(status: u16, outcome: &'static str, media: &str, bytes: &[u8]) -> Self {
        Self { is_base64: true, ..Self::text(status, outcome, media, BASE64.encode(bytes)) }
    }

    /// No answer, for a fault on purpose. API Gateway answers 500 by itself to a status that is
    /// none; the local cloud ends the connection.
    pub(crate) fn none() -> Self {
        Self::json(NO_ANSWER, "no_answer", &serde_json::json!({}))
    }

    /// The same answer with one more header, whose name is in lower case. A value that no header
    /// can have leaves it out.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        if is_header_value(&value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The same answer with one more cookie: the whole value of a `Set-Cookie`. One that no header
    /// can have is left out.
    #[must_use]
    pub fn with_cookie(mut self, cookie: impl Into<String>) -> Self {
        let cookie = cookie.into();
        if is_header_value(&cookie) {
            self.cookies.push(cookie);
        }
        self
    }

    /// The same answer, with the dispute it is about named in the log line.
    #[must_use]
    pub fn about(mut self, number: DisputeNumber) -> Self {
        self.dispute = Some(number);
        self
    }

    /// The same answer, with the number of updates in the log line that came after a newer one and
    /// so changed nothing; an alarm watches them.
    #[must_use]
    pub fn counting_stale_updates(mut self, stale: u64) -> Self {
        self.stale_updates = Some(stale);
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The cookies that it sets, each the whole value of a `Set-Cookie`.
    #[must_use]
    pub fn cookies(&self) -> &[String] {
        &self.cookies
    }

    /// The body: text, or base64 where the answer is one of bytes.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    pub(crate) fn outcome(&self) -> &'static str {
        self.outcome
    }

    pub(crate) fn dispute(&self) -> Option<DisputeNumber> {
        self.dispute
    }

    pub(crate) fn stale_updates(&self) -> Option<u64> {
        self.stale_updates
    }

    pub(crate) fn into_wire(self) -> Wire {
        let Self { status, headers, cookies, body, is_base64, .. } = self;
        Wire { status_code: status, headers, cookies, body, is_base64_encoded: is_base64 }
    }
}

/// Whether a header can have this value.
fn is_header_value(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_have_a_place_of_their_own() {
        let page = ApiResponse::html(200, "shown", "<p>".to_owned());
        let plain = serde_json::to_value(page.clone().into_wire()).unwrap();
        assert!(plain.get("cookies").is_none(), "{plain}");
        let page = page.with_cookie("a=1; Secure").with_cookie("b=2").with_cookie("c=3\r\nx: y");
        assert_eq!(page.cookies(), ["a=1; Secure", "b=2"]);
        let wire = serde_json::to_value(page.into_wire()).unwrap();
        assert_eq!(wire["cookies"], serde_json::json!(["a=1; Secure", "b=2"]));
        assert_eq!(wire["headers"]["content-type"], "text/html; charset=utf-8");
    }
}
