//! `GET /platform/v1/transactions/{trxid}`: what is known of one transaction, with its disputes.
//! One query, and one read of the disputes where there are some.

use recourse_dispute::ids::Trxid;
use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_platform::{ApiError, Platform, caller, environment, to_dispute_response, to_response};

/// The most disputes that are shown of a transaction: the newest ones, as one read takes a hundred.
const MAX_DISPUTES: usize = 100;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("get", get).await
}

async fn get(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let trxid = Trxid::parse(request.parameter("trxid")).map_err(|_| ApiError::NotFound)?;
    let environment = environment(&caller);
    let record = app.store.transaction_record(environment, &trxid).await?.ok_or(ApiError::NotFound)?;
    let newest = record.disputes.len().saturating_sub(MAX_DISPUTES);
    let numbers = record.disputes.get(newest..).unwrap_or_default();
    let disputes = if numbers.is_empty() { Vec::new() } else { app.store.disputes(numbers).await? };
    let disputes = disputes.iter().filter_map(|dispute| to_dispute_response(dispute, environment)).collect();
    Ok(ApiResponse::json(200, "found", &to_response(&record.transaction, disputes)))
}
