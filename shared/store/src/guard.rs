//! What a request uses up with its write: a nonce, or an idempotence key. The type of a write's
//! guard says how the guard can refuse it, so that no caller has to answer for a refusal that
//! cannot be.

use std::convert::Infallible;

use recourse_dispute::time::UnixMillis;

use crate::error::StoreError;
use crate::items::body;
use crate::transact::{FailedCondition, TransactionBuilder, WriteItem};
use crate::{Idempotence, Nonce, Store, StoredResponse, WriteToken};

/// What a request uses up, written in one transaction with what it changes. A guard overrides the
/// methods of the one item that it uses up.
pub trait RequestGuard {
    /// How the guard refuses the write.
    type Outcome;

    /// The nonce to be used up.
    fn nonce(&self) -> Option<&Nonce> {
        None
    }

    /// The idempotence key to be used up, with its response.
    fn idempotence(&self) -> Option<&Idempotence> {
        None
    }

    /// The refusal where the nonce was used before.
    #[must_use]
    fn replayed() -> Option<Self::Outcome> {
        None
    }

    /// The refusal where the idempotence key was used before, with the first response.
    #[must_use]
    fn repeated(_first: StoredResponse) -> Option<Self::Outcome> {
        None
    }
}

/// A write that nothing is used up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoGuard;

/// The request is a replay: its nonce was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed;

impl RequestGuard for NoGuard {
    type Outcome = Infallible;
}

impl RequestGuard for Nonce {
    type Outcome = Replayed;

    fn nonce(&self) -> Option<&Nonce> {
        Some(self)
    }

    fn replayed() -> Option<Replayed> {
        Some(Replayed)
    }
}

/// A client may leave the key out.
impl RequestGuard for Option<Idempotence> {
    type Outcome = Box<StoredResponse>;

    fn idempotence(&self) -> Option<&Idempotence> {
        self.as_ref()
    }

    fn repeated(first: StoredResponse) -> Option<Box<StoredResponse>> {
        Some(Box::new(first))
    }
}

impl TransactionBuilder {
    /// Adds the write of a guard, which comes first and so outranks all others.
    pub(crate) fn guard(
        &mut self,
        store: &Store,
        guard: &impl RequestGuard,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        if let Some(nonce) = guard.nonce() {
            self.spend_nonce(store, nonce, token, now)?;
        }
        match guard.idempotence() {
            Some(idempotence) => self.store_response(store, idempotence, token, now),
            None => Ok(()),
        }
    }
}

impl FailedCondition {
    /// How the guard `G` refuses, if it is the one that did.
    pub(crate) fn guarded<G: RequestGuard>(&self) -> Result<Option<G::Outcome>, StoreError> {
        Ok(match (self.item, &self.existing) {
            (WriteItem::Nonce, _) => G::replayed(),
            (WriteItem::Idempotence, Some(first)) => G::repeated(body(first.clone())?),
            _ => None,
        })
    }

    /// The error of a write that this condition cannot refuse; `write` names the write and its
    /// dispute.
    pub(crate) fn impossible(&self, write: impl std::fmt::Display) -> StoreError {
        StoreError::invariant("a condition failed that this write cannot fail", format!("{write}: {:?}", self.item))
    }
}
