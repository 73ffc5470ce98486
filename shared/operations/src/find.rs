//! Finding the dispute that an operator means.
//!
//! A text is looked up as every kind of name that it can be. When it leads to more than one thing,
//! nothing is guessed: to close the wrong dispute is worse than to ask.

use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{Refid, Trxid};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::transaction::Facts;
use recourse_store::{Account, Store, StoreError, TransactionRecord};

use crate::called::{BATCH, disputes_called};

/// How a dispute is named.
#[derive(Clone, Copy, Debug)]
pub enum WhichDispute<'a> {
    /// By any of its ids, or by its transaction's trxid; with an account also by its refid.
    Called(&'a str, Option<&'a Account>),
    /// By its transaction's trxid.
    Trxid(&'a Trxid),
    /// By the refid that this account knows its transaction by.
    Refid(&'a Refid, &'a Account),
}

/// A dispute that was found.
#[derive(Debug)]
pub struct FoundDispute {
    /// The dispute, as it was when it was found.
    pub dispute: Dispute,
    /// The other disputes of its transaction, when the transaction was named.
    pub others: Vec<DisputeNumber>,
}

/// Something that a text names.
#[derive(Clone, Debug)]
pub enum Named {
    /// A dispute.
    Dispute(Box<Dispute>),
    /// A transaction.
    Transaction(Box<TransactionRecord>),
}

/// Why no dispute was found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing of this environment has the name.
    #[error("no dispute and no transaction of {} has that name", .0.name())]
    Unknown(Environment),
    /// The transaction has no dispute.
    #[error("the transaction has no dispute")]
    NoDispute(Box<Facts>),
    /// The name is that of several things.
    #[error("the name is that of several things")]
    Several(Vec<Named>),
}

impl Named {
    fn is_of(&self, transaction: &Facts) -> bool {
        let facts = match self {
            Self::Dispute(dispute) => &dispute.facts,
            Self::Transaction(record) => &record.transaction.facts,
        };
        (facts.environment, &facts.trxid) == (transaction.environment, &transaction.trxid)
    }
}

/// Finds the dispute. Transactions are looked up in `environment`. A transaction leads to its open
/// dispute, or else to its last one.
///
/// # Errors
/// [`FindError`], where nothing has the name, or more than one thing has it.
pub async fn find(store: &Store, environment: Environment, which: WhichDispute<'_>) -> Result<FoundDispute, FindError> {
    let unknown = || FindError::Unknown(environment);
    match which {
        WhichDispute::Trxid(trxid) => {
            let record = store.transaction_record(environment, trxid).await?;
            of_transaction(store, record.ok_or_else(unknown)?).await
        }
        WhichDispute::Refid(refid, owner) => {
            of_transaction(store, by_refid(store, owner, refid).await?.ok_or_else(unknown)?).await
        }
        WhichDispute::Called(what, owner) => by_text(store, environment, what, owner).await,
    }
}

async fn by_text(
    store: &Store,
    environment: Environment,
    what: &str,
    owner: Option<&Account>,
) -> Result<FoundDispute, FindError> {
    let mut named: Vec<Named> = Vec::new();
    named.extend(disputes_called(store, what).await?.into_iter().map(Box::new).map(Named::Dispute));
    if let Ok(trxid) = Trxid::parse(what) {
        named.extend(store.transaction_record(environment, &trxid).await?.map(Box::new).map(Named::Transaction));
    }
    if let (Some(owner), Ok(refid)) = (owner, Refid::parse(what))
        && let Some(record) = by_refid(store, owner, &refid).await?
        && !named.iter().any(|known| known.is_of(&record.transaction.facts))
    {
        named.push(Named::Transaction(Box::new(record)));
    }
    match named.pop() {
        None => Err(FindError::Unknown(environment)),
        Some(Named::Dispute(dispute)) if named.is_empty() => Ok(FoundDispute { dispute: *dispute, others: Vec::new() }),
        Some(Named::Transaction(record)) if named.is_empty() => of_transaction(store, *record).await,
        Some(last) => {
            named.push(last);
            Err(FindError::Several(named))
        }
    }
}

async fn by_refid(store: &Store, owner: &Account, refid: &Refid) -> Result<Option<TransactionRecord>, StoreError> {
    let Some(facts) = store.by_refid(owner.environment, &owner.id, refid).await? else { return Ok(None) };
    store.transaction_record(facts.environment, &facts.trxid).await
}

async fn of_transaction(store: &Store, record: TransactionRecord) -> Result<FoundDispute, FindError> {
    let mut disputes = Vec::new();
    for numbers in record.disputes.chunks(BATCH) {
        disputes.extend(store.disputes(numbers).await?);
    }
    // At most one of them is open, and it comes last.
    disputes.sort_by_key(|dispute| (dispute.state.is_open(), dispute.opened_at, dispute.number));
    let facts = record.transaction.facts;
    let dispute = disputes.pop().ok_or_else(|| FindError::NoDispute(Box::new(facts)))?;
    Ok(FoundDispute { dispute, others: disputes.iter().map(|other| other.number).collect() })
}
