//! `PUT /arbiter/api/v1/disputes/{logCode}`: does one of the dispute's `statusActions` (ours).
//!
//! Done in two DynamoDB calls: one read of the dispute with its journal, one write; one more reads the parties' addresses where the
//! dispute was opened at another door. Overtaken by another change, it is decided anew.

use recourse_arbiter::{Arbiter, Refusal, caller, detail, find, log_code, numbered};
use recourse_dispute::dispute::Change;
use recourse_edge::{Answer, Desk, Fault, Request, serve};
use recourse_store::Changed;

/// How often an action that was overtaken is decided anew.
const MOST_ROUNDS: u32 = 8;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve::<Arbiter>("put", put).await
}

async fn put(desk: &Desk, request: &Request) -> Result<Answer, Refusal> {
    let caller = caller(desk, request).await?;
    let code = request.parameter("logCode");
    let number = numbered(code).ok_or(Refusal::NotFound)?;
    for _ in 0..MOST_ROUNDS {
        let mut record = desk.store.record_of(number).await?.ok_or(Refusal::NotFound)?;
        let before = &record.dispute;
        if caller.roles(&before.facts).is_empty() || log_code(before).as_deref() != Some(code) {
            return Err(Refusal::NotFound);
        }
        let (act, note) = find(&request.body, before, &caller)?;
        let now = desk.world.now();
        let broken = || Fault::Broken("an action that was offered cannot be done".to_owned());
        let mut change = act.done(before, &caller, note, now).ok_or_else(broken)?;
        desk.tell(before, &mut change, caller.teller()).await?;
        match desk.store.change(before, &change, None, None, &desk.world.attempt()?, now).await? {
            Changed::Changed(dispute) => {
                record.events.push(change.event);
                let detail = detail(&dispute, &record.events, &caller).ok_or_else(broken)?;
                return Ok(Answer::json(200, "done", &detail).about(number));
            }
            Changed::Overtaken => {}
            Changed::Replayed | Changed::Repeated(_) | Changed::Duplicate(_) | Changed::NotDisputable(_) => {
                return Err(Fault::Broken("an action was refused by something it does not touch".to_owned()).into());
            }
        }
    }
    Err(Fault::Unavailable("the dispute kept changing".to_owned()).into())
}
