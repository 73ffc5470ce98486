//! `/console/cases/{case}`: a case on one page, the preview of a reply, and its files.

use recourse_console::{AuditAction, CasePages, serve};
use recourse_edge::{App, Request};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    let pages = CasePages::from_environment().await?;
    serve("case", AuditAction::Case, async |app: &App, request: &Request| pages.answer(app, request).await).await
}
