//! `worker-deadlines`: ends what nobody acted on in time, and reminds before that.
//!
//! A sparse, sharded index says which disputes may be due. The worker reads each one strongly
//! consistently, decides on what it read, and writes one change on the version that it read. So any
//! number of workers do each thing once. After a version conflict a worker does nothing: the next
//! sweep looks again.
//!
//! | what happens | what becomes of it |
//! |---|---|
//! | two workers take the same dispute | one change holds; the other worker goes on |
//! | the answer to a change is lost | the worker sends the change again and knows it by its token |
//! | the worker dies | the change happened with its mails, or not at all |
//! | a party acts at the same moment | one of the two changes holds |
//! | the worker comes after the end | the dispute ends without a reminder |
//! | a dispute cannot be processed | it counts as failed and is retried a minute later |
//! | the index cannot be read | the invocation fails, and its log line does not count a sweep |
//! | a reminder has no recipient | it is dropped without an entry in the history |
//!
//! Where the support process is on, its cases follow, from partitions of the index of their own:
//!
//! | what happens | what becomes of it |
//! |---|---|
//! | two workers take the same case | one write holds; the other worker goes on |
//! | the worker dies during a question | the claim ends; it is asked again, with the same id |
//! | the provider gives no answer | it is asked again, ever later; then an agent has the case |
//! | the model is down, late, throttled or wrong | an agent has the case |
//! | a mail comes during a question | both are written, if the case still waits for the result |
//! | no mail reaches the customer | an agent has a case that would wait for the customer |
//! | nobody answers | each state has a time limit, after which the case moves by itself |
//! | the dispute was closed meanwhile | the case is resolved |
//! | a case has waited too long, and no supervisor is configured | it raises an alarm |
//! | the playbooks cannot be read | it raises an alarm, and agents have the cases |
//! | a case cannot be processed | it counts as failed and is retried a minute later |
//!
//! What is past its time of closed cases comes last: see `retention`.

mod ask;
mod remind;
mod retention;
mod support;
#[cfg(test)]
mod tests;

use futures_util::{StreamExt, stream};
use recourse_aws::metrics::{EmfRecord, Unit};
use recourse_aws::{Aws, BadVariable};
use recourse_casework::Settings;
use recourse_dispute::deadlines::DueAction;
use recourse_dispute::dispute::Change;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_files::Files;
use recourse_runtime::NoRandomness;
use recourse_store::{ChangeOutcome, Cursor, NoGuard, Sealer, Store, StoreError};

use crate::unpanicked::unpanicked;
use crate::{CurrentCasework, SystemContext};

pub use support::{Support, SupportTrouble};

/// How many disputes are worked on at once.
const AT_A_TIME: usize = 4;
/// How many of each shard of the index a sweep takes at once.
const PAGE: i32 = 25;

/// The worker, with all it needs, made once when the function starts.
#[derive(Debug)]
pub struct Expire {
    /// Where the disputes are.
    pub store: Store,
    /// What support cases need; none where the process is off.
    pub support: Option<Support>,
    /// The bucket, where something of closed cases is erased after some time.
    pub files: Option<Files>,
    /// The clock and the entropy.
    pub context: SystemContext,
}

/// What is wrong with the function's environment.
#[derive(Debug, thiserror::Error)]
pub enum BadEnvironment {
    /// A variable is missing or wrong.
    #[error(transparent)]
    Variable(#[from] BadVariable),
    /// Providers cannot be asked.
    #[error(transparent)]
    Tls(#[from] recourse_provider::BadTls),
}

/// Why a sweep did not do all that it should.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// What is due could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is due of support cases could not be read, or there is nothing to decide by.
    #[error(transparent)]
    Support(#[from] SupportTrouble),
}

/// The result for one dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DeadlineOutcome {
    Expired,
    Reminded,
    /// Nothing is due any more, or another worker did it.
    NotDue,
    Failed,
    /// The function's time was up before the work began.
    Left,
}

/// The results of a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    ended: u32,
    reminded: u32,
    not_due: u32,
    failed: u32,
    left: u32,
    /// How late the dispute is that has been due for longest, or what failed of closed cases; where
    /// the index was asked.
    late_ms: Option<u64>,
}

impl Tally {
    fn add(&mut self, done: DeadlineOutcome) {
        match done {
            DeadlineOutcome::Expired => self.ended += 1,
            DeadlineOutcome::Reminded => self.reminded += 1,
            DeadlineOutcome::NotDue => self.not_due += 1,
            DeadlineOutcome::Failed => self.failed += 1,
            DeadlineOutcome::Left => self.left += 1,
        }
    }
}

/// Why a due dispute was not processed.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Random(#[from] NoRandomness),
    #[error("the state machine refuses {0:?} at the end of the time; check the stored dispute")]
    NotAllowed(DueAction),
}

impl Expire {
    /// The worker of a function, from its environment.
    ///
    /// # Errors
    /// [`BadEnvironment`], also for deadlines that cannot be read.
    pub fn from_environment(aws: &Aws, context: SystemContext) -> Result<Self, BadEnvironment> {
        let settings = Settings::from_environment(aws)?;
        let support = match settings.process {
            true => Some(Support {
                casework: CurrentCasework::new(settings, Files::of(aws)?),
                sealer: Sealer::from_environment(aws)?,
                provider: recourse_provider::Client::new()?,
                model: recourse_model::Bedrock::from_environment(aws)?,
            }),
            false => None,
        };
        let store = Store::from_environment(aws)?;
        let files = store.retention().erases_cases().then(|| Files::of(aws)).transpose()?;
        Ok(Self { store, support, files, context })
    }

    /// Does all that is due, each dispute once, until half of the time to `deadline` is used: it
    /// begins no change and no question that Lambda might cut off. Support cases come after the
    /// disputes, and closed cases last. The next sweep takes what is left over or failed.
    ///
    /// # Errors
    /// [`SweepError`] where it could not read what is due. A dispute or case that fails is counted,
    /// and becomes late.
    pub async fn sweep(&self, deadline: UnixMillis) -> Result<(), SweepError> {
        let started = self.context.now();
        let until = started.plus(deadline.0.saturating_sub(started.0) / 2);
        let (mut tally, mut cases, mut closed) =
            (Tally::default(), support::Tally::default(), retention::Tally::default());
        let work = async {
            let swept = self.sweep_overdue(until, &mut tally).await;
            let supported = Box::pin(self.sweep_support(until, &mut cases)).await;
            let erased = Box::pin(self.sweep_closed(until, &mut closed)).await;
            swept
                .map_err(SweepError::from)
                .and(supported.map_err(SweepError::from))
                .and(erased.map_err(SweepError::from))
        };
        let (swept, dynamodb_calls) = recourse_aws::counted(work).await;
        tally.late_ms = tally.late_ms.max(closed.late_ms);
        let cases = self.support.as_ref().map(|_| cases);
        let closed = self.files.as_ref().map(|_| closed);
        let record = emf_record(&tally, swept.is_ok(), dynamodb_calls)
            .with("closed_erased", closed.map(|closed| closed.cases))
            .with("objects_erased", closed.map(|closed| closed.objects))
            .with("closed_failed", closed.map(|closed| closed.failed));
        self.context.print_call(with_cases(record, cases), started);
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

    async fn one(&self, number: DisputeNumber, until: UnixMillis) -> DeadlineOutcome {
        if self.context.now() >= until {
            return DeadlineOutcome::Left;
        }
        let dispute = number.case_id();
        match unpanicked(self.work(number)).await {
            Ok(Ok(done)) => done,
            Ok(Err(trouble)) => {
                tracing::error!(dispute, error = %trouble, "a deadline could not be processed");
                DeadlineOutcome::Failed
            }
            Err(_) => {
                tracing::error!(dispute, "the work on a deadline panicked");
                DeadlineOutcome::Failed
            }
        }
    }

    async fn work(&self, number: DisputeNumber) -> Result<DeadlineOutcome, Trouble> {
        let Some(before) = self.store.dispute(number).await? else { return Ok(DeadlineOutcome::NotDue) };
        let now = self.context.now();
        let (change, done) = match before.due(now) {
            DueAction::Nothing => return Ok(DeadlineOutcome::NotDue),
            DueAction::Reminder => {
                let change = before.reminded(self.reminded_parties(&before).await?, now);
                let mails = change.dispute.notifications(&change.event, change.parties.as_ref());
                if mails.is_empty() && !remind::is_event_alone(&change.dispute, &change.event) {
                    // Also after a version conflict nothing is due of the dispute as it was read.
                    self.store.drop_reminder(&before, &self.context.write_token()?).await?;
                    return Ok(DeadlineOutcome::NotDue);
                }
                (change, DeadlineOutcome::Reminded)
            }
            DueAction::End(action) => {
                let change = before.expire(action, now).ok_or(Trouble::NotAllowed(DueAction::End(action)))?;
                let parties = self.store.parties_of(&change.dispute).await?;
                (Change { parties, ..change }, DeadlineOutcome::Expired)
            }
        };
        match self.store.change(&before, &change, &NoGuard, &self.context.write_token()?, now).await? {
            ChangeOutcome::Changed(_) => {
                tracing::info!(dispute = number.case_id(), outcome = ?done, "deadline");
                Ok(done)
            }
            ChangeOutcome::VersionConflict => Ok(DeadlineOutcome::NotDue),
            ChangeOutcome::NotLocked(_) => Err(Trouble::NotAllowed(before.due(now))),
        }
    }
}

/// The sweep's log record, which holds its metrics. A sweep that could not read what is due does
/// not count as one, so that the alarm on missing sweeps goes off.
fn emf_record(tally: &Tally, swept: bool, dynamodb_calls: u32) -> EmfRecord {
    let Tally { ended, reminded, not_due, failed, left, late_ms } = *tally;
    let record = EmfRecord::new(if swept { "INFO" } else { "ERROR" }, "deadlines")
        .with("worker", Some("deadlines"))
        .with("not_due", Some(not_due))
        .with("left", Some(left))
        .with("dynamodb_calls", Some(dynamodb_calls))
        .metric("sweeps", swept.into(), Unit::Count)
        .metric("ended", ended.into(), Unit::Count)
        .metric("reminded", reminded.into(), Unit::Count)
        .metric("failed", failed.into(), Unit::Count);
    match late_ms {
        Some(late_ms) => record.metric("late_ms", late_ms, Unit::Milliseconds),
        None => record,
    }
}

/// The metrics of support cases, where the process is on.
fn with_cases(record: EmfRecord, cases: Option<support::Tally>) -> EmfRecord {
    let Some(cases) = cases else { return record };
    let record = record
        .with("support_left", Some(cases.left))
        .metric("support_stepped", cases.stepped, Unit::Count)
        .metric("support_escalated", cases.escalated, Unit::Count)
        .metric("support_failed", cases.failed, Unit::Count)
        .metric("provider_asked", cases.provider_asked, Unit::Count)
        .metric("provider_failed", cases.provider_failed, Unit::Count)
        .metric("model_calls", cases.model_calls, Unit::Count)
        .metric("model_tokens", cases.model_tokens, Unit::Count)
        .metric("model_refused", cases.model_refused, Unit::Count);
    match cases.late_ms {
        Some(late_ms) => record.metric("support_late_ms", late_ms, Unit::Milliseconds),
        None => record,
    }
}
