//! Who may do what to a dispute, and when.
//!
//! [`decide`] is the only place that says so. It asks [`right`], the table, for the condition under
//! which a role may take an action, and [`transition`] where the action leads.
//!
//! **Invariant:** a role closes a claim that another role made only while its side has to act, by
//! giving in, or as an operator. The support process acts for the operators: it ends a report on
//! the word of the provider or the customer. [`Right::OwnRecord`] is no exception: what a merchant
//! raised through the Tutelar API is its own record until a bank acts on it.

use crate::channel::Channel;
use crate::lifecycle::{Action, Actor, Category, Right, Stage, State, TransitionError, transition};

/// All of a dispute that decides who may do what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situation {
    /// The API that it was opened through.
    pub channel: Channel,
    /// Its state.
    pub state: State,
    /// What kind of claim it makes.
    pub category: Category,
    /// The action that closed it.
    pub closed_by: Option<Action>,
    /// Whether an issuer, an acquirer or a merchant of the bank network took a step in it.
    pub parties_acted: bool,
    /// Whether evidence is on its record.
    pub has_evidence: bool,
    /// Who answers for the merchant's side in the bank network: the acquirer or the merchant.
    pub respondent: Option<Actor>,
}

/// The table: when `role` may take `action` on a dispute that was opened through `channel`.
#[must_use]
pub fn right(channel: Channel, role: Actor, action: Action) -> Right {
    let policy = channel.policy();
    match (action, role) {
        (Action::Submit | Action::UploadEvidence, Actor::Opener) => policy.draft,
        (Action::Cancel, Actor::Opener) => policy.cancel,
        // The details are the account's own. Nobody else reads or writes them, not even the opener.
        (Action::Update, Actor::Account) => Right::Always,
        (Action::Accept, Actor::Acquirer | Actor::Merchant) => Right::GivesInAsRespondent,
        (Action::Decline | Action::Represent | Action::PreArbitrateAgain, Actor::Acquirer | Actor::Merchant) => {
            Right::AsRespondent
        }
        (Action::Withdraw, Actor::Issuer) => Right::GivesIn,
        (Action::PreArbitrate | Action::Arbitrate, Actor::Issuer) => Right::InTurn,
        (Action::VerdictWon, Actor::Account) => policy.verdict_won,
        (Action::VerdictLost, Actor::Account) => policy.verdict_lost,
        (Action::MoveLevel, Actor::Account) => policy.move_level,
        (Action::Reopen(_), Actor::Account) => policy.reopen,
        (Action::CloseForCustomer | Action::CloseForMerchant, Actor::Operator) => Right::Always,
        (Action::CloseForCustomer | Action::CloseForMerchant | Action::Expire, Actor::Clock)
            if policy.has_deadlines =>
        {
            Right::Always
        }
        (Action::CloseForCustomer | Action::CloseForMerchant, Actor::Automation) if policy.has_support_process => {
            Right::Always
        }
        (Action::Refund | Action::Fail, Actor::Platform) => Right::Always,
        _ => Right::Never,
    }
}

/// The state that `action` of `role` leads to.
///
/// # Errors
/// [`TransitionError`], checked in this order: the role, the state, the condition of its right, the
/// category.
pub fn decide(on: &Situation, role: Actor, action: Action) -> Result<State, TransitionError> {
    let right = right(on.channel, role, action);
    if right == Right::Never {
        return Err(TransitionError::NotTheirs);
    }
    let next = transition(on.state, on.category, action);
    match next {
        Ok(_) | Err(TransitionError::NotInCategory) => holds(right, on, role).and(next),
        Err(_) => next,
    }
}

/// Whether the condition of a right holds.
fn holds(right: Right, on: &Situation, role: Actor) -> Result<(), TransitionError> {
    let in_turn = on.state.party_due() == Some(role.side());
    let is_decided_on = on.state == State::Live(Stage::Arbitration);
    let is_respondent = on.respondent == Some(role);
    let is_own_verdict = matches!(on.closed_by, Some(Action::VerdictWon | Action::VerdictLost));
    let unless = |refusal, is_met: bool| if is_met { Ok(()) } else { Err(refusal) };
    match right {
        Right::Never => Err(TransitionError::NotTheirs),
        Right::Always => Ok(()),
        Right::InTurn => unless(TransitionError::NotTheirTurn, in_turn),
        Right::GivesIn => unless(TransitionError::NotTheirTurn, in_turn || is_decided_on),
        Right::AsRespondent => {
            unless(TransitionError::NotTheirs, is_respondent).and(unless(TransitionError::NotTheirTurn, in_turn))
        }
        Right::GivesInAsRespondent => unless(TransitionError::NotTheirs, is_respondent)
            .and(unless(TransitionError::NotTheirTurn, in_turn || is_decided_on)),
        Right::WithEvidence => {
            unless(TransitionError::NotTheirTurn, in_turn).and(unless(TransitionError::NoEvidence, on.has_evidence))
        }
        Right::OwnRecord => unless(TransitionError::NotTheirTurn, in_turn || !on.parties_acted),
        Right::UntilOthersAct => unless(TransitionError::OthersActed, on.state == State::Draft || !on.parties_acted),
        Right::OwnVerdict => unless(TransitionError::NotTheirVerdict, is_own_verdict)
            .and(unless(TransitionError::OthersActed, !on.parties_acted)),
    }
}

#[cfg(test)]
mod tests;
