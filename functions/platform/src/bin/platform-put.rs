//! `PUT /platform/v1/transactions/{trxid}`: tell of one transaction.

use recourse_edge::{Answer, Desk, Request, serve};
use recourse_platform::{Errors, Platform, Refusal, Taken, caller, environment, read, take};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("put", put).await
}

async fn put(desk: &Desk, request: &Request) -> Result<Answer, Refusal> {
    let caller = caller(desk, request).await?;
    let json = std::str::from_utf8(&request.body);
    let json = json.map_err(|_| Refusal::Invalid(Errors::one("body", "must be UTF-8.")))?;
    let word = read(json, Some(request.parameter("trxid")), environment(&caller)).map_err(Refusal::Invalid)?;
    let taken = take(desk, &caller, &word).await?;
    let (trxid, name) = (&word.facts.trxid, taken.name());
    Ok(match taken {
        Taken::Created => Answer::json(201, name, &json!({ "trxid": trxid, "status": name })),
        Taken::Replaced => Answer::json(200, name, &json!({ "trxid": trxid, "status": name })),
        Taken::Stale => Answer::json(200, name, &json!({ "trxid": trxid, "status": name, "stale": true })),
    })
}
