//! Who hears of what.

use super::*;
use crate::lifecycle::Level;

fn event(actor: Actor, what: EventKind, state: State) -> HistoryEntry {
    HistoryEntry {
        version: 2,
        at: UnixMillis(0),
        by: PerformedBy { actor, name: "x".to_owned() },
        kind: what,
        state,
        note: None,
    }
}

/// What the case and the parties are told.
fn notified(channel: Channel, actor: Actor, what: EventKind, state: State) -> [Option<EmailTemplate>; 2] {
    Audience::ALL.map(|audience| template(channel, audience, &event(actor, what, state)))
}

const LIVE: State = State::Live(Stage::First);

fn closed(closing: Closing) -> State {
    State::Closed { closing, stage: Stage::First }
}

#[test]
fn every_party_is_told_of_the_first_status() {
    let (opened, submitted) = (EventKind::Opened, EventKind::Did(Action::Submit));
    assert_eq!(
        notified(Channel::Iimmpact, Actor::Opener, opened, LIVE),
        [Some(EmailTemplate::Received), Some(EmailTemplate::Logged)]
    );
    assert_eq!(notified(Channel::Arbiter, Actor::Issuer, opened, LIVE), [Some(EmailTemplate::Logged); 2]);
    assert_eq!(notified(Channel::Tutelar, Actor::Opener, opened, LIVE), [None, Some(EmailTemplate::Logged)]);
    assert_eq!(
        notified(Channel::Connect, Actor::Opener, submitted, LIVE),
        [Some(EmailTemplate::Received), Some(EmailTemplate::Logged)]
    );
    assert_eq!(notified(Channel::Connect, Actor::Opener, opened, State::Draft), [None; 2]);
    assert_eq!(
        notified(Channel::Arbiter, Actor::Issuer, opened, State::CLOSED_ON_CREATION),
        [Some(EmailTemplate::LoggedAccepted); 2]
    );
}

#[test]
fn every_party_is_told_of_each_turn_and_of_a_reopening() {
    let (answered, stage) = (EventKind::Did(Action::Represent), State::Live(Stage::Representment));
    for channel in Channel::ALL {
        let case = if case_reads_as_party(channel) { EmailTemplate::Advanced } else { EmailTemplate::CaseAdvanced };
        assert_eq!(notified(channel, Actor::Acquirer, answered, stage), [Some(case), Some(EmailTemplate::Advanced)]);
    }
    let reopened = EventKind::Did(Action::Reopen(Level::One));
    assert_eq!(notified(Channel::Tutelar, Actor::Account, reopened, LIVE), [None, Some(EmailTemplate::Reopened)]);
}

#[test]
fn an_end_is_told_to_all_by_who_brought_it_about() {
    use EmailTemplate as L;
    for (actor, action, closing, party, customer) in [
        (Actor::Acquirer, Action::Accept, Closing::Customer, L::Accepted, L::CaseEndedForCustomer),
        (Actor::Issuer, Action::Withdraw, Closing::Merchant, L::Declined, L::CaseEndedForMerchant),
        (Actor::Clock, Action::Expire, Closing::Customer, L::LapsedForCustomer, L::CaseEndedForCustomer),
        (Actor::Clock, Action::CloseForMerchant, Closing::Merchant, L::LapsedForMerchant, L::CaseEndedForMerchant),
        (Actor::Operator, Action::CloseForCustomer, Closing::Customer, L::DeskForCustomer, L::DecidedForCustomer),
        (Actor::Operator, Action::CloseForMerchant, Closing::Merchant, L::DeskForMerchant, L::DecidedForMerchant),
        (Actor::Platform, Action::Refund, Closing::Refunded, L::PaymentRefunded, L::Refunded),
        (Actor::Platform, Action::Fail, Closing::Refunded, L::PaymentFailed, L::TransactionFailed),
    ] {
        for channel in Channel::ALL {
            let case = if case_reads_as_party(channel) { party } else { customer };
            let notified = notified(channel, actor, EventKind::Did(action), closed(closing));
            assert_eq!(notified, [Some(case), Some(party)], "{channel:?} {action:?}");
        }
    }
    let withdrawn =
        notified(Channel::Connect, Actor::Opener, EventKind::Did(Action::Cancel), closed(Closing::Withdrawn));
    assert_eq!(withdrawn, [Some(L::Withdrawn), Some(L::DisputeWithdrawn)]);
}

#[test]
fn of_a_draft_and_of_a_correction_nobody_is_told() {
    let (draft, live) = (State::Draft, LIVE);
    for (what, state) in [
        (EventKind::Did(Action::UploadEvidence), draft),
        (EventKind::Did(Action::Cancel), closed(Closing::Cancelled)),
        (EventKind::Did(Action::Update), live),
        (EventKind::Commented, live),
    ] {
        for channel in Channel::ALL {
            assert_eq!(notified(channel, Actor::Opener, what, state), [None; 2], "{what:?}");
        }
    }
}
