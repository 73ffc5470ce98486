//! `GET /v1/{merchantId}/disputes/{disputeId}`: a dispute. One DynamoDB call.

use recourse_connect::{Connect, ApiError, caller, to_response, visible};
use recourse_edge::{Answer, App, Request, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve::<Connect>("get", get).await
}

async fn get(desk: &App, request: &Request) -> Result<Answer, ApiError> {
    let caller = caller(desk, request).await?;
    let dispute = visible(desk, &caller, request.parameter("disputeId")).await?;
    Ok(Answer::json(200, "found", &to_response(&dispute, caller.account(), desk.context.now())).about(dispute.number))
}
