//! What closed a dispute, and who may take that back.

use super::*;
use crate::deadlines::{Deadline, Lapse};
use crate::ids::{Refid, Trxid};
use crate::lifecycle::{Level, Stage};
use crate::money::Currency;
use crate::transaction::{Details as Transaction, Parties};

const NOW: UnixMillis = UnixMillis(1_764_547_200_000);

/// A live chargeback that came through this door.
pub(crate) fn dispute(door: Door) -> Dispute {
    let account = AccountId::parse("acct_demo").unwrap();
    let facts = Facts {
        trxid: Trxid::parse("50001").unwrap(),
        account: account.clone(),
        refid: Refid::parse("123456").unwrap(),
        product: None,
        amount: Money::from_minor(155_000, Currency::parse("NGN").unwrap()),
        occurred_at: NOW,
        parties: Parties::default(),
        details: Transaction::default(),
    };
    let number = DisputeNumber::try_from(551).unwrap();
    Dispute::begin(number, door, (account, Environment::Production), facts, Category::Chargeback, NOW)
}

/// The dispute after this; as it stood, where that is refused.
fn after(before: &Dispute, actor: Actor, action: Action) -> Result<Dispute, Refusal> {
    let state = before.step(actor, action, NOW)?;
    Ok(before.moved(action, state, By { actor, name: "x".to_owned() }, None, NOW).dispute)
}

#[test]
fn a_merchant_takes_back_its_own_verdict_as_often_as_it_gives_one() {
    let mut dispute = dispute(Door::Tutelar);
    for (verdict, level) in [(Action::VerdictWon, Level::One), (Action::VerdictLost, Level::Three)] {
        let closed = after(&dispute, Actor::Merchant, verdict).unwrap();
        assert_eq!(closed.closed_by, Some(verdict));
        // A correction of what is closed is no other end of it.
        let corrected = after(&closed, Actor::Merchant, Action::Update).unwrap();
        assert_eq!(corrected.closed_by, Some(verdict));
        dispute = after(&corrected, Actor::Merchant, Action::Reopen(level)).unwrap();
        assert_eq!((dispute.closed_by, dispute.state), (None, State::Live(level.stage())));
    }
}

#[test]
fn what_anybody_else_decided_stays_decided() {
    let live = dispute(Door::Arbiter);
    let own = after(&live, Actor::Merchant, Action::VerdictWon).unwrap();
    // Nor does having given a verdict once make the next end the merchant's.
    let again = after(&own, Actor::Merchant, Action::Reopen(Level::One)).unwrap();
    for before in [live, again] {
        for (actor, action) in [
            (Actor::Operator, Action::CloseForCustomer),
            (Actor::Operator, Action::CloseForMerchant),
            (Actor::Acquirer, Action::Accept),
            (Actor::Acquirer, Action::Decline),
            (Actor::Merchant, Action::Accept),
            (Actor::Clock, Action::Expire),
            (Actor::Clock, Action::CloseForCustomer),
        ] {
            let closed = after(&before, actor, action).unwrap();
            assert_eq!(closed.closed_by, Some(action));
            for level in Level::ALL {
                let refused = closed.step(Actor::Merchant, Action::Reopen(level), NOW);
                assert_eq!(refused, Err(Refusal::NotTheirVerdict), "{actor:?} {action:?}");
            }
        }
    }
}

#[test]
fn what_stands_in_the_way_is_told_in_the_order_of_the_table() {
    let live = dispute(Door::Connect);
    let reopen = Action::Reopen(Level::Three);
    assert_eq!(live.step(Actor::Opener, reopen, NOW), Err(Refusal::NotTheirs));
    assert_eq!(live.step(Actor::Merchant, reopen, NOW), Err(Refusal::NotClosed));
    let refunded = after(&live, Actor::Platform, Action::Refund).unwrap();
    assert_eq!(refunded.step(Actor::Merchant, reopen, NOW), Err(Refusal::NotDecided));
    let inquiry = Dispute { category: Category::Inquiry, ..live };
    let own = after(&inquiry, Actor::Merchant, Action::VerdictWon).unwrap();
    assert_eq!(own.step(Actor::Merchant, reopen, NOW), Err(Refusal::NotInCategory));
    let lapsed = after(&inquiry, Actor::Clock, Action::Expire).unwrap();
    assert_eq!(lapsed.step(Actor::Merchant, reopen, NOW), Err(Refusal::NotTheirVerdict));
}

#[test]
fn what_was_closed_before_that_was_noted_stays_closed() {
    let closed = after(&dispute(Door::Tutelar), Actor::Merchant, Action::VerdictWon).unwrap();
    let mut stored = serde_json::to_value(&closed).unwrap();
    assert_eq!(serde_json::from_value::<Dispute>(stored.clone()).unwrap(), closed);
    stored.as_object_mut().unwrap().remove("closed_by").unwrap();
    let earlier: Dispute = serde_json::from_value(stored).unwrap();
    assert_eq!(earlier.state, State::Closed { closing: Closing::Merchant, stage: Stage::First });
    assert_eq!(earlier.step(Actor::Merchant, Action::Reopen(Level::One), NOW), Err(Refusal::NotTheirVerdict));
}

#[test]
fn once_the_time_is_up_parties_can_but_correct_its_details() {
    let deadline = Deadline { ends_at: NOW, remind_at: None, lapse: Lapse::Turn };
    let (early, late) = (NOW.plus(-1), NOW);
    let live = Dispute { deadline: Some(deadline), ..dispute(Door::Tutelar) };
    for (actor, action) in [
        (Actor::Merchant, Action::VerdictWon),
        (Actor::Merchant, Action::MoveLevel),
        (Actor::Acquirer, Action::Represent),
        (Actor::Opener, Action::Cancel),
    ] {
        assert!(live.step(actor, action, early).is_ok(), "{action:?}");
        assert_eq!(live.step(actor, action, late), Err(Refusal::TimeIsUp), "{action:?}");
    }
    assert_eq!(live.step(Actor::Merchant, Action::Update, late), Ok(live.state), "a correction decides nothing");
    let draft = Dispute { state: State::Draft, ..live.clone() };
    for action in [Action::UploadEvidence, Action::Submit] {
        assert!(draft.step(Actor::Opener, action, early).is_ok(), "{action:?}");
        assert_eq!(draft.step(Actor::Opener, action, late), Err(Refusal::TimeIsUp), "{action:?}");
    }
    for (actor, action) in [(Actor::Operator, Action::CloseForCustomer), (Actor::Platform, Action::Refund)] {
        assert!(live.step(actor, action, late).is_ok(), "{action:?}");
    }
    let stays = Dispute { deadline: Some(Deadline { lapse: Lapse::Stay, ..deadline }), ..live };
    assert!(stays.step(Actor::Merchant, Action::VerdictWon, late).is_ok());
}
