//! `PUT /api/v1/dispute/reopen/{disputeId}`: take up again what was decided. It claims its transaction again, unless another dispute has it.

use recourse_dispute::lifecycle::{Action, Level, step};
use recourse_edge::{Answer, Desk, Request, serve};
use recourse_tutelar::{
    CLOSED, Object, Refusal, Tutelar, caller, change, due, level, lifecycle, number, reopened, success,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve::<Tutelar>("reopen", reopen).await
}

async fn reopen(desk: &Desk, request: &Request) -> Result<Answer, Refusal> {
    let caller = caller(desk, request).await?;
    let body = Object::read(&request.body)?;
    let (due, comments) = due(&body)?;
    let level = level(&body)?.unwrap_or(Level::One);
    let action = Action::Reopen(level);
    change(desk, request, &caller, false, |dispute, by| {
        let state = step(dispute.state, dispute.category, by.actor, action);
        let state = state.map_err(|refusal| lifecycle(refusal, CLOSED))?;
        let mut change = dispute.moved(action, state, by.by, comments.clone(), by.now);
        change.dispute.details.due = due.or(dispute.details.due);
        Ok(Some(change))
    })
    .await?;
    Ok(success(200, "reopened", &reopened(level), None::<()>).about(number(request)?))
}
