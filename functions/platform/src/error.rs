//! Why a call is not done, in the API's own form.

use recourse_edge::{Api, ApiResponse, App, FieldErrors, Request, ServiceError, V1AuthError};
use serde_json::json;

/// Why a call is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// 401: the signature.
    Unauthorized(V1AuthError),
    /// 403: a key that is not the platform's.
    Forbidden,
    /// 400: the transaction cannot be read, or the caller's environment does not have its account.
    Invalid(FieldErrors),
    /// 409: it contradicts what is known.
    Conflict(FieldErrors),
    /// 400: the query of a list.
    InvalidQuery(FieldErrors),
    /// 404: the caller's environment has none.
    NotFound,
    /// 404: the caller's environment has no such dispute, or it is a draft.
    NoDispute,
    /// 400: a request about webhook endpoints, by member or header.
    InvalidRequest(FieldErrors),
    /// 404: the caller's environment has no such webhook endpoint.
    NoEndpoint,
    /// 409: why what is asked of a webhook endpoint cannot be done.
    Refused(&'static str),
    /// 500 or 503: us.
    Service(ServiceError),
}

/// The API, for what all its endpoints share.
#[derive(Clone, Copy, Debug)]
pub struct Platform;

impl Api for Platform {
    const NAME: &'static str = "platform";
    type Error = ApiError;

    fn answer(error: &ApiError, _: &App, _: &Request) -> ApiResponse {
        match error {
            ApiError::Unauthorized(unauthorized) => unauthorized.answer(),
            ApiError::Forbidden => {
                V1AuthError::forbidden("This API key is a client key; this API takes a platform key.")
            }
            ApiError::Invalid(errors) => ApiResponse::json(
                400,
                "invalid",
                &json!({ "message": "The transaction is not valid.", "errors": errors }),
            ),
            ApiError::Conflict(errors) => {
                let message = "The transaction contradicts what is known.";
                ApiResponse::json(409, "conflict", &json!({ "message": message, "errors": errors }))
            }
            ApiError::InvalidQuery(errors) => {
                ApiResponse::json(400, "invalid", &json!({ "message": "The query is not valid.", "errors": errors }))
            }
            ApiError::InvalidRequest(errors) => {
                ApiResponse::json(400, "invalid", &json!({ "message": "The request is not valid.", "errors": errors }))
            }
            ApiError::NoEndpoint => {
                ApiResponse::json(404, "not_found", &json!({ "message": "No webhook endpoint has this id." }))
            }
            ApiError::Refused(message) => ApiResponse::json(409, "conflict", &json!({ "message": message })),
            ApiError::NoDispute => {
                ApiResponse::json(404, "not_found", &json!({ "message": "No dispute has this id." }))
            }
            ApiError::NotFound => {
                ApiResponse::json(404, "not_found", &json!({ "message": "No transaction has this trxid." }))
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
