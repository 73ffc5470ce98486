//! Who is reminded: those whose turn it is, at their registered addresses, and who opened a dispute as its merchant, where the case's mail goes.

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::dispute::{Dispute, Environment};
use recourse_dispute::ids::DomainCode;
use recourse_dispute::lifecycle::{Door, Side};
use recourse_dispute::notice::{Letter, Notice};
use recourse_store::StoreError;

use super::Expire;

impl Expire {
    /// The reminder of whoever has to act; `None` where no account of theirs is known, where it is the desk, or all is staging.
    pub(super) async fn reminder(&self, dispute: &Dispute) -> Result<Option<Notice>, StoreError> {
        if dispute.environment == Environment::Staging {
            return Ok(None);
        }
        let banks = self.addresses(turn(dispute).as_slice()).await?;
        let recipients = match dispute.recipients.clone().filter(|_| is_openers(dispute)) {
            Some(own) => Some(own.with_registered(banks)),
            None => Recipients::registered(banks),
        };
        Ok(recipients.map(|recipients| dispute.notice_to(Letter::Reminder, recipients)))
    }

    /// The registered addresses of these domains' accounts; a staging account gets no mail.
    async fn addresses(&self, codes: &[&DomainCode]) -> Result<Vec<MailAddress>, StoreError> {
        if codes.is_empty() {
            return Ok(Vec::new());
        }
        let known = self.store.domains(codes).await?.into_iter();
        Ok(known.filter(|domain| domain.environment == Environment::Production).map(|domain| domain.email).collect())
    }
}

/// Whether it is the turn of who opened it: of a draft, and of the merchant that opened it at its own door, while its side has to answer.
fn is_openers(dispute: &Dispute) -> bool {
    match (dispute.state.turn(), dispute.door) {
        (Some(Side::Opener), _) | (Some(Side::Respondent), Door::Tutelar | Door::Connect) => true,
        (Some(Side::Respondent), Door::Iimmpact | Door::Arbiter) | (Some(Side::Claimant | Side::Desk) | None, _) => {
            false
        }
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
