//! Who is reminded: the registered address of the party whose turn it is.

use recourse_dispute::addresses::Recipients;
use recourse_dispute::dispute::{Dispute, Environment};
use recourse_dispute::ids::DomainCode;
use recourse_dispute::lifecycle::Side;
use recourse_dispute::notice::{Letter, Notice};
use recourse_store::StoreError;

use super::Expire;

impl Expire {
    /// The reminder of whoever has to act; `None` where no account of its is known, or all is staging.
    pub(super) async fn reminder(&self, dispute: &Dispute) -> Result<Option<Notice>, StoreError> {
        let Some(code) = turn(dispute).filter(|_| dispute.environment == Environment::Production) else {
            return Ok(None);
        };
        let mut known = self.store.domains(&[code]).await?.into_iter();
        let known = known.find(|domain| domain.environment == Environment::Production);
        let recipients = known.and_then(|domain| Recipients::parse(&[], &domain.email).ok());
        Ok(recipients.map(|recipients| dispute.notice_to(Letter::Reminder, recipients)))
    }
}

/// The domain of the party whose turn it is.
fn turn(dispute: &Dispute) -> Option<&DomainCode> {
    let party = match dispute.state.turn() {
        Some(Side::Claimant) => dispute.facts.parties.issuer.as_ref(),
        Some(Side::Respondent) => dispute.facts.respondent().map(|(_, party)| party),
        Some(Side::Opener | Side::Desk) | None => None,
    };
    party.map(|party| &party.code)
}
