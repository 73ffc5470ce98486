//! `GET /platform/v1/webhook-endpoints/{id}/deliveries`: what was delivered to a webhook endpoint
//! in the last 30 days, the newest first, a page at a time. One read and one query. An endpoint
//! that was removed still has its deliveries.

use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_operations::webhooks::{DeliveryView, has_failed};
use recourse_platform::{ApiError, DeliveryQuery, Platform, caller, owned};
use serde::Serialize;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("webhook-deliveries", deliveries).await
}

#[derive(Serialize)]
struct Page<'a> {
    deliveries: Vec<DeliveryView<'a>>,
    /// Where the next page begins; `null` at the end.
    next: Option<String>,
}

async fn deliveries(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let query = DeliveryQuery::read(&request.query)?;
    let endpoint = owned(app, &caller, request).await?;
    let page = query.page(app, &endpoint.id).await?;
    let wanted = page.deliveries.iter().filter(|delivery| !query.failed || has_failed(delivery));
    let next = page.next.as_ref().map(DeliveryQuery::next);
    Ok(ApiResponse::json(200, "listed", &Page { deliveries: wanted.map(DeliveryView::of).collect(), next }))
}
