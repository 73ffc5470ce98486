//! `/console/settings`: accounts, keys and people of banks, mails, playbooks, the outbox, health,
//! and the operators.

use recourse_console::{AuditAction, SettingsPages, serve};
use recourse_edge::{App, Request};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    let pages = SettingsPages::from_environment()?;
    serve("settings", AuditAction::Settings, async |app: &App, request: &Request| pages.answer(app, request).await)
        .await
}
