//! Who is reminded: those whose turn it is, at their registered addresses, and who opened a dispute as its merchant, where the case's mail goes.

use recourse_dispute::addresses::{MailAddress, Recipients};
use recourse_dispute::dispute::Dispute;
use recourse_dispute::ids::DomainCode;
use recourse_dispute::lifecycle::{Door, Side};
use recourse_dispute::notice::{Letter, Notice};
use recourse_store::StoreError;

use super::Expire;

impl Expire {
    /// The reminder of whoever has to act; `None` where no account of theirs is known, where it is the desk, or all is staging.
    pub(super) async fn reminder(&self, dispute: &Dispute) -> Result<Option<Notice>, StoreError> {
        if !dispute.environment.sends_mail() {
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
        Ok(known.filter(|domain| domain.environment.sends_mail()).map(|domain| domain.email).collect())
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

#[cfg(test)]
mod tests {
    use recourse_dispute::dispute::Environment;
    use recourse_dispute::ids::{AccountId, Refid, Trxid};
    use recourse_dispute::lifecycle::{Category, Stage, State};
    use recourse_dispute::money::{Currency, Money};
    use recourse_dispute::time::UnixMillis;
    use recourse_dispute::transaction::{Details, Facts, Parties, Party};

    use super::*;

    fn dispute(door: Door, state: State) -> Dispute {
        let account = AccountId::parse("acct_demo").unwrap();
        let bank = |code| {
            let code = DomainCode::parse(code).unwrap();
            Some(Party { name: code.to_string(), code, reference: None, category: None })
        };
        let facts = Facts {
            trxid: Trxid::parse("50001").unwrap(),
            account: account.clone(),
            refid: Refid::parse("123456").unwrap(),
            product: None,
            amount: Money::from_minor(155_000, Currency::parse("NGN").unwrap()),
            occurred_at: UnixMillis(0),
            parties: Parties { issuer: bank("FBN"), acquirer: bank("GTB"), merchant: None },
            details: Details::default(),
        };
        let (number, opener) = (551.try_into().unwrap(), (account, Environment::Production));
        let dispute = Dispute::begin(number, door, opener, facts, Category::Chargeback, UnixMillis(0));
        Dispute { state, ..dispute }
    }

    /// The domains that are reminded, and whether who opened the dispute is.
    fn reminded(door: Door, state: State) -> (Vec<String>, bool) {
        let dispute = dispute(door, state);
        (turn(&dispute).into_iter().map(ToString::to_string).collect(), is_openers(&dispute))
    }

    #[test]
    fn each_side_at_its_turn_and_the_merchant_at_its_own_door() {
        let (acquirer, issuer) = (vec!["GTB".to_owned()], vec!["FBN".to_owned()]);
        for door in Door::ALL {
            let own = matches!(door, Door::Tutelar | Door::Connect);
            for stage in [Stage::First, Stage::PreArbitration] {
                assert_eq!(reminded(door, State::Live(stage)), (acquirer.clone(), own), "{door:?} {stage:?}");
            }
            for stage in [Stage::Representment, Stage::PreArbitrationTwo] {
                assert_eq!(reminded(door, State::Live(stage)), (issuer.clone(), false), "{door:?} {stage:?}");
            }
            assert_eq!(reminded(door, State::Draft), (vec![], true), "{door:?}");
        }
    }

    #[test]
    fn nobody_is_reminded_while_it_is_the_desks_turn_or_of_what_is_closed() {
        for door in Door::ALL {
            assert_eq!(reminded(door, State::Live(Stage::Arbitration)), (vec![], false), "{door:?}");
            assert_eq!(reminded(door, State::BORN_CLOSED), (vec![], false), "{door:?}");
        }
    }
}
