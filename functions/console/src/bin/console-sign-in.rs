//! `/console`: the sign-in, the sign-out, the style and the scripts, the way to the queue, and all
//! addresses at which there is nothing.

use recourse_console::sign_in::{self, SignIn};
use recourse_console::{AuditAction, ConsoleError, asset_response, nowhere, see_other, serve};
use recourse_edge::{ApiResponse, App, Request};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), lambda_http::Error> {
    let sign_in = SignIn::from_environment()?;
    serve("sign-in", AuditAction::SignIn, async |app: &App, request: &Request| route(app, request, &sign_in).await)
        .await
}

async fn route(app: &App, request: &Request, sign_in: &SignIn) -> Result<ApiResponse, ConsoleError> {
    let has_provider = sign_in.identity.is_some();
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/console") => Ok(see_other("/console/queue", "redirected")),
        ("GET", "/console/sign-in") => sign_in::show(app, request, sign_in).await,
        ("POST", "/console/sign-in") => sign_in::ask(app, request, sign_in).await,
        ("GET", "/console/sign-in/identity") if has_provider => sign_in::to_provider(app, request, sign_in).await,
        ("GET", "/console/sign-in/callback") if has_provider => sign_in::from_provider(app, request, sign_in).await,
        ("GET", "/console/link") => sign_in::open(app, request, sign_in).await,
        ("POST", "/console/sign-out") => sign_in::sign_out(app, request).await,
        ("GET", path) if path.starts_with("/console/assets/") => {
            asset_response(request.parameter("name")).ok_or(ConsoleError::NotFound)
        }
        _ => nowhere(app, request).await,
    }
}
