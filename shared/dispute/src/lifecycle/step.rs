//! The table: which actor may take which action in which state and category, and where it leads.

use super::{Action, Actor, Category, Closing, Level, Refusal, Side, Stage, State};

/// Takes one step: the state that `action` of `actor` leads to.
///
/// | action | whose | in | leads to |
/// |---|---|---|---|
/// | submit | opener | draft | [`State::born`] |
/// | upload evidence | opener | draft | same state: evidence does not change after submit |
/// | cancel | opener | draft, live | closed: cancelled |
/// | update | opener, merchant | any | same state; no refusal for a closed dispute is published (Tutelar contract), so there is none |
/// | accept | acquirer, merchant, at their turn and at arbitration | live | closed for the customer |
/// | decline | acquirer, merchant, at their turn | live | closed for the merchant |
/// | withdraw | issuer, at its turn and at arbitration | live | closed for the merchant |
/// | represent | acquirer, merchant | first stage | representment |
/// | pre-arbitrate | issuer | representment | pre-arbitration |
/// | pre-arbitrate again | acquirer, merchant | pre-arbitration | pre-arbitration II |
/// | arbitrate | issuer | pre-arbitration II | arbitration |
/// | verdict won, lost | merchant | live | closed for the merchant, the customer |
/// | move level | merchant | live | the first stage of the next level |
/// | reopen | merchant | closed for customer or merchant, by its own verdict ([`Dispute::step`] knows) | the first stage of the named level |
/// | close for customer, merchant | operator; clock, where configuration says so | live | closed so |
/// | refund | platform | draft, live | a draft is cancelled, as nobody else knows of it; live closes: refunded |
/// | expire | clock | draft, live before arbitration | a draft is cancelled; live, the side that let its turn pass loses |
///
/// Which statuses there are, their order and the verdicts are published; who may act at which stage is ours.
///
/// [`Dispute::step`]: crate::dispute::Dispute::step
///
/// # Errors
/// [`Refusal`], checked in this order: the actor, the state, the category.
pub fn step(state: State, category: Category, actor: Actor, action: Action) -> Result<State, Refusal> {
    if !may_ever(actor, action) {
        return Err(Refusal::NotTheirs);
    }
    match action {
        Action::Submit => draft(state).map(|()| State::born(category)),
        Action::UploadEvidence => draft(state).map(|()| state),
        Action::Update => Ok(state),
        Action::Cancel => open(state, Closing::Cancelled),
        Action::Refund if state == State::Draft => open(state, Closing::Cancelled),
        Action::Refund => open(state, Closing::Refunded),
        Action::VerdictWon | Action::CloseForMerchant => live(state).map(|_| state.close(Closing::Merchant)),
        Action::VerdictLost | Action::CloseForCustomer => live(state).map(|_| state.close(Closing::Customer)),
        Action::Accept => gives_in(state, actor).map(|()| state.close(Closing::Customer)),
        Action::Decline => at_turn(state, actor).map(|()| state.close(Closing::Merchant)),
        Action::Withdraw => gives_in(state, actor).map(|()| state.close(Closing::Merchant)),
        Action::Represent => advance(state, category, Stage::First, Stage::Representment),
        Action::PreArbitrate => advance(state, category, Stage::Representment, Stage::PreArbitration),
        Action::PreArbitrateAgain => advance(state, category, Stage::PreArbitration, Stage::PreArbitrationTwo),
        Action::Arbitrate => advance(state, category, Stage::PreArbitrationTwo, Stage::Arbitration),
        Action::MoveLevel => {
            let next = Level::from(live(state)?).next().ok_or(Refusal::WrongStage)?;
            live_at(category, next.stage())
        }
        Action::Reopen(level) => reopen(state, category, level),
        Action::Expire => expire(state),
    }
}

/// The table's second column.
fn may_ever(actor: Actor, action: Action) -> bool {
    let who: &[Actor] = match action {
        Action::Submit | Action::UploadEvidence | Action::Cancel => &[Actor::Opener],
        Action::Update => &[Actor::Opener, Actor::Merchant],
        Action::Accept | Action::Decline | Action::Represent | Action::PreArbitrateAgain => {
            &[Actor::Acquirer, Actor::Merchant]
        }
        Action::Withdraw | Action::PreArbitrate | Action::Arbitrate => &[Actor::Issuer],
        Action::VerdictWon | Action::VerdictLost | Action::MoveLevel | Action::Reopen(_) => &[Actor::Merchant],
        Action::CloseForCustomer | Action::CloseForMerchant => &[Actor::Operator, Actor::Clock],
        Action::Refund => &[Actor::Platform],
        Action::Expire => &[Actor::Clock],
    };
    who.contains(&actor)
}

fn draft(state: State) -> Result<(), Refusal> {
    match state {
        State::Draft => Ok(()),
        State::Live(_) => Err(Refusal::AlreadySubmitted),
        State::Closed { .. } => Err(Refusal::AlreadyClosed),
    }
}

fn live(state: State) -> Result<Stage, Refusal> {
    match state {
        State::Draft => Err(Refusal::NotSubmitted),
        State::Live(stage) => Ok(stage),
        State::Closed { .. } => Err(Refusal::AlreadyClosed),
    }
}

fn open(state: State, closing: Closing) -> Result<State, Refusal> {
    match state {
        State::Draft | State::Live(_) => Ok(state.close(closing)),
        State::Closed { .. } => Err(Refusal::AlreadyClosed),
    }
}

fn at_turn(state: State, actor: Actor) -> Result<(), Refusal> {
    live(state)?;
    if state.turn() == Some(actor.side()) { Ok(()) } else { Err(Refusal::WrongStage) }
}

/// Either side may give in while the desk decides, too.
fn gives_in(state: State, actor: Actor) -> Result<(), Refusal> {
    if live(state)? == Stage::Arbitration { Ok(()) } else { at_turn(state, actor) }
}

fn advance(state: State, category: Category, from: Stage, to: Stage) -> Result<State, Refusal> {
    if live(state)? == from { live_at(category, to) } else { Err(Refusal::WrongStage) }
}

fn live_at(category: Category, stage: Stage) -> Result<State, Refusal> {
    if category.stages().contains(&stage) { Ok(State::Live(stage)) } else { Err(Refusal::NotInCategory) }
}

fn reopen(state: State, category: Category, level: Level) -> Result<State, Refusal> {
    match state.closing() {
        None => Err(Refusal::NotClosed),
        Some(Closing::Customer | Closing::Merchant) => live_at(category, level.stage()),
        Some(Closing::Cancelled | Closing::Refunded | Closing::BornClosed) => Err(Refusal::NotDecided),
    }
}

fn expire(state: State) -> Result<State, Refusal> {
    match state.turn() {
        None => Err(Refusal::AlreadyClosed),
        Some(Side::Opener) => Ok(state.close(Closing::Cancelled)),
        Some(Side::Respondent) => Ok(state.close(Closing::Customer)),
        Some(Side::Claimant) => Ok(state.close(Closing::Merchant)),
        Some(Side::Desk) => Err(Refusal::WrongStage),
    }
}

#[cfg(test)]
mod tests;
