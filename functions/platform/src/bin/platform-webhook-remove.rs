//! `DELETE /platform/v1/webhook-endpoints/{id}`: remove a webhook endpoint for good. What waits at
//! it is given up. Sent again, it goes on where it stopped.

use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_operations::accounts::Done;
use recourse_operations::webhooks::{self, EndpointView};
use recourse_platform::{ApiError, Platform, audit, caller, no_body, owned, webhook_error};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("webhook-remove", remove).await
}

async fn remove(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    no_body(request)?;
    let id = owned(app, &caller, request).await?.id;
    let (audit, tokens) = (audit(app, &caller), app.context.write_tokens()?);
    let removed = Box::pin(webhooks::remove(&app.store, app.sealer(), &id, &audit, tokens)).await;
    let (endpoint, done) = removed.map_err(webhook_error)?;
    let outcome = if done == Done::Changed { "removed" } else { "unchanged" };
    Ok(ApiResponse::json(200, outcome, &EndpointView::of(&endpoint, app.context.now())))
}
