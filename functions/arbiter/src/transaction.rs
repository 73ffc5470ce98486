//! A transaction, and which disputes can be logged about it (Arbiter contract, "Calls"; the texts
//! are Recourse-specific).

use std::collections::BTreeMap;

use recourse_dispute::claim_amount::claimable;
use recourse_dispute::lifecycle::{Category, State};
use recourse_dispute::transaction::{Facts, Status};
use recourse_edge::ServiceError;
use recourse_store::TransactionRecord;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::amount::NOTHING_PAID;
use crate::categories;
use crate::response::{About, additional_info};

const NOT_COMPLETED: &str = "The transaction has not completed.";
const FAILED: &str = "The transaction failed.";
const REFUNDED: &str = "The transaction was refunded.";
const LIVE: &str = "A dispute of the transaction is live.";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TransactionResponse<'a> {
    #[serde(flatten)]
    transaction: About<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_info: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    merchant_disputant: bool,
    dispute_categories: Vec<&'static str>,
    dispute_category_errors: serde_json::Map<String, Value>,
}

/// Why no dispute can be logged of a transaction of this status; `None` where one can.
#[must_use]
pub fn why_not(status: Status) -> Option<&'static str> {
    match status {
        Status::Succesful => None,
        Status::Accepted | Status::Processing => Some(NOT_COMPLETED),
        Status::Failed => Some(FAILED),
        Status::Refund => Some(REFUNDED),
    }
}

/// The transaction as this API prints it.
///
/// # Errors
/// None in fact; see [`categories`].
pub fn transaction_response(record: &TransactionRecord) -> Result<impl Serialize + '_, ServiceError> {
    let facts: &Facts = &record.transaction.facts;
    let mut free = Vec::new();
    let mut errors: BTreeMap<usize, (Category, &str)> = BTreeMap::new();
    for (place, rules) in categories()?.iter().enumerate() {
        // Only a dispute that goes live needs that no other one is.
        let taken = (record.live.is_some() && State::initial(rules.category).is_open()).then_some(LIVE);
        let free_of_charge = claimable(facts.amount, facts.amount).is_err().then_some(NOTHING_PAID);
        match why_not(record.transaction.status).or(free_of_charge).or(taken) {
            None => free.push(rules.category.name()),
            Some(why) => {
                errors.insert(place, (rules.category, why));
            }
        }
    }
    let errors = errors.into_values().map(|(category, why)| (category.name().to_owned(), Value::from(why)));
    Ok(TransactionResponse {
        transaction: About::of(facts),
        additional_info: additional_info(facts),
        region: facts.details.region.as_deref(),
        merchant_disputant: facts.details.merchant_disputant,
        dispute_categories: free,
        dispute_category_errors: errors.collect(),
    })
}
