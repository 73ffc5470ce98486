//! What staging simulates (vendor specification, IIMMPACT "Report Issue"): every answer, without
//! any transaction loaded.

use recourse_dispute::environment::Environment;
use recourse_edge::ApiResponse;
use recourse_store::Account;

use crate::{ApiError, Outcome, TransactionRef};

/// The answer to a staging account's report about one of the refids that are reserved for it:
/// Recourse-specific, documented on the API page.
#[must_use]
pub fn simulated(
    account: &Account,
    asked: &TransactionRef,
    support_address: &str,
) -> Option<Result<ApiResponse, ApiError>> {
    let TransactionRef::Refid(refid) = asked else { return None };
    if account.environment != Environment::Staging {
        return None;
    }
    let outcome = match refid.as_str() {
        "sim-success" => Outcome::Created,
        "sim-duplicate" => Outcome::Duplicate,
        "sim-refunded" => Outcome::Refunded,
        "sim-pending" => Outcome::Pending,
        "sim-invalid" => return Some(Err(ApiError::no_such_transaction())),
        _ => return None,
    };
    Some(Ok(outcome.answer(refid, support_address)))
}
