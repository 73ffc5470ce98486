//! `GET /api/v1/dispute/view/{disputeId}`: a dispute with its details and its journey, in two
//! DynamoDB calls: the dispute, which says whether the caller may see it, and all of it.

use recourse_dispute::dispute::Dispute;
use recourse_edge::{ApiResponse, App, Request, serve};
use recourse_tutelar::{ApiError, DETAILS, Tutelar, caller, number, success, viewer};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Tutelar>("view", view).await
}

async fn view(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let number = number(request)?;
    let may_see = |dispute: &Dispute| viewer(dispute, &caller.account).has_a_role();
    let record = app.store.record_for(number, may_see).await?;
    let record = record.ok_or(ApiError::NoData)?;
    let data = recourse_tutelar::view(&record, &caller.account);
    Ok(success(200, "shown", DETAILS, Some(data)).about(number))
}
