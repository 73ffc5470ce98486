//! Why a call is refused or fails, in the API's own form (vendor specification, Connect "Submit
//! dispute", "Response 400"; Connect contract, "Errors").

use recourse_dispute::claim::NoRoom;
use recourse_edge::{Api, ApiResponse, App, FieldError, GcsAuthError, Request, ServiceError};
use recourse_files::{FilesError, ReleaseError};
use serde::Serialize;

use crate::problem::{ErrorBody, Problem};

/// Why a call is refused or fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// The call is refused.
    Problem(Problem),
    /// Recourse or AWS failed.
    Service(ServiceError),
}

/// The API, for what all its endpoints share.
#[derive(Clone, Copy, Debug)]
pub struct Connect;

/// The form of an error: the members of the sample of the vendor's Connect "Submit dispute", in its
/// order, and what the vendor's clients read besides.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorResponse<'a> {
    error_id: &'a str,
    errors: Vec<ErrorEntry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorEntry<'a> {
    code: &'a str,
    id: &'a str,
    category: &'a str,
    message: &'a str,
    http_status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    property_name: Option<&'a str>,
    request_id: &'a str,
}

impl<'a> ErrorEntry<'a> {
    fn of(body: &'a ErrorBody, request_id: &'a str) -> Self {
        Self {
            code: body.code,
            id: body.id,
            category: body.category,
            message: &body.message,
            http_status_code: body.status,
            property_name: body.property.as_deref(),
            request_id,
        }
    }
}

impl Api for Connect {
    const NAME: &'static str = "connect";
    type Error = ApiError;

    fn answer(error: &ApiError, _: &App, request: &Request) -> ApiResponse {
        let problem = match error {
            ApiError::Problem(problem) => problem,
            ApiError::Service(_) => &Problem::Internal,
        };
        let bodies = problem.bodies();
        let (status, outcome) = bodies.first().map_or((500, "broken"), |body| (body.status, body.outcome));
        // The vendor publishes both as texts for its support, and no form of them. One id for both
        // leads from the client's report to the log line.
        let id = request.id();
        let entry = |body| ErrorEntry::of(body, id);
        ApiResponse::json(status, outcome, &ErrorResponse { error_id: id, errors: bodies.iter().map(entry).collect() })
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<FieldError> for ApiError {
    fn from(error: FieldError) -> Self {
        Problem::invalid(error.field, error.message).into()
    }
}

impl From<NoRoom> for ApiError {
    fn from(limit: NoRoom) -> Self {
        Self::Problem(Problem::NoRoom(limit))
    }
}

recourse_edge::from_service_errors!(ApiError);

impl From<FilesError> for ApiError {
    fn from(error: FilesError) -> Self {
        let FilesError { operation, context } = error;
        Self::Service(ServiceError::Files { operation, context })
    }
}

impl From<ReleaseError> for ApiError {
    fn from(error: ReleaseError) -> Self {
        match error {
            ReleaseError::NotScanned => Problem::NotScanned.into(),
            ReleaseError::Withheld => Problem::Infected.into(),
            ReleaseError::Files(error) => error.into(),
        }
    }
}

impl From<GcsAuthError> for ApiError {
    fn from(error: GcsAuthError) -> Self {
        Self::Problem(match error {
            GcsAuthError::Malformed | GcsAuthError::Invalid => Problem::Unauthorized,
            GcsAuthError::MalformedDate => Problem::MalformedDate,
            GcsAuthError::Stale(seconds) => Problem::StaleDate(seconds),
        })
    }
}
