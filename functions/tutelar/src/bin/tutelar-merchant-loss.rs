//! `PUT /api/v1/dispute/merchant-loss/{disputeId}`: the merchant's verdict, once. It closes the
//! dispute and frees its transaction.

use recourse_dispute::lifecycle::Action;
use recourse_edge::{ApiResponse, App, Request, serve_body};
use recourse_tutelar::{ApiError, LOST, Tutelar, members, verdict};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Tutelar>("merchant-loss", members::VERDICT, merchant_loss).await
}

async fn merchant_loss(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    verdict(app, request, Action::VerdictLost, "lost", LOST).await
}
