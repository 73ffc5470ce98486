//! Who of the parties is told by mail: the registered addresses of their accounts, the caller's own last.

use recourse_dispute::addresses::Recipients;
use recourse_dispute::dispute::Environment;
use recourse_dispute::transaction::Facts;
use recourse_edge::Desk;

use crate::{Caller, Refusal};

/// The addresses of a transaction's parties; `None` for a staging account's dispute, or where nobody's account is known. A party's
/// staging account gets none either.
///
/// # Errors
/// A fault.
pub async fn recipients(desk: &Desk, facts: &Facts, caller: &Caller) -> Result<Option<Recipients>, Refusal> {
    if caller.environment == Environment::Staging {
        return Ok(None);
    }
    let mut known = desk.domains(&facts.parties.domain_codes()).await?;
    known.retain(|domain| domain.environment == Environment::Production);
    known.sort_by_key(|domain| domain.code == caller.domain);
    Ok(Recipients::registered(known.into_iter().map(|domain| domain.email.clone())))
}
