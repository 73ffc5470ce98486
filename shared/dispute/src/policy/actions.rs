//! Who may do what to a dispute, and when.
//!
//! [`decide`] is the only place that says so. It asks [`right`], the table, for the condition under
//! which a role may take an action, and [`transition`] where the action leads.
//!
//! **Invariant:** no role closes a claim that another role made, except in its own turn, by giving
//! in, or as an operator. [`Right::OwnRecord`] is no exception: what a merchant raised through the
//! Tutelar API is its own record until a bank acts on it.

use crate::dispute::Dispute;
use crate::lifecycle::{Action, Actor, Category, Channel, Stage, State, TransitionError, transition};

use super::channel::has_deadlines;

/// All of a dispute that decides who may do what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situation {
    /// The API that it was opened through.
    pub channel: Channel,
    /// Where it stands.
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

impl Situation {
    /// The situation of a dispute.
    #[must_use]
    pub fn of(dispute: &Dispute) -> Self {
        Self {
            channel: dispute.channel,
            state: dispute.state,
            category: dispute.category,
            closed_by: dispute.closed_by,
            parties_acted: dispute.parties_acted,
            has_evidence: !dispute.claim.evidence.is_empty(),
            respondent: dispute.facts.respondent().map(|(respondent, _)| respondent),
        }
    }
}

/// When a role may take an action that the dispute's state allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// Never.
    Never,
    /// Whenever the state allows it.
    Always,
    /// In its side's turn.
    InTurn,
    /// In its side's turn, and while an operator decides: it gives in.
    GivesIn,
    /// In its side's turn, as the one party that answers for the merchant's side.
    AsRespondent,
    /// As [`Self::GivesIn`], as the one party that answers for the merchant's side.
    GivesInAsRespondent,
    /// In its side's turn, when evidence is on the dispute's record.
    WithEvidence,
    /// Until a party of the bank network has acted; from then on in its side's turn.
    OwnRecord,
    /// Until a party of the bank network has acted.
    UntilOthersAct,
    /// To take back its own verdict, until a party of the bank network has acted.
    OwnVerdict,
}

/// The table: when `role` may take `action` on a dispute that was opened through `channel`.
///
/// The Connect API publishes that a dispute can be cancelled while it is `DRAFT` or `CREATED`. The
/// Tutelar API publishes verdicts, levels and reopening for what was raised through it. The Arbiter
/// API publishes the statuses. All else is Recourse-specific.
#[must_use]
pub fn right(channel: Channel, role: Actor, action: Action) -> Right {
    match (action, role) {
        // Only the Connect API has drafts.
        (Action::Submit | Action::UploadEvidence, Actor::Opener) if channel == Channel::Connect => Right::Always,
        (Action::Cancel, Actor::Opener) => match channel {
            Channel::Connect => Right::Always,
            Channel::Iimmpact | Channel::Arbiter | Channel::Tutelar => Right::UntilOthersAct,
        },
        // The details are the account's own: whoever else opened the dispute neither reads nor
        // writes them.
        (Action::Update, Actor::Account) => Right::Always,
        (Action::Accept, Actor::Acquirer | Actor::Merchant) => Right::GivesInAsRespondent,
        (Action::Decline | Action::Represent | Action::PreArbitrateAgain, Actor::Acquirer | Actor::Merchant) => {
            Right::AsRespondent
        }
        (Action::Withdraw, Actor::Issuer) => Right::GivesIn,
        (Action::PreArbitrate | Action::Arbitrate, Actor::Issuer) => Right::InTurn,
        (Action::VerdictWon, Actor::Account) => match channel {
            Channel::Tutelar => Right::OwnRecord,
            Channel::Iimmpact | Channel::Arbiter | Channel::Connect => Right::WithEvidence,
        },
        (Action::VerdictLost, Actor::Account) => match channel {
            Channel::Tutelar => Right::OwnRecord,
            Channel::Iimmpact | Channel::Arbiter | Channel::Connect => Right::GivesIn,
        },
        (Action::MoveLevel, Actor::Account) => match channel {
            Channel::Tutelar => Right::OwnRecord,
            Channel::Iimmpact | Channel::Arbiter | Channel::Connect => Right::Never,
        },
        (Action::Reopen(_), Actor::Account) => match channel {
            Channel::Tutelar => Right::OwnVerdict,
            Channel::Iimmpact | Channel::Arbiter | Channel::Connect => Right::Never,
        },
        (Action::CloseForCustomer | Action::CloseForMerchant, Actor::Operator) => Right::Always,
        (Action::CloseForCustomer | Action::CloseForMerchant | Action::Expire, Actor::Clock)
            if has_deadlines(channel) =>
        {
            Right::Always
        }
        (Action::Refund | Action::Fail, Actor::Platform) => Right::Always,
        _ => Right::Never,
    }
}

/// The state that `action` of `role` leads to.
///
/// # Errors
/// [`Refusal`], checked in this order: the role, the state, the condition of its right, the
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
