//! Changing a dispute: one transaction, conditional on the version that the change was decided on.

use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::event::HistoryEntry;
use recourse_dispute::lifecycle::Lock;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Status;

use crate::error::StoreError;
use crate::items::{Item, body, fields, item, value};
use crate::lists::{self, DisputeSummary};
use crate::open::{LiveDispute, status_of};
use crate::transact::{FailedCondition, TransactOutcome, TransactionBuilder, WriteItem};
use crate::{RequestGuard, Store, WriteToken, keys};

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeOutcome<R> {
    /// All of it is written; the dispute as it is now.
    Changed(Box<Dispute>),
    /// The request's guard refuses it.
    Guarded(R),
    /// Somebody else changed the dispute meanwhile: read it and decide again.
    VersionConflict,
    /// It would submit or reopen the dispute, which cannot take the active-dispute lock.
    NotLocked(NotLocked),
}

/// Why a dispute cannot take the active-dispute lock of its transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotLocked {
    /// Another dispute of the transaction is live.
    Duplicate(LiveDispute),
    /// The transaction has this status, in which it is not disputable.
    NotDisputable(Status),
}

impl Store {
    /// Writes a change of `before`, with its event and its mails. A dispute that is submitted or
    /// reopened takes the active-dispute lock, one that closes frees the lock that it holds. Where
    /// a new status begins, its deadline is fixed here, and a mail to the parties names that
    /// deadline.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change<G: RequestGuard>(
        &self,
        before: &Dispute,
        change: &Change,
        guard: &G,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<ChangeOutcome<G::Outcome>, StoreError> {
        let mut builder = TransactionBuilder::default();
        builder.guard(self, guard, token, now)?;
        let after = self.change_steps(&mut builder, before, change, token, now)?;
        let failed = match self.transact(token, builder).await? {
            TransactOutcome::Done => return Ok(ChangeOutcome::Changed(Box::new(after))),
            TransactOutcome::Refused(failed) => failed,
        };
        if let Some(refusal) = failed.guarded::<G>()? {
            return Ok(ChangeOutcome::Guarded(refusal));
        }
        match (failed.item, failed.existing) {
            (WriteItem::Transaction, stored) => {
                let status = status_of(&before.facts, stored.as_ref())?;
                Ok(ChangeOutcome::NotLocked(NotLocked::NotDisputable(status)))
            }
            (WriteItem::ActiveLock, Some(existing)) if before.state.lock() != Some(Lock::Active) => {
                let live: LiveDispute = body(existing)?;
                // The lock may be this dispute's own: somebody else submitted or reopened it
                // meanwhile.
                Ok(if live.number == before.number {
                    ChangeOutcome::VersionConflict
                } else {
                    ChangeOutcome::NotLocked(NotLocked::Duplicate(live))
                })
            }
            (WriteItem::Draft | WriteItem::ActiveLock | WriteItem::Dispute, _) => Ok(ChangeOutcome::VersionConflict),
            (item, existing) => {
                let write = format!("changing {} from version {}", before.number.case_id(), before.version);
                Err(FailedCondition { item, existing }.impossible(write))
            }
        }
    }

    /// Adds the locks, the dispute, its summaries in its parties' lists, the event and the mails of
    /// a change. Returns the dispute as it will be.
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
        let summary = DisputeSummary::of(after);
        if summary != DisputeSummary::of(before) {
            for listed in lists::listed(after, &fields(&summary)?) {
                builder.put(self, WriteItem::Record, listed, "attribute_exists(PK)", Item::new())?;
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
            // As with a new dispute, none can be submitted or reopened when the money of its
            // transaction went back.
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

    /// Adds an entry to a dispute's history.
    pub(crate) fn record(
        &self,
        builder: &mut TransactionBuilder,
        event: &HistoryEntry,
        number: DisputeNumber,
        token: &WriteToken,
    ) -> Result<(), StoreError> {
        let entry = item(&keys::event(number, event.version), "event", event)?;
        // Never rewritten, unlike the dispute, so it shows a write of this request after later
        // changes, too.
        builder.create(self, WriteItem::Record, token.stamp(entry))
    }
}
