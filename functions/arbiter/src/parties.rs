//! Who of the parties is told by mail of a dispute that is logged.

use recourse_dispute::addresses::Recipients;
use recourse_dispute::transaction::Facts;
use recourse_edge::{Desk, Teller};

use crate::{Caller, Refusal};

/// The addresses of a transaction's parties, the caller's own last; `None` for a staging account's dispute, or where nobody's account is known.
///
/// # Errors
/// A fault.
pub async fn recipients(desk: &Desk, facts: &Facts, caller: &Caller) -> Result<Option<Recipients>, Refusal> {
    if caller.environment.sends_mail() { Ok(desk.parties(facts, Some(&caller.domain)).await?) } else { Ok(None) }
}

impl Caller {
    /// The caller as the one whose step is told.
    #[must_use]
    pub fn teller(&self) -> Teller<'_> {
        Teller { environment: self.environment, domain: Some(&self.domain) }
    }
}
