//! `POST /platform/v1/webhook-endpoints`: add a webhook endpoint. The answer has its secret, which
//! no other answer has.

use recourse_edge::{ApiResponse, App, FieldErrors, Request, serve};
use recourse_operations::webhooks::{NewEndpoint, add_for};
use recourse_platform::{
    AddRequest, ApiError, Platform, audit, caller, environment, request_id, secret, to_disclosure, webhook_error,
};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("webhook-add", add).await
}

async fn add(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let id = request_id(request, &caller, "webhook-add", "")?;
    let AddRequest { account, url, events } = AddRequest::read(request)?;
    let account = account.unwrap_or_else(|| caller.credential.account.id.clone());
    if app.account(environment(&caller), &account).await?.is_none() {
        let rule = "must be an account of your key's environment.";
        return Err(ApiError::InvalidRequest(FieldErrors::one("account", rule)));
    }
    let (secret, nonce, audit) = (secret(app)?, app.context.bytes()?, audit(app, &caller));
    let new = NewEndpoint { account: &account, url: &url, events, secret: &secret, nonce };
    let tokens = app.context.write_tokens()?;
    let added = Box::pin(add_for(&app.store, app.sealer(), &id, new, &audit, tokens)).await;
    let added = added.map_err(webhook_error)?;
    let (status, outcome) = if added.is_new { (201, "added") } else { (200, "repeated") };
    Ok(to_disclosure(status, outcome, &added, audit.at))
}
