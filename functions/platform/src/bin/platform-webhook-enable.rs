//! `POST /platform/v1/webhook-endpoints/{id}/enable`: deliver events to a webhook endpoint
//! again.

use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_operations::accounts::Done;
use recourse_operations::webhooks::{EndpointView, change_endpoint};
use recourse_platform::{ApiError, Platform, audit, caller, endpoint, no_body, webhook_error};
use recourse_store::EndpointChange;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("webhook-enable", enable).await
}

async fn enable(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    no_body(request)?;
    let id = endpoint(app, &caller, request).await?.id;
    let change = EndpointChange::Enable;
    let (audit, tokens) = (audit(app, &caller), app.context.write_tokens()?);
    let changed = Box::pin(change_endpoint(&app.store, app.sealer(), &id, &change, &audit, tokens)).await;
    let (endpoint, done) = changed.map_err(webhook_error)?;
    let outcome = if done == Done::Changed { "enabled" } else { "unchanged" };
    Ok(ApiResponse::json(200, outcome, &EndpointView::of(&endpoint, app.context.now())))
}
