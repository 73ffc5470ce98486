//! `GET /platform/v1/disputes/{caseId}`: one dispute of the caller's environment. One read.

use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_platform::{ApiError, Platform, caller, environment, number, to_dispute_response};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("dispute", dispute).await
}

async fn dispute(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let number = number(request.parameter("caseId")).ok_or(ApiError::NoDispute)?;
    let dispute = app.store.dispute(number).await?.ok_or(ApiError::NoDispute)?;
    let body = to_dispute_response(&dispute, environment(&caller)).ok_or(ApiError::NoDispute)?;
    Ok(ApiResponse::json(200, "found", &body).about(number))
}
