//! `POST /v1/{merchantId}/disputes/{disputeId}/submit`: send a draft off (vendor specification,
//! Connect "Submit dispute").
//!
//! "The dispute status was changed from DRAFT to CREATED." One transaction submits it, takes the
//! active-dispute lock of the payment and enqueues the first mails. From then on its evidence does
//! not change and the payment can have no other dispute. Where the payment has another live dispute
//! by then, this one stays a draft.

use recourse_connect::{ApiError, Connect, caller, change, fingerprint, members, to_response};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::lifecycle::Action;
use recourse_edge::{ApiResponse, App, Request, serve_body};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Connect>("submit", members::NONE, submit).await
}

async fn submit(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let submitted = |dispute: &Dispute, now| {
        let state = caller.step(dispute, Action::Submit, now)?;
        Ok(dispute.moved(Action::Submit, state, caller.by(), None, now))
    };
    let print = |dispute: &Dispute| {
        ApiResponse::json(200, "submitted", &to_response(dispute, caller.account(), app.context.now()))
    };
    let fingerprint = fingerprint(&[&request.body]);
    change(app, &caller, request.parameter("disputeId"), &fingerprint, submitted, print).await
}
