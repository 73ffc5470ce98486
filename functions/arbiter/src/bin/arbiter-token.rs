//! `POST /passport/oauth/token`: an access token, for a client itself or for one of its users.
//!
//! For a client's own no table is read while its key is known; a user's password takes three calls,
//! right or wrong: the attempt begins, the hash is read, and the attempt ends.

use recourse_arbiter::{Claims, Grant, LIFE_SECONDS, TokenError, TokenRequest, client, granted, issue};
use recourse_edge::{ApiResponse, App, Request, serve};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<TokenRequest>("token", token).await
}

async fn token(app: &App, request: &Request) -> Result<ApiResponse, TokenError> {
    let client = client(app, request).await?;
    let grant = Grant::read(&request.body)?;
    let user = granted(app, &client, &grant).await?;
    let account = &client.account;
    let domain = account.domain_code.clone().ok_or(TokenError::Client)?;
    let claims = Claims::new(user, domain, account.id.clone(), account.environment, app.context.now());
    let token = issue(app, &claims).await?;
    let body = json!({ "access_token": token, "token_type": "bearer", "expires_in": LIFE_SECONDS });
    Ok(ApiResponse::json(200, "granted", &body).with_header("cache-control", "no-store"))
}
