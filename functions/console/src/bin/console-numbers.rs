//! `/console/numbers`: how many disputes there were, and how long they took.

use recourse_console::{AuditAction, ConsoleError, numbers, serve};
use recourse_edge::{ApiResponse, App, Request};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve("numbers", AuditAction::Numbers, async |app: &App, request: &Request| route(app, request).await).await
}

async fn route(app: &App, request: &Request) -> Result<ApiResponse, ConsoleError> {
    match request.path.as_str() {
        "/console/numbers" => numbers::show(app, request).await,
        "/console/numbers.csv" => numbers::download(app, request).await,
        _ => Err(ConsoleError::NotFound),
    }
}
