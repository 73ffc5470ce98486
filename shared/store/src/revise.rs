//! Changing a dispute as it stands: read it, decide, write; and once more when somebody else was quicker. [`Store::revise`] does all of it;
//! who reads or decides otherwise makes its own rounds, [`patiently`], with the same pauses.
//!
//! **Invariant:** of two changes at once neither is lost. The later one is decided again on what the earlier one left, and refused by that where it does
//! not fit any more.

use std::time::Duration;

use recourse_dispute::channels::tutelar::configuration::Configuration;
use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::ids::AccountId;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;

use crate::error::StoreError;
use crate::{ChangeOutcome, LiveDispute, Store, WriteToken};

/// How long a change is decided again and again, slow answers included. The functions that do so have 29 seconds, one less than API Gateway.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest first wait, in milliseconds: there was one other.
const FIRST_WAIT_MS: u64 = 200;
/// The longest second wait: there were a few.
const SECOND_WAIT_MS: u64 = 800;
/// The longest of all later ones: there is a crowd. Of it only one gets through at a time, and each try costs all the others, so it is to spread
/// over seconds at once.
const CONTENTION_WAIT_MS: u64 = 4_000;

/// What became of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviseOutcome {
    /// It is written; the dispute as it is now.
    Written(Box<Dispute>),
    /// There was nothing to write.
    Unchanged,
    /// It would reopen the dispute, and another one of the transaction is live.
    Duplicate(LiveDispute),
    /// It would reopen the dispute, and the transaction was refunded or failed since; `None` when it is not there.
    NotDisputable(Option<Status>),
}

/// Lets `rounds`, in each of which a change is decided anew, go on for as long as a crowd may take.
///
/// # Errors
/// What `rounds` end with, or [`StoreError::Unavailable`] when they do not end.
pub async fn with_deadline<T, E: From<StoreError>>(rounds: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let late = |_| StoreError::Unavailable {
        operation: "revise",
        context: format!("the dispute kept changing for {} seconds", PATIENCE.as_secs()),
    };
    tokio::time::timeout(PATIENCE, rounds).await.map_err(late)?
}

impl WriteToken {
    /// How long a change that was overtaken in this round, counted from 0, waits before it is decided anew.
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

impl Store {
    /// Changes the dispute `number` by what `decide` makes of it, each time on the dispute as it is then.
    ///
    /// `decide` gets `None` where there is no such dispute. With `configured`, it gets that account's configuration too, out of the same read.
    /// `Ok(None)` leaves everything as it is. It may read on, such as whom to tell by mail: what it takes is part of our patience.
    ///
    /// # Errors
    /// What `decide` refuses, or a [`StoreError`].
    pub async fn revise<E: From<StoreError>>(
        &self,
        number: DisputeNumber,
        configured: Option<&AccountId>,
        decide: impl AsyncFnMut(Option<&Dispute>, Option<&Configuration>, UnixMillis) -> Result<Option<Change>, E>,
        clock: impl Fn() -> UnixMillis,
        token: impl FnMut() -> WriteToken,
    ) -> Result<ReviseOutcome, E> {
        with_deadline(self.revise_until_written(number, configured, decide, clock, token)).await
    }

    async fn revise_until_written<E: From<StoreError>>(
        &self,
        number: DisputeNumber,
        configured: Option<&AccountId>,
        mut decide: impl AsyncFnMut(Option<&Dispute>, Option<&Configuration>, UnixMillis) -> Result<Option<Change>, E>,
        clock: impl Fn() -> UnixMillis,
        mut token: impl FnMut() -> WriteToken,
    ) -> Result<ReviseOutcome, E> {
        let mut round = 0;
        loop {
            let (dispute, configuration) = match configured {
                Some(account) => self.dispute_and_configuration(number, account).await?,
                None => (self.dispute(number).await?, None),
            };
            let now = clock();
            let change = decide(dispute.as_ref(), configuration.as_ref(), now).await?;
            let (Some(before), Some(change)) = (dispute, change) else { return Ok(ReviseOutcome::Unchanged) };
            let token = token();
            match self.change(&before, &change, None, &token, now).await? {
                ChangeOutcome::Changed(after) => return Ok(ReviseOutcome::Written(after)),
                ChangeOutcome::Duplicate(live) => return Ok(ReviseOutcome::Duplicate(live)),
                ChangeOutcome::NotDisputable(status) => return Ok(ReviseOutcome::NotDisputable(status)),
                ChangeOutcome::VersionConflict => {
                    tokio::time::sleep(token.contention_backoff(round)).await;
                    round += 1;
                }
                ChangeOutcome::Repeated(_) => {
                    return Err(StoreError::Broken("a revision has no idempotence key".to_owned()).into());
                }
            }
        }
    }
}
