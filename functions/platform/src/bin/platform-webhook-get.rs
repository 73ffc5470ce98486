//! `GET /platform/v1/webhook-endpoints/{id}`: one webhook endpoint. One read.

use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_operations::webhooks::EndpointView;
use recourse_platform::{ApiError, Platform, caller, endpoint};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("webhook-get", get).await
}

async fn get(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let endpoint = endpoint(app, &caller, request).await?;
    Ok(ApiResponse::json(200, "found", &EndpointView::of(&endpoint, app.context.now())))
}
