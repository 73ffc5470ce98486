//! Changing a dispute: one transaction, conditional on the version that the change was decided on.

use recourse_dispute::dispute::{Change, Dispute, HistoryEntry};
use recourse_dispute::lifecycle::Lock;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;

use crate::error::StoreError;
use crate::items::{Item, body, item, value};
use crate::lists::{self, DisputeSummary};
use crate::open::{LiveDispute, status_of};
use crate::transact::{ATTEMPT, TransactOutcome, FailedCondition, WriteItem, TransactionBuilder};
use crate::{WriteToken, Idempotence, StoredResponse, Store, keys};

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeOutcome {
    /// All of it is written; the dispute as it is now.
    Changed(Box<Dispute>),
    /// The request is a repeat; the answer it got the first time.
    Repeated(StoredResponse),
    /// The dispute was changed by somebody else meanwhile: read it and decide again.
    Overtaken,
    /// It would submit or reopen the dispute, and another one of the transaction is live.
    Duplicate(LiveDispute),
    /// It would submit or reopen the dispute, and the transaction was refunded or failed since;
    /// `None` when it is not there.
    NotDisputable(Option<Status>),
}

impl Store {
    /// Writes a change of `before`, with its event and its mails. A dispute that is submitted or
    /// reopened takes the active-dispute lock, one that closes frees the lock that it holds. A
    /// status that begins gets its deadline here, and a mail to the parties names that one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change(
        &self,
        before: &Dispute,
        change: &Change,
        idempotence: Option<&Idempotence>,
        attempt: &WriteToken,
        now: UnixMillis,
    ) -> Result<ChangeOutcome, StoreError> {
        let mut steps = TransactionBuilder::default();
        if let Some(idempotence) = idempotence {
            steps.store_response(self, idempotence, attempt, now)?;
        }
        let after = self.change_steps(&mut steps, before, change, attempt, now)?;
        match self.transact(attempt, steps).await? {
            TransactOutcome::Done => Ok(ChangeOutcome::Changed(Box::new(after))),
            TransactOutcome::Refused(FailedCondition { item: step, existing: stood }) => match (step, stood) {
                (WriteItem::Idempotence, Some(stood)) => Ok(ChangeOutcome::Repeated(body(stood)?)),
                (WriteItem::Transaction, stood) => Ok(ChangeOutcome::NotDisputable(status_of(stood.as_ref()))),
                (WriteItem::ActiveLock, Some(stood)) if before.state.lock() != Some(Lock::Active) => {
                    let live: LiveDispute = body(stood)?;
                    // Our own dispute's lock: somebody else submitted or reopened it meanwhile.
                    Ok(if live.number == before.number { ChangeOutcome::Overtaken } else { ChangeOutcome::Duplicate(live) })
                }
                (WriteItem::Draft | WriteItem::ActiveLock | WriteItem::Dispute, _) => Ok(ChangeOutcome::Overtaken),
                (step, _) => Err(StoreError::Broken(format!("changing a dispute was refused by {step:?}"))),
            },
        }
    }

    /// The locks, the dispute, its lines in its parties' lists, the event and the mails of a
    /// change. Returns the dispute as it will be.
    pub(crate) fn change_steps(
        &self,
        steps: &mut TransactionBuilder,
        before: &Dispute,
        change: &Change,
        attempt: &WriteToken,
        now: UnixMillis,
    ) -> Result<Dispute, StoreError> {
        let mut written = change.dispute.clone();
        if written.state != before.state {
            written.deadline = self.deadlines.of(&written);
        }
        let after = &written;
        self.change_locks(steps, before, after, attempt)?;
        let version = Item::from([(":version".to_owned(), value(before.version)?)]);
        steps.put(self, WriteItem::Dispute, self.dispute_item(after, attempt)?, "version = :version", version)?;
        let line = DisputeSummary::of(after);
        if line != DisputeSummary::of(before) {
            for list in lists::of(after) {
                steps.put(self, WriteItem::Record, item(&list, "line", &line)?, "attribute_exists(PK)", Item::new())?;
            }
        }
        self.record(steps, &change.event, after.number, attempt)?;
        self.enqueue_notifications(steps, after, &change.event, change.parties.as_ref(), now)?;
        Ok(written)
    }

    /// Frees the lock that the dispute held before, and takes the one that it holds after.
    fn change_locks(
        &self,
        steps: &mut TransactionBuilder,
        before: &Dispute,
        after: &Dispute,
        attempt: &WriteToken,
    ) -> Result<(), StoreError> {
        let (held, holds) = (before.state.lock(), after.state.lock());
        if held == holds {
            return Ok(());
        }
        let (environment, trxid) = (after.facts.environment, &after.facts.trxid);
        let own = Item::from([(":number".to_owned(), value(after.number)?)]);
        match held {
            Some(Lock::Draft) => {
                let draft = keys::draft_lock(environment, trxid, &before.opener);
                steps.delete(self, WriteItem::Draft, &draft, "dispute = :number", own)?;
            }
            Some(Lock::Active) => {
                steps.delete(self, WriteItem::ActiveLock, &keys::active_dispute_lock(environment, trxid), "dispute = :number", own)?;
            }
            None => {}
        }
        if holds == Some(Lock::Active) {
            // As a new dispute could not be opened of a transaction whose money went back, none can
            // be submitted or taken up again.
            let ended = Item::from([
                (":refund".to_owned(), value(Status::Refund)?),
                (":failed".to_owned(), value(Status::Failed)?),
            ]);
            let transaction = keys::transaction(environment, trxid);
            let disputable = "attribute_exists(PK) AND NOT transaction_status IN (:refund, :failed)";
            steps.check(self, WriteItem::Transaction, &transaction, disputable, ended)?;
            steps.create(self, WriteItem::ActiveLock, self.active_lock(after, attempt)?)?;
        }
        Ok(())
    }

    /// One line of a dispute's history.
    pub(crate) fn record(
        &self,
        steps: &mut TransactionBuilder,
        event: &HistoryEntry,
        number: DisputeNumber,
        attempt: &WriteToken,
    ) -> Result<(), StoreError> {
        let mut line = item(&keys::event(number, event.version), "event", event)?;
        // Never rewritten, unlike the dispute: it knows our own change also after somebody else's.
        line.insert(ATTEMPT.to_owned(), value(attempt.as_str())?);
        steps.create(self, WriteItem::Record, line)
    }
}
