//! `GET /v1/{merchantId}/disputes/{disputeId}`: a dispute. One DynamoDB call.

use recourse_connect::{ApiError, Connect, caller, to_response, visible};
use recourse_edge::{ApiResponse, App, Request, serve};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Connect>("get", get).await
}

async fn get(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let dispute = visible(app, &caller, request.parameter("disputeId")).await?;
    Ok(ApiResponse::json(200, "found", &to_response(&dispute, caller.account(), app.context.now()))
        .about(dispute.number))
}
