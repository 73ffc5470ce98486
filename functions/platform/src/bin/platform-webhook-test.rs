//! `POST /platform/v1/webhook-endpoints/{id}/test`: send an event that tries a webhook endpoint
//! out. It is sent once, by the worker; the list of deliveries shows how that ended.

use recourse_edge::{ApiResponse, App, Request, ServiceError, serve};
use recourse_operations::webhooks::{self, DeliveryView};
use recourse_platform::{ApiError, Platform, caller, endpoint, no_body, webhook_error};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("webhook-test", test).await
}

async fn test(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    no_body(request)?;
    let endpoint = endpoint(app, &caller, request).await?;
    let (random, now, token) = (app.context.bytes()?, app.context.now(), app.context.write_token()?);
    let id = webhooks::test(&app.store, &endpoint, random, now, &token).await.map_err(webhook_error)?;
    let made = app.store.delivery(&id).await?;
    let made = made.ok_or_else(|| ServiceError::invariant("a delivery that was made is not there", &id))?;
    Ok(ApiResponse::json(202, "sent", &DeliveryView::of(&made)))
}
