//! Finding the dispute that an operator means, and what is said where none is found.

use recourse_dispute::environment::Environment;
use recourse_dispute::number::DisputeNumber;
pub(crate) use recourse_operations::FoundDispute;
use recourse_operations::{FindError, Named, WhichDispute};
use recourse_store::{CaseRecord, Store};

use super::Which;
use crate::account;
use crate::ending::Failure;
use crate::output::{note, visible};

/// Finds the dispute; a failure where nothing has the name, or more than one thing has it.
pub(crate) async fn find(store: &Store, which: &Which) -> Result<FoundDispute, Failure> {
    let owner = match &which.account {
        Some(id) => Some(store.account(id).await?.ok_or_else(|| account::unknown(id))?),
        None => None,
    };
    let named = which.environment.map_or(Environment::Production, Environment::from);
    let environment = owner.as_ref().map_or(named, |owner| owner.environment);
    let (wanted, name) = match (which, &owner) {
        (Which { trxid: Some(trxid), .. }, _) => (WhichDispute::Trxid(trxid), format!("trxid {trxid}")),
        (Which { refid: Some(refid), .. }, Some(owner)) => {
            (WhichDispute::Refid(refid, owner), format!("refid {refid} of the account {}", owner.id))
        }
        (Which { what: Some(what), .. }, owner) => {
            (WhichDispute::Called(what, owner.as_ref()), format!("name {}", visible(what)))
        }
        _ => {
            return Err(Failure::refused(
                "the dispute is not named. Pass one of its ids, or --trxid, or --refid and --account.",
            ));
        }
    };
    let is_called = matches!(wanted, WhichDispute::Called(_, None));
    recourse_operations::find(store, environment, wanted).await.map_err(|error| match error {
        FindError::Store(error) => Failure::from(error),
        FindError::Unknown(environment) => {
            let text = format!("no dispute and no transaction of {} has the {name}.", environment.name());
            let next = "If it is a refid, pass its account with --account. If it is in staging, pass --environment staging. \
                        `recourse search` searches every account and both environments.";
            if is_called { Failure::refused(text).then(next) } else { Failure::refused(text) }
        }
        FindError::NoDispute(facts) => Failure::refused(format!(
            "the transaction {} (refid {} of {}) has no dispute.",
            facts.trxid, facts.refid, facts.account
        )),
        FindError::Several(named) => {
            let all: Vec<_> = named.iter().map(exactly).collect();
            let what = which.what.as_deref().unwrap_or_default();
            Failure::refused(format!(
                "{} names more than one thing. Choose one of: {}",
                visible(what),
                all.join(", ")
            ))
        }
    })
}

/// How to name something and nothing else.
fn exactly(named: &Named) -> String {
    match named {
        Named::Dispute(dispute) => format!("{} (a dispute of {})", dispute.number.case_id(), dispute.facts.trxid),
        Named::Transaction(record) => {
            let facts = &record.transaction.facts;
            let environment = match facts.environment {
                Environment::Production => "",
                Environment::Staging => " --environment staging",
            };
            format!("--trxid {}{environment} (a transaction of {})", facts.trxid, facts.account)
        }
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
