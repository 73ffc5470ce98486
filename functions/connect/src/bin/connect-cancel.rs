//! `POST /v1/{merchantId}/disputes/{disputeId}/cancel`: withdraw a draft, or a dispute that was
//! submitted. Everybody who could see the submitted dispute is notified, and sees it closed.

use recourse_connect::{ApiError, Connect, act, members};
use recourse_dispute::lifecycle::Action;
use recourse_edge::{ApiResponse, App, Request, serve_body};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Connect>("cancel", members::NONE, cancel).await
}

async fn cancel(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    act(app, request, Action::Cancel, "cancelled").await
}
