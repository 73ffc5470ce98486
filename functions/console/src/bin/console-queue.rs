//! `/console/queue`: the cases to work on, by state and time; and taking them and handing them
//! over.

use recourse_aws::Aws;
use recourse_casework::{Casework, PlaybookSet, Settings};
use recourse_console::{AuditAction, queue, serve};
use recourse_edge::{App, Request};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    let settings = Settings::from_environment(&Aws::from_environment()?)?;
    // Whose case it is leaves no decision to a playbook, so none is read.
    let playbooks = PlaybookSet::Unreadable("the queue reads no playbooks".to_owned());
    let casework = Casework::new(settings, playbooks)
        .map_err(|problems| problems.first().map(ToString::to_string).unwrap_or_default())?;
    serve("queue", AuditAction::Queue, async |app: &App, request: &Request| queue::serve(app, request, &casework).await)
        .await
}
