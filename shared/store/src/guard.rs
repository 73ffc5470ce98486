//! What a request uses up with its write: a nonce, or an idempotence key. The type of a write's
//! guard says how the guard can refuse it, so that no caller has to answer for a refusal that
//! cannot be.

use std::convert::Infallible;

use recourse_dispute::time::UnixMillis;

use crate::error::StoreError;
use crate::items::body;
use crate::transact::{FailedCondition, TransactionBuilder, WriteItem};
use crate::{Idempotence, Nonce, Store, StoredResponse, WriteToken};

/// What a request uses up, written in one transaction with what it changes.
pub trait RequestGuard {
    /// How the guard refuses the write.
    type Refusal;

    /// What is to be used up.
    fn uses(&self) -> GuardItem<'_>;

    /// The refusal, as this guard has it; `None` of one that another guard has.
    fn refusal(refused: GuardRefusal) -> Option<Self::Refusal>;
}

/// What a guard writes.
#[derive(Clone, Copy, Debug)]
pub enum GuardItem<'a> {
    /// Nothing.
    Nothing,
    /// A nonce.
    Nonce(&'a Nonce),
    /// An idempotence key with its answer.
    Idempotence(&'a Idempotence),
}

/// Why a guard refuses a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuardRefusal {
    /// The nonce was used before.
    Replayed(Replayed),
    /// The idempotence key was used before.
    Repeated(Box<StoredResponse>),
}

/// A write that nothing is used up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoGuard;

/// The request is a replay: its nonce was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed;

impl RequestGuard for NoGuard {
    type Refusal = Infallible;

    fn uses(&self) -> GuardItem<'_> {
        GuardItem::Nothing
    }

    fn refusal(_: GuardRefusal) -> Option<Infallible> {
        None
    }
}

impl RequestGuard for Nonce {
    type Refusal = Replayed;

    fn uses(&self) -> GuardItem<'_> {
        GuardItem::Nonce(self)
    }

    fn refusal(refused: GuardRefusal) -> Option<Replayed> {
        match refused {
            GuardRefusal::Replayed(replayed) => Some(replayed),
            GuardRefusal::Repeated(_) => None,
        }
    }
}

/// A client may leave the key out.
impl RequestGuard for Option<Idempotence> {
    type Refusal = Box<StoredResponse>;

    fn uses(&self) -> GuardItem<'_> {
        self.as_ref().map_or(GuardItem::Nothing, GuardItem::Idempotence)
    }

    fn refusal(refused: GuardRefusal) -> Option<Box<StoredResponse>> {
        match refused {
            GuardRefusal::Repeated(response) => Some(response),
            GuardRefusal::Replayed(_) => None,
        }
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
        match guard.uses() {
            GuardItem::Nothing => Ok(()),
            GuardItem::Nonce(nonce) => self.spend_nonce(store, nonce, token, now),
            GuardItem::Idempotence(idempotence) => self.store_response(store, idempotence, token, now),
        }
    }
}

impl FailedCondition {
    /// How the guard `G` refuses, if it is the one that did.
    pub(crate) fn guarded<G: RequestGuard>(&self) -> Result<Option<G::Refusal>, StoreError> {
        Ok(match (self.item, &self.existing) {
            (WriteItem::Nonce, _) => G::refusal(GuardRefusal::Replayed(Replayed)),
            (WriteItem::Idempotence, Some(first)) => G::refusal(GuardRefusal::Repeated(Box::new(body(first.clone())?))),
            _ => None,
        })
    }

    /// The error of a write that this condition cannot refuse; `write` names the write and its
    /// dispute.
    pub(crate) fn impossible(&self, write: impl std::fmt::Display) -> StoreError {
        StoreError::invariant("a condition failed that this write cannot fail", format!("{write}: {:?}", self.item))
    }
}
