//! The transactions that the platform sent, and how they are found.
//!
//! A transaction is stored under its environment and its trxid. Pointers lead to it from its
//! account's refid, from its type and reference, and from its captures. Each pointer is written
//! once, with the transaction or with the transaction update that adds the capture. It carries the
//! fixed facts of the transaction, so that an API reads the pointer alone. It has the captures that
//! were known when it was written.
//!
//! **Invariant:** every lookup names the environment of its caller, which is part of the key. So no
//! caller finds a transaction of the other environment.

use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, CaptureId, Reference, Refid, TransactionType, Trxid};
use recourse_dispute::time::{PreciseTime, UnixMillis};
use recourse_dispute::transaction::{Facts, Kind, Status, Transaction};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys::ItemKey;
use crate::{Store, keys};

/// A transaction as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredTransaction {
    pub(crate) facts: Facts,
    /// `status` is a reserved word of DynamoDB's expressions.
    pub(crate) transaction_status: Status,
    pub(crate) kind: Kind,
    pub(crate) updated_at: UnixMillis,
    /// What of `updated_at` is below its millisecond, in nanoseconds. Schema 1 began without.
    #[serde(default)]
    pub(crate) updated_at_nanos: u32,
    pub(crate) version: u64,
}

impl StoredTransaction {
    pub(crate) fn first(update: &Transaction) -> Self {
        Self {
            facts: update.facts.clone(),
            transaction_status: update.status,
            kind: update.kind,
            updated_at: update.updated_at.millis(),
            updated_at_nanos: update.updated_at.nanos(),
            version: 1,
        }
    }

    pub(crate) fn transaction(self) -> Transaction {
        let Self { facts, transaction_status: status, kind, updated_at, updated_at_nanos, version: _ } = self;
        let updated_at = PreciseTime::new(updated_at, updated_at_nanos).unwrap_or_else(|| updated_at.into());
        Transaction { facts, status, kind, updated_at }
    }
}

/// What a pointer carries: enough to decide on a dispute without reading the transaction.
#[derive(Serialize, Deserialize)]
pub(crate) struct Pointer {
    pub(crate) facts: Facts,
}

impl Store {
    /// A transaction by the platform's id, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn transaction(
        &self,
        environment: Environment,
        trxid: &Trxid,
    ) -> Result<Option<Transaction>, StoreError> {
        let stored: Option<StoredTransaction> = self.get(&keys::transaction(environment, trxid)).await?;
        Ok(stored.map(StoredTransaction::transaction))
    }

    /// The facts of an account's transaction, by the account's reference.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_refid(
        &self,
        environment: Environment,
        account: &AccountId,
        refid: &Refid,
    ) -> Result<Option<Facts>, StoreError> {
        self.pointed(&keys::by_refid(environment, account, refid)).await
    }

    /// The facts of a transaction, by its type and reference.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_reference(
        &self,
        environment: Environment,
        transaction_type: &TransactionType,
        reference: &Reference,
    ) -> Result<Option<Facts>, StoreError> {
        self.pointed(&keys::by_reference(environment, transaction_type, reference)).await
    }

    /// The facts of an account's transaction, by one of its captures.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_capture(
        &self,
        environment: Environment,
        account: &AccountId,
        capture: &CaptureId,
    ) -> Result<Option<Facts>, StoreError> {
        self.pointed(&keys::by_capture(environment, account, capture)).await
    }

    async fn pointed(&self, key: &ItemKey) -> Result<Option<Facts>, StoreError> {
        let pointer: Option<Pointer> = self.get(key).await?;
        Ok(pointer.map(|pointer| pointer.facts))
    }
}

/// The pointers of a transaction, each with its field's name on the wire.
pub(crate) fn pointers(facts: &Facts) -> Vec<(&'static str, ItemKey)> {
    let environment = facts.environment;
    let mut pointers = vec![("refid", keys::by_refid(environment, &facts.account, &facts.refid))];
    if let (Some(kind), Some(reference)) = (&facts.details.transaction_type, &facts.details.reference) {
        pointers.push(("details.reference", keys::by_reference(environment, kind, reference)));
    }
    pointers.extend(facts.details.captures.iter().map(|capture| by_capture(facts, capture)));
    pointers
}

/// The pointer of one of its captures.
pub(crate) fn by_capture(facts: &Facts, capture: &CaptureId) -> (&'static str, ItemKey) {
    ("details.captures", keys::by_capture(facts.environment, &facts.account, capture))
}
