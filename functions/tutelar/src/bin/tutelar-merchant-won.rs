//! `PUT /api/v1/dispute/merchant-won/{disputeId}`: the merchant's verdict, once. It closes the
//! dispute and frees its transaction.

use recourse_dispute::lifecycle::Action;
use recourse_edge::{ApiResponse, App, Request, serve_body};
use recourse_tutelar::{ApiError, Tutelar, WON, members, verdict};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Tutelar>("merchant-won", members::VERDICT, merchant_won).await
}

async fn merchant_won(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    verdict(app, request, Action::VerdictWon, "won", WON).await
}
