//! `GET /arbiter/api/v1/transactions/types/{type}/references/{reference}`: a transaction, and which
//! disputes can be logged about it. Two reads.

use recourse_arbiter::{ApiError, Arbiter, caller, takes_no_query, transaction_response};
use recourse_dispute::ids::{Reference, TransactionType};
use recourse_edge::{ApiResponse, App, Request, ServiceError, serve};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Arbiter>("transaction", get).await
}

async fn get(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    takes_no_query(request)?;
    // A name that no transaction can have is answered as that of a missing transaction.
    let kind = TransactionType::parse(request.parameter("type")).map_err(|_| ApiError::NotFound)?;
    let reference = Reference::parse(request.parameter("reference")).map_err(|_| ApiError::NotFound)?;
    let facts = app.store.by_reference(caller.environment, &kind, &reference).await?;
    let facts = facts.ok_or(ApiError::NotFound)?;
    if caller.roles(&facts).is_empty() {
        return Err(ApiError::NotFound);
    }
    let lost = || ServiceError::invariant("the transaction that a reference names is missing", &facts.trxid);
    let record = app.store.transaction_record(facts.environment, &facts.trxid).await?.ok_or_else(lost)?;
    Ok(ApiResponse::json(200, "found", &transaction_response(&record)?))
}
