//! What staging simulates (vendor specification, IIMMPACT "Report Issue"): every answer, without
//! any transaction loaded, and some failures.

use recourse_dispute::environment::Environment;
use recourse_edge::{ApiResponse, App};
use recourse_store::{Account, Credential, Fault};

use crate::{ApiError, Outcome, TransactionRef};

/// How late the answer about `sim-slow` is, in seconds.
const SLOW_SECONDS: u32 = 5;
/// The refid whose every second report of a key is answered.
const THEN_OK: &str = "sim-unavailable-then-ok";

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

/// The answer to a staging account's report about one of the refids that fail on purpose, where it
/// gets one in the end: Recourse-specific, documented on the API page.
///
/// # Errors
/// The failure, as an outage would be.
pub async fn failing(
    app: &App,
    credential: &Credential,
    asked: &TransactionRef,
) -> Result<Option<ApiResponse>, ApiError> {
    let TransactionRef::Refid(refid) = asked else { return Ok(None) };
    let environment = credential.account.environment;
    if environment != Environment::Staging {
        return Ok(None);
    }
    let fault = match refid.as_str() {
        "sim-slow" => Fault::Delay(SLOW_SECONDS),
        "sim-throttled" => Fault::TooManyRequests,
        "sim-unavailable" => Fault::UnavailableBefore,
        THEN_OK => {
            let is_first = app.is_odd_turn(environment, &credential.key, THEN_OK).await?;
            if is_first { Fault::UnavailableBefore } else { Fault::Pass }
        }
        _ => return Ok(None),
    };
    app.fail_on_purpose(fault).await?;
    Ok(Some(Outcome::Created.answer(refid, &app.settings.support_address)))
}
