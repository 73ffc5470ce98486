//! Changing a dispute: one transaction, conditional on the version that the change was decided on.

use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::event::HistoryEntry;
use recourse_dispute::lifecycle::Lock;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;

use crate::error::StoreError;
use crate::items::{Item, body, item, value};
use crate::lists::{self, DisputeSummary};
use crate::open::{LiveDispute, status_of};
use crate::transact::{ATTEMPT, FailedCondition, TransactOutcome, TransactionBuilder, WriteItem};
use crate::{Idempotence, Store, StoredResponse, WriteToken, keys};

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeOutcome {
    /// All of it is written; the dispute as it is now.
    Changed(Box<Dispute>),
    /// The request is a repeat; the answer it got the first time.
    Repeated(StoredResponse),
    /// The dispute was changed by somebody else meanwhile: read it and decide again.
    VersionConflict,
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
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<ChangeOutcome, StoreError> {
        let mut builder = TransactionBuilder::default();
        if let Some(idempotence) = idempotence {
            builder.store_response(self, idempotence, token, now)?;
        }
        let after = self.change_steps(&mut builder, before, change, token, now)?;
        match self.transact(token, builder).await? {
            TransactOutcome::Done => Ok(ChangeOutcome::Changed(Box::new(after))),
            TransactOutcome::Refused(FailedCondition { item: which, existing }) => match (which, existing) {
                (WriteItem::Idempotence, Some(existing)) => Ok(ChangeOutcome::Repeated(body(existing)?)),
                (WriteItem::Transaction, existing) => Ok(ChangeOutcome::NotDisputable(status_of(existing.as_ref()))),
                (WriteItem::ActiveLock, Some(existing)) if before.state.lock() != Some(Lock::Active) => {
                    let live: LiveDispute = body(existing)?;
                    // Our own dispute's lock: somebody else submitted or reopened it meanwhile.
                    Ok(if live.number == before.number {
                        ChangeOutcome::VersionConflict
                    } else {
                        ChangeOutcome::Duplicate(live)
                    })
                }
                (WriteItem::Draft | WriteItem::ActiveLock | WriteItem::Dispute, _) => {
                    Ok(ChangeOutcome::VersionConflict)
                }
                (which, _) => Err(StoreError::Broken(format!("changing a dispute was refused by {which:?}"))),
            },
        }
    }

    /// The locks, the dispute, its lines in its parties' lists, the event and the mails of a
    /// change. Returns the dispute as it will be.
    pub(crate) fn change_steps(
        &self,
        builder: &mut TransactionBuilder,
        before: &Dispute,
        change: &Change,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<Dispute, StoreError> {
        let mut written = change.dispute.clone();
        if written.state != before.state {
            written.deadline = written.deadline_under(&self.deadlines);
        }
        let after = &written;
        self.change_locks(builder, before, after, token)?;
        let version = Item::from([(":version".to_owned(), value(before.version)?)]);
        builder.put(self, WriteItem::Dispute, self.dispute_item(after, token)?, "version = :version", version)?;
        let line = DisputeSummary::of(after);
        if line != DisputeSummary::of(before) {
            for list in lists::of(after) {
                builder.put(
                    self,
                    WriteItem::Record,
                    item(&list, "line", &line)?,
                    "attribute_exists(PK)",
                    Item::new(),
                )?;
            }
        }
        self.record(builder, &change.event, after.number, token)?;
        self.enqueue_notifications(builder, after, &change.event, change.parties.as_ref(), now)?;
        Ok(written)
    }

    /// Frees the lock that the dispute held before, and takes the one that it holds after.
    fn change_locks(
        &self,
        builder: &mut TransactionBuilder,
        before: &Dispute,
        after: &Dispute,
        token: &WriteToken,
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
                builder.delete(self, WriteItem::Draft, &draft, "dispute = :number", own)?;
            }
            Some(Lock::Active) => {
                builder.delete(
                    self,
                    WriteItem::ActiveLock,
                    &keys::active_dispute_lock(environment, trxid),
                    "dispute = :number",
                    own,
                )?;
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
            builder.check(self, WriteItem::Transaction, &transaction, disputable, ended)?;
            builder.create(self, WriteItem::ActiveLock, self.active_lock(after, token)?)?;
        }
        Ok(())
    }

    /// One line of a dispute's history.
    pub(crate) fn record(
        &self,
        builder: &mut TransactionBuilder,
        event: &HistoryEntry,
        number: DisputeNumber,
        token: &WriteToken,
    ) -> Result<(), StoreError> {
        let mut line = item(&keys::event(number, event.version), "event", event)?;
        // Never rewritten, unlike the dispute: it knows our own change also after somebody else's.
        line.insert(ATTEMPT.to_owned(), value(token.as_str())?);
        builder.create(self, WriteItem::Record, line)
    }
}
