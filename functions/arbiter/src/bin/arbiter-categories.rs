//! `GET /arbiter/api/v1/disputes/categories`: every category with its statuses, in order. It makes
//! no DynamoDB call.

use recourse_arbiter::{ApiError, Arbiter, caller, categories, takes_no_query};
use recourse_edge::{ApiResponse, App, Request, serve};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Arbiter>("categories", list).await
}

async fn list(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    caller(app, request).await?;
    takes_no_query(request)?;
    let all = categories()?.iter().map(|rules| rules.category);
    let all: Vec<Value> =
        all.map(|category| json!({ "category": category.name(), "statuses": category.statuses() })).collect();
    Ok(ApiResponse::json(200, "listed", &all))
}
