//! Faults on purpose: what a script of a staging account's key does to a request.
//! Recourse-specific; docs/sandbox.md has a recipe for each.
//!
//! A step is taken once the caller is authenticated and before the endpoint does anything. What
//! happens after the endpoint is done is noted for the end of the request.
//!
//! **Invariant:** a request of a production account costs nothing more, and no script reaches it.

use std::time::Duration;

use recourse_dispute::environment::Environment;
use recourse_dispute::ids::KeyId;
use recourse_store::{Fault, FaultTarget};
use serde_json::json;

use crate::caller_note::note_fault;
use crate::{ApiResponse, App, ServiceError};

/// After how many seconds a client that got a 429 is to come again.
const RETRY_AFTER_SECONDS: &str = "2";

impl App {
    /// Does to a request of this key what the next step of its script says. Returns by how many
    /// seconds the clock is ahead with which the request's time is to be checked: 0 without a
    /// script, and always in production.
    ///
    /// # Errors
    /// [`ServiceError::OnPurpose`] where the request is not to be worked on, or another
    /// [`ServiceError`].
    pub async fn scripted_fault(&self, environment: Environment, key: &KeyId) -> Result<i64, ServiceError> {
        if environment != Environment::Staging {
            return Ok(0);
        }
        let (target, token) = (FaultTarget::Key(key.clone()), self.context.write_token()?);
        let taken = self.store.take_fault(environment, &target, &token, self.context.now()).await?;
        let Some(fault) = taken else { return Ok(0) };
        self.fail_on_purpose(fault).await?;
        Ok(if let Fault::ClockSkew(seconds) = fault { seconds } else { 0 })
    }

    /// Does to the request that is being answered what a fault says, and notes what is to happen
    /// at its end. Only for a caller of staging.
    ///
    /// # Errors
    /// [`ServiceError::OnPurpose`] where the request is not to be worked on.
    pub async fn fail_on_purpose(&self, fault: Fault) -> Result<(), ServiceError> {
        note_fault(fault);
        match fault {
            Fault::Delay(seconds) => {
                tokio::time::sleep(Duration::from_secs(seconds.into())).await;
                Ok(())
            }
            Fault::TooManyRequests | Fault::UnavailableBefore => Err(ServiceError::OnPurpose(fault)),
            // What happens after the write, or to the check of the time, is its caller's.
            Fault::Pass
            | Fault::UnavailableAfter
            | Fault::ResetAfter
            | Fault::ClockSkew(_)
            | Fault::Duplicate
            | Fault::OutOfOrder
            | Fault::BadSignature => Ok(()),
        }
    }

    /// Whether this is the first, third and so on request of its kind by a key in staging, for what
    /// fails every second time. Always false in production.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub async fn is_odd_turn(
        &self,
        environment: Environment,
        key: &KeyId,
        kind: &'static str,
    ) -> Result<bool, ServiceError> {
        let token = self.context.write_token()?;
        Ok(self.store.is_odd_turn(environment, key, kind, &token, self.context.now()).await?)
    }
}

/// API Gateway's own answer to a request beyond the limits of a route, which is the same at every
/// API.
pub(crate) fn too_many_requests() -> ApiResponse {
    ApiResponse::json(429, "too_many_requests", &json!({ "message": "Too Many Requests" }))
        .with_header("retry-after", RETRY_AFTER_SECONDS)
}
