//! `PUT /arbiter/api/v1/disputes/{logCode}`: does one of the dispute's `statusActions`
//! (Recourse-specific).
//!
//! It costs three DynamoDB calls: one reads the dispute, which says whether the caller may see it,
//! one reads it with its history, and one writes. One more, at most once a minute, finds the
//! addresses of the parties. After a version conflict the action is decided anew.

use recourse_arbiter::{ApiError, Arbiter, caller, detail, find, numbered, takes_no_query};
use recourse_dispute::dispute::Dispute;
use recourse_edge::{ApiResponse, App, Request, ServiceError, serve_body};
use recourse_store::{DisputeRecord, NoGuard};

/// The members of a body that are read. All others are passed over, and named in the answer.
const MEMBERS: &[&str] = &["action", "comment"];

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Arbiter>("put", MEMBERS, put).await
}

async fn put(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    takes_no_query(request)?;
    let code = request.parameter("logCode");
    let number = numbered(code).ok_or(ApiError::NotFound)?;
    let finds = |dispute: &Dispute| caller.finds(dispute, code);
    let read = async || app.store.record_for(number, finds).await?.ok_or(ApiError::NotFound);
    let decide = async |record: &DisputeRecord, now| {
        let before = &record.dispute;
        let (status_action, note) = find(&request.body, record, &caller, now)?;
        let refused = || {
            let what = "the state machine refuses an action that was offered";
            ServiceError::invariant(what, format!("{} in {:?}", number.case_id(), before.state))
        };
        let mut change = status_action.apply(before, &caller, note, now).ok_or_else(refused)?;
        app.address_parties(before, &mut change, caller.acting_party()).await?;
        Ok::<_, ApiError>((change, NoGuard))
    };
    let tokens = app.context.write_tokens()?;
    let revised = app.store.revise(number, read, decide, || app.context.now(), tokens).await?;
    let invariant = |what| ServiceError::invariant(what, number.case_id());
    let (mut record, change) = revised.written(number)?;
    record.dispute = change.dispute;
    let at = change.event.at;
    record.events.push(change.event);
    let detail = detail(&record, &caller, at);
    let detail = detail.ok_or_else(|| invariant("a dispute that was acted on has no Arbiter view"))?;
    Ok(ApiResponse::json(200, "done", &detail).about(number))
}
