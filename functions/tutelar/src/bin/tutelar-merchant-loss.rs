//! `PUT /api/v1/dispute/merchant-loss/{disputeId}`: the merchant's verdict, once. It closes the dispute and frees its transaction.

use recourse_dispute::lifecycle::Action;
use recourse_edge::{ApiResponse, App, Request, serve_body};
use recourse_tutelar::{LOST, ApiError, Tutelar, members, verdict};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Tutelar>("merchant-loss", members::VERDICT, merchant_loss).await
}

async fn merchant_loss(desk: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    verdict(desk, request, Action::VerdictLost, "lost", LOST).await
}
