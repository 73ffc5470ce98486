//! Who is notified of what.

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

/// The mails to the case and to the parties.
fn notified(channel: Channel, actor: Actor, what: EventKind, state: State) -> [Option<EmailTemplate>; 2] {
    let mails = notify(channel, &event(actor, what, state));
    Audience::ALL.map(|audience| mails.iter().find(|(to, _)| *to == audience).map(|(_, template)| *template))
}

const LIVE: State = State::Live(Stage::First);

fn closed(closing: Closing) -> State {
    State::Closed { closing, stage: Stage::First }
}

#[test]
fn every_party_is_notified_of_the_first_status() {
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
fn every_party_is_notified_of_each_step_and_of_a_reopening() {
    let (answered, stage) = (EventKind::Did(Action::Represent), State::Live(Stage::Representment));
    for channel in [Channel::Arbiter, Channel::Tutelar, Channel::Connect] {
        assert_eq!(notified(channel, Actor::Acquirer, answered, stage), [Some(EmailTemplate::Advanced); 2]);
    }
    let reopened = EventKind::Did(Action::Reopen(Level::One));
    assert_eq!(notified(Channel::Tutelar, Actor::Account, reopened, LIVE), [None, Some(EmailTemplate::Reopened)]);
}

#[test]
fn all_are_notified_of_an_end_by_who_brought_it_about() {
    use EmailTemplate as L;
    for (actor, action, closing, party, customer) in [
        (Actor::Acquirer, Action::Accept, Closing::Customer, L::Accepted, Some(L::CaseEndedForCustomer)),
        (Actor::Issuer, Action::Withdraw, Closing::Merchant, L::Declined, Some(L::CaseEndedForMerchant)),
        (Actor::Clock, Action::Expire, Closing::Customer, L::ExpiredForCustomer, None),
        (Actor::Clock, Action::CloseForMerchant, Closing::Merchant, L::ExpiredForMerchant, None),
        (
            Actor::Operator,
            Action::CloseForCustomer,
            Closing::Customer,
            L::DisputeDecidedForCustomer,
            Some(L::DecidedForCustomer),
        ),
        (
            Actor::Operator,
            Action::CloseForMerchant,
            Closing::Merchant,
            L::DisputeDecidedForMerchant,
            Some(L::DecidedForMerchant),
        ),
        (Actor::Platform, Action::Refund, Closing::Refunded, L::PaymentRefunded, Some(L::Refunded)),
        (Actor::Platform, Action::Fail, Closing::Refunded, L::PaymentFailed, Some(L::TransactionFailed)),
    ] {
        for channel in Channel::ALL {
            let case = if channel == Channel::Iimmpact { customer } else { Some(party) };
            let notified = notified(channel, actor, EventKind::Did(action), closed(closing));
            assert_eq!(notified, [case, Some(party)], "{channel:?} {action:?}");
        }
    }
    let withdrawn =
        notified(Channel::Connect, Actor::Opener, EventKind::Did(Action::Cancel), closed(Closing::Withdrawn));
    assert_eq!(withdrawn, [Some(L::DisputeWithdrawn); 2]);
}

#[test]
fn the_parties_are_notified_of_an_end_by_the_process_and_the_case_by_the_process_itself() {
    for (action, closing, party) in [
        (Action::CloseForCustomer, Closing::Customer, EmailTemplate::Accepted),
        (Action::CloseForMerchant, Closing::Merchant, EmailTemplate::Declined),
    ] {
        let notified = notified(Channel::Iimmpact, Actor::Automation, EventKind::Did(action), closed(closing));
        assert_eq!(notified, [None, Some(party)]);
    }
    assert_eq!(notified(Channel::Iimmpact, Actor::Automation, EventKind::Attached, LIVE), [None; 2]);
}

#[test]
fn nobody_is_notified_of_a_draft_or_of_a_correction() {
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
