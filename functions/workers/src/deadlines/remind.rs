//! Who of the bank network is reminded: the party that has to act, at its registered address.

use recourse_dispute::addresses::Recipients;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::event::HistoryEntry;
use recourse_dispute::ids::DomainCode;
use recourse_dispute::notification::Audience;
use recourse_dispute::policy::notifications;
use recourse_store::{StoreError, addresses_of};

use super::Expire;

impl Expire {
    /// The address of the party that has to act; `None` where its account is not known, where the
    /// opener or an operator has to act, and in staging.
    pub(super) async fn reminded_parties(&self, dispute: &Dispute) -> Result<Option<Recipients>, StoreError> {
        match party_due(dispute).filter(|_| dispute.notifies_parties()) {
            Some(code) => Ok(addresses_of(&self.store.domains(&[code]).await?)),
            None => Ok(None),
        }
    }
}

/// Whether a reminder is an event alone: staging sends no mail, and somebody would be reminded.
pub(super) fn is_event_alone(dispute: &Dispute, event: &HistoryEntry) -> bool {
    let is_case_reminded =
        || notifications::notify(dispute.channel, event).iter().any(|(audience, _)| *audience == Audience::Case);
    let is_party_reminded = dispute.is_seen_by_parties() && party_due(dispute).is_some();
    !dispute.facts.environment.sends_mail() && (is_party_reminded || is_case_reminded())
}

/// The domain of the party that has to act.
fn party_due(dispute: &Dispute) -> Option<&DomainCode> {
    let respondent = dispute.facts.respondent().map(|(respondent, _)| respondent);
    let due = notifications::party_due(dispute.state, respondent)?;
    dispute.facts.parties.of(due).map(|party| &party.code)
}

#[cfg(test)]
mod tests {
    use recourse_dispute::channel::Channel;
    use recourse_dispute::environment::Environment;
    use recourse_dispute::ids::{AccountId, Refid, Trxid};
    use recourse_dispute::lifecycle::{Category, Stage, State};
    use recourse_dispute::money::{Currency, Money};
    use recourse_dispute::time::UnixMillis;
    use recourse_dispute::transaction::{Facts, Parties, Party, TransactionDetails};

    use super::*;

    fn dispute(channel: Channel, state: State) -> Dispute {
        let account = AccountId::parse("acct_demo").unwrap();
        let bank = |code| {
            let code = DomainCode::parse(code).unwrap();
            Some(Party { name: code.to_string(), code, reference: None, category: None })
        };
        let facts = Facts {
            environment: Environment::Production,
            trxid: Trxid::parse("50001").unwrap(),
            account: account.clone(),
            refid: Refid::parse("123456").unwrap(),
            product: None,
            amount: Money::from_minor(155_000, Currency::parse("NGN").unwrap()),
            occurred_at: UnixMillis(0),
            parties: Parties { issuer: bank("FBN"), acquirer: bank("GTB"), merchant: None },
            details: TransactionDetails::default(),
        };
        let (number, opener) = (551.try_into().unwrap(), account);
        let dispute = Dispute::begin(number, channel, opener, facts, Category::Chargeback, UnixMillis(0));
        Dispute { state, ..dispute }
    }

    /// The domain that is reminded, and whether those of the case are.
    fn reminded(channel: Channel, state: State) -> (Vec<String>, bool) {
        let dispute = dispute(channel, state);
        let event = dispute.reminded(None, UnixMillis(0)).event;
        let case = notifications::notify(channel, &event).iter().any(|(audience, _)| *audience == Audience::Case);
        (party_due(&dispute).into_iter().map(ToString::to_string).collect(), case)
    }

    #[test]
    fn the_side_that_has_to_act_is_reminded_and_the_merchant_at_its_own_api() {
        let (acquirer, issuer) = (vec!["GTB".to_owned()], vec!["FBN".to_owned()]);
        for channel in Channel::ALL {
            let own = matches!(channel, Channel::Tutelar | Channel::Connect);
            for stage in [Stage::First, Stage::PreArbitration] {
                assert_eq!(reminded(channel, State::Live(stage)), (acquirer.clone(), own), "{channel:?} {stage:?}");
            }
            for stage in [Stage::Representment, Stage::PreArbitrationTwo] {
                assert_eq!(reminded(channel, State::Live(stage)), (issuer.clone(), false), "{channel:?} {stage:?}");
            }
            assert_eq!(reminded(channel, State::Draft), (vec![], true), "{channel:?}");
        }
    }

    #[test]
    fn staging_has_the_event_of_a_reminder_where_production_has_a_mail() {
        let is_alone = |environment, state| {
            let dispute = dispute(Channel::Arbiter, state);
            let dispute = Dispute { facts: Facts { environment, ..dispute.facts.clone() }, ..dispute };
            is_event_alone(&dispute, &dispute.reminded(None, UnixMillis(0)).event)
        };
        let first = State::Live(Stage::First);
        assert!(is_alone(Environment::Staging, first) && !is_alone(Environment::Production, first));
        assert!(!is_alone(Environment::Staging, State::Live(Stage::Arbitration)), "an operator has to act");
    }

    #[test]
    fn nobody_is_reminded_while_an_operator_has_to_act_or_of_what_is_closed() {
        for channel in Channel::ALL {
            assert_eq!(reminded(channel, State::Live(Stage::Arbitration)), (vec![], false), "{channel:?}");
            assert_eq!(reminded(channel, State::CLOSED_ON_CREATION), (vec![], false), "{channel:?}");
        }
    }
}
