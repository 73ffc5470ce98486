//! Running the functions of the console.

use lambda_http::Error;
use recourse_edge::{ApiResponse, App, Request};
use recourse_store::AuditOutcome;

use crate::action::AuditAction;
use crate::error::{Console, ConsoleError, nothing_here};
use crate::form::Form;
use crate::frame::Nav;
use crate::origin::is_same_origin;
use crate::visitor::{Visitor, note};

/// The page of an address at which there is nothing, for who is signed in.
pub(crate) fn not_found(visitor: &Visitor) -> ApiResponse {
    nothing_here(visitor.frame("Not found", Nav::None))
}

/// What an address is answered with at which there is nothing. Only somebody who is signed in
/// learns that.
///
/// # Errors
/// [`ConsoleError`].
pub async fn nowhere(app: &App, request: &Request) -> Result<ApiResponse, ConsoleError> {
    Visitor::of(app, request).await.map(|visitor| not_found(&visitor))
}

/// Runs `endpoint` as the function `call` of the console, until Lambda ends it. A refusal is in the
/// audit log, as `action`, before it is answered.
///
/// # Errors
/// As [`recourse_edge::serve`].
pub async fn serve(
    call: &'static str,
    action: AuditAction,
    endpoint: impl AsyncFn(&App, &Request) -> Result<ApiResponse, ConsoleError>,
) -> Result<(), Error> {
    let endpoint = &endpoint;
    recourse_edge::serve::<Console>(call, async move |app: &App, request: &Request| {
        match endpoint(app, request).await {
            Err(ConsoleError::Forbidden(refusal)) => {
                let outcome = AuditOutcome::Refused(refusal.reason.to_owned());
                note(app, request, action, refusal.operator.as_ref(), outcome).await?;
                Err(ConsoleError::Forbidden(refusal))
            }
            Err(ConsoleError::SignedOut) if request.method == "POST" => {
                let form = if is_same_origin(request) { Form::read(request).ok() } else { None };
                let draft = form.and_then(|form| form.all("text").next().map(str::to_owned));
                Err(ConsoleError::SignedOutWith(draft.filter(|draft| !draft.is_empty())))
            }
            answer => answer,
        }
    })
    .await
}
