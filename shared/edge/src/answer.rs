//! What goes out.

use std::collections::BTreeMap;

use recourse_dispute::number::DisputeNumber;
use serde::Serialize;

/// An HTTP answer, and what the request's log line says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    headers: BTreeMap<&'static str, String>,
    body: String,
    outcome: &'static str,
    dispute: Option<DisputeNumber>,
}

/// API Gateway's payload format 2.0 of an answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wire {
    status_code: u16,
    headers: BTreeMap<&'static str, String>,
    body: String,
    is_base64_encoded: bool,
}

impl Answer {
    /// A JSON answer; `outcome` is what the log line calls it: a word or two, never a value of the request.
    #[must_use]
    pub fn json(status: u16, outcome: &'static str, body: &impl Serialize) -> Self {
        let headers = BTreeMap::from([("content-type", "application/json".to_owned())]);
        match serde_json::to_string(body) {
            Ok(body) => Self { status, headers, body, outcome, dispute: None },
            Err(_) => Self { status: 500, headers, body: "{}".to_owned(), outcome: "unprintable", dispute: None },
        }
    }

    /// The same answer, with the dispute it is about named in the log line.
    #[must_use]
    pub fn about(mut self, number: DisputeNumber) -> Self {
        self.dispute = Some(number);
        self
    }

    /// The same answer, with a header.
    #[must_use]
    pub fn with(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self.headers.insert(header, value.into());
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The body.
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

    pub(crate) fn into_wire(self) -> Wire {
        Wire { status_code: self.status, headers: self.headers, body: self.body, is_base64_encoded: false }
    }
}
