//! `GET /platform/v1/disputes`: the disputes of the caller's environment, the newest first, a page
//! at a time. One read of the disputes, and before it one query of an account's list, or one for
//! each day of the list without an account.

use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_platform::{ApiError, DisputeQuery, DisputeResponse, Platform, caller, environment, to_dispute_response};
use serde::Serialize;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Platform>("disputes", disputes).await
}

#[derive(Serialize)]
struct Page<'a> {
    disputes: Vec<DisputeResponse<'a>>,
    /// Where the next page begins; `null` at the end.
    next: Option<String>,
}

async fn disputes(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let query = DisputeQuery::read(app, &request.query).await?;
    let page = query.page(app, environment(&caller)).await?;
    let found = if page.numbers.is_empty() { Vec::new() } else { app.store.disputes(&page.numbers).await? };
    let wanted = found.iter().filter(|dispute| query.takes(dispute.state.is_open(), dispute.channel));
    let disputes = wanted.filter_map(|dispute| to_dispute_response(dispute, environment(&caller))).collect();
    Ok(ApiResponse::json(200, "listed", &Page { disputes, next: page.next }))
}
