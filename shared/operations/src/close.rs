//! An operator's decision about a dispute, which closes it.

use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::lifecycle::{Action, Actor, TransitionError};
use recourse_dispute::notification::Notification;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_store::{NoGuard, Store, StoreError, WriteToken};
use recourse_support::event::InFavourOf;

use crate::{labels, utc};

/// Why an operator's decision was not written.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// The store failed. Where that is temporary, the decision may have been written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such dispute.
    #[error("there is no such dispute")]
    Missing,
    /// The dispute cannot be decided in its present state.
    #[error("the dispute cannot be decided in its present state")]
    NotOpen(Box<Dispute>),
}

/// The action that decides a dispute for a side.
#[must_use]
pub fn decision(side: InFavourOf) -> Action {
    match side {
        InFavourOf::Customer => Action::CloseForCustomer,
        InFavourOf::Merchant => Action::CloseForMerchant,
    }
}

/// Decides a dispute: what it was, and the change. `None` where there was nothing to write.
///
/// # Errors
/// [`CloseError`].
pub async fn close(
    store: &Store,
    number: DisputeNumber,
    side: InFavourOf,
    (by, why): (&str, &str),
    clock: impl Fn() -> UnixMillis,
    token: impl FnMut() -> WriteToken,
) -> Result<Option<(Dispute, Change)>, CloseError> {
    let read = async || store.dispute(number).await?.ok_or(CloseError::Missing);
    let decide = async |before: &Dispute, now| {
        let change = before.decided(decision(side), by.to_owned(), why.to_owned(), now);
        let mut change = change.ok_or_else(|| CloseError::NotOpen(Box::new(before.clone())))?;
        change.parties = store.parties_of(&change.dispute).await?;
        Ok::<_, CloseError>(Some((change, NoGuard)))
    };
    let revised = store.revise(number, read, decide, clock, token).await?;
    Ok(revised.written(number)?)
}

/// The mails of a change.
#[must_use]
pub fn mails_of(change: &Change) -> Vec<Notification> {
    change.dispute.notifications(&change.event, change.parties.as_ref())
}

/// Why an operator cannot decide a dispute in its present state.
#[must_use]
pub fn not_open(dispute: &Dispute, side: InFavourOf, now: UnixMillis) -> String {
    let case = dispute.number.case_id();
    let state = format!("{case} is {} since {}", labels::state(dispute.state), utc(dispute.state_since));
    match dispute.step(Actor::Operator, decision(side), now).err() {
        Some(TransitionError::AlreadyClosed) => {
            format!("{state}. Only a live dispute can be closed; a new report about the transaction opens another one.")
        }
        Some(TransitionError::NotSubmitted) => {
            format!("{state}. It can be closed once {} has submitted it.", dispute.opener)
        }
        Some(refusal) => format!("{state}: {refusal}."),
        None => format!("{state}."),
    }
}
