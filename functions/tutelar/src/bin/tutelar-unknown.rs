//! Whatever else is under `/api/v1/dispute/`: no call of this door, said in this door's form, since API Gateway's own 404 has another.

use recourse_edge::{Answer, App, Request, serve};
use recourse_tutelar::{ApiError, Tutelar, caller};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve::<Tutelar>("unknown", unknown).await
}

async fn unknown(desk: &App, request: &Request) -> Result<Answer, ApiError> {
    caller(desk, request).await?;
    Err(ApiError::NotFound)
}
