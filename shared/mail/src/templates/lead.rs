//! What a mail says happened: who did what. It follows from the mail's cause, which is an event of
//! the dispute's history, so every sentence claims only what the history holds.

use recourse_dispute::channel::Channel;
use recourse_dispute::lifecycle::{Closing, DISPUTE_TEAM};
use recourse_dispute::notification::{Audience, EmailTemplate, Notification};

use super::channel_words::words;
use super::names::{Reader, action_phrase, in_favour, matter, the_first};

/// What happened; comes before the facts of the case.
pub(super) fn lead(notification: &Notification) -> String {
    let words = words(notification.cause.channel);
    match notification.template {
        EmailTemplate::Received => words.received.1.to_owned(),
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
            the_first(notification, notification.cause.actor),
            words.opening,
            matter(Reader::of(notification))
        ),
        EmailTemplate::Logged => format!("{}.", opening_about(notification)),
        EmailTemplate::LoggedAccepted => format!("{}. {}", opening_about(notification), words.closed_on_creation.1),
        EmailTemplate::Advanced => format!("{}.", action_phrase(notification)),
        EmailTemplate::Reopened => format!("{}. The dispute is open again.", action_phrase(notification)),
        EmailTemplate::Reminder => "It is your turn in this dispute, and the time for it ends soon.".to_owned(),
        EmailTemplate::PaymentRefunded => {
            "The payment platform reported that the payment was refunded. The dispute about it is closed.".to_owned()
        }
        EmailTemplate::PaymentFailed => {
            "The payment platform reported that the payment failed. The dispute about it is closed.".to_owned()
        }
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

/// Who opened the dispute, without the payment.
pub(super) fn opening(notification: &Notification) -> String {
    let cause = notification.cause;
    match cause.channel {
        // The parties need not know which service it was.
        Channel::Iimmpact => "A problem was reported".to_owned(),
        Channel::Arbiter | Channel::Tutelar | Channel::Connect => {
            format!("{} {}", the_first(notification, cause.actor), words(cause.channel).opened)
        }
    }
}

/// Who opened the dispute, and whose payment it is to the reader.
fn opening_about(notification: &Notification) -> String {
    let payment = match notification.audience {
        Audience::Case => "a payment of your account",
        Audience::Parties => "a payment that your organisation is a party to",
    };
    format!("{} {} {payment}", opening(notification), words(notification.cause.channel).about)
}
