//! `GET /platform/v1/transactions/{trxid}`: what is known of one transaction.

use recourse_dispute::ids::Trxid;
use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_platform::{ApiError, Platform, caller, environment, to_response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("get", get).await
}

async fn get(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let trxid = Trxid::parse(request.parameter("trxid")).map_err(|_| ApiError::NotFound)?;
    let transaction = app.store.transaction(environment(&caller), &trxid).await?.ok_or(ApiError::NotFound)?;
    Ok(ApiResponse::json(200, "found", &to_response(&transaction)))
}
