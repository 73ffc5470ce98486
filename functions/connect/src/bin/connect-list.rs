//! `GET /v1/{merchantId}/payments/{paymentId}/disputes`: the disputes of a payment.

use recourse_connect::{ApiError, Connect, Target, caller, of_payment, to_list_response};
use recourse_edge::{ApiResponse, App, Request, serve};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Connect>("list", list).await
}

async fn list(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let disputes = of_payment(app, &caller, &Target::payment(request)?).await?;
    Ok(ApiResponse::json(200, "listed", &to_list_response(&disputes, caller.account(), app.context.now(), None)))
}
