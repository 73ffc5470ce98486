//! Why a page is not shown, or a form not accepted.

use askama::Template;
use recourse_edge::{Api, ApiResponse, App, ChannelError, NoRandomness, Request, ServiceError};
use recourse_operations::NoCasework;
use recourse_store::{Operator, StoreError};

use crate::cookie::without_session;
use crate::frame::Frame;
use crate::page::{html, see_other};

/// Why a page is not shown, or a form not accepted.
#[derive(Clone, Debug)]
pub enum ConsoleError {
    /// There is no session, or it is over: the browser is led to the sign-in.
    SignedOut,
    /// As [`Self::SignedOut`], for a form: what its field `text` had is shown, so that it is not
    /// lost. Nothing is shown of what a page of somebody else's sent.
    SignedOutWith(Option<String>),
    /// Who asks may not do that, or the request did not come from a page of ours. It is in the
    /// audit log.
    Forbidden(Refusal),
    /// A form that no page of ours sends. The text is for people.
    BadForm(&'static str),
    /// There is no such page, case or file.
    NotFound,
    /// Too many attempts.
    TooMany,
    /// 500 or 503: us. Nothing was ordered, or nothing of it was begun.
    Service(ServiceError),
    /// 500 or 503: us, after an order was begun. It may be carried out or not.
    OutcomeUnknown(ServiceError),
}

/// What a page says of an order whose outcome is not known.
pub(crate) const OUTCOME_UNKNOWN: &str = "What you ordered may be done or not. Please look before you try again.";

/// A refusal, for the audit log.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Who was refused.
    pub operator: Option<Operator>,
    /// Why, such as `role`, as the audit log has it.
    pub reason: &'static str,
}

impl ConsoleError {
    /// A refusal of somebody who is not signed in, for the reason that the audit log has.
    pub(crate) fn refused(reason: &'static str) -> Self {
        Self::Forbidden(Refusal { operator: None, reason })
    }

    /// The same error, once an order was begun.
    pub(crate) fn after_order(self) -> Self {
        match self {
            Self::Service(error) => Self::OutcomeUnknown(error),
            other => other,
        }
    }
}

/// The console, for what all its functions share.
#[derive(Clone, Copy, Debug)]
pub struct Console;

/// A page that says that something is not done.
#[derive(Template)]
#[template(path = "problem.html")]
struct Problem {
    frame: Frame,
    text: &'static str,
    /// What the form had in its longest field.
    draft: Option<String>,
    /// What the link at the end says, and where it leads.
    way: (&'static str, &'static str),
}

const TO_QUEUE: (&str, &str) = ("To the queue", "/console/queue");
const TO_SIGN_IN: (&str, &str) = ("Sign in", "/console/sign-in");

fn problem(status: u16, outcome: &'static str, title: &str, text: &'static str) -> ApiResponse {
    html(status, outcome, &Problem { frame: Frame::anonymous(title), text, draft: None, way: TO_QUEUE })
}

/// The page of an address at which there is nothing, within a frame.
pub(crate) fn nothing_here(frame: Frame) -> ApiResponse {
    let text = "There is nothing at this address.";
    html(404, "not_found", &Problem { frame, text, draft: None, way: TO_QUEUE })
}

impl Api for Console {
    const NAME: &'static str = "console";
    type Error = ConsoleError;

    fn answer(error: &ConsoleError, _: &App, request: &Request) -> ApiResponse {
        match error {
            ConsoleError::SignedOut => without_session(see_other("/console/sign-in", "signed_out"), request),
            ConsoleError::SignedOutWith(draft) => {
                let text = "Nothing was done. Sign in again and send it once more. Leave this page open meanwhile.";
                let frame = Frame::anonymous("Your session is over");
                let page = Problem { frame, text, draft: draft.clone(), way: TO_SIGN_IN };
                without_session(html(401, "signed_out", &page), request)
            }
            ConsoleError::Forbidden(_) => {
                let text = "Your role does not allow this, or the page that sent it is too old. Nothing was done. \
                            The audit log has an entry of it.";
                problem(403, "forbidden", "Not allowed", text)
            }
            ConsoleError::BadForm(text) => problem(400, "bad_form", "That cannot be read", text),
            ConsoleError::NotFound => problem(404, "not_found", "Not found", "There is nothing at this address."),
            ConsoleError::TooMany => {
                problem(429, "too_many", "Too many attempts", "Please wait an hour, and try again.")
                    .with_header("retry-after", "3600")
            }
            // A function that came to no end may have done what it was for.
            ConsoleError::OutcomeUnknown(error)
            | ConsoleError::Service(error @ (ServiceError::TimedOut { .. } | ServiceError::Panicked)) => {
                problem(error.status(), error.outcome(), "Nobody knows whether that worked", OUTCOME_UNKNOWN)
            }
            ConsoleError::Service(error) => {
                let text = if error.is_temporary() {
                    "The service is not available at the moment. Nothing was shown or done. Please try again."
                } else {
                    "Something is broken. Nothing was shown or done. The operators of the service have been told."
                };
                problem(error.status(), error.outcome(), "That did not work", text)
            }
        }
    }
}

impl ChannelError for ConsoleError {
    fn service_error(&self) -> Option<&ServiceError> {
        match self {
            Self::Service(error) | Self::OutcomeUnknown(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ServiceError> for ConsoleError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl From<StoreError> for ConsoleError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl From<NoRandomness> for ConsoleError {
    fn from(error: NoRandomness) -> Self {
        Self::Service(error.into())
    }
}

impl From<NoCasework> for ConsoleError {
    fn from(error: NoCasework) -> Self {
        Self::Service(ServiceError::invariant("the rules of the support process cannot be read", error))
    }
}
