//! `POST /platform/v1/webhook-endpoints/{id}/rotate-secret`: give a webhook endpoint a new secret,
//! which the answer has and no other one. The secret before signs on for a day.

use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_operations::webhooks::rotate_for;
use recourse_platform::{
    ApiError, Platform, audit, caller, endpoint, no_body, request_id, secret, to_disclosure, webhook_error,
};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("webhook-rotate", rotate).await
}

async fn rotate(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    no_body(request)?;
    let id = endpoint(app, &caller, request).await?.id;
    let named = request_id(request, &caller, "webhook-rotate", id.as_str())?;
    let (secret, nonce, audit) = (secret(app)?, app.context.bytes()?, audit(app, &caller));
    let (about, made, tokens) = ((&id, &named), (secret.as_str(), nonce), app.context.write_tokens()?);
    let rotated = Box::pin(rotate_for(&app.store, app.sealer(), about, made, &audit, tokens)).await;
    let rotated = rotated.map_err(webhook_error)?;
    let outcome = if rotated.is_new { "rotated" } else { "repeated" };
    Ok(to_disclosure(200, outcome, &rotated, audit.at))
}
