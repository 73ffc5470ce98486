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

    /// What the store made of an update, or what the update contradicts.
    ///
    /// # Errors
    /// The field, and the rule that it breaks.
    pub(crate) fn of(outcome: UpsertOutcome) -> Result<Self, FieldErrors> {
        let conflict = |field, text| Err(FieldErrors::one(field, text));
        match outcome {
            UpsertOutcome::Created => Ok(Self::Created),
            UpsertOutcome::Replaced => Ok(Self::Replaced),
            UpsertOutcome::Stale => Ok(Self::Stale),
            UpsertOutcome::Contradicts(field) => conflict(field, "is another one than before, and never changes."),
            UpsertOutcome::Taken(field) => conflict(field, "is another transaction's already."),
            UpsertOutcome::TooManyCaptures => {
                conflict("details.captures", "must be at most 20 together with those sent before, which stay.")
            }
        }
    }
}

/// What is wrong with an update of an account that the caller's environment does not have.
pub(crate) fn no_account() -> FieldErrors {
    FieldErrors::one("account", "must be an account of your key's environment.")
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
        return Err(ApiError::Invalid(no_account()));
    }
    let by = PerformedBy { actor: Actor::Platform, name: caller.credential.key.to_string() };
    let stored = app.store.upsert_transaction(update, &by, app.context.now(), app.context.write_tokens()?).await?;
    UpdateOutcome::of(stored).map_err(ApiError::Conflict)
}
