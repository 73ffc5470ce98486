//! `worker-deadlines`: ends what nobody acted on in time, and reminds the party whose turn it is before that.
//!
//! A sparse, sharded index says where something is due; what is due is decided on the dispute itself, read strongly consistent, and
//! written as one change on the version that it was decided on. So any number of workers do each thing once, and one that a change of the
//! dispute overtook does nothing: the next sweep looks again.
//!
//! | what happens | what becomes of it |
//! |---|---|
//! | two workers take the same dispute | one change holds, the other worker goes on |
//! | the answer to a change is lost | it is sent again under the same attempt, and is known as ours |
//! | the worker dies | before the change nothing happened, after it all of it did; the mail is part of it |
//! | a party acts at the same moment | one of the two changes holds; if it is the party's, the deadline is another one |
//! | the worker was away until after the end | the dispute ends; the reminder that never went out is left out |
//! | one cannot be dealt with | it is counted as failed and tried again a minute later; what is behind it is done |
//! | what is due cannot be read | the sweep is an error, and does not count as one |
//! | there is nobody to remind, it is the desk's turn, or all is staging | the reminder is dropped, and the history says nothing |

mod remind;

use std::panic::AssertUnwindSafe;

use futures_util::{FutureExt, StreamExt, stream};
use recourse_aws::metrics::{EmfRecord, Unit};
use recourse_aws::{Aws, BadVariable};
use recourse_dispute::deadlines::DueAction;
use recourse_dispute::dispute::Change;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_runtime::NoRandomness;
use recourse_store::{ChangeOutcome, Cursor, NoGuard, Store, StoreError};

use crate::SystemContext;

/// How many disputes are worked on at once.
const AT_A_TIME: usize = 4;
/// How many of each shard of the index a sweep takes at once.
const PAGE: i32 = 25;

/// The worker, with all it needs, made once when the function starts.
#[derive(Debug)]
pub struct Expire {
    /// Where the disputes are.
    pub store: Store,
    /// The clock and the dice.
    pub context: SystemContext,
}

/// What became of one dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Ended,
    Reminded,
    /// Nothing is due of it any more, or somebody was quicker.
    NotDue,
    Failed,
    /// The time was up before it was begun.
    Left,
}

/// What a sweep came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    ended: u32,
    reminded: u32,
    not_due: u32,
    failed: u32,
    left: u32,
    /// How late the dispute is that has been due for longest, where the index was asked.
    late_ms: Option<u64>,
}

impl Tally {
    fn add(&mut self, done: Done) {
        match done {
            Done::Ended => self.ended += 1,
            Done::Reminded => self.reminded += 1,
            Done::NotDue => self.not_due += 1,
            Done::Failed => self.failed += 1,
            Done::Left => self.left += 1,
        }
    }
}

/// Why a due dispute was not dealt with.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Random(#[from] NoRandomness),
    #[error("the lifecycle does not let it end so")]
    NotAllowed,
}

impl Expire {
    /// The worker of a function, from its environment.
    ///
    /// # Errors
    /// [`BadVariable`], also for deadlines that cannot be read.
    pub fn from_environment(aws: &Aws, context: SystemContext) -> Result<Self, BadVariable> {
        Ok(Self { store: Store::from_environment(aws)?, context: context })
    }

    /// Does all that is due, each dispute once, or until `deadline` is half as far away as it was: no change is begun that Lambda might cut off. What is
    /// left over or failed, the next sweep takes again.
    ///
    /// # Errors
    /// [`StoreError`] where it could not be read what is due. That one dispute failed is none: it is counted, and becomes late.
    pub async fn sweep(&self, deadline: UnixMillis) -> Result<(), StoreError> {
        let started = self.context.now();
        let until = started.plus(deadline.0.saturating_sub(started.0) / 2);
        let mut tally = Tally::default();
        let (swept, dynamodb_calls) = recourse_aws::counted(self.sweep_overdue(until, &mut tally)).await;
        let line = emf_record(&tally, swept.is_ok(), self.context.since(started), dynamodb_calls);
        (self.context.print)(&line.text(self.context.now().0));
        swept
    }

    async fn sweep_overdue(&self, until: UnixMillis, tally: &mut Tally) -> Result<(), StoreError> {
        let mut cursor = Cursor::over(self.context.now());
        while !cursor.is_over() && self.context.now() < until {
            let overdue = self.store.overdue(&mut cursor, PAGE).await?;
            let late = overdue.iter().map(|overdue| self.context.since(overdue.since)).max();
            tally.late_ms = tally.late_ms.max(Some(late.unwrap_or_default()));
            let work = stream::iter(overdue).map(|overdue| self.one(overdue.number, until));
            let mut work = work.buffer_unordered(AT_A_TIME);
            while let Some(done) = work.next().await {
                tally.add(done);
            }
        }
        Ok(())
    }

    async fn one(&self, number: DisputeNumber, until: UnixMillis) -> Done {
        if self.context.now() >= until {
            return Done::Left;
        }
        let dispute = number.case_id();
        match AssertUnwindSafe(self.work(number)).catch_unwind().await {
            Ok(Ok(done)) => done,
            Ok(Err(trouble)) => {
                tracing::error!(dispute, error = %trouble, "a deadline is not kept");
                Done::Failed
            }
            Err(_) => {
                tracing::error!(dispute, "the work on a deadline panicked");
                Done::Failed
            }
        }
    }

    async fn work(&self, number: DisputeNumber) -> Result<Done, Trouble> {
        let Some(before) = self.store.dispute(number).await? else { return Ok(Done::NotDue) };
        let now = self.context.now();
        let (change, done) = match before.due(now) {
            DueAction::Nothing => return Ok(Done::NotDue),
            DueAction::Reminder => {
                let change = before.reminded(self.reminded_parties(&before).await?, now);
                if change.dispute.notifications(&change.event, change.parties.as_ref()).is_empty() {
                    // Overtaken or not, nothing is due of the dispute as it was read.
                    self.store.drop_reminder(&before, &self.context.write_token()?).await?;
                    return Ok(Done::NotDue);
                }
                (change, Done::Reminded)
            }
            DueAction::End(action) => {
                let change = before.expire(action, now).ok_or(Trouble::NotAllowed)?;
                let parties = self.store.parties_of(&change.dispute).await?;
                (Change { parties, ..change }, Done::Ended)
            }
        };
        match self.store.change(&before, &change, &NoGuard, &self.context.write_token()?, now).await? {
            ChangeOutcome::Changed(_) => {
                tracing::info!(dispute = number.case_id(), outcome = ?done, "deadline");
                Ok(done)
            }
            ChangeOutcome::VersionConflict => Ok(Done::NotDue),
            ChangeOutcome::NotLocked(_) => Err(Trouble::NotAllowed),
        }
    }
}

/// The sweep's line in the log, which is its metrics too. One that could not read what is due does not count as a sweep, so that the alarm on their
/// absence goes off.
fn emf_record(tally: &Tally, swept: bool, duration_ms: u64, dynamodb_calls: u32) -> EmfRecord {
    let Tally { ended, reminded, not_due, failed, left, late_ms } = *tally;
    let line = EmfRecord::new(if swept { "INFO" } else { "ERROR" }, "deadlines")
        .with("worker", Some("deadlines"))
        .with("not_due", Some(not_due))
        .with("left", Some(left))
        .with("dynamodb_calls", Some(dynamodb_calls))
        .metric("sweeps", swept.into(), Unit::Count)
        .metric("ended", ended.into(), Unit::Count)
        .metric("reminded", reminded.into(), Unit::Count)
        .metric("failed", failed.into(), Unit::Count)
        .metric("duration_ms", duration_ms, Unit::Milliseconds)
        .by(["worker"]);
    match late_ms {
        Some(late_ms) => line.metric("late_ms", late_ms, Unit::Milliseconds),
        None => line,
    }
}
