//! `PUT /arbiter/api/v1/disputes/{logCode}`: does one of the dispute's `statusActions` (ours).
//!
//! Done in two DynamoDB calls: one read of the dispute with its journal, one write; one more, once
//! a minute, finds the addresses of the parties. Overtaken by another change, it is decided anew.

use recourse_arbiter::{Arbiter, Caller, Refusal, caller, detail, find, numbered};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::DisputeNumber;
use recourse_edge::{Answer, Desk, Fault, Request, serve};
use recourse_store::{Changed, patiently};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve::<Arbiter>("put", put).await
}

async fn put(desk: &Desk, request: &Request) -> Result<Answer, Refusal> {
    let caller = caller(desk, request).await?;
    let code = request.parameter("logCode");
    let number = numbered(code).ok_or(Refusal::NotFound)?;
    patiently(act_on(desk, request, &caller, number)).await
}

/// Does the action, on the dispute as it then is.
async fn act_on(desk: &Desk, request: &Request, caller: &Caller, number: DisputeNumber) -> Result<Answer, Refusal> {
    let mut round = 0;
    let finds = |dispute: &Dispute| caller.finds(dispute, request.parameter("logCode"));
    loop {
        let mut record = desk.store.record_if(number, finds).await?.ok_or(Refusal::NotFound)?;
        let before = &record.dispute;
        let now = desk.world.now();
        let (act, note) = find(&request.body, &record, caller, now)?;
        let broken = || Fault::Broken("an action that was offered cannot be done".to_owned());
        let mut change = act.done(before, caller, note, now).ok_or_else(broken)?;
        desk.tell(before, &mut change, caller.acting_party()).await?;
        let attempt = desk.world.attempt()?;
        match desk.store.change(before, &change, None, &attempt, now).await? {
            Changed::Changed(dispute) => {
                record.dispute = *dispute;
                record.events.push(change.event);
                let detail = detail(&record, caller, now).ok_or_else(broken)?;
                return Ok(Answer::json(200, "done", &detail).about(number));
            }
            Changed::Overtaken => tokio::time::sleep(attempt.pause_in_crowd(round)).await,
            Changed::Repeated(_) | Changed::Duplicate(_) | Changed::NotDisputable(_) => {
                return Err(Fault::Broken("an action was refused by something it does not touch".to_owned()).into());
            }
        }
        round += 1;
    }
}
