//! Storing a transaction update.

use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::transaction::Transaction;
use recourse_edge::{App, AuthenticatedRequest, FieldErrors};
use recourse_store::UpsertOutcome;

use crate::ApiError;

/// How an update was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateOutcome {
    /// The transaction was not known before.
    Created,
    /// It replaced what was known.
    Replaced,
    /// What is known is newer, or final: nothing changed.
    Stale,
}

impl UpdateOutcome {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Replaced => "replaced",
            Self::Stale => "stale",
        }
    }
}

/// Stores an update of a transaction of the caller's environment. An account that does not exist
/// and one of the other environment are refused alike, before anything else is read. So a staging
/// key writes nothing of production, and a misspelt account takes no trxid.
///
/// The account is read and cached for a minute. It is no condition of the write, as all updates of
/// an account would then conflict on its item. What was read holds all the same, because an account
/// is never removed and never changes its environment.
///
/// # Errors
/// [`ApiError::Invalid`] for the account, [`ApiError::Conflict`] with what is known,
/// [`ApiError::Service`].
pub async fn upsert(app: &App, caller: &AuthenticatedRequest, update: &Transaction) -> Result<UpdateOutcome, ApiError> {
    if app.account(update.facts.environment, &update.facts.account).await?.is_none() {
        return Err(ApiError::Invalid(FieldErrors::one("account", "must be an account of your key's environment.")));
    }
    let by = PerformedBy { actor: Actor::Platform, name: caller.credential.key.to_string() };
    let conflict = |field, text| Err(ApiError::Conflict(FieldErrors::one(field, text)));
    match app.store.upsert_transaction(update, &by, app.context.now(), app.context.write_tokens()?).await? {
        UpsertOutcome::Created => Ok(UpdateOutcome::Created),
        UpsertOutcome::Replaced => Ok(UpdateOutcome::Replaced),
        UpsertOutcome::Stale => Ok(UpdateOutcome::Stale),
        UpsertOutcome::Contradicts(field) => conflict(field, "is another one than before, and never changes."),
        UpsertOutcome::Taken(field) => conflict(field, "is another transaction's already."),
        UpsertOutcome::TooManyCaptures => {
            conflict("details.captures", "must be at most 20 together with those sent before, which stay.")
        }
    }
}
