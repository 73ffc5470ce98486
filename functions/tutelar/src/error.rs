//! The envelope of every answer, and why a call is not done (Tutelar contract, "Envelope").
//!
//! A failure's `code` is always 300, whatever its HTTP status. A store that is out of reach is a
//! 500, too: the vendor publishes no 503.

use std::borrow::Cow;

use recourse_dispute::lifecycle;
use recourse_edge::{Api, ApiResponse, App, FieldError, Request, ServiceError};
use serde::Serialize;

use crate::texts;

/// How a client that was not authenticated is to authenticate. Some send their credentials only
/// after this.
const CHALLENGE: &str = "Basic realm=\"disputes\"";
/// What `code` says of every failure.
const FAILURE: u16 = 300;

#[derive(Serialize)]
struct Envelope<'a, T> {
    success: bool,
    code: u16,
    message: &'a str,
    data: T,
}

#[derive(Serialize)]
struct Nothing {}

/// A success; `outcome` is what the log line calls it. `None` is an empty `data`.
#[must_use]
pub fn success(status: u16, outcome: &'static str, message: &str, data: Option<impl Serialize>) -> ApiResponse {
    match data {
        Some(data) => ApiResponse::json(status, outcome, &Envelope { success: true, code: status, message, data }),
        None => {
            ApiResponse::json(status, outcome, &Envelope { success: true, code: status, message, data: Nothing {} })
        }
    }
}

/// Why a call is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// 401: no credentials, wrong ones, or the platform's own.
    Unauthorized,
    /// 404: no such call.
    NotFound,
    /// 422: nothing of the caller's is called so.
    NoData,
    /// 422, with this text.
    Refused(Cow<'static, str>),
    /// 500: us.
    Service(ServiceError),
}

impl ApiError {
    /// 422 with a text.
    #[must_use]
    pub fn of(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(text.into())
    }
}

/// The error for an action that the lifecycle does not allow; `closed` is the text of this call for
/// a closed dispute.
#[must_use]
pub fn lifecycle(refusal: lifecycle::TransitionError, closed: &'static str) -> ApiError {
    use lifecycle::TransitionError as Reason;
    match refusal {
        // A caller who sees the dispute gets the reason. Others got "no data" before.
        Reason::NotTheirs => ApiError::of(texts::NOT_RAISED_HERE),
        Reason::NotTheirTurn => ApiError::of(texts::NOT_YOUR_TURN),
        Reason::NoEvidence => ApiError::of(texts::NO_EVIDENCE),
        Reason::OthersActed => ApiError::of(texts::OTHERS_ACTED),
        Reason::NotSubmitted => ApiError::of(texts::NOT_SUBMITTED),
        Reason::AlreadyClosed | Reason::AlreadySubmitted => ApiError::of(closed),
        // The deadline worker closes it within a minute.
        Reason::TimeIsUp => ApiError::of(texts::CLOSED),
        Reason::NotClosed => ApiError::of(texts::OPEN),
        Reason::NotDecided | Reason::NotTheirVerdict => ApiError::of(texts::NOT_REOPENED),
        Reason::WrongStage => ApiError::of(texts::LAST_LEVEL),
        Reason::NotInCategory => ApiError::of(texts::NO_LEVEL),
    }
}

/// The API, for what all its endpoints share.
#[derive(Clone, Copy, Debug)]
pub struct Tutelar;

impl Api for Tutelar {
    const NAME: &'static str = "tutelar";
    type Error = ApiError;

    fn answer(error: &ApiError, _: &App, _: &Request) -> ApiResponse {
        let (status, outcome, message): (u16, _, &str) = match error {
            ApiError::Unauthorized => (401, "invalid_credentials", texts::UNAUTHORIZED),
            ApiError::NotFound => (404, "no_such_call", texts::NOT_FOUND),
            ApiError::NoData => (422, "not_found", texts::NO_DATA),
            ApiError::Refused(text) => (422, "refused", text),
            ApiError::Service(error) => (500, error.outcome(), texts::BROKEN),
        };
        let answer =
            ApiResponse::json(status, outcome, &Envelope { success: false, code: FAILURE, message, data: Nothing {} });
        if status == 401 { answer.with_header("www-authenticate", CHALLENGE) } else { answer }
    }
}

recourse_edge::from_service_errors!(ApiError);

impl From<FieldError> for ApiError {
    fn from(error: FieldError) -> Self {
        Self::of(texts::invalid(&error.field))
    }
}
