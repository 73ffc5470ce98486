//! Why a report is refused or fails, in the API's own form (vendor specification, IIMMPACT "Dispute
//! Transaction", "Response 400"; IIMMPACT contract, "Errors outside the vendor's specification").

use recourse_edge::{Api, ApiResponse, App, FieldErrors, Request, ServiceError, V1AuthError};
use serde_json::json;

/// Vendor specification, IIMMPACT "Dispute Transaction", "Response 400".
const INVALID: &str = "The given data was invalid.";
/// Vendor specification, IIMMPACT "Dispute Transaction": unknown, foreign and absent are one and
/// the same.
const INVALID_TRANSACTION: &str = "Invalid transaction ID or reference ID";

/// Why a report is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// 401: the signature.
    Unauthorized(V1AuthError),
    /// 403: the platform's own key reports nothing.
    Forbidden,
    /// 400: the body.
    Invalid(FieldErrors),
    /// 500 or 503: us.
    Service(ServiceError),
}

impl ApiError {
    /// The transaction is unknown, another account's, or was not named at all.
    #[must_use]
    pub fn no_such_transaction() -> Self {
        Self::Invalid(FieldErrors::one("trxid", INVALID_TRANSACTION))
    }
}

/// The API, for what all its endpoints share.
#[derive(Clone, Copy, Debug)]
pub struct Iimmpact;

impl Api for Iimmpact {
    const NAME: &'static str = "iimmpact";
    type Error = ApiError;

    fn answer(error: &ApiError, _: &App, _: &Request) -> ApiResponse {
        match error {
            ApiError::Unauthorized(unauthorized) => unauthorized.answer(),
            ApiError::Forbidden => {
                V1AuthError::forbidden("This API key is a platform key; reports are signed with a client key.")
            }
            ApiError::Invalid(errors) => {
                ApiResponse::json(400, "invalid", &json!({ "message": INVALID, "errors": errors }))
            }
            ApiError::Service(error) => error.v1_answer(),
        }
    }
}

recourse_edge::from_service_errors!(ApiError);

impl From<V1AuthError> for ApiError {
    fn from(unauthorized: V1AuthError) -> Self {
        Self::Unauthorized(unauthorized)
    }
}
