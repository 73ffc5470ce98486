//! Tests of the state machine: each path of the contracts, and properties of all paths.

use super::*;

const FIRST: State = State::Live(Stage::First);
const ACCEPTED: State = State::Closed { closing: Closing::Customer, stage: Stage::First };
const DECLINED: State = State::Closed { closing: Closing::Merchant, stage: Stage::First };

/// Walks `actions` from `state` and says where that ends.
fn apply_all(category: Category, mut state: State, actions: &[Action]) -> Result<State, TransitionError> {
    for action in actions {
        state = transition(state, category, *action)?;
    }
    Ok(state)
}

#[test]
fn a_chargeback_goes_down_to_arbitration() {
    let way = [
        (Action::Represent, Stage::Representment, Side::Claimant),
        (Action::PreArbitrate, Stage::PreArbitration, Side::Respondent),
        (Action::PreArbitrateAgain, Stage::PreArbitrationTwo, Side::Claimant),
        (Action::Arbitrate, Stage::Arbitration, Side::Operator),
    ];
    for category in [Category::Chargeback, Category::Fraud] {
        let mut state = State::initial(category);
        assert_eq!(state.party_due(), Some(Side::Respondent));
        for (action, stage, party) in way {
            state = transition(state, category, action).unwrap();
            assert_eq!((state, state.party_due()), (State::Live(stage), Some(party)));
        }
        let decided = transition(state, category, Action::CloseForCustomer).unwrap();
        assert_eq!(decided, State::Closed { closing: Closing::Customer, stage: Stage::Arbitration });
    }
}

#[test]
fn a_category_ends_where_its_statuses_end() {
    let again = apply_all(Category::CoAcquired, FIRST, &[Action::Represent, Action::PreArbitrate]).unwrap();
    assert_eq!(transition(again, Category::CoAcquired, Action::PreArbitrateAgain), Err(TransitionError::NotInCategory));
    for category in [Category::GoodFaith, Category::Inquiry, Category::Refund, Category::TsaBiller] {
        for action in [Action::Represent, Action::MoveLevel] {
            assert_eq!(transition(FIRST, category, action), Err(TransitionError::NotInCategory));
        }
        assert_eq!(transition(FIRST, category, Action::Accept), Ok(ACCEPTED));
        assert_eq!(transition(FIRST, category, Action::Decline), Ok(DECLINED));
    }
    assert_eq!(State::initial(Category::GovernmentBiller), State::CLOSED_ON_CREATION);
}

#[test]
fn a_draft_is_submitted_once_and_evidence_is_frozen_by_it() {
    let of = |state, action| transition(state, Category::Chargeback, action);
    assert_eq!(of(State::Draft, Action::UploadEvidence), Ok(State::Draft));
    assert_eq!(of(State::Draft, Action::Submit), Ok(FIRST));
    assert_eq!(of(FIRST, Action::UploadEvidence), Err(TransitionError::AlreadySubmitted));
    assert_eq!(of(FIRST, Action::Submit), Err(TransitionError::AlreadySubmitted));
    assert_eq!(of(State::Draft, Action::VerdictWon), Err(TransitionError::NotSubmitted));
    assert_eq!(of(ACCEPTED, Action::UploadEvidence), Err(TransitionError::AlreadyClosed));
}

/// Whatever nobody was notified of stays so: a draft is shown to no bank, whatever ends it. What
/// was live is withdrawn, and stays in sight.
#[test]
fn a_draft_is_cancelled_and_a_live_dispute_is_withdrawn() {
    let ended = |state, action| transition(state, Category::Chargeback, action).map(State::closing);
    for action in [Action::Cancel, Action::Refund, Action::Fail, Action::Expire] {
        assert_eq!(ended(State::Draft, action), Ok(Some(Closing::Cancelled)), "{action:?}");
    }
    assert_eq!(ended(FIRST, Action::Cancel), Ok(Some(Closing::Withdrawn)));
    for action in [Action::Refund, Action::Fail] {
        assert_eq!(ended(FIRST, action), Ok(Some(Closing::Refunded)), "{action:?}");
        assert_eq!(ended(ACCEPTED, action), Err(TransitionError::AlreadyClosed), "{action:?}");
    }
}

#[test]
fn a_verdict_is_given_once_and_reopening_takes_it_back() {
    let of = |state, action| transition(state, Category::Chargeback, action);
    let won = of(FIRST, Action::VerdictWon).unwrap();
    assert_eq!(won, DECLINED);
    assert_eq!(of(won, Action::VerdictLost), Err(TransitionError::AlreadyClosed));
    for level in Level::ALL {
        assert_eq!(of(won, Action::Reopen(level)), Ok(State::Live(level.stage())));
    }
    assert_eq!(of(FIRST, Action::Reopen(Level::One)), Err(TransitionError::NotClosed));
    for closing in [Closing::Cancelled, Closing::Withdrawn, Closing::Refunded, Closing::ClosedOnCreation] {
        let state = State::Closed { closing, stage: Stage::First };
        assert_eq!(of(state, Action::Reopen(Level::One)), Err(TransitionError::NotDecided));
    }
    let beyond = transition(DECLINED, Category::CoAcquired, Action::Reopen(Level::Three));
    assert_eq!(beyond, Err(TransitionError::NotInCategory));
}

#[test]
fn levels_move_up_to_the_third() {
    let up = Action::MoveLevel;
    assert_eq!(apply_all(Category::Chargeback, FIRST, &[up]), Ok(State::Live(Stage::PreArbitration)));
    assert_eq!(apply_all(Category::Chargeback, FIRST, &[up, up]), Ok(State::Live(Stage::Arbitration)));
    assert_eq!(apply_all(Category::Chargeback, FIRST, &[up, up, up]), Err(TransitionError::WrongStage));
}

#[test]
fn the_side_that_does_not_act_in_time_loses() {
    let expired = |stage| transition(State::Live(stage), Category::Chargeback, Action::Expire).map(State::closing);
    assert_eq!(expired(Stage::First), Ok(Some(Closing::Customer)));
    assert_eq!(expired(Stage::Representment), Ok(Some(Closing::Merchant)));
    assert_eq!(expired(Stage::PreArbitration), Ok(Some(Closing::Customer)));
    assert_eq!(expired(Stage::PreArbitrationTwo), Ok(Some(Closing::Merchant)));
    assert_eq!(expired(Stage::Arbitration), Err(TransitionError::WrongStage));
}

#[test]
fn every_action_keeps_the_order_and_only_a_decision_is_reopened() {
    for (category, before) in Category::ALL.into_iter().flat_map(|of| State::all().map(move |state| (of, state))) {
        for action in Action::ALL {
            let Ok(after) = transition(before, category, action) else { continue };
            let what = format!("{action:?}: {before:?} to {after:?} of {category}");
            match (before, after) {
                _ if before == after => assert!(matches!(action, Action::Update | Action::UploadEvidence), "{what}"),
                (State::Draft, State::Live(_)) => assert_eq!(action, Action::Submit, "{what}"),
                (State::Live(from), State::Live(to)) => assert!(from < to, "{what}"),
                (State::Closed { .. }, State::Live(_)) => assert!(matches!(action, Action::Reopen(_)), "{what}"),
                (State::Live(from), State::Closed { closing, stage }) => {
                    assert_eq!(from, stage, "{what}");
                    assert!(!matches!(closing, Closing::ClosedOnCreation | Closing::Cancelled), "{what}");
                }
                (State::Draft, State::Closed { closing, .. }) => {
                    // A draft of a Government Biller dispute would be closed by its submit.
                    assert!(matches!(closing, Closing::Cancelled | Closing::ClosedOnCreation), "{what}");
                }
                (_, State::Draft) | (State::Closed { .. }, State::Closed { .. }) => panic!("{what}"),
            }
        }
    }
}
