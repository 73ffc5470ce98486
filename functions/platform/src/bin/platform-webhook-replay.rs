//! `POST /platform/v1/webhook-endpoints/{id}/replay`: send events once more that were delivered or
//! given up.

use recourse_dispute::webhook::WebhookId;
use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_operations::webhooks;
use recourse_platform::{ApiError, MAX_REPLAYED, Platform, caller, endpoint, read_replay, request_id, webhook_error};
use serde::Serialize;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("webhook-replay", replay).await
}

#[derive(Serialize)]
struct Replayed<'a> {
    id: &'a WebhookId,
    replayed: Vec<String>,
}

async fn replay(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let filter = read_replay(request)?;
    let endpoint = endpoint(app, &caller, request).await?;
    let id = &endpoint.id;
    let named = request_id(request, &caller, "webhook-replay", id.as_str())?;
    let now = app.context.now();
    let replayed = Box::pin(webhooks::replay(&app.store, id, &filter, Some(&named), MAX_REPLAYED, now)).await;
    let replayed = replayed.map_err(webhook_error)?;
    Ok(ApiResponse::json(200, "replayed", &Replayed { id, replayed }))
}
