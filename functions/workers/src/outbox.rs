//! `worker-outbox`: sends the mails that were promised.
//!
//! A mail is claimed by condition for a minute, sent once, and its end is written fenced by that
//! claim. Nobody else need be asked, so any number of workers run at once.
//!
//! | what happens | what becomes of the mail |
//! |---|---|
//! | two workers want the same mail | one claim holds, the other worker goes on to its next mail |
//! | the answer to a claim is lost | the claim is sent again under the same owner, and is known as ours |
//! | the worker dies before it sends | the lease runs out, the sweep takes the mail again |
//! | the worker dies after SES accepted, before that is noted | the same, and the mail goes out once more: SES has no idempotency token. Never zero times |
//! | the lease ends before sending begins | the mail is left to whoever claims it next |
//! | the lease ends while SES is asked (a frozen process) | it may go out twice; what the late worker writes changes nothing |
//! | SES does not take it this time | it is tried again after a minute, two, four, up to an hour; after 48 hours it is given up |
//! | SES does not answer or the connection breaks, so it may have taken it | it is tried again after ten minutes, 40, and so on; after the fifth time it is given up |
//! | what a reminder reminds of is over before it can be sent | it is given up, without an alarm |
//! | SES refuses one of its recipients | it is given up |
//! | SES refuses what is in every mail, or does not let us send | it is tried again as above, and each try raises the alarm |
//! | an earlier mail of its case to the same reader is still to be sent | it waits for that one, as long as a mail is tried |
//! | some of its addresses are marked, as mail to them came back | it goes to the others |
//! | some of its addresses are at their cap | it goes to the others, and that raises an alarm too |
//! | nobody is left | it is held back |
//! | its account is at its cap | it is held back |
//! | the work on it panics | as if SES had not taken it; the other mails are not touched |
//! | DynamoDB is out of reach | nothing is noted; the stream's batch is asked for again, and the sweep comes every minute |
//! | what is due cannot be read | the sweep is an error, and does not count as one |
//!
//! A mail that is given up or held back says so on the case's record, with a reason, and raises an
//! alarm, but for a reminder that came too late. The alarm is logged before it is noted: it may
//! come twice, and never not at all.

mod caps;
mod deliver;
mod end;
mod event;
mod mail;
mod round;
mod schedule;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use recourse_aws::metrics::{EmfRecord, Unit};
use recourse_aws::{Aws, BadVariable};
use recourse_dispute::time::UnixMillis;
use recourse_mail::{BadSettings, Composer, Ses};
use recourse_store::{Sealer, Store, StoreError};

use crate::SystemContext;
use round::Tally;

pub use caps::Limits;
pub use event::{BatchItemFailure, BatchResponse, OutboxTrigger, StreamRecord, UnknownEvent};

/// The worker, with all it needs, made once when the function starts.
#[derive(Debug)]
pub struct Outbox {
    /// Where the mails are.
    pub store: Store,
    /// What opens the key of the reply tokens.
    pub sealer: Sealer,
    /// Who writes the mails.
    pub composer: Composer,
    /// Who takes them.
    pub ses: Ses,
    /// How many may go out.
    pub limits: Limits,
    /// The clock and the dice.
    pub context: SystemContext,
}

/// What is wrong with the function's environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEnvironment {
    /// A variable is not set.
    #[error(transparent)]
    Missing(#[from] BadVariable),
    /// The settings of the mail.
    #[error(transparent)]
    Mail(#[from] BadSettings),
    /// A cap is no number.
    #[error("{0}: must be a whole number")]
    NoNumber(&'static str),
}

impl Outbox {
    /// The worker of a function, from its environment.
    ///
    /// # Errors
    /// [`BadEnvironment`] names the variable.
    pub fn from_environment(aws: &Aws, context: SystemContext) -> Result<Self, BadEnvironment> {
        let number = |name| aws.variable(name)?.parse().map_err(|_| BadEnvironment::NoNumber(name));
        Ok(Self {
            store: Store::from_environment(aws)?,
            sealer: Sealer::from_environment(aws)?,
            composer: Composer::from_environment(aws)?,
            ses: Ses::from_environment(aws),
            limits: Limits {
                of_account: number("MAILS_PER_ACCOUNT_PER_DAY")?,
                to_address: number("MAILS_PER_RECIPIENT_PER_DAY")?,
            },
            context: context,
        })
    }

    /// Opens the connections and unwraps the data key, while the function starts and has the whole processor. What fails here is tried
    /// again by the first mail; a deployment without any account has no data key yet, and no mail either.
    pub async fn prepare(&self) {
        if let Err(error) = self.sealer.prepare(&self.store).await {
            tracing::warn!(error = %error, "not prepared");
        }
    }

    /// Does what an event asks for, until `deadline` is half as far away as it was: no mail is begun that Lambda might cut off.
    /// What is left over, the next sweep does.
    ///
    /// # Errors
    /// [`StoreError`] where a sweep could not read what is due, or what is waiting. A mail of the stream that could not be reached is named in the answer.
    pub async fn handle(&self, event: &OutboxTrigger, deadline: UnixMillis) -> Result<BatchResponse, StoreError> {
        let started = self.context.now();
        let until = started.plus(deadline.0.saturating_sub(started.0) / 2);
        let mut tally = Tally::default();
        let work = async {
            match event {
                OutboxTrigger::Stream(records) => {
                    tally = self.round(records.iter().map(|record| record.mail).collect(), until).await;
                    Ok(())
                }
                OutboxTrigger::Sweep => self.sweep(until, &mut tally).await,
            }
        };
        let (swept, dynamodb_calls) = recourse_aws::counted(work).await;
        let duration_ms = self.context.since(started);
        let line = emf_record(event, &tally, swept.is_ok(), duration_ms, dynamodb_calls);
        (self.context.print)(&line.text(self.context.now().0));
        swept.map(|()| event.answer(&tally.unreached))
    }
}

/// The call's line in the log, which is its metrics too. A sweep says besides how late the mail is that has been due for longest, and how long ago the
/// oldest one was promised that waits when it ends. One that could not read either does not count as a sweep, so that the alarm on their absence goes
/// off.
fn emf_record(event: &OutboxTrigger, tally: &Tally, done: bool, duration_ms: u64, dynamodb_calls: u32) -> EmfRecord {
    let Tally { sent, held, dead, too_late, later, claimed_by_other, broken, left, late_ms, unsent_ms, ref unreached } =
        *tally;
    let line = EmfRecord::new(if done { "INFO" } else { "ERROR" }, "outbox")
        .with("worker", Some("outbox"))
        .with("call", Some(event.name()))
        .with("claimed_by_other", Some(claimed_by_other))
        .with("left", Some(left))
        .with("unreached", Some(unreached.len()))
        .with("dynamodb_calls", Some(dynamodb_calls))
        .metric("sent", sent.into(), Unit::Count)
        .metric("held", held.into(), Unit::Count)
        .metric("dead", dead.into(), Unit::Count)
        .metric("too_late", too_late.into(), Unit::Count)
        .metric("later", later.into(), Unit::Count)
        .metric("broken", broken.into(), Unit::Count)
        .metric("duration_ms", duration_ms, Unit::Milliseconds)
        .by(["worker"]);
    let sweeps = (*event == OutboxTrigger::Sweep).then_some(("sweeps", u64::from(done), Unit::Count));
    let late = late_ms.map(|late_ms| ("late_ms", late_ms, Unit::Milliseconds));
    let unsent = unsent_ms.map(|unsent_ms| ("unsent_ms", unsent_ms, Unit::Milliseconds));
    let more = [sweeps, late, unsent].into_iter().flatten();
    more.fold(line, |line, (name, value, unit)| line.metric(name, value, unit))
}
