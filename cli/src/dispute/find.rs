//! Finding the dispute that an operator means.
//!
//! A text is tried as everything that it can be. When it is more than one thing, nothing is guessed: closing the wrong dispute is worse than asking.

use recourse_dispute::dispute::Dispute;
use recourse_dispute::ids::{AccountId, Refid, Trxid};
use recourse_dispute::number::DisputeNumber;
use recourse_store::{Store, TransactionRecord};

use super::Which;
use crate::ending::Failure;
use crate::output::plain;

/// The dispute that is meant.
#[derive(Debug)]
pub(super) struct Found {
    /// The dispute, as it stood when it was found.
    pub(super) dispute: Dispute,
    /// The others of its transaction, when it was found by that one.
    pub(super) others: Vec<DisputeNumber>,
}

/// Something that a text is the name of.
enum Named {
    Dispute(Box<Dispute>),
    Transaction(Box<TransactionRecord>),
}

impl Named {
    /// How to name exactly this.
    fn exactly(&self) -> String {
        match self {
            Self::Dispute(dispute) => format!("{} (a dispute of {})", dispute.number.case_id(), dispute.facts.trxid),
            Self::Transaction(record) => {
                let facts = &record.transaction.facts;
                format!("--trxid {} (a transaction of {})", facts.trxid, facts.account)
            }
        }
    }

    fn trxid(&self) -> &Trxid {
        match self {
            Self::Dispute(dispute) => &dispute.facts.trxid,
            Self::Transaction(record) => &record.transaction.facts.trxid,
        }
    }
}

/// Finds it.
///
/// # Errors
/// [`Failure`] when nothing has the name, or more than one thing has.
pub(super) async fn find(store: &Store, which: &Which) -> Result<Found, Failure> {
    match (which, &which.account) {
        (Which { trxid: Some(trxid), .. }, _) => {
            let record = store.transaction_record(trxid).await?;
            of_transaction(store, record.ok_or_else(|| unknown(&format!("trxid {trxid}")))?).await
        }
        (Which { refid: Some(refid), .. }, Some(account)) => {
            let record = by_refid(store, account, refid).await?;
            of_transaction(store, record.ok_or_else(|| unknown(&format!("refid {refid} of the account {account}")))?)
                .await
        }
        (Which { what: Some(what), .. }, account) => by_text(store, what, account.as_ref()).await,
        _ => Err(Failure::refused("which dispute? Name it, or pass --trxid, or --refid and --account.")),
    }
}

async fn by_text(store: &Store, what: &str, account: Option<&AccountId>) -> Result<Found, Failure> {
    let mut named: Vec<Named> = Vec::new();
    if let Ok(number) = DisputeNumber::from_any_face(what) {
        named.extend(store.dispute(number).await?.map(Box::new).map(Named::Dispute));
    }
    if let Ok(trxid) = Trxid::parse(what) {
        named.extend(store.transaction_record(&trxid).await?.map(Box::new).map(Named::Transaction));
    }
    if let (Some(account), Ok(refid)) = (account, Refid::parse(what))
        && let Some(record) = by_refid(store, account, &refid).await?
        && named.iter().all(|known| known.trxid() != &record.transaction.facts.trxid)
    {
        named.push(Named::Transaction(Box::new(record)));
    }
    match named.pop() {
        None => {
            let failure = unknown(&format!("name {}", plain(what)));
            Err(if account.is_some() { failure } else { failure.then("If it is a refid, say whose with --account.") })
        }
        Some(only) if named.is_empty() => match only {
            Named::Dispute(dispute) => Ok(Found { dispute: *dispute, others: Vec::new() }),
            Named::Transaction(record) => of_transaction(store, *record).await,
        },
        Some(last) => {
            let all: Vec<_> = named.iter().chain([&last]).map(Named::exactly).collect();
            Err(Failure::refused(format!("{} names more than one thing. Say which: {}", plain(what), all.join(", "))))
        }
    }
}

async fn by_refid(store: &Store, account: &AccountId, refid: &Refid) -> Result<Option<TransactionRecord>, Failure> {
    let Some(facts) = store.by_refid(account, refid).await? else { return Ok(None) };
    Ok(store.transaction_record(&facts.trxid).await?)
}

async fn of_transaction(store: &Store, record: TransactionRecord) -> Result<Found, Failure> {
    let mut disputes = Vec::new();
    for number in record.disputes {
        disputes.extend(store.dispute(number).await?);
    }
    // At most one of them is open.
    disputes.sort_by_key(|dispute| (dispute.state.is_open(), dispute.opened_at, dispute.number));
    let facts = record.transaction.facts;
    let dispute = disputes.pop().ok_or_else(|| {
        Failure::refused(format!(
            "the transaction {} (refid {} of {}) has no dispute",
            facts.trxid, facts.refid, facts.account
        ))
    })?;
    Ok(Found { dispute, others: disputes.iter().map(|other| other.number).collect() })
}

fn unknown(name: &str) -> Failure {
    Failure::refused(format!("no dispute and no transaction has the {name}."))
}
