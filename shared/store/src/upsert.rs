//! The platform's words about transactions.
//!
//! A word is weighed against what is read, and written under the version of what was read: of two at once one is weighed again.

use recourse_dispute::dispute::{PerformedBy, Change, Dispute};
use recourse_dispute::lifecycle::Lock;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::{Facts, Transaction, UpdateDecision};

use crate::error::StoreError;
use crate::items::{Item, item, value};
use crate::keys::ItemKey;
use crate::open::LiveDispute;
use crate::transact::{ATTEMPT, MOST_ROUNDS, TransactOutcome, FailedCondition, WriteItem, TransactionBuilder, version_conflict};
use crate::transactions::{Pointer, StoredTransaction, by_capture, pointers};
use crate::{WriteToken, Store, keys};

/// What became of a word about a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpsertOutcome {
    /// The transaction was not known before.
    Created,
    /// Its status, kind and `updated_at` were replaced and new captures added; a live dispute was closed with it where the new status ends disputes.
    Replaced,
    /// What is known is newer, or final: nothing changed.
    Stale,
    /// A fixed fact is another one than what is known; the field's name on the wire.
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

/// The locks of the disputes that end with a transaction: of the live one, and of its account's
/// draft. Nobody else can begin a draft about it.
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
    /// Takes the platform's word about a transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn upsert_transaction(
        &self,
        word: &Transaction,
        by: &PerformedBy,
        now: UnixMillis,
        mut attempt: impl FnMut() -> WriteToken,
    ) -> Result<UpsertOutcome, StoreError> {
        for round in 0..MOST_ROUNDS {
            let attempt = attempt();
            let told = match self.find(word).await? {
                None => self.create(word, &attempt).await?,
                Some(found) => match found.known.evaluate_update(word) {
                    UpdateDecision::Stale => Some(UpsertOutcome::Stale),
                    UpdateDecision::Contradicts(field) => Some(UpsertOutcome::Contradicts(field)),
                    UpdateDecision::TooManyCaptures => Some(UpsertOutcome::TooManyCaptures),
                    UpdateDecision::Replaces => self.replace(&found, word, by, &attempt, now).await?,
                },
            };
            if let Some(told) = told {
                return Ok(told);
            }
            tokio::time::sleep(attempt.wait(round)).await;
        }
        Err(version_conflict("tell"))
    }

    /// What is known of a word's transaction and, where the word would end it, of its live dispute.
    async fn find(&self, word: &Transaction) -> Result<Option<UpdateTarget>, StoreError> {
        let (environment, trxid) = (word.facts.environment, &word.facts.trxid);
        let stored = self.get::<StoredTransaction>(&keys::transaction(environment, trxid)).await?;
        let Some(stored) = stored else { return Ok(None) };
        let (version, known) = (stored.version, stored.transaction());
        let mut open = [None, None];
        if word.status.ends_disputes() {
            for (dispute, lock) in open.iter_mut().zip(locks(&word.facts)) {
                *dispute = self.holder(&lock).await?;
            }
        }
        Ok(Some(UpdateTarget { known, version, open }))
    }

    /// The dispute that holds a lock.
    async fn holder(&self, lock: &ItemKey) -> Result<Option<Dispute>, StoreError> {
        let Some(holder) = self.get::<LiveDispute>(lock).await? else { return Ok(None) };
        let lost = || StoreError::Broken(format!("the dispute {} holds a lock and is not there", holder.number));
        self.dispute(holder.number).await?.ok_or_else(lost).map(Some)
    }

    /// Writes a transaction that was not known, with its pointers. `None`: it is known by now.
    async fn create(&self, word: &Transaction, attempt: &WriteToken) -> Result<Option<UpsertOutcome>, StoreError> {
        let facts = &word.facts;
        let mut steps = TransactionBuilder::default();
        let mut first = item(&keys::transaction(facts.environment, &facts.trxid), "transaction", &StoredTransaction::first(word))?;
        first.insert(ATTEMPT.to_owned(), value(attempt.as_str())?);
        steps.create(self, WriteItem::Transaction, first)?;
        for pointer in pointers(facts) {
            self.point(&mut steps, pointer, facts)?;
        }
        match self.transact(attempt, steps).await? {
            TransactOutcome::Done => Ok(Some(UpsertOutcome::Created)),
            TransactOutcome::Refused(FailedCondition { item: WriteItem::Pointer(field), .. }) => Ok(Some(UpsertOutcome::Taken(field))),
            TransactOutcome::Refused(_) => Ok(None),
        }
    }

    /// Replaces status, kind and `updated_at`, adds the captures that are new, and closes the live dispute where the new status ends disputes.
    /// `None`: something changed meanwhile.
    async fn replace(
        &self,
        found: &UpdateTarget,
        word: &Transaction,
        by: &PerformedBy,
        attempt: &WriteToken,
        now: UnixMillis,
    ) -> Result<Option<UpsertOutcome>, StoreError> {
        let mut steps = TransactionBuilder::default();
        let facts = found.known.facts.with_captures(&word.facts);
        self.replacement(&mut steps, found, word, facts.as_ref(), attempt)?;
        if word.status.ends_disputes() {
            for (dispute, lock) in found.open.iter().zip(locks(&word.facts)) {
                match dispute {
                    // It was closed, or submitted, between our reads of the lock and of the
                    // dispute: we look again.
                    Some(open) if lock_of(open).as_ref() != Some(&lock) => return Ok(None),
                    Some(open) => {
                        let change = open.ended_by(word.status, by.clone(), now).ok_or_else(|| {
                            StoreError::Broken(format!("the dispute {} is open and cannot be closed", open.number))
                        })?;
                        let parties = self.parties_of(&change.dispute).await?;
                        self.change_steps(&mut steps, open, &Change { parties, ..change }, attempt, now)?;
                    }
                    // A dispute that opens between our read and this write has the lock by then,
                    // and we look again.
                    None => steps.check(self, WriteItem::ActiveLock, &lock, "attribute_not_exists(PK)", Item::new())?,
                }
            }
        }
        if let Some(facts) = &facts {
            for capture in found.known.facts.captures_added(&word.facts) {
                self.point(&mut steps, by_capture(facts, capture), facts)?;
            }
        }
        match self.transact(attempt, steps).await? {
            TransactOutcome::Done => Ok(Some(UpsertOutcome::Replaced)),
            TransactOutcome::Refused(FailedCondition { item: WriteItem::Pointer(field), .. }) => Ok(Some(UpsertOutcome::Taken(field))),
            TransactOutcome::Refused(_) => Ok(None),
        }
    }

    /// The transaction's own item, on the version that was found; `facts` where they change.
    fn replacement(
        &self,
        steps: &mut TransactionBuilder,
        found: &UpdateTarget,
        word: &Transaction,
        facts: Option<&Facts>,
        attempt: &WriteToken,
    ) -> Result<(), StoreError> {
        let mut update =
            "SET transaction_status = :status, kind = :kind, updated_at = :updated_at, updated_at_nanos = :nanos, \
                          version = :next, attempt = :attempt"
                .to_owned();
        let mut values = Item::from([
            (":status".to_owned(), value(word.status)?),
            (":kind".to_owned(), value(word.kind)?),
            (":updated_at".to_owned(), value(word.updated_at.millis())?),
            (":nanos".to_owned(), value(word.updated_at.nanos())?),
            (":next".to_owned(), value(found.version + 1)?),
            (":version".to_owned(), value(found.version)?),
            (":attempt".to_owned(), value(attempt.as_str())?),
        ]);
        if let Some(facts) = facts {
            update.push_str(", facts = :facts");
            values.insert(":facts".to_owned(), value(facts)?);
        }
        let key = keys::transaction(word.facts.environment, &word.facts.trxid);
        steps.update(self, WriteItem::Transaction, &key, &update, "version = :version", values)
    }

    /// A pointer with the facts that it carries, where no other transaction has one of its key.
    fn point(&self, steps: &mut TransactionBuilder, (field, key): (&'static str, ItemKey), facts: &Facts) -> Result<(), StoreError> {
        steps.create(self, WriteItem::Pointer(field), item(&key, "pointer", &Pointer { facts: facts.clone() })?)
    }
}
