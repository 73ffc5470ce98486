//! `GET /arbiter/api/v1/disputes`: the caller's disputes, the newest first.

use recourse_arbiter::{ApiError, Arbiter, Query, caller, listed, to_list_response};
use recourse_edge::{ApiResponse, App, Request, serve};
use serde::Serialize;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve::<Arbiter>("query", query).await
}

#[derive(Serialize)]
struct Page<T> {
    count: u64,
    content: Vec<T>,
}

async fn query(app: &App, request: &Request) -> Result<ApiResponse, ApiError> {
    let caller = caller(app, request).await?;
    let query = Query::read(&request.query)?;
    let listed = listed(app, &caller, &query).await?;
    let content = listed.content.iter().filter_map(to_list_response).collect();
    Ok(ApiResponse::json(200, "listed", &Page { count: listed.count, content }))
}
