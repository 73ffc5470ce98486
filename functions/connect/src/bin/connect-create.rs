//! `POST /v1/{merchantId}/payments/{paymentId}/dispute`: create a draft.

use recourse_connect::{ApiError, Connect, Target, caller, create as create_dispute, members};
use recourse_edge::{ApiResponse, App, Request, serve_body};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Connect>("create", members::CREATE, create).await
}

async fn create(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    create_dispute(app, &caller, &Target::payment(request)?, request).await
}
