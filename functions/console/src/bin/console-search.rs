//! `/console/search`: disputes by what people know of them.

use recourse_console::{AuditAction, ConsoleError, search, serve};
use recourse_edge::{ApiResponse, App, Request};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve("search", AuditAction::Search, async |app: &App, request: &Request| route(app, request).await).await
}

async fn route(app: &App, request: &Request) -> Result<ApiResponse, ConsoleError> {
    match request.method.as_str() {
        "GET" => search::show(app, request).await,
        "POST" => search::ask(app, request).await,
        _ => Err(ConsoleError::NotFound),
    }
}
