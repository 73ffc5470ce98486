//! Whom the account of a dispute that is logged is told at.

use recourse_dispute::addresses::Recipients;
use recourse_dispute::transaction::Facts;
use recourse_edge::{ActingParty, App};

use crate::{ApiError, Caller};

/// The registered address of the account whose transaction is disputed; `None` in staging.
///
/// # Errors
/// A fault.
pub async fn account_recipients(app: &App, facts: &Facts, caller: &Caller) -> Result<Option<Recipients>, ApiError> {
    if !caller.environment.sends_mail() {
        return Ok(None);
    }
    let account = app.account(facts.environment, &facts.account).await?;
    Ok(Recipients::registered(account.map(|account| account.email.clone())))
}

impl Caller {
    /// The caller as the party that acts.
    #[must_use]
    pub fn acting_party(&self) -> ActingParty<'_> {
        ActingParty { environment: self.environment, domain: Some(&self.domain) }
    }
}
