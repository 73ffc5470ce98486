//! `POST /v1/{merchantId}/disputes/{disputeId}/submit`: send a draft off (vendor specification,
//! Connect "Submit dispute").
//!
//! "The dispute status was changed from DRAFT to CREATED." One transaction submits it, takes the
//! active-dispute lock of the payment and enqueues the first mails. From then on its evidence does
//! not change and the payment can have no other dispute. Where the payment has another live dispute
//! by then, this one stays a draft.

use recourse_connect::{ApiError, Connect, act, members};
use recourse_dispute::lifecycle::Action;
use recourse_edge::{ApiResponse, App, Request, serve_body};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Connect>("submit", members::NONE, submit).await
}

async fn submit(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    act(app, request, Action::Submit, "submitted").await
}
