//! Why a call is not done, in the API's own form (Arbiter contract, "Errors": the statuses are
//! published, the body is Recourse-specific).

use recourse_edge::{Api, ApiResponse, App, FieldError, FieldErrors, Request, ServiceError};
use recourse_files::{FilesError, ReleaseError};
use serde_json::json;

/// Why a call is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// 401: the token is missing or not valid.
    Unauthorized,
    /// 400: the request.
    Invalid(FieldErrors),
    /// 404: not there, or somebody else's.
    NotFound,
    /// 409: a dispute of the transaction is live; its log code where this API shows it.
    Duplicate(Option<String>),
    /// 409: a file that is not scanned for malware yet.
    FileNotScanned,
    /// 409: a file that the malware scan holds back.
    FileWithheld,
    /// 500 or 503: us.
    Service(ServiceError),
}

/// The API, for what all its endpoints but the token's share.
#[derive(Clone, Copy, Debug)]
pub struct Arbiter;

impl Api for Arbiter {
    const NAME: &'static str = "arbiter";
    type Error = ApiError;

    fn answer(error: &ApiError, _: &App, _: &Request) -> ApiResponse {
        let said = |status, code: &'static str, message: &str, errors: &[FieldError]| {
            ApiResponse::json(status, code, &json!({ "code": code, "message": message, "errors": errors }))
        };
        let none = &[];
        match error {
            ApiError::Unauthorized => {
                let message = "A valid access token is required.";
                said(401, "unauthorized", message, none).with_header("www-authenticate", "Bearer")
            }
            ApiError::Invalid(errors) => said(400, "invalid_request", "The request is not valid.", errors.list()),
            ApiError::NotFound => said(404, "not_found", "There is no such transaction or dispute.", none),
            ApiError::Duplicate(Some(log_code)) => {
                said(409, "duplicate", &format!("The dispute {log_code} of this transaction is live already."), none)
            }
            ApiError::Duplicate(None) => said(409, "duplicate", "A dispute of this transaction is live already.", none),
            ApiError::FileNotScanned => {
                let message = "This file is still being scanned for malware. Please try again in a minute.";
                said(409, "file_not_scanned", message, none)
            }
            ApiError::FileWithheld => said(409, "file_withheld", "A scan for malware holds this file back.", none),
            ApiError::Service(error) => {
                let message = if error.is_temporary() {
                    "The service is temporarily unavailable. Please try again, and back off."
                } else {
                    "Server Error"
                };
                said(error.status(), error.outcome(), message, none)
            }
        }
    }
}

recourse_edge::from_service_errors!(ApiError);

impl From<ReleaseError> for ApiError {
    fn from(error: ReleaseError) -> Self {
        match error {
            ReleaseError::NotScanned => Self::FileNotScanned,
            ReleaseError::Withheld => Self::FileWithheld,
            ReleaseError::Files(FilesError { operation, context }) => {
                Self::Service(ServiceError::Files { operation, context })
            }
        }
    }
}
