//! Changing a dispute: read it, decide, write, and begin again after a version conflict. Every API,
//! the workers and the command line change disputes by [`Store::revise`].
//!
//! **Invariant:** of two changes at once neither is lost. The later one is decided again on what
//! the earlier one wrote, and refused where it is not allowed any more.

use std::borrow::Borrow;
use std::convert::Infallible;
use std::time::Duration;

use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;

use crate::error::StoreError;
use crate::{ChangeOutcome, NotLocked, RequestGuard, Store, WriteToken};

/// How long a change is decided again and again, slow answers included. The functions that do so
/// have 29 seconds, one less than API Gateway.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest first wait, in milliseconds: one other change was in the way.
const FIRST_WAIT_MS: u64 = 200;
/// The longest second wait: a few others were.
const SECOND_WAIT_MS: u64 = 800;
/// The longest of all later ones, under contention. Only one change of many gets through at a time,
/// and each attempt costs all the others, so the waits spread over seconds at once.
const CONTENTION_WAIT_MS: u64 = 4_000;

/// What a caller decides about a dispute: always a change, or a change or none. The type says
/// which, so that no caller has to answer for an outcome that cannot be.
pub trait Revision {
    /// What the request uses up.
    type Guard: RequestGuard;
    /// That there is nothing to write.
    type Unchanged;

    /// The change, with what the request uses up.
    ///
    /// # Errors
    /// There is nothing to write.
    fn change(self) -> Result<(Change, Self::Guard), Self::Unchanged>;
}

impl<G: RequestGuard> Revision for (Change, G) {
    type Guard = G;
    type Unchanged = Infallible;

    fn change(self) -> Result<(Change, G), Infallible> {
        Ok(self)
    }
}

impl<G: RequestGuard> Revision for Option<(Change, G)> {
    type Guard = G;
    type Unchanged = ();

    fn change(self) -> Result<(Change, G), ()> {
        self.ok_or(())
    }
}

/// What became of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviseOutcome<R, G, U> {
    /// It is written.
    Written {
        /// What the change was decided on.
        read: R,
        /// The change; its dispute is the one that is stored now.
        change: Box<Change>,
    },
    /// There was nothing to write.
    Unchanged(U),
    /// The request's guard refuses it.
    Guarded(G),
    /// It would submit or reopen the dispute, which cannot take the active-dispute lock.
    NotLocked(NotLocked),
}

/// What becomes of a revision that reads an `R` and decides a `D`.
pub type ReviseOutcomeOf<R, D> =
    ReviseOutcome<R, <<D as Revision>::Guard as RequestGuard>::Outcome, <D as Revision>::Unchanged>;

impl<R> ReviseOutcome<R, Infallible, Infallible> {
    /// The written change with what it was decided on, of a revision that takes no lock.
    ///
    /// # Errors
    /// [`StoreError::InvariantViolated`] where a lock was refused.
    pub fn written(self, number: DisputeNumber) -> Result<(R, Change), StoreError> {
        match self {
            Self::Written { read, change } => Ok((read, *change)),
            Self::NotLocked(_) => {
                Err(StoreError::invariant("a change that takes no lock was refused by one", number.case_id()))
            }
        }
    }
}

impl WriteToken {
    /// How long a change waits after a version conflict in this round, counted from 0.
    #[must_use]
    pub fn contention_backoff(&self, round: u32) -> Duration {
        let most = match round {
            0 => FIRST_WAIT_MS,
            1 => SECOND_WAIT_MS,
            _ => CONTENTION_WAIT_MS,
        };
        self.wait_below(round, most)
    }
}

/// Runs the rounds of a revision of `number`, for as long as a revision may take.
pub(crate) async fn with_deadline<T, E: From<StoreError>>(
    operation: &'static str,
    number: DisputeNumber,
    rounds: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let late = |_| StoreError::Unavailable {
        operation,
        context: format!("{} could not be changed within {} seconds", number.case_id(), PATIENCE.as_secs()),
    };
    tokio::time::timeout(PATIENCE, rounds).await.map_err(late)?
}

impl Store {
    /// Changes the dispute `number`: `read` reads it, with whatever else the decision needs, and
    /// `decide` makes the change and what the request uses up. Where it may be `None`, that leaves
    /// everything as it is. Both are called again after a version conflict; the time that they take
    /// is part of the time limit.
    ///
    /// # Errors
    /// What `read` or `decide` refuses, or a [`StoreError`]. Where that is temporary, the change
    /// may have been written.
    pub async fn revise<R: Borrow<Dispute>, D: Revision, E: From<StoreError>>(
        &self,
        number: DisputeNumber,
        read: impl AsyncFnMut() -> Result<R, E>,
        decide: impl AsyncFnMut(&R, UnixMillis) -> Result<D, E>,
        clock: impl Fn() -> UnixMillis,
        token: impl FnMut() -> WriteToken,
    ) -> Result<ReviseOutcomeOf<R, D>, E> {
        with_deadline("revise", number, self.revise_until_written(read, decide, clock, token)).await
    }

    async fn revise_until_written<R: Borrow<Dispute>, D: Revision, E: From<StoreError>>(
        &self,
        mut read: impl AsyncFnMut() -> Result<R, E>,
        mut decide: impl AsyncFnMut(&R, UnixMillis) -> Result<D, E>,
        clock: impl Fn() -> UnixMillis,
        mut token: impl FnMut() -> WriteToken,
    ) -> Result<ReviseOutcomeOf<R, D>, E> {
        let mut round = 0;
        loop {
            let read = read().await?;
            let now = clock();
            let (change, guard) = match decide(&read, now).await?.change() {
                Ok(change) => change,
                Err(nothing) => return Ok(ReviseOutcome::Unchanged(nothing)),
            };
            let token = token();
            match self.change(read.borrow(), &change, &guard, &token, now).await? {
                ChangeOutcome::Changed(dispute) => {
                    let change = Box::new(Change { dispute: *dispute, ..change });
                    return Ok(ReviseOutcome::Written { read, change });
                }
                ChangeOutcome::Guarded(refusal) => return Ok(ReviseOutcome::Guarded(refusal)),
                ChangeOutcome::NotLocked(reason) => return Ok(ReviseOutcome::NotLocked(reason)),
                ChangeOutcome::VersionConflict => tokio::time::sleep(token.contention_backoff(round)).await,
            }
            round += 1;
        }
    }
}
