//! Who is reminded: the registered addresses of the parties whose turn it is.

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::dispute::{Dispute, Environment};
use recourse_dispute::ids::DomainCode;
use recourse_dispute::lifecycle::Side;
use recourse_dispute::notice::{Letter, Notice};
use recourse_store::StoreError;

use super::Expire;

impl Expire {
    /// The reminder of whoever has to act; `None` where no account of theirs is known, or all is staging.
    pub(super) async fn reminder(&self, dispute: &Dispute) -> Result<Option<Notice>, StoreError> {
        let codes = turn(dispute);
        if codes.is_empty() || dispute.environment == Environment::Staging {
            return Ok(None);
        }
        let known = self.store.domains(&codes).await?.into_iter();
        let mut addresses: Vec<MailAddress> =
            known.filter(|domain| domain.environment == Environment::Production).map(|domain| domain.email).collect();
        let Some(last) = addresses.pop() else { return Ok(None) };
        let named: Vec<String> = addresses.into_iter().map(String::from).collect();
        Ok(Recipients::parse(&named, &last).ok().map(|recipients| dispute.notice_to(Letter::Reminder, recipients)))
    }
}

/// The domains of the side whose turn it is.
fn turn(dispute: &Dispute) -> Vec<&DomainCode> {
    let parties = &dispute.facts.parties;
    let of_side = match dispute.state.turn() {
        Some(Side::Claimant) => [&parties.issuer, &None],
        Some(Side::Respondent) => [&parties.acquirer, &parties.merchant],
        Some(Side::Opener | Side::Desk) | None => [&None, &None],
    };
    let mut codes: Vec<&DomainCode> = of_side.into_iter().flatten().map(|party| &party.code).collect();
    codes.dedup();
    codes
}
