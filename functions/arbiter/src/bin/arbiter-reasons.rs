//! `GET /arbiter/api/v1/disputes/categories/{category}/reasons`: the reasons for which a dispute of
//! the category may be logged. It makes no DynamoDB call.

use recourse_arbiter::{ApiError, Arbiter, Reason, caller, rules, takes_no_query};
use recourse_dispute::lifecycle::Category;
use recourse_edge::{ApiResponse, App, Request, serve};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Arbiter>("reasons", list).await
}

async fn list(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    caller(app, request).await?;
    takes_no_query(request)?;
    let category = Category::parse(request.parameter("category")).ok_or(ApiError::NotFound)?;
    let one = |reason: &Reason| {
        json!({
            "code": reason.code, "name": reason.name, "description": reason.description, "disputeCategory": category.name()
        })
    };
    let reasons: Vec<Value> = rules(category)?.reasons.iter().map(one).collect();
    Ok(ApiResponse::json(200, "listed", &reasons))
}
