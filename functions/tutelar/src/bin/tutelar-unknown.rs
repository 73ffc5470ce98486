//! Every other path under `/api/v1/dispute/`: no call of this API, answered in its form, as API
//! Gateway's own 404 has another one.

use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_tutelar::{ApiError, Tutelar, caller};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Tutelar>("unknown", unknown).await
}

async fn unknown(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    caller(app, request).await?;
    Err(ApiError::NotFound)
}
