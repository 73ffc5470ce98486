//! What may be done to a dispute now, by whom.

use recourse_dispute::channel::Channel;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::lifecycle::{Action, Actor, State};
use recourse_dispute::time::UnixMillis;

use crate::labels;

/// An action that may be taken now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// Who may.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// The state that it leads to.
    pub leads_to: State,
}

/// What may be done to a dispute now, by each role that is a person's or a client's. The clock, the
/// platform and the automation act by themselves and are left out.
#[must_use]
pub fn allowed(dispute: &Dispute, now: UnixMillis) -> Vec<Allowed> {
    let actors = [Actor::Operator, Actor::Opener, Actor::Account, Actor::Issuer, Actor::Acquirer, Actor::Merchant];
    let is_known = |actor: &Actor| {
        let parties = &dispute.facts.parties;
        match actor {
            Actor::Issuer => parties.issuer.is_some(),
            Actor::Acquirer => parties.acquirer.is_some(),
            Actor::Merchant => parties.merchant.is_some(),
            _ => true,
        }
    };
    let known = actors.into_iter().filter(is_known);
    let all = known.flat_map(|actor| Action::ALL.into_iter().map(move |action| (actor, action)));
    // An account's update of its details is no step of the dispute.
    let steps = all.filter(|(_, action)| *action != Action::Update);
    steps
        .filter_map(|(actor, action)| {
            let leads_to = dispute.step(actor, action, now).ok()?;
            Some(Allowed { actor, action, leads_to })
        })
        .collect()
}

/// Who a role is in a dispute, by name: `issuer FBN`.
#[must_use]
pub fn who(dispute: &Dispute, actor: Actor) -> String {
    let facts = &dispute.facts;
    let code = |party: &Option<recourse_dispute::transaction::Party>| {
        party.as_ref().map(|party| party.code.as_str().to_owned())
    };
    let name = match actor {
        Actor::Opener => Some(dispute.opener.as_str().to_owned()),
        Actor::Account => Some(facts.account.as_str().to_owned()),
        Actor::Issuer => code(&facts.parties.issuer),
        Actor::Acquirer => code(&facts.parties.acquirer),
        Actor::Merchant => code(&facts.parties.merchant),
        Actor::Operator | Actor::Automation | Actor::Platform | Actor::Clock => None,
    };
    let name = name.map(|name| format!(" {name}")).unwrap_or_default();
    format!("the {}{name}", actor.name())
}

/// Through which API a role takes an action: banks and merchants of the bank network through the
/// Arbiter API, an opener through the API that it opened the dispute with, an account through the
/// Tutelar API.
#[must_use]
pub fn through(dispute: &Dispute, actor: Actor) -> Option<&'static str> {
    match actor {
        Actor::Issuer | Actor::Acquirer | Actor::Merchant => Some(labels::channel(Channel::Arbiter)),
        Actor::Account => Some(labels::channel(Channel::Tutelar)),
        Actor::Opener => Some(labels::channel(dispute.channel)),
        Actor::Operator | Actor::Automation | Actor::Platform | Actor::Clock => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{OPENED, dispute};

    #[test]
    fn an_operator_may_decide_a_report_and_a_closed_one_offers_nothing() {
        let mut report = dispute();
        let now = OPENED.plus(1_000);
        let of = |dispute: &Dispute, actor| -> Vec<Action> {
            allowed(dispute, now).into_iter().filter(|step| step.actor == actor).map(|step| step.action).collect()
        };
        assert_eq!(of(&report, Actor::Operator), [Action::CloseForCustomer, Action::CloseForMerchant]);
        assert_eq!(of(&report, Actor::Issuer), [], "no bank is named");
        assert_eq!(of(&report, Actor::Opener), [Action::Cancel]);
        report = report.decided(Action::CloseForMerchant, "alice".into(), "used".into(), now).unwrap().dispute;
        assert_eq!(allowed(&report, now), []);
    }

    #[test]
    fn a_role_has_its_name_and_its_api() {
        let report = dispute();
        assert_eq!(who(&report, Actor::Account), "the transaction's account acct_demo");
        assert_eq!(through(&report, Actor::Opener), Some("IIMMPACT"));
        assert_eq!(through(&report, Actor::Issuer), Some("Arbiter"));
    }
}
