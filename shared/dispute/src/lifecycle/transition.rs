//! The state machine: where an action leads from a state, whoever takes it.

use super::{Action, Category, Closing, Level, Side, Stage, State, TransitionError};

/// The state that `action` leads to. Who may take it, [`crate::policy::actions`] says.
///
/// | action | from | to |
/// |---|---|---|
/// | submit | draft | [`State::initial`] |
/// | upload evidence | draft | same state: evidence does not change after submit |
/// | cancel | draft, live | a draft is cancelled, a live dispute is withdrawn |
/// | update | any | same state; no refusal for a closed dispute is published (Tutelar contract) |
/// | accept | live | closed for the customer |
/// | decline, withdraw | live | closed for the merchant |
/// | represent | first stage | representment |
/// | pre-arbitrate | representment | pre-arbitration |
/// | pre-arbitrate again | pre-arbitration | pre-arbitration II |
/// | arbitrate | pre-arbitration II | arbitration |
/// | verdict won, lost | live | closed for the merchant, the customer |
/// | move level | live | the first stage of the next level |
/// | reopen | closed for the customer or the merchant | the first stage of the named level |
/// | close for customer, merchant | live | closed so |
/// | refund, fail | draft, live | a draft is cancelled; live closes: refunded |
/// | expire | draft, live before arbitration | a draft is cancelled; live, who had to act loses |
///
/// Which statuses there are, their order and the verdicts are published (Arbiter and Tutelar
/// contracts).
///
/// # Errors
/// [`TransitionError`]: first for the state, then for the category.
pub fn transition(state: State, category: Category, action: Action) -> Result<State, TransitionError> {
    match action {
        Action::Submit => draft(state).map(|()| State::initial(category)),
        Action::UploadEvidence => draft(state).map(|()| state),
        Action::Update => Ok(state),
        Action::Cancel => open(state, Closing::Withdrawn),
        Action::Refund | Action::Fail => open(state, Closing::Refunded),
        Action::Accept | Action::VerdictLost | Action::CloseForCustomer => close(state, Closing::Customer),
        Action::Decline | Action::Withdraw | Action::VerdictWon | Action::CloseForMerchant => {
            close(state, Closing::Merchant)
        }
        Action::Represent => advance(state, category, Stage::First, Stage::Representment),
        Action::PreArbitrate => advance(state, category, Stage::Representment, Stage::PreArbitration),
        Action::PreArbitrateAgain => advance(state, category, Stage::PreArbitration, Stage::PreArbitrationTwo),
        Action::Arbitrate => advance(state, category, Stage::PreArbitrationTwo, Stage::Arbitration),
        Action::MoveLevel => {
            let next = Level::from(live(state)?).next().ok_or(TransitionError::WrongStage)?;
            live_at(category, next.stage())
        }
        Action::Reopen(level) => reopen(state, category, level),
        Action::Expire => expire(state),
    }
}

fn draft(state: State) -> Result<(), TransitionError> {
    match state {
        State::Draft => Ok(()),
        State::Live(_) => Err(TransitionError::AlreadySubmitted),
        State::Closed { .. } => Err(TransitionError::AlreadyClosed),
    }
}

fn live(state: State) -> Result<Stage, TransitionError> {
    match state {
        State::Draft => Err(TransitionError::NotSubmitted),
        State::Live(stage) => Ok(stage),
        State::Closed { .. } => Err(TransitionError::AlreadyClosed),
    }
}

fn close(state: State, closing: Closing) -> Result<State, TransitionError> {
    live(state).map(|_| state.close(closing))
}

/// Ends what is open. A draft is cancelled, whatever ends it: nobody was notified of it.
fn open(state: State, closing: Closing) -> Result<State, TransitionError> {
    match state {
        State::Draft => Ok(state.close(Closing::Cancelled)),
        State::Live(_) => Ok(state.close(closing)),
        State::Closed { .. } => Err(TransitionError::AlreadyClosed),
    }
}

fn advance(state: State, category: Category, from: Stage, to: Stage) -> Result<State, TransitionError> {
    if live(state)? == from { live_at(category, to) } else { Err(TransitionError::WrongStage) }
}

fn live_at(category: Category, stage: Stage) -> Result<State, TransitionError> {
    if category.stages().contains(&stage) { Ok(State::Live(stage)) } else { Err(TransitionError::NotInCategory) }
}

fn reopen(state: State, category: Category, level: Level) -> Result<State, TransitionError> {
    match state.closing() {
        None => Err(TransitionError::NotClosed),
        Some(Closing::Customer | Closing::Merchant) => live_at(category, level.stage()),
        Some(Closing::Cancelled | Closing::Withdrawn | Closing::Refunded | Closing::ClosedOnCreation) => {
            Err(TransitionError::NotDecided)
        }
    }
}

fn expire(state: State) -> Result<State, TransitionError> {
    match state.party_due() {
        None => Err(TransitionError::AlreadyClosed),
        Some(Side::Opener) => Ok(state.close(Closing::Cancelled)),
        Some(Side::Respondent) => Ok(state.close(Closing::Customer)),
        Some(Side::Claimant) => Ok(state.close(Closing::Merchant)),
        Some(Side::Operator) => Err(TransitionError::WrongStage),
    }
}

#[cfg(test)]
mod tests;
