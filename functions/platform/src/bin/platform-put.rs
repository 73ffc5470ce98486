//! `PUT /platform/v1/transactions/{trxid}`: tell of one transaction.

use recourse_dispute::dispute::By;
use recourse_dispute::lifecycle::Actor;
use recourse_edge::{Answer, Desk, Fault, Request, serve};
use recourse_platform::{Errors, Platform, Refusal, caller, read, told};
use recourse_store::Told;
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("put", put).await
}

async fn put(desk: &Desk, request: &Request) -> Result<Answer, Refusal> {
    let caller = caller(desk, request).await?;
    let json = std::str::from_utf8(&request.body);
    let json = json.map_err(|_| Refusal::Invalid(Errors::one("body", "must be UTF-8.")))?;
    let word = read(json, Some(request.parameter("trxid"))).map_err(Refusal::Invalid)?;
    let by = By { actor: Actor::Platform, name: caller.credential.key.to_string() };
    let outcome = desk.store.tell(&word, &by, desk.world.now(), desk.world.attempts()?).await?;
    let trxid = &word.facts.trxid;
    match outcome {
        Told::Created => Ok(Answer::json(201, "created", &json!({ "trxid": trxid, "status": "created" }))),
        Told::Replaced => Ok(Answer::json(200, "replaced", &json!({ "trxid": trxid, "status": "replaced" }))),
        Told::Stale => Ok(Answer::json(200, "stale", &json!({ "trxid": trxid, "status": "stale", "stale": true }))),
        Told::Contradicts(_) | Told::Taken(_) => Err(told(outcome).map_or_else(unnamed, Refusal::Conflict)),
    }
}

fn unnamed() -> Refusal {
    Fault::Broken("a conflict without a field".to_owned()).into()
}
