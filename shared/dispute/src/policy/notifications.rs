//! Who is told what of a dispute: one table from what happened to the mails that say so.
//!
//! A change of a dispute makes at most two mails. One goes to those of the case: whom the opener
//! named, and its account; of a dispute that a bank logged, the account whose transaction it is.
//! One goes to the parties that the transaction names to the bank network. Each says who did what.
//!
//! **Invariant:** no mail shows the addresses of the other audience, and none shows its readers what
//! the table of [`visibility`](super::visibility) keeps from one of them.
//!
//! **Invariant:** every party is told of the first status, of every turn, of a reopening and of the
//! end. Only who has just done something by its own call, and is alone in its audience, is not told
//! of that.

use crate::dispute::{EventKind, HistoryEntry, PerformedBy};
use crate::lifecycle::{Action, Actor, Channel, Closing, Side, Stage, State, transition};
use crate::notification::{Audience, Cause, Choices, EmailTemplate};
use crate::time::UnixMillis;

use super::actions::{Right, Situation, decide, right};
use super::channel::{case_reads_as_party, categories, has_deadlines};
use super::visibility::{Field, may_see};

/// The mail that tells `audience` of an event; `None` where it is told nothing.
#[must_use]
pub fn template(channel: Channel, audience: Audience, event: &HistoryEntry) -> Option<EmailTemplate> {
    if audience == Audience::Case && is_own_call(channel, event.by.actor) {
        return None;
    }
    let as_party = audience == Audience::Parties || case_reads_as_party(channel);
    let by_reader = |party, customer| Some(if as_party { party } else { customer });
    match (event.kind, event.state) {
        (EventKind::Reminded, _) => Some(EmailTemplate::Reminder),
        (EventKind::Commented, _) | (_, State::Draft) => None,
        (EventKind::Did(Action::Update | Action::UploadEvidence), _) => None,
        (EventKind::Opened | EventKind::Did(Action::Submit), State::Live(_)) => {
            by_reader(EmailTemplate::Logged, EmailTemplate::Received)
        }
        (EventKind::Opened | EventKind::Did(Action::Submit), State::Closed { .. }) => {
            as_party.then_some(EmailTemplate::LoggedAccepted)
        }
        // Only the Tutelar API reopens, and all who hear of its disputes read as parties.
        (EventKind::Did(Action::Reopen(_)), _) => Some(EmailTemplate::Reopened),
        (EventKind::Did(_), State::Live(_)) => by_reader(EmailTemplate::Advanced, EmailTemplate::CaseAdvanced),
        (EventKind::Did(action), State::Closed { closing, .. }) => ended(event.by.actor, action, closing, as_party),
    }
}

/// The mail that tells of an end, by who brought it about.
fn ended(actor: Actor, action: Action, closing: Closing, as_party: bool) -> Option<EmailTemplate> {
    let by_reader = |party, customer| Some(if as_party { party } else { customer });
    match (closing, actor) {
        (Closing::Customer, Actor::Operator) => {
            by_reader(EmailTemplate::DeskForCustomer, EmailTemplate::DecidedForCustomer)
        }
        (Closing::Customer, Actor::Clock) => {
            by_reader(EmailTemplate::LapsedForCustomer, EmailTemplate::CaseEndedForCustomer)
        }
        (Closing::Customer, _) => by_reader(EmailTemplate::Accepted, EmailTemplate::CaseEndedForCustomer),
        (Closing::Merchant, Actor::Operator) => {
            by_reader(EmailTemplate::DeskForMerchant, EmailTemplate::DecidedForMerchant)
        }
        (Closing::Merchant, Actor::Clock) => {
            by_reader(EmailTemplate::LapsedForMerchant, EmailTemplate::CaseEndedForMerchant)
        }
        (Closing::Merchant, _) => by_reader(EmailTemplate::Declined, EmailTemplate::CaseEndedForMerchant),
        (Closing::Withdrawn, _) => by_reader(EmailTemplate::DisputeWithdrawn, EmailTemplate::Withdrawn),
        (Closing::Refunded, _) if action == Action::Fail => {
            by_reader(EmailTemplate::PaymentFailed, EmailTemplate::TransactionFailed)
        }
        (Closing::Refunded, _) => by_reader(EmailTemplate::PaymentRefunded, EmailTemplate::Refunded),
        (Closing::Cancelled | Closing::ClosedOnCreation, _) => None,
    }
}

/// Whether an actor is all there is of a case's readers, and has the answer to its own call: the
/// merchant's account at the Tutelar API, also where it acts on what a bank logged.
fn is_own_call(channel: Channel, actor: Actor) -> bool {
    case_reads_as_party(channel)
        && match actor {
            Actor::Account => true,
            Actor::Opener => channel == Channel::Tutelar,
            Actor::Issuer
            | Actor::Acquirer
            | Actor::Merchant
            | Actor::Operator
            | Actor::Automation
            | Actor::Platform
            | Actor::Clock => false,
        }
}

/// Whether those of the case are reminded when `turn` has to act: the opener of a draft, and the
/// merchant's account that opened the dispute, while its side has to answer.
#[must_use]
pub fn reminds_case(channel: Channel, party: Side) -> bool {
    match (party, channel) {
        (Side::Opener, _) | (Side::Respondent, Channel::Tutelar | Channel::Connect) => true,
        (Side::Respondent, Channel::Iimmpact | Channel::Arbiter) | (Side::Claimant | Side::Operator, _) => false,
    }
}

/// The roles in which an audience reads. Whom an opener named reads as the opener does.
#[must_use]
pub fn readers(channel: Channel, audience: Audience) -> &'static [Actor] {
    match (audience, channel) {
        (Audience::Parties, _) => &[Actor::Issuer, Actor::Acquirer, Actor::Merchant],
        (Audience::Case, Channel::Iimmpact | Channel::Connect) => &[Actor::Opener],
        (Audience::Case, Channel::Arbiter) => &[Actor::Account],
        (Audience::Case, Channel::Tutelar) => &[Actor::Opener, Actor::Account],
    }
}

/// Whether a mail to an audience shows what `actor` said with the event: all of its readers may
/// read it. Those of the case are shown the words of operators alone, so that nobody has us mail a
/// text to addresses of its choice.
#[must_use]
pub fn shows_comment(channel: Channel, audience: Audience, actor: Actor) -> bool {
    (audience == Audience::Parties || actor == Actor::Operator)
        && readers(channel, audience).iter().all(|reader| may_see(*reader, Field::NoteBy(actor)))
}

/// What the readers of a mail may do in a dispute: the actions that move it, of the one of them
/// whose turn it is. `None` where none of them may do anything.
#[must_use]
pub fn choices(on: &Situation, audience: Audience) -> Option<Choices> {
    let role = match (audience, on.state.party_due()?) {
        (Audience::Parties, Side::Claimant) => Actor::Issuer,
        (Audience::Parties, Side::Respondent) => on.respondent?,
        (Audience::Case, Side::Respondent) => Actor::Account,
        (Audience::Case, Side::Opener) => Actor::Opener,
        (Audience::Parties, Side::Opener) | (Audience::Case, Side::Claimant) | (_, Side::Operator) => return None,
    };
    let moves = |action: &Action| decide(on, role, *action).is_ok_and(|state| state != on.state);
    let actions: Vec<_> = Action::ALL.into_iter().filter(moves).collect();
    (!actions.is_empty()).then_some(Choices { role, actions })
}

/// A mail that can come about: which, for whom, what it tells of, and where the dispute is then.
pub type PossibleMail = (EmailTemplate, Audience, Cause, State);

/// Every mail that can come about, whoever acts, at every API and in every category: for those who
/// check what mails say, or look at them.
#[must_use]
pub fn every_mail() -> Vec<PossibleMail> {
    let mut all = Vec::new();
    for (channel, actor) in Channel::ALL.into_iter().flat_map(|channel| Actor::ALL.map(|actor| (channel, actor))) {
        let actions = Action::ALL.into_iter().filter(|action| right(channel, actor, *action) != Right::Never);
        let results = actions.flat_map(|action| {
            categories(channel).iter().flat_map(move |category| {
                let after = State::all().filter_map(move |state| transition(state, *category, action).ok());
                after.map(move |state| (EventKind::Did(action), state))
            })
        });
        let opened = openings(channel, actor).iter().map(|state| (EventKind::Opened, *state));
        let reminded =
            Stage::ALL.into_iter().map(State::Live).filter(|_| actor == Actor::Clock && has_deadlines(channel));
        let reminded = reminded
            .filter(|state| state.party_due() != Some(Side::Operator))
            .map(|state| (EventKind::Reminded, state));
        for (what, state) in opened.chain(reminded).chain(results) {
            let by = PerformedBy { actor, name: String::new() };
            let event = HistoryEntry { version: 1, at: UnixMillis(0), by, kind: what, state, note: None };
            for audience in Audience::ALL {
                let cause = Cause { channel, actor, kind: what };
                let is_told = what != EventKind::Reminded
                    || audience == Audience::Parties
                    || state.party_due().is_some_and(|party| reminds_case(channel, party));
                let mail = template(channel, audience, &event).filter(|_| is_told);
                let mail = mail.map(|template| (template, audience, cause, state));
                all.extend(mail.filter(|mail| !all.contains(mail)));
            }
        }
    }
    all
}

/// How a dispute can begin at an API, when this actor opens it.
fn openings(channel: Channel, actor: Actor) -> &'static [State] {
    match (channel, actor) {
        (Channel::Arbiter, Actor::Issuer | Actor::Acquirer | Actor::Merchant) | (Channel::Tutelar, Actor::Opener) => {
            &[State::Live(Stage::First), State::CLOSED_ON_CREATION]
        }
        (Channel::Iimmpact, Actor::Opener) => &[State::Live(Stage::First)],
        (Channel::Connect, Actor::Opener) => &[State::Draft],
        _ => &[],
    }
}

#[cfg(test)]
mod tests;
