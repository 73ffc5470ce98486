//! `GET /platform/v1/webhook-endpoints`: the webhook endpoints of the caller's environment, a page
//! at a time. One query of all endpoints of the deployment.

use recourse_dispute::webhook::WebhookId;
use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_operations::webhooks::EndpointView;
use recourse_platform::{ApiError, EndpointQuery, Platform, caller, environment};
use serde::Serialize;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("webhook-list", list).await
}

#[derive(Serialize)]
struct Page<'a> {
    endpoints: Vec<EndpointView<'a>>,
    /// Where the next page begins; `null` at the end.
    next: Option<WebhookId>,
}

async fn list(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let query = EndpointQuery::read(&request.query)?;
    let page = query.page(environment(&caller), app.store.webhooks().await?);
    let now = app.context.now();
    let endpoints = page.endpoints.iter().map(|endpoint| EndpointView::of(endpoint, now)).collect();
    Ok(ApiResponse::json(200, "listed", &Page { endpoints, next: page.next }))
}
