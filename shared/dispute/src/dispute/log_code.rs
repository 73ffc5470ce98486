//! The name by which a bank finds a dispute.

use super::Dispute;
use crate::ids::DomainCode;

impl Dispute {
    /// The domain that its log code begins with: who logged it. Nobody logs a dispute of another
    /// API. Its code begins with the customer's bank, or the next party that there is
    /// (Recourse-specific).
    #[must_use]
    pub fn initiator(&self) -> Option<&DomainCode> {
        let parties = &self.facts.parties;
        let first = [&parties.issuer, &parties.acquirer, &parties.merchant].into_iter().flatten().next();
        self.logged.as_ref().map(|logged| &logged.domain).or(first.map(|party| &party.code))
    }

    /// Its log code (Arbiter contract, "Log: rules"); `None` where the Arbiter API does not show
    /// it.
    #[must_use]
    pub fn log_code(&self) -> Option<String> {
        let initiator = self.initiator().filter(|_| self.is_seen_by_parties())?;
        Some(self.number.log_code(initiator.as_str()))
    }
}
