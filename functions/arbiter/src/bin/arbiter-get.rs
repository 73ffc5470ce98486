//! `GET /arbiter/api/v1/disputes/{logCode}`: one dispute, with what the caller may do to it and its
//! journal. Two reads; of a dispute that is not the caller's, or not there, one.

use recourse_arbiter::{ApiError, Arbiter, caller, detail, numbered, takes_no_query};
use recourse_edge::{ApiResponse, App, Request, serve};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Arbiter>("get", get).await
}

async fn get(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    takes_no_query(request)?;
    let code = request.parameter("logCode");
    let number = numbered(code).ok_or(ApiError::NotFound)?;
    let record = app.store.record_for(number, |dispute| caller.finds(dispute, code)).await?;
    let record = record.ok_or(ApiError::NotFound)?;
    let detail = detail(&record, &caller, app.context.now()).ok_or(ApiError::NotFound)?;
    Ok(ApiResponse::json(200, "found", &detail).about(number))
}
