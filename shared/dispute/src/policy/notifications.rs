//! Who is notified of what: one table from an event to the mails about it.
//!
//! An event makes at most two mails. One goes to those of the case: whom the opener named, and its
//! account; of a dispute that a bank logged, the account whose transaction it is. One goes to the
//! parties that the transaction names to the bank network. Each says who did what.
//!
//! **Invariant:** no mail shows the addresses of the other audience, and none shows its readers
//! what the table of [`visibility`](super::visibility) hides from one of them.
//!
//! **Invariant:** every party is notified of the first status, of every change of the side that has
//! to act, of a reopening and of the end. Only who acted by its own call, and is alone in its
//! audience, gets no mail about that.

use crate::addresses::{MailAddress, Recipients};
use crate::channel::Channel;
use crate::event::{EventKind, HistoryEntry, PerformedBy};
use crate::lifecycle::{Action, Actor, Closing, Right, Side, Stage, State, transition};
use crate::notification::{Audience, Cause, Choices, EmailTemplate, Notification};
use crate::time::UnixMillis;

use super::actions::{Situation, decide, right};
use super::visibility::{Field, may_see};

/// The mails about an event of a dispute: which template goes to whom.
#[must_use]
pub fn notify(channel: Channel, event: &HistoryEntry) -> Vec<(Audience, EmailTemplate)> {
    let Some((to_party, to_customer)) = templates(event) else { return Vec::new() };
    let policy = channel.policy();
    let acted = policy.case_readers.contains(&event.by.actor);
    let to_case = match (event.kind, event.state) {
        // The account has the answer to its own call, and nobody else reads the case's mail.
        _ if policy.case_is_account && acted => None,
        // The support process tells those of the case itself, in the words of its own mail.
        _ if event.by.actor == Actor::Automation => None,
        (EventKind::Reminded, state) => Some(to_party).filter(|_| reminds_case(channel, state)),
        // Whoever opened the dispute gets a confirmation.
        (EventKind::Opened | EventKind::Did(Action::Submit), _) if acted => to_customer,
        _ if policy.case_reads_as_party => Some(to_party),
        _ => to_customer,
    };
    let case = to_case.map(|template| (Audience::Case, template));
    case.into_iter().chain([(Audience::Parties, to_party)]).collect()
}

/// The template of the mail to parties about an event, and that of the mail to a customer.
fn templates(event: &HistoryEntry) -> Option<(EmailTemplate, Option<EmailTemplate>)> {
    use EmailTemplate as T;
    Some(match (event.kind, event.state) {
        (EventKind::Reminded, _) => (T::Reminder, None),
        (EventKind::Commented | EventKind::Attached | EventKind::Did(Action::Update | Action::UploadEvidence), _)
        | (_, State::Draft) => {
            return None;
        }
        (EventKind::Opened | EventKind::Did(Action::Submit), State::Live(_)) => (T::Logged, Some(T::Received)),
        (EventKind::Opened | EventKind::Did(Action::Submit), State::Closed { .. }) => (T::LoggedAccepted, None),
        (EventKind::Did(Action::Reopen(_)), _) => (T::Reopened, None),
        (EventKind::Did(_), State::Live(_)) => (T::Advanced, None),
        (EventKind::Did(action), State::Closed { closing, .. }) => match (closing, event.by.actor) {
            (Closing::Customer, Actor::Operator) => (T::DisputeDecidedForCustomer, Some(T::DecidedForCustomer)),
            (Closing::Customer, Actor::Clock) => (T::ExpiredForCustomer, None),
            (Closing::Customer, _) => (T::Accepted, Some(T::CaseEndedForCustomer)),
            (Closing::Merchant, Actor::Operator) => (T::DisputeDecidedForMerchant, Some(T::DecidedForMerchant)),
            (Closing::Merchant, Actor::Clock) => (T::ExpiredForMerchant, None),
            (Closing::Merchant, _) => (T::Declined, Some(T::CaseEndedForMerchant)),
            (Closing::Withdrawn, _) => (T::DisputeWithdrawn, Some(T::Withdrawn)),
            (Closing::Refunded, _) if action == Action::Fail => (T::PaymentFailed, Some(T::TransactionFailed)),
            (Closing::Refunded, _) => (T::PaymentRefunded, Some(T::Refunded)),
            (Closing::Cancelled | Closing::ClosedOnCreation, _) => return None,
        },
    })
}

/// Whether those of the case are reminded in a state: the opener of a draft, and the merchant's own
/// account or contact while its side has to act.
fn reminds_case(channel: Channel, state: State) -> bool {
    match state.party_due() {
        Some(Side::Opener) => true,
        Some(Side::Respondent) => channel.policy().case_is_reminded,
        Some(Side::Claimant | Side::Operator) | None => false,
    }
}

/// The party of the bank network that has to act. A reminder goes to its registered address. `None`
/// where the opener or an operator has to act, or nobody.
#[must_use]
pub fn party_due(state: State, respondent: Option<Actor>) -> Option<Actor> {
    match state.party_due()? {
        Side::Claimant => Some(Actor::Issuer),
        Side::Respondent => respondent,
        Side::Opener | Side::Operator => None,
    }
}

/// The mail to the account that opened a case about an address that takes no mail. Only addresses
/// that a caller named cause this mail. A registered address is its account's own responsibility.
#[must_use]
pub fn undeliverable(mail: &Notification, address: &MailAddress, account: &MailAddress) -> Option<Notification> {
    let is_reported = mail.template != EmailTemplate::Undeliverable
        && mail.recipients.was_named(address)
        && !account.is_same_mailbox(address);
    let recipients = Recipients::registered([account.clone()]).filter(|_| is_reported)?;
    Some(Notification {
        template: EmailTemplate::Undeliverable,
        recipients,
        undelivered: Some(address.clone()),
        ..mail.clone()
    })
}

/// The roles in which an audience reads.
#[must_use]
pub fn readers(channel: Channel, audience: Audience) -> &'static [Actor] {
    match audience {
        Audience::Parties => &[Actor::Issuer, Actor::Acquirer, Actor::Merchant],
        Audience::Case => channel.policy().case_readers,
    }
}

/// Whether a mail to an audience shows what `actor` said with the event: all of its readers may
/// read it. Those of the case read the words of operators alone, so that nobody has Recourse mail a
/// text to addresses of its choice.
#[must_use]
pub fn shows_comment(channel: Channel, audience: Audience, actor: Actor) -> bool {
    (audience == Audience::Parties || actor == Actor::Operator)
        && readers(channel, audience).iter().all(|reader| may_see(*reader, Field::NoteBy(actor)))
}

/// What the readers of a mail may do in a dispute: the actions that move it, of the one of them who
/// has to act. `None` where none of them may do anything.
#[must_use]
pub fn choices(on: &Situation, audience: Audience) -> Option<Choices> {
    let role = match (audience, on.state.party_due()?) {
        (Audience::Parties, _) => party_due(on.state, on.respondent)?,
        // At the Connect API the merchant acts as the opener alone.
        (Audience::Case, Side::Respondent) if readers(on.channel, audience).contains(&Actor::Account) => Actor::Account,
        (Audience::Case, Side::Respondent) => Actor::Opener,
        (Audience::Case, Side::Opener) => Actor::Opener,
        (Audience::Case, Side::Claimant | Side::Operator) => return None,
    };
    let moves = |action: &Action| decide(on, role, *action).is_ok_and(|state| state != on.state);
    let actions: Vec<_> = Action::ALL.into_iter().filter(moves).collect();
    (!actions.is_empty()).then_some(Choices { role, actions })
}

/// A mail that can come about: which, for whom, about what, and the state of the dispute then.
pub type PossibleMail = (EmailTemplate, Audience, Cause, State);

/// Every mail that can come about, whoever acts, at every API and in every category: for tests of
/// what mails say, and for people who look at them.
#[must_use]
pub fn every_mail() -> Vec<PossibleMail> {
    let mut all = Vec::new();
    for (channel, actor) in Channel::ALL.into_iter().flat_map(|channel| Actor::ALL.map(|actor| (channel, actor))) {
        let policy = channel.policy();
        let actions = Action::ALL.into_iter().filter(|action| right(channel, actor, *action) != Right::Never);
        let results = actions.flat_map(|action| {
            policy.categories.iter().flat_map(move |category| {
                let after = State::all().filter_map(move |state| transition(state, *category, action).ok());
                after.map(move |state| (EventKind::Did(action), state))
            })
        });
        let opened = policy.initial_states.iter().filter(|_| policy.openers.contains(&actor));
        let opened = opened.map(|state| (EventKind::Opened, *state));
        let reminded = Stage::ALL.into_iter().map(State::Live);
        let reminded = reminded
            .filter(|state| actor == Actor::Clock && policy.has_deadlines && state.party_due() != Some(Side::Operator))
            .map(|state| (EventKind::Reminded, state));
        for (kind, state) in opened.chain(reminded).chain(results) {
            let by = PerformedBy { actor, name: String::new() };
            let event = HistoryEntry { version: 1, at: UnixMillis(0), by, kind, state, note: None };
            for (audience, template) in notify(channel, &event) {
                let mail = (template, audience, Cause { channel, actor, kind }, state);
                all.extend(Some(mail).filter(|mail| !all.contains(mail)));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests;
