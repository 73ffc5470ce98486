//! Changing a dispute: one transaction, conditional on the version that the change was decided on.

use recourse_dispute::dispute::{Change, Dispute, Event};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;

use crate::error::StoreError;
use crate::items::{Item, body, item, value};
use crate::lists::{self, Line};
use crate::open::{LiveDispute, status_of};
use crate::outbox::MailId;
use crate::transact::{ATTEMPT, Ran, Refused, Step, Steps};
use crate::{AttemptId, Idempotence, KeptAnswer, Store, keys};

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// All of it is written; the dispute as it is now.
    Changed(Box<Dispute>),
    /// The request is a repeat; the answer it got the first time.
    Repeated(KeptAnswer),
    /// The dispute was changed by somebody else meanwhile: read it and decide again.
    Overtaken,
    /// It would reopen the dispute, and another one of the transaction is live.
    Duplicate(LiveDispute),
    /// It would reopen the dispute, and the transaction was refunded or failed since; `None` when it is not there.
    NotDisputable(Option<Status>),
}

impl Store {
    /// Writes a change of `before`, with its event and its mail. A dispute that closes frees its transaction's guard, one that reopens
    /// claims it again. A status that begins gets its deadline here, and a mail to the parties names that one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change(
        &self,
        before: &Dispute,
        change: &Change,
        idempotence: Option<&Idempotence>,
        attempt: &AttemptId,
        now: UnixMillis,
    ) -> Result<Changed, StoreError> {
        let mut steps = Steps::default();
        if let Some(idempotence) = idempotence {
            steps.keep_answer(self, idempotence, attempt, now)?;
        }
        let after = self.change_steps(&mut steps, before, change, attempt, now)?;
        match self.transact(attempt, steps).await? {
            Ran::Done => Ok(Changed::Changed(Box::new(after))),
            Ran::Refused(Refused { step, stood }) => match (step, stood) {
                (Step::Idempotence, Some(stood)) => Ok(Changed::Repeated(body(stood)?)),
                (Step::Transaction, stood) => Ok(Changed::NotDisputable(status_of(stood.as_ref()))),
                (Step::Guard, Some(stood)) if !before.state.holds_guard() => {
                    let live: LiveDispute = body(stood)?;
                    // Our own dispute's guard: somebody else reopened it meanwhile.
                    Ok(if live.number == before.number { Changed::Overtaken } else { Changed::Duplicate(live) })
                }
                (Step::Guard | Step::Dispute, _) => Ok(Changed::Overtaken),
                (step, _) => Err(StoreError::Broken(format!("changing a dispute was refused by {step:?}"))),
            },
        }
    }

    /// The guard, the dispute, its lines in its parties' lists, the event and the mail of a change. Returns the dispute as it will be.
    pub(crate) fn change_steps(
        &self,
        steps: &mut Steps,
        before: &Dispute,
        change: &Change,
        attempt: &AttemptId,
        now: UnixMillis,
    ) -> Result<Dispute, StoreError> {
        let mut written = change.dispute.clone();
        if written.state != before.state {
            written.deadline = self.deadlines.of(&written);
        }
        let after = &written;
        let guard = keys::live_guard(&after.facts.trxid);
        match (before.state.holds_guard(), after.state.holds_guard()) {
            (true, false) => {
                let number = Item::from([(":number".to_owned(), value(after.number)?)]);
                steps.delete(self, Step::Guard, &guard, "dispute = :number", number)?;
            }
            (false, true) => {
                // As a new dispute could not be opened of a transaction whose money went back, an old one cannot be taken up again.
                let ended = Item::from([
                    (":refund".to_owned(), value(Status::Refund)?),
                    (":failed".to_owned(), value(Status::Failed)?),
                ]);
                let transaction = keys::transaction(&after.facts.trxid);
                steps.check(
                    self,
                    Step::Transaction,
                    &transaction,
                    "attribute_exists(PK) AND NOT transaction_status IN (:refund, :failed)",
                    ended,
                )?;
                steps.create(self, Step::Guard, self.guard_item(after, attempt)?)?;
            }
            (true, true) | (false, false) => {}
        }
        let version = Item::from([(":version".to_owned(), value(before.version)?)]);
        steps.put(self, Step::Dispute, self.dispute_item(after, attempt)?, "version = :version", version)?;
        let line = Line::of(after);
        if line != Line::of(before) {
            for list in lists::of(after) {
                steps.put(self, Step::Record, item(&list, "line", &line)?, "attribute_exists(PK)", Item::new())?;
            }
        }
        self.record(steps, &change.event, after.number, attempt)?;
        if let Some(notice) = &change.notice {
            let notice = notice.clone().as_of(after);
            self.promise(steps, MailId { number: after.number, version: after.version }, &notice, now)?;
        }
        Ok(written)
    }

    /// One line of a dispute's history.
    pub(crate) fn record(
        &self,
        steps: &mut Steps,
        event: &Event,
        number: DisputeNumber,
        attempt: &AttemptId,
    ) -> Result<(), StoreError> {
        let mut line = item(&keys::event(number, event.version), "event", event)?;
        // Never rewritten, unlike the dispute: it knows our own change also after somebody else's.
        line.insert(ATTEMPT.to_owned(), value(attempt.as_str())?);
        steps.create(self, Step::Record, line)
    }
}
