//! `POST /v1/{merchantId}/disputes/{disputeId}/cancel`: withdraw a draft, or a dispute that was
//! submitted. Everybody who could see the submitted dispute is notified, and sees it closed.

use recourse_connect::{ApiError, Connect, caller, change, fingerprint, members, to_response};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::lifecycle::Action;
use recourse_edge::{ApiResponse, App, Request, serve_body};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Connect>("cancel", members::NONE, cancel).await
}

async fn cancel(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let cancelled = |dispute: &Dispute, now| {
        let state = caller.step(dispute, Action::Cancel, now)?;
        Ok(dispute.moved(Action::Cancel, state, caller.by(), None, now))
    };
    let print = |dispute: &Dispute| {
        ApiResponse::json(200, "cancelled", &to_response(dispute, caller.account(), app.context.now()))
    };
    let fingerprint = fingerprint(&[&request.body]);
    change(app, &caller, request.parameter("disputeId"), &fingerprint, cancelled, print).await
}
