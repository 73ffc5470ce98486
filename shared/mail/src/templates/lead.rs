//! What a mail says happened: who did what. It is made of the mail's cause, which is the event of
//! the dispute's history that the mail tells of, so no sentence claims an act that the history does
//! not hold.

use recourse_dispute::lifecycle::{Actor, Closing, DISPUTE_TEAM, Channel};
use recourse_dispute::notification::{Audience, EmailTemplate, Notification};

use super::names::{Reader, act, in_favour, matter, the_first};

/// What happened; stands before the facts of the case.
pub(super) fn lead(notice: &Notification) -> String {
    let channel = notice.cause.channel;
    match notice.template {
        EmailTemplate::Received => match channel {
            Channel::Connect => "The merchant submitted a dispute about a payment. We opened a case for it.".to_owned(),
            Channel::Iimmpact | Channel::Arbiter | Channel::Tutelar => {
                "Thank you for telling us about a problem with a payment. We opened a case for it.".to_owned()
            }
        },
        EmailTemplate::Refunded => "The payment was refunded. So we closed the case.".to_owned(),
        EmailTemplate::TransactionFailed => "The payment turned out to have failed. So we closed the case.".to_owned(),
        EmailTemplate::DecidedForCustomer => decided(notice, Closing::Customer),
        EmailTemplate::DecidedForMerchant => decided(notice, Closing::Merchant),
        EmailTemplate::CaseEndedForCustomer | EmailTemplate::Accepted => ended(notice, Closing::Customer),
        EmailTemplate::CaseEndedForMerchant | EmailTemplate::Declined => ended(notice, Closing::Merchant),
        EmailTemplate::CaseAdvanced => format!("{}. The case goes on.", act(notice)),
        EmailTemplate::Withdrawn => withdrawn(notice, "the report"),
        EmailTemplate::DisputeWithdrawn => withdrawn(notice, "the dispute"),
        EmailTemplate::Logged => format!("{}.", opening_about(notice)),
        EmailTemplate::LoggedAccepted => format!("{}. {}", opening_about(notice), why_closed(channel)),
        EmailTemplate::Advanced => format!("{}.", act(notice)),
        EmailTemplate::Reopened => format!("{}. The dispute is open again.", act(notice)),
        EmailTemplate::Reminder => "It is your turn in this dispute, and the time for it ends soon.".to_owned(),
        EmailTemplate::LapsedForCustomer => ended(notice, Closing::Customer),
        EmailTemplate::LapsedForMerchant => ended(notice, Closing::Merchant),
        EmailTemplate::PaymentRefunded => {
            "The payment platform reported that the payment was refunded. The dispute about it is closed.".to_owned()
        }
        EmailTemplate::PaymentFailed => {
            "The payment platform reported that the payment failed. The dispute about it is closed.".to_owned()
        }
        EmailTemplate::DeskForCustomer => decided(notice, Closing::Customer),
        EmailTemplate::DeskForMerchant => decided(notice, Closing::Merchant),
        EmailTemplate::Undeliverable => {
            "A mail about the case could not be delivered to the address below, or was marked as spam there.".to_owned()
        }
    }
}

/// That the operators decided.
fn decided(notice: &Notification, closing: Closing) -> String {
    let reader = Reader::of(notice);
    let (matter, favour) = (matter(reader), in_favour(reader, closing).unwrap_or_default());
    format!("The {DISPUTE_TEAM} looked into the {matter} and decided it {favour}. The {matter} is closed.")
}

/// Who ended it, and for whom.
fn ended(notice: &Notification, closing: Closing) -> String {
    let reader = Reader::of(notice);
    let (matter, favour) = (matter(reader), in_favour(reader, closing).unwrap_or_default());
    format!("{}. So the {matter} ended {favour}. It is closed.", act(notice))
}

/// Who withdrew what the matter began with.
fn withdrawn(notice: &Notification, what: &str) -> String {
    let (reader, channel) = (Reader::of(notice), notice.cause.channel);
    let what = if channel == Channel::Iimmpact { what } else { "the dispute" };
    format!("{} withdrew {what}. The {} is closed.", the_first(reader, channel, notice.cause.actor), matter(reader))
}

/// Who opened the dispute, without the payment.
pub(super) fn opening(notice: &Notification) -> String {
    let who = |actor| the_first(Reader::Party, notice.cause.channel, actor);
    match notice.cause.channel {
        Channel::Iimmpact => "A problem was reported".to_owned(),
        Channel::Arbiter => format!("{} logged a dispute", who(notice.cause.actor)),
        Channel::Tutelar => format!("{} raised a dispute", who(Actor::Opener)),
        Channel::Connect => format!("{} submitted a dispute", who(Actor::Opener)),
    }
}

/// Who opened the dispute, and whose payment it is to the reader.
fn opening_about(notice: &Notification) -> String {
    let payment = match notice.audience {
        Audience::Case => "a payment of your account",
        Audience::Parties => "a payment that your organisation is a party to",
    };
    match notice.cause.channel {
        Channel::Iimmpact => format!("The account that made the payment reported a problem with {payment}"),
        Channel::Arbiter | Channel::Tutelar | Channel::Connect => format!("{} about {payment}", opening(notice)),
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
