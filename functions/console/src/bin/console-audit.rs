//! `/console/audit` and `/console/audit.csv`: the audit log, for those who may read it.

use recourse_console::{AuditAction, audit, serve};
use recourse_edge::{App, Request};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    serve("audit", AuditAction::AuditLog, async |app: &App, request: &Request| match request.path.as_str() {
        "/console/audit.csv" => audit::export(app, request).await,
        _ => audit::show(app, request).await,
    })
    .await
}
