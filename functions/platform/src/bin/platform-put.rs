//! `PUT /platform/v1/transactions/{trxid}`: store an update of one transaction.

use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_platform::{ApiError, Platform, UpdateOutcome, caller, environment, read, upsert};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("put", put).await
}

async fn put(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let path = Some(request.parameter("trxid"));
    let update = read(&request.body, path, environment(&caller), app.context.now()).map_err(ApiError::Invalid)?;
    let taken = upsert(app, &caller, &update).await?;
    let (trxid, name) = (&update.facts.trxid, taken.name());
    let answer = match taken {
        UpdateOutcome::Created => ApiResponse::json(201, name, &json!({ "trxid": trxid, "status": name })),
        UpdateOutcome::Replaced => ApiResponse::json(200, name, &json!({ "trxid": trxid, "status": name })),
        UpdateOutcome::Stale => ApiResponse::json(200, name, &json!({ "trxid": trxid, "status": name, "stale": true })),
    };
    Ok(answer.counting_stale_updates(u64::from(taken == UpdateOutcome::Stale)))
}
