//! `PUT /api/v1/dispute/reopen/{disputeId}`: take back a verdict of the merchant. The dispute takes
//! the active-dispute lock of its transaction again, unless another dispute has it. The account's
//! configuration, which is read with the dispute, says when the dispute is due.

use recourse_dispute::lifecycle::{Action, Level};
use recourse_edge::{ApiResponse, App, Request, serve_body};
use recourse_tutelar::{
    ApiError, NOT_REOPENED, Tutelar, caller, change, change_limit_reached, due, level, members, number, read_body,
    reopened, success,
};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Tutelar>("reopen", members::REOPEN, reopen).await
}

async fn reopen(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let body = read_body(&request.body)?;
    let (due, comments) = due(&body, app.context.now())?;
    let level = level(&body)?.unwrap_or(Level::One);
    let action = Action::Reopen(level);
    change(app, request, &caller, true, |dispute, by| {
        let change = by.moved(dispute, action, due, comments.clone())?;
        if change_limit_reached(dispute) { Err(ApiError::of(NOT_REOPENED)) } else { Ok(Some(change)) }
    })
    .await?;
    Ok(success(200, "reopened", &reopened(level), None::<()>).about(number(request)?))
}
