//! `PATCH /api/v1/dispute/update/{disputeId}`: correct a dispute's details (vendor specification,
//! Tutelar "Update Dispute").
//!
//! It costs two DynamoDB calls: one reads the dispute and the account's configuration, one writes.
//! A call that is refused, or changes nothing, costs the read. Two updates at once are applied one
//! after the other, so none of their members is lost.

use recourse_edge::{ApiResponse, App, Request, serve_body};
use recourse_tutelar::{ApiError, Tutelar, UPDATED, caller, change, members, number, read_body, success, updated};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve_body::<Tutelar>("update", members::UPDATE, update).await
}

async fn update(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let body = read_body(&request.body)?;
    change(app, request, &caller, true, |dispute, by| updated(dispute, &body, by)).await?;
    Ok(success(200, "updated", UPDATED, None::<()>).about(number(request)?))
}
