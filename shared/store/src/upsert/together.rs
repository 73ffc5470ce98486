//! Several transaction updates at once, as a queue brings them: one read of all that are known, and
//! one write for many that are not.
//!
//! **Invariant:** what becomes of an update does not depend on the others. Transactions that are
//! new are created together, in one `TransactWriteItems`. Where DynamoDB refuses that, because one
//! of them is known by now or contradicts another one, nothing is written, and each is stored by
//! itself.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use futures_util::{StreamExt, stream};
use recourse_dispute::event::PerformedBy;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Transaction;

use super::UpsertOutcome;
use crate::error::StoreError;
use crate::items::body;
use crate::keys::{self, ItemKey};
use crate::query::take;
use crate::transact::{TransactOutcome, TransactionBuilder};
use crate::transactions::{StoredTransaction, pointers};
use crate::{Store, WriteToken};

/// The most items of one `TransactWriteItems`, DynamoDB's limit.
const MAX_WRITES: usize = 100;
/// How many writes are under way at a time.
const AT_A_TIME: usize = 16;

/// What became of an update, behind its place among those that were given.
type Placed = (usize, Result<UpsertOutcome, StoreError>);

/// Transactions that are not known, each behind its place.
type New<'u> = Vec<(usize, &'u Transaction)>;

/// What is done at once.
enum Work<'u> {
    /// Updates of transactions that are not known.
    New(New<'u>),
    /// The update of a transaction that was read.
    Known(usize, &'u Transaction, Box<StoredTransaction>),
    /// A transaction that this release cannot read.
    Unreadable(usize, StoreError),
}

impl Store {
    /// The most updates that [`Self::upsert_transactions`] takes: one read has so many items.
    pub const MAX_UPDATES: usize = 100;

    /// Stores updates of different transactions, at most [`Self::MAX_UPDATES`], and returns what
    /// became of each, in their order. One that fails leaves the others alone.
    ///
    /// Of two updates of one transaction, which the caller keeps apart, only one would be created.
    /// The other one is decided on what is known by then, as at any time.
    pub async fn upsert_transactions(
        &self,
        updates: &[Transaction],
        by: &PerformedBy,
        now: UnixMillis,
        token: impl FnMut() -> WriteToken,
    ) -> Vec<Result<UpsertOutcome, StoreError>> {
        let key = |update: &Transaction| keys::transaction(update.facts.environment, &update.facts.trxid);
        let all: Vec<ItemKey> = updates.iter().map(key).collect();
        let mut read = match self.batch(&all).await {
            Ok(read) => read,
            Err(error) => return updates.iter().map(|_| Err(error.clone())).collect(),
        };
        let (mut work, mut new) = (Vec::new(), Vec::new());
        for (place, (update, key)) in updates.iter().zip(&all).enumerate() {
            match take(&mut read, key).map(body::<StoredTransaction>) {
                Some(Ok(stored)) => work.push(Work::Known(place, update, Box::new(stored))),
                Some(Err(error)) => work.push(Work::Unreadable(place, error)),
                None => new.push((place, update)),
            }
        }
        work.extend(together(new).into_iter().map(Work::New));
        let token = Mutex::new(token);
        let token = || {
            let mut token = token.lock().unwrap_or_else(PoisonError::into_inner);
            (*token)()
        };
        let token = &token;
        // Boxed, as the future of `transact`.
        let done = stream::iter(work).map(|work| Box::pin(self.work(work, by, now, token)));
        let mut done: Vec<Placed> = done.buffer_unordered(AT_A_TIME).collect::<Vec<_>>().await.concat();
        done.sort_by_key(|(place, _)| *place);
        done.into_iter().map(|(_, outcome)| outcome).collect()
    }

    async fn work(
        &self,
        work: Work<'_>,
        by: &PerformedBy,
        now: UnixMillis,
        token: &impl Fn() -> WriteToken,
    ) -> Vec<Placed> {
        match work {
            Work::Unreadable(place, error) => vec![(place, Err(error))],
            Work::Known(place, update, stored) => {
                vec![(place, self.upsert_read(update, Some(*stored), by, now, token).await)]
            }
            Work::New(new) => self.create_or_upsert(&new, by, now, token).await,
        }
    }

    /// Creates transactions in one write, or stores each by itself where that cannot be.
    async fn create_or_upsert(
        &self,
        new: &[(usize, &Transaction)],
        by: &PerformedBy,
        now: UnixMillis,
        token: &impl Fn() -> WriteToken,
    ) -> Vec<Placed> {
        if new.len() > 1 {
            match self.create_together(new, &token()).await {
                Ok(TransactOutcome::Done) => {
                    return new.iter().map(|(place, _)| (*place, Ok(UpsertOutcome::Created))).collect();
                }
                // What is out of reach for all is so for each of them.
                Err(error) if error.is_temporary() => {
                    return new.iter().map(|(place, _)| (*place, Err(error.clone()))).collect();
                }
                Ok(TransactOutcome::Refused(_)) | Err(_) => {}
            }
        }
        let mut done = Vec::with_capacity(new.len());
        for (place, update) in new {
            done.push((*place, self.upsert_read(update, None, by, now, token).await));
        }
        done
    }

    async fn create_together(
        &self,
        new: &[(usize, &Transaction)],
        token: &WriteToken,
    ) -> Result<TransactOutcome, StoreError> {
        let mut builder = TransactionBuilder::default();
        for (_, update) in new {
            self.creation(&mut builder, update, token)?;
        }
        self.transact(token, builder).await
    }
}

/// The groups in which new transactions are created. DynamoDB refuses a write that names one item
/// twice, so two transactions with one pointer are never in one group.
fn together(new: New<'_>) -> Vec<New<'_>> {
    let mut groups: Vec<(New<'_>, BTreeSet<ItemKey>)> = Vec::new();
    for (place, update) in new {
        let facts = &update.facts;
        let mut items: BTreeSet<ItemKey> = pointers(facts).into_iter().map(|(_, key)| key).collect();
        items.insert(keys::transaction(facts.environment, &facts.trxid));
        match groups.last_mut() {
            Some((group, taken)) if taken.len() + items.len() <= MAX_WRITES && taken.is_disjoint(&items) => {
                group.push((place, update));
                taken.append(&mut items);
            }
            _ => groups.push((vec![(place, update)], items)),
        }
    }
    groups.into_iter().map(|(group, _)| group).collect()
}
