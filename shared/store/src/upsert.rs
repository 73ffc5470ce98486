//! Transaction updates of the platform.
//!
//! An update is evaluated against the stored transaction, and written on condition of its version.
//! If two updates arrive at once, one of them is evaluated again.

mod together;

use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::Lock;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::{Facts, Transaction, UpdateDecision};

use crate::error::StoreError;
use crate::items::{Item, item, value};
use crate::keys::ItemKey;
use crate::open::LiveDispute;
use crate::transact::{FailedCondition, TransactOutcome, TransactionBuilder, WriteItem};
use crate::transactions::{Pointer, StoredTransaction, by_capture, pointers};
use crate::{Store, WriteToken, keys};

/// What became of a transaction update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpsertOutcome {
    /// The transaction was not known before.
    Created,
    /// Its status, kind and `updated_at` were replaced and new captures added; its open disputes
    /// were closed where the new status ends disputes.
    Replaced,
    /// The stored transaction is newer, or its status is final: nothing changed.
    Stale,
    /// A fixed fact differs from the stored one; the field's name on the wire.
    Contradicts(&'static str),
    /// Another transaction has this already; the field's name on the wire.
    Taken(&'static str),
    /// It would have more captures than a transaction may have.
    TooManyCaptures,
}

/// A transaction, and the open disputes that an update would end, as the update finds them.
struct UpdateTarget {
    known: Transaction,
    version: u64,
    /// The live dispute, and the draft of the transaction's account.
    open: [Option<Dispute>; 2],
}

/// The locks of the disputes that end with a transaction: of the live one, and of the draft of its
/// account. No other account can have a draft of it.
fn locks(facts: &Facts) -> [ItemKey; 2] {
    let Facts { environment, trxid, account, .. } = facts;
    [keys::active_dispute_lock(*environment, trxid), keys::draft_lock(*environment, trxid, account)]
}

/// The lock that a dispute holds.
fn lock_of(dispute: &Dispute) -> Option<ItemKey> {
    let Facts { environment, trxid, .. } = &dispute.facts;
    dispute.state.lock().map(|lock| match lock {
        Lock::Active => keys::active_dispute_lock(*environment, trxid),
        Lock::Draft => keys::draft_lock(*environment, trxid, &dispute.opener),
    })
}

impl Store {
    /// Stores a transaction update of the platform.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn upsert_transaction(
        &self,
        update: &Transaction,
        by: &PerformedBy,
        now: UnixMillis,
        token: impl FnMut() -> WriteToken,
    ) -> Result<UpsertOutcome, StoreError> {
        self.upsert_read(update, None, by, now, token).await
    }

    /// As [`Self::upsert_transaction`]. Where the transaction was read already, the first round
    /// does not read it again.
    async fn upsert_read(
        &self,
        update: &Transaction,
        mut stored: Option<StoredTransaction>,
        by: &PerformedBy,
        now: UnixMillis,
        token: impl FnMut() -> WriteToken,
    ) -> Result<UpsertOutcome, StoreError> {
        self.rounds("upsert_transaction", &update.facts.trxid, token, |token| {
            let stored = stored.take();
            async move {
                let found = self.find_target(update, stored).await?;
                let Some(found) = found else { return self.create(update, &token).await };
                match found.known.evaluate_update(update) {
                    UpdateDecision::Stale => Ok(Some(UpsertOutcome::Stale)),
                    UpdateDecision::Contradicts(field) => Ok(Some(UpsertOutcome::Contradicts(field))),
                    UpdateDecision::TooManyCaptures => Ok(Some(UpsertOutcome::TooManyCaptures)),
                    UpdateDecision::Replaces => self.replace(&found, update, by, &token, now).await,
                }
            }
        })
        .await
    }

    /// The stored transaction, read unless it was, and, where the update would end it, its open
    /// disputes.
    async fn find_target(
        &self,
        update: &Transaction,
        stored: Option<StoredTransaction>,
    ) -> Result<Option<UpdateTarget>, StoreError> {
        let (environment, trxid) = (update.facts.environment, &update.facts.trxid);
        let stored = match stored {
            Some(stored) => Some(stored),
            None => self.get::<StoredTransaction>(&keys::transaction(environment, trxid)).await?,
        };
        let Some(stored) = stored else { return Ok(None) };
        let (version, known) = (stored.version, stored.transaction());
        let mut open = [None, None];
        if update.status.ends_disputes() {
            for (dispute, lock) in open.iter_mut().zip(locks(&update.facts)) {
                *dispute = self.holder(&lock).await?;
            }
        }
        Ok(Some(UpdateTarget { known, version, open }))
    }

    /// The dispute that holds a lock.
    async fn holder(&self, lock: &ItemKey) -> Result<Option<Dispute>, StoreError> {
        let Some(holder) = self.get::<LiveDispute>(lock).await? else { return Ok(None) };
        let lost = || StoreError::invariant("the dispute that holds a lock is missing", holder.number.case_id());
        self.dispute(holder.number).await?.ok_or_else(lost).map(Some)
    }

    /// Writes a transaction that was not known, with its pointers. `None` where it is known by now.
    async fn create(&self, update: &Transaction, token: &WriteToken) -> Result<Option<UpsertOutcome>, StoreError> {
        let mut builder = TransactionBuilder::default();
        self.creation(&mut builder, update, token)?;
        match self.transact(token, builder).await? {
            TransactOutcome::Done => Ok(Some(UpsertOutcome::Created)),
            TransactOutcome::Refused(FailedCondition { item: WriteItem::Pointer(field), .. }) => {
                Ok(Some(UpsertOutcome::Taken(field)))
            }
            TransactOutcome::Refused(_) => Ok(None),
        }
    }

    /// The writes of a transaction that was not known.
    fn creation(
        &self,
        builder: &mut TransactionBuilder,
        update: &Transaction,
        token: &WriteToken,
    ) -> Result<(), StoreError> {
        let facts = &update.facts;
        let key = keys::transaction(facts.environment, &facts.trxid);
        let first = item(&key, "transaction", &StoredTransaction::first(update))?;
        builder.create(self, WriteItem::Transaction, token.stamp(first))?;
        pointers(facts).into_iter().try_for_each(|pointer| self.point(builder, pointer, facts))
    }

    /// Replaces status, kind and `updated_at`, adds the captures that are new, and closes the open
    /// disputes where the new status ends disputes. `None` where something changed meanwhile.
    async fn replace(
        &self,
        found: &UpdateTarget,
        update: &Transaction,
        by: &PerformedBy,
        token: &WriteToken,
        now: UnixMillis,
    ) -> Result<Option<UpsertOutcome>, StoreError> {
        let mut builder = TransactionBuilder::default();
        let facts = found.known.facts.with_captures(&update.facts);
        self.replacement(&mut builder, found, update, facts.as_ref(), token)?;
        if update.status.ends_disputes() {
            for (dispute, lock) in found.open.iter().zip(locks(&update.facts)) {
                match dispute {
                    // Between the reads of the lock and of the dispute, the dispute was closed or
                    // submitted: read again.
                    Some(open) if lock_of(open).as_ref() != Some(&lock) => return Ok(None),
                    Some(open) => {
                        let change = open.ended_by(update.status, by.clone(), now).ok_or_else(|| {
                            let key = format!("{} in {:?} for {:?}", open.number.case_id(), open.state, update.status);
                            StoreError::invariant("an open dispute has no action for its transaction's end", key)
                        })?;
                        let parties = self.parties_of(&change.dispute).await?;
                        self.change_steps(&mut builder, open, &Change { parties, ..change }, token, now)?;
                    }
                    // A dispute that is opened between this read and the write has the lock by
                    // then, which refuses the write.
                    None => {
                        builder.check(self, WriteItem::ActiveLock, &lock, "attribute_not_exists(PK)", Item::new())?
                    }
                }
            }
        }
        if let Some(facts) = &facts {
            for capture in found.known.facts.captures_added(&update.facts) {
                self.point(&mut builder, by_capture(facts, capture), facts)?;
            }
        }
        match self.transact(token, builder).await? {
            TransactOutcome::Done => Ok(Some(UpsertOutcome::Replaced)),
            TransactOutcome::Refused(FailedCondition { item: WriteItem::Pointer(field), .. }) => {
                Ok(Some(UpsertOutcome::Taken(field)))
            }
            TransactOutcome::Refused(_) => Ok(None),
        }
    }

    /// The transaction's own item, on the version that was found; `facts` where they change.
    fn replacement(
        &self,
        builder: &mut TransactionBuilder,
        found: &UpdateTarget,
        update: &Transaction,
        facts: Option<&Facts>,
        token: &WriteToken,
    ) -> Result<(), StoreError> {
        let mut expression =
            "SET transaction_status = :status, kind = :kind, updated_at = :updated_at, updated_at_nanos = :nanos, \
                          version = :next, write_token = :write_token"
                .to_owned();
        let mut values = Item::from([
            (":status".to_owned(), value(update.status)?),
            (":kind".to_owned(), value(update.kind)?),
            (":updated_at".to_owned(), value(update.updated_at.millis())?),
            (":nanos".to_owned(), value(update.updated_at.nanos())?),
            (":next".to_owned(), value(found.version + 1)?),
            (":version".to_owned(), value(found.version)?),
            (":write_token".to_owned(), value(token.as_str())?),
        ]);
        if let Some(facts) = facts {
            expression.push_str(", facts = :facts");
            values.insert(":facts".to_owned(), value(facts)?);
        }
        let key = keys::transaction(update.facts.environment, &update.facts.trxid);
        builder.update(self, WriteItem::Transaction, &key, &expression, "version = :version", values)
    }

    /// A pointer with the facts that it carries, where no other transaction has one of its key.
    fn point(
        &self,
        builder: &mut TransactionBuilder,
        (field, key): (&'static str, ItemKey),
        facts: &Facts,
    ) -> Result<(), StoreError> {
        builder.create(self, WriteItem::Pointer(field), item(&key, "pointer", &Pointer { facts: facts.clone() })?)
    }
}
