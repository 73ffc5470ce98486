//! What a mail says happened: who did what. It follows from the mail's cause, which is an event of
//! the dispute's history, so every sentence claims only what the history holds.

use recourse_dispute::event::EventKind;
use recourse_dispute::lifecycle::{Action, Actor, Closing, DISPUTE_TEAM};
use recourse_dispute::notification::{Audience, EmailTemplate, Notification};

use super::channel_words::words;
use super::names::{Namer, Reader, action_phrase, in_favour, is_due, matter, named, next_to_act, upper_first};

/// What happened; comes before the facts of the case.
pub(super) fn lead(notification: &Notification) -> String {
    let words = words(notification.cause.channel);
    match notification.template {
        EmailTemplate::Received => words.received.unwrap_or_default().1.to_owned(),
        EmailTemplate::Refunded => "The payment was refunded. So we closed the case.".to_owned(),
        EmailTemplate::TransactionFailed => "The payment turned out to have failed. So we closed the case.".to_owned(),
        EmailTemplate::DecidedForCustomer | EmailTemplate::DisputeDecidedForCustomer => {
            decided(notification, Closing::Customer)
        }
        EmailTemplate::DecidedForMerchant | EmailTemplate::DisputeDecidedForMerchant => {
            decided(notification, Closing::Merchant)
        }
        EmailTemplate::CaseEndedForCustomer | EmailTemplate::Accepted | EmailTemplate::ExpiredForCustomer => {
            ended(notification, Closing::Customer)
        }
        EmailTemplate::CaseEndedForMerchant | EmailTemplate::Declined | EmailTemplate::ExpiredForMerchant => {
            ended(notification, Closing::Merchant)
        }
        EmailTemplate::Withdrawn | EmailTemplate::DisputeWithdrawn => format!(
            "{} withdrew {}. The {} is closed.",
            upper_first(&named(notification, notification.cause.actor)),
            words.opening,
            matter(Reader::of(notification))
        ),
        EmailTemplate::Logged => format!("{}.", opening_about(notification)),
        EmailTemplate::LoggedAccepted => {
            format!("{}. {}", opening_about(notification), words.closed_on_creation.unwrap_or_default().1)
        }
        EmailTemplate::Advanced => format!("{}.", action_phrase(notification, named)),
        EmailTemplate::Reopened => format!("{}. The dispute is open again.", action_phrase(notification, named)),
        EmailTemplate::Reminder => reminder(notification),
        EmailTemplate::PaymentRefunded => {
            "The payment platform reported that the payment was refunded. The dispute about it is closed.".to_owned()
        }
        EmailTemplate::PaymentFailed => {
            "The payment platform reported that the payment failed. The dispute about it is closed.".to_owned()
        }
        EmailTemplate::Undeliverable => {
            "A mail about the case could not be delivered to the address below, or was marked as spam there.".to_owned()
        }
        // These have words of their own.
        EmailTemplate::SupportReply
        | EmailTemplate::SupportWaiting
        | EmailTemplate::UnknownCaseMail
        | EmailTemplate::SignIn
        | EmailTemplate::WebhookDisabled => String::new(),
    }
}

/// That the operators decided.
fn decided(notification: &Notification, closing: Closing) -> String {
    let (matter, favour) = (matter(Reader::of(notification)), in_favour(closing).unwrap_or_default());
    format!("The {DISPUTE_TEAM} looked into the {matter} and decided it {favour}. The {matter} is closed.")
}

/// Who ended it, and in whose favour.
fn ended(notification: &Notification, closing: Closing) -> String {
    let (matter, favour) = (matter(Reader::of(notification)), in_favour(closing).unwrap_or_default());
    let ended = match (notification.cause.actor, notification.cause.kind) {
        (Actor::Clock, EventKind::Did(Action::Expire)) => {
            format!("{} did not respond in time", upper_first(&named(notification, loser(notification, closing))))
        }
        // A deployment may configure in whose favour a status ends, whoever has to act.
        (Actor::Clock, _) => "The time for this step ran out".to_owned(),
        _ => action_phrase(notification, named),
    };
    format!("{ended}. The {matter} is closed {favour}.")
}

/// Who let the time run out: at an expiry the side that has to respond loses.
fn loser(notification: &Notification, closing: Closing) -> Actor {
    let respondent = notification.status.as_ref().and_then(|snapshot| snapshot.respondent);
    if closing == Closing::Merchant { Actor::Issuer } else { respondent.unwrap_or(Actor::Account) }
}

/// Whose turn it is. The reader of a reminder may be one who cannot respond itself.
fn reminder(notification: &Notification) -> String {
    let other = notification.status.as_ref().filter(|snapshot| !is_due(notification, snapshot));
    match other.and_then(|snapshot| next_to_act(notification, snapshot, named)) {
        Some(who) => format!("{} has to respond in this dispute, and the time for it ends soon.", upper_first(&who)),
        None => "It is your turn in this dispute, and the time for it ends soon.".to_owned(),
    }
}

/// Who opened the dispute, without the payment. `who` names roles.
pub(super) fn opening(notification: &Notification, who: Namer) -> String {
    let cause = notification.cause;
    upper_first(&words(cause.channel).opened.replace("{}", &who(notification, cause.actor)))
}

/// Who opened the dispute, and whose payment it is to the reader.
fn opening_about(notification: &Notification) -> String {
    let payment = match notification.audience {
        Audience::Case => "a payment of your account",
        Audience::Parties => "a payment that your organisation is a party to",
    };
    format!("{} {} {payment}", opening(notification, named), words(notification.cause.channel).about)
}
