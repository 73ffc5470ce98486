//! `GET /v1/{merchantId}/captures/{captureId}/disputes`: the disputes of a payment that one of its
//! captures names.

use recourse_connect::{ApiError, Connect, Target, caller, of_payment, to_list_response};
use recourse_edge::{ApiResponse, App, Request, serve};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Connect>("capture-list", capture_list).await
}

async fn capture_list(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let disputes = of_payment(app, &caller, &Target::capture(request)?).await?;
    let capture = Some(request.parameter("captureId"));
    Ok(ApiResponse::json(200, "listed", &to_list_response(&disputes, caller.account(), app.context.now(), capture)))
}
