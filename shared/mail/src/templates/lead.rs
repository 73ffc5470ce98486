//! What a mail says happened: who did what. It is made of the mail's cause, which is the event of
//! the dispute's history that the mail tells of, so no sentence claims an act that the history does
//! not hold.

use recourse_dispute::lifecycle::{Actor, Channel, Closing, DISPUTE_TEAM};
use recourse_dispute::notification::{Audience, EmailTemplate, Notification};

use super::names::{Reader, action_phrase, in_favour, matter, the_first};

/// What happened; stands before the facts of the case.
pub(super) fn lead(notification: &Notification) -> String {
    let channel = notification.cause.channel;
    match notification.template {
        EmailTemplate::Received => match channel {
            Channel::Connect => "The merchant submitted a dispute about a payment. We opened a case for it.".to_owned(),
            Channel::Iimmpact | Channel::Arbiter | Channel::Tutelar => {
                "Thank you for telling us about a problem with a payment. We opened a case for it.".to_owned()
            }
        },
        EmailTemplate::Refunded => "The payment was refunded. So we closed the case.".to_owned(),
        EmailTemplate::TransactionFailed => "The payment turned out to have failed. So we closed the case.".to_owned(),
        EmailTemplate::DecidedForCustomer => decided(notification, Closing::Customer),
        EmailTemplate::DecidedForMerchant => decided(notification, Closing::Merchant),
        EmailTemplate::CaseEndedForCustomer | EmailTemplate::Accepted => ended(notification, Closing::Customer),
        EmailTemplate::CaseEndedForMerchant | EmailTemplate::Declined => ended(notification, Closing::Merchant),
        EmailTemplate::CaseAdvanced => format!("{}. The case goes on.", action_phrase(notification)),
        EmailTemplate::Withdrawn => withdrawn(notification, "the report"),
        EmailTemplate::DisputeWithdrawn => withdrawn(notification, "the dispute"),
        EmailTemplate::Logged => format!("{}.", opening_about(notification)),
        EmailTemplate::LoggedAccepted => format!("{}. {}", opening_about(notification), why_closed(channel)),
        EmailTemplate::Advanced => format!("{}.", action_phrase(notification)),
        EmailTemplate::Reopened => format!("{}. The dispute is open again.", action_phrase(notification)),
        EmailTemplate::Reminder => "It is your turn in this dispute, and the time for it ends soon.".to_owned(),
        EmailTemplate::LapsedForCustomer => ended(notification, Closing::Customer),
        EmailTemplate::LapsedForMerchant => ended(notification, Closing::Merchant),
        EmailTemplate::PaymentRefunded => {
            "The payment platform reported that the payment was refunded. The dispute about it is closed.".to_owned()
        }
        EmailTemplate::PaymentFailed => {
            "The payment platform reported that the payment failed. The dispute about it is closed.".to_owned()
        }
        EmailTemplate::DeskForCustomer => decided(notification, Closing::Customer),
        EmailTemplate::DeskForMerchant => decided(notification, Closing::Merchant),
        EmailTemplate::Undeliverable => {
            "A mail about the case could not be delivered to the address below, or was marked as spam there.".to_owned()
        }
    }
}

/// That the operators decided.
fn decided(notification: &Notification, closing: Closing) -> String {
    let reader = Reader::of(notification);
    let (matter, favour) = (matter(reader), in_favour(reader, closing).unwrap_or_default());
    format!("The {DISPUTE_TEAM} looked into the {matter} and decided it {favour}. The {matter} is closed.")
}

/// Who ended it, and for whom.
fn ended(notification: &Notification, closing: Closing) -> String {
    let reader = Reader::of(notification);
    let (matter, favour) = (matter(reader), in_favour(reader, closing).unwrap_or_default());
    format!("{}. So the {matter} ended {favour}. It is closed.", action_phrase(notification))
}

/// Who withdrew what the matter began with.
fn withdrawn(notification: &Notification, what: &str) -> String {
    let (reader, channel) = (Reader::of(notification), notification.cause.channel);
    let what = if channel == Channel::Iimmpact { what } else { "the dispute" };
    format!(
        "{} withdrew {what}. The {} is closed.",
        the_first(reader, channel, notification.cause.actor),
        matter(reader)
    )
}

/// Who opened the dispute, without the payment.
pub(super) fn opening(notification: &Notification) -> String {
    let who = |actor| the_first(Reader::Party, notification.cause.channel, actor);
    match notification.cause.channel {
        Channel::Iimmpact => "A problem was reported".to_owned(),
        Channel::Arbiter => format!("{} logged a dispute", who(notification.cause.actor)),
        Channel::Tutelar => format!("{} raised a dispute", who(Actor::Opener)),
        Channel::Connect => format!("{} submitted a dispute", who(Actor::Opener)),
    }
}

/// Who opened the dispute, and whose payment it is to the reader.
fn opening_about(notification: &Notification) -> String {
    let payment = match notification.audience {
        Audience::Case => "a payment of your account",
        Audience::Parties => "a payment that your organisation is a party to",
    };
    match notification.cause.channel {
        Channel::Iimmpact => format!("The account that made the payment reported a problem with {payment}"),
        Channel::Arbiter | Channel::Tutelar | Channel::Connect => format!("{} about {payment}", opening(notification)),
    }
}

/// Why a dispute is closed from the start.
fn why_closed(channel: Channel) -> &'static str {
    match channel {
        Channel::Arbiter => "Disputes of its category are accepted as they are logged. So it is closed.",
        Channel::Iimmpact | Channel::Tutelar | Channel::Connect => {
            "The payment had failed or was refunded before. So the dispute is closed."
        }
    }
}
