//! Changing a dispute as it stands: read it, decide, write; and once more when somebody else was quicker.
//!
//! **Invariant:** of two changes at once neither is lost. The later one is decided again on what the earlier one left, and refused by that where it does
//! not fit any more.

use std::time::Duration;

use recourse_dispute::configuration::Configuration;
use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::ids::AccountId;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;

use crate::error::StoreError;
use crate::{AttemptId, Changed, LiveDispute, Store};

/// How long a change is decided again: with one more try that is under way, a request ends within a function's 15 seconds.
const PATIENCE: Duration = Duration::from_secs(8);

/// What became of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revised {
    /// It is written; the dispute as it is now.
    Written(Box<Dispute>),
    /// There was nothing to write.
    Unchanged,
    /// It would reopen the dispute, and another one of the transaction is live.
    Duplicate(LiveDispute),
    /// It would reopen the dispute, and the transaction was refunded or failed since; `None` when it is not there.
    NotDisputable(Option<Status>),
}

impl Store {
    /// Changes the dispute `number` by what `decide` makes of it, each time on the dispute as it is then.
    ///
    /// `decide` gets `None` where there is no such dispute. With `configured`, it gets that account's configuration too, out of the same read.
    /// `Ok(None)` leaves everything as it is.
    ///
    /// # Errors
    /// What `decide` refuses, or a [`StoreError`].
    pub async fn revise<E: From<StoreError>>(
        &self,
        number: DisputeNumber,
        configured: Option<&AccountId>,
        mut decide: impl FnMut(Option<&Dispute>, Option<&Configuration>, UnixMillis) -> Result<Option<Change>, E>,
        clock: impl Fn() -> UnixMillis,
        mut attempt: impl FnMut() -> AttemptId,
    ) -> Result<Revised, E> {
        let started = tokio::time::Instant::now();
        for round in 0.. {
            let (dispute, configuration) = match configured {
                Some(account) => self.dispute_and_configuration(number, account).await?,
                None => (self.dispute(number).await?, None),
            };
            let now = clock();
            let change = decide(dispute.as_ref(), configuration.as_ref(), now)?;
            let (Some(before), Some(change)) = (dispute, change) else { return Ok(Revised::Unchanged) };
            let attempt = attempt();
            match self.change(&before, &change, None, None, &attempt, now).await? {
                Changed::Changed => return Ok(Revised::Written(Box::new(change.dispute))),
                Changed::Duplicate(live) => return Ok(Revised::Duplicate(live)),
                Changed::NotDisputable(status) => return Ok(Revised::NotDisputable(status)),
                Changed::Overtaken if started.elapsed() < PATIENCE => tokio::time::sleep(attempt.wait(round)).await,
                Changed::Overtaken => break,
                Changed::Replayed | Changed::Repeated(_) => {
                    return Err(StoreError::Broken("a revision has neither nonce nor key".to_owned()).into());
                }
            }
        }
        Err(StoreError::Unavailable { operation: "revise", context: "the dispute kept changing".to_owned() }.into())
    }
}
