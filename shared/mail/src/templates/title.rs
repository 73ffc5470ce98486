//! The news of a mail in one line: its heading and its subject.

use recourse_dispute::lifecycle::{Closing, DISPUTE_TEAM};
use recourse_dispute::notification::{EmailTemplate, Notification};

use super::channel_words::words;
use super::lead::opening;
use super::names::{Reader, action_phrase, in_favour, matter, next_to_act, the_first};

/// The heading and the subject. No caller writes any of it: fixed words, and of the dispute the
/// roles and the end of its status.
pub(super) fn title(notification: &Notification) -> String {
    match notification.template {
        EmailTemplate::Received => words(notification.cause.channel).received.0.to_owned(),
        EmailTemplate::Refunded | EmailTemplate::PaymentRefunded => {
            format!("The payment was refunded: the {} is closed", matter(Reader::of(notification)))
        }
        EmailTemplate::TransactionFailed | EmailTemplate::PaymentFailed => {
            format!("The payment did not go through: the {} is closed", matter(Reader::of(notification)))
        }
        EmailTemplate::DecidedForCustomer => "The case was decided in the customer's favour".to_owned(),
        EmailTemplate::DecidedForMerchant => "The case was decided in the merchant's favour".to_owned(),
        EmailTemplate::DisputeDecidedForCustomer => format!("The {DISPUTE_TEAM} decided for the customer"),
        EmailTemplate::DisputeDecidedForMerchant => format!("The {DISPUTE_TEAM} decided for the merchant"),
        EmailTemplate::CaseEndedForCustomer | EmailTemplate::Accepted => closed(notification, Closing::Customer),
        EmailTemplate::CaseEndedForMerchant | EmailTemplate::Declined => closed(notification, Closing::Merchant),
        EmailTemplate::ExpiredForCustomer => "Time ran out: closed for the customer".to_owned(),
        EmailTemplate::ExpiredForMerchant => "Time ran out: closed for the merchant".to_owned(),
        EmailTemplate::Withdrawn => "The case was withdrawn".to_owned(),
        EmailTemplate::DisputeWithdrawn => "The dispute was withdrawn".to_owned(),
        EmailTemplate::Logged => and_next(notification, opening(notification)),
        EmailTemplate::LoggedAccepted => {
            format!("{}: {}", opening(notification), words(notification.cause.channel).closed_on_creation.0)
        }
        EmailTemplate::Advanced => and_next(notification, action_phrase(notification)),
        EmailTemplate::Reopened => and_next(
            notification,
            format!("{} reopened the dispute", the_first(notification, notification.cause.actor)),
        ),
        EmailTemplate::Reminder => match notification.status.as_ref().and_then(|snapshot| snapshot.ends_at) {
            Some(at) => format!("Reminder: act by {}", at.in_words()),
            None => "Reminder: it is your turn to act".to_owned(),
        },
        EmailTemplate::Undeliverable => "An address of the case gets no more mail".to_owned(),
    }
}

/// Who ended it, and for whom.
fn closed(notification: &Notification, closing: Closing) -> String {
    let favour = in_favour(Reader::of(notification), closing).unwrap_or_default();
    format!("{}: closed {favour}", action_phrase(notification))
}

/// What happened, and who acts next.
fn and_next(notification: &Notification, news: String) -> String {
    match notification.status.as_ref().and_then(|snapshot| next_to_act(notification, snapshot)) {
        Some(next) => format!("{news}: {next} acts next"),
        None => news,
    }
}
