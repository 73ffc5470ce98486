//! `PATCH /api/v1/dispute/update/{disputeId}`: correct a dispute's details (seed 003).
//!
//! Done in two DynamoDB calls: one read of the dispute and the account's configuration, one transaction. Refused for its input, or with nothing that
//! differs from what is known, it takes the read. Two updates at once are applied one after the other: none of their members is lost.

use recourse_dispute::details::Day;
use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::lifecycle::{Action, step};
use recourse_edge::{Answer, Desk, Request, serve};
use recourse_tutelar::{
    By, CLOSED, NO_CONFIGURATION, Object, Refusal, Rules, Tutelar, UPDATED, amend, caller, change, changed, disputed,
    lifecycle, number, success,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve::<Tutelar>("update", update).await
}

async fn update(desk: &Desk, request: &Request) -> Result<Answer, Refusal> {
    let caller = caller(desk, request).await?;
    let body = Object::read(&request.body)?;
    change(desk, request, &caller, true, |dispute, by| updated(dispute, &body, by)).await?;
    Ok(success(200, "updated", UPDATED, None::<()>).about(number(request)?))
}

/// What a body makes of a dispute; `None` where nothing differs.
fn updated(dispute: &Dispute, body: &Object<'_>, by: By<'_>) -> Result<Option<Change>, Refusal> {
    let configuration = by.configuration.ok_or(Refusal::of(NO_CONFIGURATION))?;
    let state = step(dispute.state, dispute.category, by.actor, Action::Update);
    let state = state.map_err(|refusal| lifecycle(refusal, CLOSED))?;
    let (facts, amount, today) = (&dispute.facts, dispute.amount, Day::of(by.now));
    let details = amend(&dispute.details, body, &Rules { configuration, known_banks: true, facts, amount, today })?;
    let names = changed(&dispute.details, &details);
    if names.is_empty() {
        return Ok(None);
    }
    let mut change = dispute.moved(Action::Update, state, by.by, Some(names.join(", ")), by.now);
    change.dispute.amount = disputed(&details, facts, amount)?;
    change.dispute.details = details;
    Ok(Some(change))
}
