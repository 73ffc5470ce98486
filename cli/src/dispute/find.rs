//! Finding the dispute that an operator means.
//!
//! A text is looked up as every kind of name that it can be. When it leads to more than one thing,
//! nothing is guessed: to close the wrong dispute is worse than to ask.

use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{Refid, Trxid};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::transaction::Facts;
use recourse_store::{Account, CaseRecord, Store, TransactionRecord};

use super::Which;
use super::called::disputes_called;
use crate::account;
use crate::ending::Failure;
use crate::output::{note, visible};

#[derive(Debug)]
pub(crate) struct FoundDispute {
    /// The dispute, as it was when it was found.
    pub(crate) dispute: Dispute,
    /// The other disputes of its transaction, when the transaction was named.
    pub(crate) others: Vec<DisputeNumber>,
}

/// Something that a text names.
enum Named {
    Dispute(Box<Dispute>),
    Transaction(Box<TransactionRecord>),
}

impl Named {
    /// How to name this and nothing else.
    fn exactly(&self) -> String {
        match self {
            Self::Dispute(dispute) => format!("{} (a dispute of {})", dispute.number.case_id(), dispute.facts.trxid),
            Self::Transaction(record) => {
                let facts = &record.transaction.facts;
                let environment = match facts.environment {
                    Environment::Production => "",
                    Environment::Staging => " --environment staging",
                };
                format!("--trxid {}{environment} (a transaction of {})", facts.trxid, facts.account)
            }
        }
    }

    fn is_of(&self, transaction: &Facts) -> bool {
        let facts = match self {
            Self::Dispute(dispute) => &dispute.facts,
            Self::Transaction(record) => &record.transaction.facts,
        };
        (facts.environment, &facts.trxid) == (transaction.environment, &transaction.trxid)
    }
}

/// Finds the dispute; a failure where nothing has the name, or more than one thing has it.
pub(crate) async fn find(store: &Store, which: &Which) -> Result<FoundDispute, Failure> {
    let owner = match &which.account {
        Some(id) => Some(store.account(id).await?.ok_or_else(|| account::unknown(id))?),
        None => None,
    };
    let named = which.environment.map_or(Environment::Production, Environment::from);
    let environment = owner.as_ref().map_or(named, |owner| owner.environment);
    match (which, owner) {
        (Which { trxid: Some(trxid), .. }, _) => {
            let record = store.transaction_record(environment, trxid).await?;
            of_transaction(store, record.ok_or_else(|| unknown(environment, &format!("trxid {trxid}")))?).await
        }
        (Which { refid: Some(refid), .. }, Some(owner)) => {
            let unknown = || unknown(environment, &format!("refid {refid} of the account {}", owner.id));
            of_transaction(store, by_refid(store, &owner, refid).await?.ok_or_else(unknown)?).await
        }
        (Which { what: Some(what), .. }, owner) => by_text(store, environment, what, owner.as_ref()).await,
        _ => Err(Failure::refused(
            "the dispute is not named. Pass one of its ids, or --trxid, or --refid and --account.",
        )),
    }
}

/// All that is on record of a dispute that was found. Items that this release cannot read are named
/// on stderr.
pub(crate) async fn case_record(store: &Store, number: DisputeNumber) -> Result<CaseRecord, Failure> {
    let record = store.case_record(number).await?.ok_or_else(|| {
        Failure::refused(format!(
            "{} was found and is missing now; disputes are never deleted: check DISPUTES_TABLE",
            number.case_id()
        ))
    })?;
    for key in &record.record.unread {
        note(&format!("{}: this release cannot read the item {key}, which is not shown", number.case_id()));
    }
    Ok(record)
}

async fn by_text(
    store: &Store,
    environment: Environment,
    what: &str,
    owner: Option<&Account>,
) -> Result<FoundDispute, Failure> {
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
        None => {
            let failure = unknown(environment, &format!("name {}", visible(what)));
            let next = "If it is a refid, pass its account with --account. If it is in staging, pass --environment staging. \
                        `recourse search` searches every account and both environments.";
            Err(if owner.is_some() { failure } else { failure.then(next) })
        }
        Some(only) if named.is_empty() => match only {
            Named::Dispute(dispute) => Ok(FoundDispute { dispute: *dispute, others: Vec::new() }),
            Named::Transaction(record) => of_transaction(store, *record).await,
        },
        Some(last) => {
            let all: Vec<_> = named.iter().chain([&last]).map(Named::exactly).collect();
            Err(Failure::refused(format!(
                "{} names more than one thing. Choose one of: {}",
                visible(what),
                all.join(", ")
            )))
        }
    }
}

async fn by_refid(store: &Store, owner: &Account, refid: &Refid) -> Result<Option<TransactionRecord>, Failure> {
    let Some(facts) = store.by_refid(owner.environment, &owner.id, refid).await? else { return Ok(None) };
    Ok(store.transaction_record(facts.environment, &facts.trxid).await?)
}

async fn of_transaction(store: &Store, record: TransactionRecord) -> Result<FoundDispute, Failure> {
    let mut disputes = Vec::new();
    for number in record.disputes {
        disputes.extend(store.dispute(number).await?);
    }
    // At most one of them is open, and it comes last.
    disputes.sort_by_key(|dispute| (dispute.state.is_open(), dispute.opened_at, dispute.number));
    let facts = record.transaction.facts;
    let dispute = disputes.pop().ok_or_else(|| {
        Failure::refused(format!(
            "the transaction {} (refid {} of {}) has no dispute.",
            facts.trxid, facts.refid, facts.account
        ))
    })?;
    Ok(FoundDispute { dispute, others: disputes.iter().map(|other| other.number).collect() })
}

fn unknown(environment: Environment, name: &str) -> Failure {
    Failure::refused(format!("no dispute and no transaction of {} has the {name}.", environment.name()))
}
