//! What closed a dispute, and who may take that back.

use super::*;
use crate::deadlines::{Deadline, OnExpiry};
use crate::environment::Environment;
use crate::ids::{DomainCode, Refid, Trxid};
use crate::lifecycle::{Closing, Level};
use crate::money::Currency;
use crate::transaction::{Parties, Party, TransactionDetails as Transaction};

const NOW: UnixMillis = UnixMillis(1_764_547_200_000);

fn bank(code: &str) -> Party {
    let code = DomainCode::parse(code).unwrap();
    Party { name: code.to_string(), code, reference: None, category: None }
}

/// A live chargeback that came through this API.
pub(crate) fn dispute(channel: Channel) -> Dispute {
    let account = AccountId::parse("acct_demo").unwrap();
    let facts = Facts {
        environment: Environment::Production,
        trxid: Trxid::parse("50001").unwrap(),
        account: account.clone(),
        refid: Refid::parse("123456").unwrap(),
        product: None,
        amount: Money::from_minor(155_000, Currency::parse("NGN").unwrap()),
        occurred_at: NOW,
        parties: Parties { acquirer: Some(bank("GTB")), issuer: Some(bank("FBN")), merchant: None },
        details: Transaction::default(),
    };
    let number = DisputeNumber::try_from(551).unwrap();
    Dispute::begin(number, channel, account, facts, Category::Chargeback, NOW)
}

/// The dispute after this; unchanged, where that is refused.
fn after(before: &Dispute, actor: Actor, action: Action) -> Result<Dispute, TransitionError> {
    let state = before.step(actor, action, NOW)?;
    Ok(before.moved(action, state, PerformedBy { actor, name: "x".to_owned() }, None, NOW).dispute)
}

#[test]
fn a_merchant_takes_back_its_own_verdict() {
    let mut dispute = dispute(Channel::Tutelar);
    for (verdict, level) in [(Action::VerdictWon, Level::One), (Action::VerdictLost, Level::Three)] {
        let closed = after(&dispute, Actor::Account, verdict).unwrap();
        assert_eq!(closed.closed_by, Some(verdict));
        // A correction of what is closed is no other end of it.
        let corrected = after(&closed, Actor::Account, Action::Update).unwrap();
        assert_eq!(corrected.closed_by, Some(verdict));
        dispute = after(&corrected, Actor::Account, Action::Reopen(level)).unwrap();
        assert_eq!((dispute.closed_by, dispute.state), (None, State::Live(level.stage())));
    }
}

#[test]
fn a_step_of_a_bank_is_remembered_and_a_correction_is_none() {
    let raised = dispute(Channel::Tutelar);
    let corrected = after(&raised, Actor::Account, Action::Update).unwrap();
    let decided = after(&raised, Actor::Operator, Action::CloseForMerchant).unwrap();
    assert!(!raised.parties_acted && !corrected.parties_acted && !decided.parties_acted);
    let answered = after(&raised, Actor::Acquirer, Action::Represent).unwrap();
    assert!(answered.parties_acted);
    assert_eq!(after(&answered, Actor::Account, Action::VerdictWon), Err(TransitionError::NotTheirTurn));
}

#[test]
fn what_was_closed_before_that_was_noted_stays_closed() {
    let closed = after(&dispute(Channel::Tutelar), Actor::Account, Action::VerdictWon).unwrap();
    let mut stored = serde_json::to_value(&closed).unwrap();
    assert_eq!(serde_json::from_value::<Dispute>(stored.clone()).unwrap(), closed);
    stored.as_object_mut().unwrap().remove("closed_by").unwrap();
    let earlier: Dispute = serde_json::from_value(stored).unwrap();
    assert_eq!(earlier.state, State::Closed { closing: Closing::Merchant, stage: Stage::First });
    assert_eq!(earlier.step(Actor::Account, Action::Reopen(Level::One), NOW), Err(TransitionError::NotTheirVerdict));
}

#[test]
fn once_the_time_is_up_parties_can_but_correct_its_details() {
    let deadline = Deadline { ends_at: NOW, remind_at: None, on_expiry: OnExpiry::AgainstPartyDue };
    let (early, late) = (NOW.plus(-1), NOW);
    let live = Dispute { deadline: Some(deadline), ..dispute(Channel::Tutelar) };
    for (actor, action) in [
        (Actor::Account, Action::VerdictWon),
        (Actor::Account, Action::MoveLevel),
        (Actor::Acquirer, Action::Represent),
        (Actor::Opener, Action::Cancel),
    ] {
        assert!(live.step(actor, action, early).is_ok(), "{action:?}");
        assert_eq!(live.step(actor, action, late), Err(TransitionError::TimeIsUp), "{action:?}");
    }
    assert_eq!(live.step(Actor::Account, Action::Update, late), Ok(live.state), "a correction decides nothing");
    let draft = Dispute { state: State::Draft, channel: Channel::Connect, ..live.clone() };
    for action in [Action::UploadEvidence, Action::Submit] {
        assert!(draft.step(Actor::Opener, action, early).is_ok(), "{action:?}");
        assert_eq!(draft.step(Actor::Opener, action, late), Err(TransitionError::TimeIsUp), "{action:?}");
    }
    for (actor, action) in [(Actor::Operator, Action::CloseForCustomer), (Actor::Platform, Action::Refund)] {
        assert!(live.step(actor, action, late).is_ok(), "{action:?}");
    }
    let stays = Dispute { deadline: Some(Deadline { on_expiry: OnExpiry::Stay, ..deadline }), ..live };
    assert!(stays.step(Actor::Account, Action::VerdictWon, late).is_ok());
}

fn mailed(size: u64, random: u8) -> crate::claim::EvidenceFile {
    let number = DisputeNumber::try_from(551).unwrap();
    crate::claim::EvidenceFile {
        id: crate::claim::FileId::new(number, [random; 16]),
        object: crate::claim::ObjectId::new(number, [random; 16]),
        name: "photo.png".to_owned(),
        media: "image/png".to_owned(),
        size,
        sha256: "0".repeat(64),
        at: NOW,
    }
}

#[test]
fn mailed_evidence_is_one_change_and_no_answer_to_the_claim() {
    let by = PerformedBy { actor: Actor::Automation, name: "mail".to_owned() };
    let report = dispute(Channel::Iimmpact);
    let change = report.with_mailed_evidence(vec![mailed(3, 1), mailed(4, 2)], by.clone(), NOW).unwrap();
    assert_eq!(
        (change.dispute.version, change.dispute.state, change.event.kind),
        (2, report.state, EventKind::Attached)
    );
    assert_eq!(change.dispute.claim.evidence.len(), 2);
    assert!(change.event.note.as_deref().unwrap().contains(", 3 bytes; file 551-"));
    assert_eq!(change.dispute.notifications(&change.event, None), []);
    let refused = after(&change.dispute, Actor::Account, Action::VerdictWon);
    assert_eq!(refused.unwrap_err(), TransitionError::NoEvidence, "the customer's photo does not refuse the claim");
    let many = (0..11).map(|random| mailed(1, random)).collect();
    assert_eq!(report.with_mailed_evidence(many, by, NOW).unwrap_err(), crate::claim::NoRoom::TooManyFiles);
}

#[test]
fn the_support_process_ends_a_report_and_nothing_else() {
    let closed = |channel, action| dispute(channel).closed_by_automation(action, "provider", "it failed", NOW);
    let change = closed(Channel::Iimmpact, Action::CloseForCustomer).unwrap();
    assert_eq!(change.dispute.state.closing(), Some(Closing::Customer));
    assert_eq!((change.event.by.actor, change.event.by.name.as_str()), (Actor::Automation, "provider"));
    assert_eq!(change.event.note.as_deref(), Some("it failed"));
    for channel in [Channel::Arbiter, Channel::Tutelar, Channel::Connect] {
        assert!(closed(channel, Action::CloseForMerchant).is_none(), "{channel:?}");
    }
    assert!(closed(Channel::Iimmpact, Action::Accept).is_none());
    assert!(change.dispute.closed_by_automation(Action::CloseForMerchant, "x", "x", NOW).is_none(), "it is closed");
}
