//! Who calls, and what of a dispute is theirs: to act on, or to look at.

use std::sync::Arc;

use recourse_dispute::dispute::Dispute;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::policy::visibility::Viewer;
use recourse_edge::{App, Refusal, Request, note_refusal};
use recourse_store::{Account, Credential, Role};

use crate::ApiError;

/// Authenticates a request. The platform's own key is nobody here.
///
/// # Errors
/// [`ApiError`].
pub async fn caller(app: &App, request: &Request) -> Result<Arc<Credential>, ApiError> {
    let credential = app.authenticate_basic(request).await?.ok_or(ApiError::Unauthorized)?;
    if credential.role != Role::Client {
        note_refusal(Refusal::WrongRole);
        return Err(ApiError::Unauthorized);
    }
    Ok(credential)
}

/// The dispute that the path names, by this API's form of its number and no other.
///
/// # Errors
/// [`ApiError::NoData`], as for a dispute that is not there.
pub fn number(request: &Request) -> Result<DisputeNumber, ApiError> {
    let characters = request.parameter("disputeId").strip_prefix("dispute_").ok_or(ApiError::NoData)?;
    DisputeNumber::from_base62(characters).map_err(|_| ApiError::NoData)
}

/// In which role an account may act on a dispute; `None` where it is not to know that there is one.
///
/// The account whose transaction is disputed acts as the merchant. An account that opened a dispute
/// about another account's transaction may read and update it.
pub(crate) fn acting(dispute: &Dispute, account: &Account) -> Option<Actor> {
    if dispute.facts.account == account.id {
        Some(Actor::Account)
    } else if dispute.opener == account.id {
        Some(Actor::Opener)
    } else {
        None
    }
}

/// In which roles an account looks at a dispute. One that has none is not to know that the dispute
/// exists. The parties of the transaction look at it, too, by their domain codes.
#[must_use]
pub fn viewer(dispute: &Dispute, account: &Account) -> Viewer {
    dispute.viewer(&account.id, account.domain_code.as_ref(), account.environment)
}
