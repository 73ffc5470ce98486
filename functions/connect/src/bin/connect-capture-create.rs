//! `POST /v1/{merchantId}/captures/{captureId}/dispute`: create a draft, of a payment that one of
//! its captures names.

use recourse_connect::{ApiError, Connect, Target, caller, create, members};
use recourse_edge::{ApiResponse, App, Request, serve_body};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Connect>("capture-create", members::CREATE, capture_create).await
}

async fn capture_create(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    create(app, &caller, &Target::capture(request)?, request).await
}
