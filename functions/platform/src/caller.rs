//! Who may call, and about the transactions of which environment.

use recourse_dispute::environment::Environment;
use recourse_edge::{App, AuthenticatedRequest, Refusal, Request, note_refusal};
use recourse_store::Role;

use crate::ApiError;

/// Authenticates a request, uses up its nonce, and admits only the platform's own keys.
///
/// The nonce is a write of its own here, before anything else is checked, as these calls need not
/// be fast.
///
/// # Errors
/// [`ApiError`].
pub async fn caller(app: &App, request: &Request) -> Result<AuthenticatedRequest, ApiError> {
    let caller = app.authenticate_v1::<ApiError>(request).await?;
    app.use_nonce::<ApiError>(&caller).await?;
    match caller.credential.role {
        Role::Platform => Ok(caller),
        Role::Client => {
            note_refusal(Refusal::WrongRole);
            Err(ApiError::Forbidden)
        }
    }
}

/// The environment that a caller reads and writes: that of its key's own account.
#[must_use]
pub fn environment(caller: &AuthenticatedRequest) -> Environment {
    caller.credential.account.environment
}
