//! The table against the contracts' words, path by path, and as a whole.

use super::*;

/// Walks `steps` from `state` and says where that ends.
fn walk(category: Category, mut state: State, steps: &[(Actor, Action)]) -> Result<State, Refusal> {
    for (actor, action) in steps {
        state = step(state, category, *actor, *action)?;
    }
    Ok(state)
}

const FIRST: State = State::Live(Stage::First);
const ACCEPTED: State = State::Closed { closing: Closing::Customer, stage: Stage::First };
const DECLINED: State = State::Closed { closing: Closing::Merchant, stage: Stage::First };

#[test]
fn two_banks_walk_a_chargeback_down_to_arbitration() {
    let way = [
        (Actor::Acquirer, Action::Represent, Stage::Representment),
        (Actor::Issuer, Action::PreArbitrate, Stage::PreArbitration),
        (Actor::Acquirer, Action::PreArbitrateAgain, Stage::PreArbitrationTwo),
        (Actor::Issuer, Action::Arbitrate, Stage::Arbitration),
    ];
    for category in [Category::Chargeback, Category::Fraud] {
        let mut state = State::born(category);
        for (actor, action, stage) in way {
            assert_eq!(state.turn(), Some(actor.side()));
            state = step(state, category, actor, action).unwrap();
            assert_eq!(state, State::Live(stage));
        }
        assert_eq!(state.turn(), Some(Side::Desk));
        let decided = step(state, category, Actor::Operator, Action::CloseForCustomer).unwrap();
        assert_eq!(decided, State::Closed { closing: Closing::Customer, stage: Stage::Arbitration });
    }
}

#[test]
fn a_category_ends_where_its_statuses_end() {
    let represented = walk(Category::CoAcquired, FIRST, &[(Actor::Acquirer, Action::Represent)]).unwrap();
    let again = step(represented, Category::CoAcquired, Actor::Issuer, Action::PreArbitrate).unwrap();
    assert_eq!(
        step(again, Category::CoAcquired, Actor::Acquirer, Action::PreArbitrateAgain),
        Err(Refusal::NotInCategory)
    );
    for category in [Category::GoodFaith, Category::Inquiry, Category::Refund, Category::TsaBiller] {
        assert_eq!(step(FIRST, category, Actor::Acquirer, Action::Represent), Err(Refusal::NotInCategory));
        assert_eq!(step(FIRST, category, Actor::Merchant, Action::MoveLevel), Err(Refusal::NotInCategory));
        assert_eq!(step(FIRST, category, Actor::Acquirer, Action::Accept), Ok(ACCEPTED));
        assert_eq!(step(FIRST, category, Actor::Merchant, Action::Decline), Ok(DECLINED));
    }
    assert_eq!(State::born(Category::GovernmentBiller), State::BORN_CLOSED);
}

#[test]
fn each_side_gives_in_at_its_turn_and_while_the_desk_decides() {
    let category = Category::Chargeback;
    assert_eq!(step(FIRST, category, Actor::Acquirer, Action::Accept), Ok(ACCEPTED));
    assert_eq!(step(FIRST, category, Actor::Issuer, Action::Withdraw), Err(Refusal::WrongStage));
    let represented = State::Live(Stage::Representment);
    let withdrawn = State::Closed { closing: Closing::Merchant, stage: Stage::Representment };
    assert_eq!(step(represented, category, Actor::Issuer, Action::Withdraw), Ok(withdrawn));
    assert_eq!(step(represented, category, Actor::Issuer, Action::Accept), Err(Refusal::NotTheirs));
    assert_eq!(step(represented, category, Actor::Acquirer, Action::Accept), Err(Refusal::WrongStage));
    assert_eq!(step(represented, category, Actor::Acquirer, Action::Decline), Err(Refusal::WrongStage));
    let arbitration = State::Live(Stage::Arbitration);
    let closing = |actor, action| step(arbitration, category, actor, action).map(State::closing);
    assert_eq!(closing(Actor::Issuer, Action::Withdraw), Ok(Some(Closing::Merchant)));
    assert_eq!(closing(Actor::Acquirer, Action::Accept), Ok(Some(Closing::Customer)));
    assert_eq!(step(arbitration, category, Actor::Acquirer, Action::Decline), Err(Refusal::WrongStage));
}

#[test]
fn a_draft_is_submitted_once_and_evidence_is_frozen_by_it() {
    let category = Category::Chargeback;
    let upload = |state| step(state, category, Actor::Opener, Action::UploadEvidence);
    assert_eq!(upload(State::Draft), Ok(State::Draft));
    let submitted = step(State::Draft, category, Actor::Opener, Action::Submit).unwrap();
    assert_eq!(submitted, FIRST);
    assert_eq!(upload(submitted), Err(Refusal::AlreadySubmitted));
    assert_eq!(step(submitted, category, Actor::Opener, Action::Submit), Err(Refusal::AlreadySubmitted));
    assert_eq!(step(State::Draft, category, Actor::Merchant, Action::VerdictWon), Err(Refusal::NotSubmitted));
    assert_eq!(upload(ACCEPTED), Err(Refusal::AlreadyClosed));
}

#[test]
fn a_verdict_is_given_once_and_reopening_takes_it_back() {
    let category = Category::Chargeback;
    let won = step(FIRST, category, Actor::Merchant, Action::VerdictWon).unwrap();
    assert_eq!(won, DECLINED);
    assert_eq!(step(won, category, Actor::Merchant, Action::VerdictLost), Err(Refusal::AlreadyClosed));
    for (level, stage) in
        [(Level::One, Stage::First), (Level::Two, Stage::PreArbitration), (Level::Three, Stage::Arbitration)]
    {
        assert_eq!(step(won, category, Actor::Merchant, Action::Reopen(level)), Ok(State::Live(stage)));
    }
    assert_eq!(step(FIRST, category, Actor::Merchant, Action::Reopen(Level::One)), Err(Refusal::NotClosed));
    for closing in [Closing::Cancelled, Closing::Refunded, Closing::BornClosed] {
        let state = State::Closed { closing, stage: Stage::First };
        assert_eq!(step(state, category, Actor::Merchant, Action::Reopen(Level::One)), Err(Refusal::NotDecided));
    }
    assert_eq!(
        step(DECLINED, Category::CoAcquired, Actor::Merchant, Action::Reopen(Level::Three)),
        Err(Refusal::NotInCategory)
    );
}

#[test]
fn levels_move_up_to_the_third() {
    let up = (Actor::Merchant, Action::MoveLevel);
    assert_eq!(walk(Category::Chargeback, FIRST, &[up]), Ok(State::Live(Stage::PreArbitration)));
    assert_eq!(walk(Category::Chargeback, FIRST, &[up, up]), Ok(State::Live(Stage::Arbitration)));
    assert_eq!(walk(Category::Chargeback, FIRST, &[up, up, up]), Err(Refusal::WrongStage));
}

#[test]
fn who_lets_a_turn_pass_loses() {
    let lapsed = |state| step(state, Category::Chargeback, Actor::Clock, Action::Expire).map(State::closing);
    assert_eq!(lapsed(State::Draft), Ok(Some(Closing::Cancelled)));
    assert_eq!(lapsed(FIRST), Ok(Some(Closing::Customer)));
    assert_eq!(lapsed(State::Live(Stage::Representment)), Ok(Some(Closing::Merchant)));
    assert_eq!(lapsed(State::Live(Stage::PreArbitration)), Ok(Some(Closing::Customer)));
    assert_eq!(lapsed(State::Live(Stage::PreArbitrationTwo)), Ok(Some(Closing::Merchant)));
    assert_eq!(lapsed(State::Live(Stage::Arbitration)), Err(Refusal::WrongStage));
}

#[test]
fn every_step_keeps_the_order_and_only_a_decision_is_reopened() {
    for category in Category::ALL {
        for before in State::all() {
            for (actor, action) in Actor::ALL.into_iter().flat_map(|actor| Action::ALL.map(|action| (actor, action))) {
                let Ok(after) = step(before, category, actor, action) else { continue };
                let told = format!("{actor:?} {action:?}: {before:?} to {after:?} of {category}");
                match (before, after) {
                    _ if before == after => {
                        assert!(matches!(action, Action::Update | Action::UploadEvidence), "{told}")
                    }
                    (State::Draft, State::Live(_)) => assert_eq!(action, Action::Submit, "{told}"),
                    (State::Live(from), State::Live(to)) => assert!(from < to, "{told}"),
                    (State::Closed { .. }, State::Live(_)) => assert!(matches!(action, Action::Reopen(_)), "{told}"),
                    (State::Live(from), State::Closed { closing, stage }) => {
                        assert_eq!(from, stage, "{told}");
                        assert_ne!(closing, Closing::BornClosed, "{told}");
                    }
                    (State::Draft, State::Closed { closing, .. }) => {
                        assert!(!matches!(closing, Closing::Customer | Closing::Merchant), "{told}");
                    }
                    (_, State::Draft) | (State::Closed { .. }, State::Closed { .. }) => panic!("{told}"),
                }
            }
        }
    }
}

#[test]
fn a_refund_of_the_transaction_closes_whatever_holds_the_guard() {
    for category in Category::ALL {
        for state in State::all() {
            let after = step(state, category, Actor::Platform, Action::Refund);
            // What nobody was told of stays so: a draft is shown to no bank, whatever ends it.
            let closing = if state == State::Draft { Closing::Cancelled } else { Closing::Refunded };
            match state.holds_guard() {
                true => assert_eq!(after.map(State::closing), Ok(Some(closing)), "{state:?}"),
                false => assert_eq!(after, Err(Refusal::AlreadyClosed), "{state:?}"),
            }
        }
    }
}

#[test]
fn nobody_acts_in_anothers_place() {
    let everywhere = |actor: Actor, action: Action| {
        State::all().any(|state| Category::ALL.iter().any(|category| step(state, *category, actor, action).is_ok()))
    };
    let allowed =
        |actor: Actor| Action::ALL.into_iter().filter(|action| everywhere(actor, *action)).collect::<Vec<_>>();
    assert_eq!(allowed(Actor::Opener), [Action::Submit, Action::Cancel, Action::Update, Action::UploadEvidence]);
    assert_eq!(allowed(Actor::Issuer), [Action::Withdraw, Action::PreArbitrate, Action::Arbitrate]);
    assert_eq!(
        allowed(Actor::Acquirer),
        [Action::Accept, Action::Decline, Action::Represent, Action::PreArbitrateAgain]
    );
    assert_eq!(allowed(Actor::Operator), [Action::CloseForCustomer, Action::CloseForMerchant]);
    assert_eq!(allowed(Actor::Platform), [Action::Refund]);
    assert_eq!(allowed(Actor::Clock), [Action::CloseForCustomer, Action::CloseForMerchant, Action::Expire]);
    assert!(allowed(Actor::Merchant).contains(&Action::Reopen(Level::Two)));
    assert!(!allowed(Actor::Merchant).contains(&Action::Cancel));
}
