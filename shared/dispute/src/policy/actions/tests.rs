//! The whole table, and what must never come about.

use super::*;
use crate::lifecycle::{Closing, Level, Side};

const CATEGORY: Category = Category::Chargeback;

/// A situation without evidence, in which no party has acted and the acquirer answers.
fn at(channel: Channel, state: State) -> Situation {
    let respondent = Some(Actor::Acquirer);
    let (closed_by, parties_acted, has_evidence) = (None, false, false);
    Situation { channel, state, category: CATEGORY, closed_by, parties_acted, has_evidence, respondent }
}

/// Every situation there is.
fn all() -> impl Iterator<Item = Situation> {
    let flags = (0..8).map(|bits| (bits & 1 > 0, bits & 2 > 0, bits & 4 > 0));
    flags.flat_map(|(parties_acted, has_evidence, merchant_answers)| {
        Channel::ALL.into_iter().flat_map(move |channel| {
            State::all().flat_map(move |state| {
                let respondent = Some(if merchant_answers { Actor::Merchant } else { Actor::Acquirer });
                let closers: Vec<_> = match state.closing() {
                    None => vec![None],
                    Some(_) => vec![Some(Action::VerdictWon), Some(Action::Accept), None],
                };
                closers.into_iter().flat_map(move |closed_by| {
                    Category::ALL.map(|category| Situation {
                        channel,
                        state,
                        category,
                        closed_by,
                        parties_acted,
                        has_evidence,
                        respondent,
                    })
                })
            })
        })
    })
}

#[test]
fn nobody_acts_in_anothers_place() {
    let ever = |role: Actor, action: Action| all().any(|on| decide(&on, role, action).is_ok());
    let allowed = |role: Actor| Action::ALL.into_iter().filter(|action| ever(role, *action)).collect::<Vec<_>>();
    use Action as A;
    assert_eq!(allowed(Actor::Opener), [A::Submit, A::Cancel, A::UploadEvidence]);
    assert_eq!(allowed(Actor::Issuer), [A::Withdraw, A::PreArbitrate, A::Arbitrate]);
    for role in [Actor::Acquirer, Actor::Merchant] {
        assert_eq!(allowed(role), [A::Accept, A::Decline, A::Represent, A::PreArbitrateAgain]);
    }
    let reopens = Level::ALL.map(A::Reopen);
    let own = [A::Update, A::VerdictWon, A::VerdictLost, A::MoveLevel];
    assert_eq!(allowed(Actor::Account), own.into_iter().chain(reopens).collect::<Vec<_>>());
    assert_eq!(allowed(Actor::Operator), [A::CloseForCustomer, A::CloseForMerchant]);
    assert_eq!(allowed(Actor::Automation), [A::CloseForCustomer, A::CloseForMerchant]);
    assert_eq!(allowed(Actor::Platform), [A::Refund, A::Fail]);
    assert_eq!(allowed(Actor::Clock), [A::CloseForCustomer, A::CloseForMerchant, A::Expire]);
}

/// Who closes a dispute for its own side does so in its turn, of its own record, or is nobody of
/// the two sides.
#[test]
fn nobody_closes_anothers_claim_while_another_side_has_to_act() {
    for on in all().filter(|on| on.state.is_open()) {
        for (role, action) in Actor::ALL.into_iter().flat_map(|role| Action::ALL.map(|action| (role, action))) {
            let Ok(State::Closed { closing, .. }) = decide(&on, role, action) else { continue };
            let wins = matches!(
                (closing, role.side()),
                (Closing::Merchant, Side::Respondent) | (Closing::Customer, Side::Claimant)
            );
            let is_own_record = on.channel == Channel::Tutelar && !on.parties_acted && role == Actor::Account;
            let is_in_turn = on.state.party_due() == Some(role.side());
            assert!(!wins || is_in_turn || is_own_record, "{role:?} {action:?} {on:?}");
        }
    }
}

#[test]
fn a_verdict_on_what_a_bank_logged_is_the_merchants_own_step() {
    let logged = at(Channel::Arbiter, State::Live(Stage::First));
    assert_eq!(decide(&logged, Actor::Account, Action::VerdictWon), Err(TransitionError::NoEvidence));
    assert!(decide(&logged, Actor::Account, Action::VerdictLost).is_ok(), "giving in needs no evidence");
    let with_evidence = Situation { has_evidence: true, ..logged };
    assert!(decide(&with_evidence, Actor::Account, Action::VerdictWon).is_ok());
    for stage in [Stage::Representment, Stage::PreArbitrationTwo] {
        let out_of_turn = Situation { state: State::Live(stage), ..with_evidence };
        for action in [Action::VerdictWon, Action::VerdictLost] {
            assert_eq!(decide(&out_of_turn, Actor::Account, action), Err(TransitionError::NotTheirTurn));
        }
    }
    for action in [Action::MoveLevel, Action::Reopen(Level::One)] {
        assert_eq!(decide(&logged, Actor::Account, action), Err(TransitionError::NotTheirs));
    }
}

#[test]
fn what_was_raised_at_tutelar_is_its_merchants_until_a_bank_acts() {
    for stage in Stage::ALL {
        let own = at(Channel::Tutelar, State::Live(stage));
        for action in [Action::VerdictWon, Action::VerdictLost] {
            assert!(decide(&own, Actor::Account, action).is_ok(), "{stage:?}");
            let acted = Situation { parties_acted: true, ..own };
            let in_turn = matches!(stage, Stage::First | Stage::PreArbitration);
            let refused = if in_turn { None } else { Some(TransitionError::NotTheirTurn) };
            assert_eq!(decide(&acted, Actor::Account, action).err(), refused, "{stage:?}");
        }
    }
    let own_verdict = State::Closed { closing: Closing::Merchant, stage: Stage::First };
    let won = Situation { closed_by: Some(Action::VerdictWon), ..at(Channel::Tutelar, own_verdict) };
    let reopen = Action::Reopen(Level::One);
    assert!(decide(&won, Actor::Account, reopen).is_ok());
    let acted = Situation { parties_acted: true, ..won };
    assert_eq!(decide(&acted, Actor::Account, reopen), Err(TransitionError::OthersActed));
    for closed_by in [None, Some(Action::Accept), Some(Action::CloseForMerchant), Some(Action::Expire)] {
        let decided = Situation { closed_by, ..won };
        assert_eq!(decide(&decided, Actor::Account, reopen), Err(TransitionError::NotTheirVerdict));
    }
}

#[test]
fn each_side_gives_in_while_it_has_to_act_and_while_an_operator_decides() {
    let of = |stage, role, action| decide(&at(Channel::Arbiter, State::Live(stage)), role, action).map(State::closing);
    let (won, lost) = (Ok(Some(Closing::Merchant)), Ok(Some(Closing::Customer)));
    assert_eq!(of(Stage::First, Actor::Acquirer, Action::Accept), lost);
    assert_eq!(of(Stage::First, Actor::Acquirer, Action::Decline), won);
    assert_eq!(of(Stage::First, Actor::Issuer, Action::Withdraw), Err(TransitionError::NotTheirTurn));
    assert_eq!(of(Stage::Representment, Actor::Issuer, Action::Withdraw), won);
    assert_eq!(of(Stage::Representment, Actor::Issuer, Action::Accept), Err(TransitionError::NotTheirs));
    assert_eq!(of(Stage::Representment, Actor::Acquirer, Action::Accept), Err(TransitionError::NotTheirTurn));
    assert_eq!(of(Stage::Arbitration, Actor::Issuer, Action::Withdraw), won);
    assert_eq!(of(Stage::Arbitration, Actor::Acquirer, Action::Accept), lost);
    assert_eq!(of(Stage::Arbitration, Actor::Acquirer, Action::Decline), Err(TransitionError::NotTheirTurn));
}

#[test]
fn of_the_merchants_side_one_party_acts() {
    let answers = |on: &Situation, role| decide(on, role, Action::Represent);
    let acquirer = at(Channel::Arbiter, State::Live(Stage::First));
    let merchant = Situation { respondent: Some(Actor::Merchant), ..acquirer };
    let nobody = Situation { respondent: None, ..acquirer };
    assert!(answers(&acquirer, Actor::Acquirer).is_ok() && answers(&merchant, Actor::Merchant).is_ok());
    assert_eq!(answers(&acquirer, Actor::Merchant), Err(TransitionError::NotTheirs));
    assert_eq!(answers(&merchant, Actor::Acquirer), Err(TransitionError::NotTheirs));
    assert_eq!(answers(&nobody, Actor::Acquirer), Err(TransitionError::NotTheirs));
}

#[test]
fn an_opener_withdraws_what_is_its_own() {
    for channel in Channel::ALL {
        let alone = at(channel, State::Live(Stage::First));
        assert!(decide(&alone, Actor::Opener, Action::Cancel).is_ok(), "{channel:?}");
        let acted = Situation { parties_acted: true, ..alone };
        // The Connect API publishes that a submitted dispute can be cancelled.
        let refused = (channel != Channel::Connect).then_some(TransitionError::OthersActed);
        assert_eq!(decide(&acted, Actor::Opener, Action::Cancel).err(), refused, "{channel:?}");
    }
}
