//! `worker-outbox`: sends enqueued mails.
//!
//! A conditional write claims a mail for a minute. The worker sends it once and writes its end, if
//! it still holds the claim. So any number of workers can run at once.
//!
//! | what happens | what becomes of the mail |
//! |---|---|
//! | two workers want the same mail | one claim holds; the other worker goes on to its next mail |
//! | the answer to a claim is lost | the worker sends the claim again and knows it by its token |
//! | the worker dies before it sends | the lease runs out, and the sweep takes the mail again |
//! | the worker dies after SES accepted | the same, so the mail goes out twice and is never lost |
//! | the lease ends before sending begins | the mail is left to whoever claims it next |
//! | the lease ends while SES is asked | it may go out twice; the late worker changes nothing |
//! | SES does not take it now | retried after 1, 2, 4 minutes and so on; dead after 48 hours |
//! | SES may have taken it | retried after 10 minutes, 40, and so on; dead after the fifth time |
//! | what a reminder is about is over | it is given up, without an alarm |
//! | a question of the support process is about a closed dispute | the same |
//! | a sign-in link works no more | the same |
//! | the addresses of all its readers were erased | the same |
//! | its Message-ID cannot be stored | it counts as sent; an answer has the plus-address |
//! | SES refuses one of its recipients | it is given up |
//! | SES refuses what every mail has | retried as above, and each attempt raises the alarm |
//! | an earlier mail to the same reader waits | it waits, as long as a mail is retried |
//! | some of its addresses are marked | it goes to the others |
//! | some of its addresses are at their cap | it goes to the others, and raises an alarm too |
//! | nobody is left | it is held back |
//! | its account is at its cap | it is held back |
//! | the work on it panics | as if SES had not taken it; other mails are not affected |
//! | DynamoDB is out of reach | nothing is stored; the stream repeats the batch |
//! | what is due cannot be read | the sweep is an error, and does not count as one |
//!
//! A mail that is given up or held back says so on the case's record, with a reason, and raises an
//! alarm, except for a reminder that came too late. The alarm is logged before the result is
//! stored, so it is raised at least once.

mod caps;
mod deliver;
mod end;
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
use recourse_store::{MailId, Sealer, Store, StoreError};

use crate::SystemContext;
use crate::stream::{BatchResponse, Trigger};
use round::Tally;

pub use caps::Limits;

/// What the worker is called for: the mails in a batch of the table's stream, or all mails that are
/// due.
pub type OutboxTrigger = Trigger<MailId>;

/// The worker, with all it needs, made once when the function starts.
#[derive(Debug)]
pub struct Outbox {
    /// Where the mails are.
    pub store: Store,
    /// Decrypts the key of the reply tokens.
    pub sealer: Sealer,
    /// Composes the mails.
    pub composer: Composer,
    /// Sends them.
    pub ses: Ses,
    /// How many may go out.
    pub limits: Limits,
    /// The clock and the entropy.
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
            context,
        })
    }

    /// Opens the connections and unwraps the data key, while the function starts and has the whole
    /// processor. What fails here is tried again by the first mail. A deployment without any
    /// account has no data key yet, and no mail either.
    pub async fn prepare(&self) {
        crate::prepare(&self.sealer, &self.store).await;
    }

    /// Does what an event asks for, until half of the time to `deadline` is used: it begins no mail
    /// that Lambda might cut off. The next sweep does what is left over.
    ///
    /// # Errors
    /// [`StoreError`] where a sweep could not read what is due, or what is waiting. The answer
    /// names each mail of the stream that could not be reached.
    pub async fn handle(&self, event: &OutboxTrigger, deadline: UnixMillis) -> Result<BatchResponse, StoreError> {
        let started = self.context.now();
        let until = started.plus(deadline.0.saturating_sub(started.0) / 2);
        let mut tally = Tally::default();
        let work = async {
            match event {
                OutboxTrigger::Stream(records) => {
                    tally = self.round(records.iter().map(|record| record.id).collect(), until).await;
                    Ok(())
                }
                OutboxTrigger::Sweep => self.sweep(until, &mut tally).await,
            }
        };
        let (swept, dynamodb_calls) = recourse_aws::counted(work).await;
        self.context.print_call(emf_record(event, &tally, swept.is_ok(), dynamodb_calls), started);
        swept.map(|()| event.answer(&tally.unreached))
    }
}

/// The call's log record, which holds its metrics. A sweep also reports how late the mail is that
/// has been due for longest, and how long ago the oldest waiting mail was enqueued. A sweep that
/// could not read either does not count as one, so that the alarm on missing sweeps goes off.
fn emf_record(event: &OutboxTrigger, tally: &Tally, done: bool, dynamodb_calls: u32) -> EmfRecord {
    let Tally { sent, held, dead, too_late, later, claimed_by_other, broken, left, late_ms, unsent_ms, ref unreached } =
        *tally;
    let record = EmfRecord::new(if done { "INFO" } else { "ERROR" }, "outbox")
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
        .metric("broken", broken.into(), Unit::Count);
    let sweeps = (*event == OutboxTrigger::Sweep).then_some(("sweeps", u64::from(done), Unit::Count));
    let late = late_ms.map(|late_ms| ("late_ms", late_ms, Unit::Milliseconds));
    let unsent = unsent_ms.map(|unsent_ms| ("unsent_ms", unsent_ms, Unit::Milliseconds));
    let more = [sweeps, late, unsent].into_iter().flatten();
    more.fold(record, |record, (name, value, unit)| record.metric(name, value, unit))
}
