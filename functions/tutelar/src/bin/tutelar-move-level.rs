//! `PUT /api/v1/dispute/move-level/{disputeId}`: move on to the next of three levels. The account's
//! configuration, which is read with the dispute, says when the dispute is due.

use recourse_dispute::channels::tutelar;
use recourse_dispute::lifecycle::Action;
use recourse_edge::{ApiResponse, App, Request, serve_body};
use recourse_tutelar::{ApiError, Tutelar, caller, change, due, members, moved, number, read_body, success};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Tutelar>("move-level", members::MOVE_LEVEL, move_level).await
}

async fn move_level(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let (due, comments) = due(&read_body(&request.body)?, app.context.now())?;
    let mut level = None;
    change(app, request, &caller, true, |dispute, by| {
        let change = by.moved(dispute, Action::MoveLevel, due, comments.clone())?;
        level = Some(tutelar::view(change.dispute.state).level);
        Ok(Some(change))
    })
    .await?;
    let text = level.map(moved).unwrap_or_default();
    Ok(success(200, "moved", &text, None::<()>).about(number(request)?))
}
