//! `PUT /arbiter/api/v1/disputes/{logCode}`: does one of the dispute's `statusActions` (Recourse-specific).
//!
//! Done in three DynamoDB calls: one read of the dispute, which says whether the caller may see it,
//! one with its journal, and one write; one more, once a minute, finds the addresses of the parties.
//! Overtaken by another change, it is decided anew.

use recourse_arbiter::{ApiError, Arbiter, Caller, caller, detail, find, numbered, takes_no_query};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::DisputeNumber;
use recourse_edge::{ApiResponse, App, Request, ServiceError, serve_body};
use recourse_store::{ChangeOutcome, with_deadline};

/// The members of a body that are read. All others are passed over, and named in the answer.
const MEMBERS: &[&str] = &["action", "comment"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Arbiter>("put", MEMBERS, put).await
}

async fn put(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    takes_no_query(request)?;
    let code = request.parameter("logCode");
    let number = numbered(code).ok_or(ApiError::NotFound)?;
    with_deadline(act_on(app, request, &caller, number)).await
}

/// Does the action, on the dispute as it then is.
async fn act_on(app: &App, request: &Request, caller: &Caller, number: DisputeNumber) -> Result<ApiResponse, ApiError> {
    let mut round = 0;
    loop {
        let finds = |dispute: &Dispute| caller.finds(dispute, request.parameter("logCode"));
        let mut record = app.store.record_for(number, finds).await?.ok_or(ApiError::NotFound)?;
        let before = &record.dispute;
        let now = app.context.now();
        let (status_action, note) = find(&request.body, &record, caller, now)?;
        let broken = || ServiceError::Broken("an action that was offered cannot be done".to_owned());
        let mut change = status_action.apply(before, caller, note, now).ok_or_else(broken)?;
        app.address_parties(before, &mut change, caller.acting_party()).await?;
        let token = app.context.write_token()?;
        match app.store.change(before, &change, None, &token, now).await? {
            ChangeOutcome::Changed(dispute) => {
                record.dispute = *dispute;
                record.events.push(change.event);
                let detail = detail(&record, caller, now).ok_or_else(broken)?;
                return Ok(ApiResponse::json(200, "done", &detail).about(number));
            }
            ChangeOutcome::VersionConflict => tokio::time::sleep(token.contention_backoff(round)).await,
            ChangeOutcome::Repeated(_) | ChangeOutcome::Duplicate(_) | ChangeOutcome::NotDisputable(_) => {
                return Err(
                    ServiceError::Broken("an action was refused by something it does not touch".to_owned()).into()
                );
            }
        }
        round += 1;
    }
}
