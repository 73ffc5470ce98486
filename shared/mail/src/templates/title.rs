//! The news of a letter in one line: its heading, and the subject of its mail.

use recourse_dispute::lifecycle::{Closing, DISPUTE_TEAM, Channel};
use recourse_dispute::notification::{EmailTemplate, Notification};

use super::lead::opening;
use super::names::{Reader, act, in_favour, matter, next_to_act};

/// The heading and the subject. Nothing here is a caller's: fixed words, and of the dispute the
/// roles and the end of its status.
pub(super) fn title(notice: &Notification) -> String {
    match notice.template {
        EmailTemplate::Received => match notice.cause.channel {
            Channel::Connect => "We received the dispute".to_owned(),
            Channel::Iimmpact | Channel::Arbiter | Channel::Tutelar => "We received your report".to_owned(),
        },
        EmailTemplate::Refunded | EmailTemplate::PaymentRefunded => {
            format!("The payment was refunded: the {} is closed", matter(Reader::of(notice)))
        }
        EmailTemplate::TransactionFailed | EmailTemplate::PaymentFailed => {
            format!("The payment did not go through: the {} is closed", matter(Reader::of(notice)))
        }
        EmailTemplate::DecidedForCustomer => "The case was decided in the customer's favour".to_owned(),
        EmailTemplate::DecidedForMerchant => "The case was decided in the merchant's favour".to_owned(),
        EmailTemplate::DeskForCustomer => format!("The {DISPUTE_TEAM} decided for the customer"),
        EmailTemplate::DeskForMerchant => format!("The {DISPUTE_TEAM} decided for the merchant"),
        EmailTemplate::CaseEndedForCustomer | EmailTemplate::Accepted => closed(notice, Closing::Customer),
        EmailTemplate::CaseEndedForMerchant | EmailTemplate::Declined => closed(notice, Closing::Merchant),
        EmailTemplate::LapsedForCustomer => "Time ran out: closed for the customer".to_owned(),
        EmailTemplate::LapsedForMerchant => "Time ran out: closed for the merchant".to_owned(),
        EmailTemplate::CaseAdvanced => format!("{}: the case goes on", act(notice)),
        EmailTemplate::Withdrawn => "The case was withdrawn".to_owned(),
        EmailTemplate::DisputeWithdrawn => "The dispute was withdrawn".to_owned(),
        EmailTemplate::Logged => and_next(notice, opening(notice)),
        EmailTemplate::LoggedAccepted => match notice.cause.channel {
            Channel::Arbiter => format!("{}: accepted as it was logged", opening(notice)),
            Channel::Iimmpact | Channel::Tutelar | Channel::Connect => format!("{}: closed as it began", opening(notice)),
        },
        EmailTemplate::Advanced => and_next(notice, act(notice)),
        EmailTemplate::Reopened => and_next(notice, "The merchant reopened the dispute".to_owned()),
        EmailTemplate::Reminder => match notice.status.as_ref().and_then(|stand| stand.ends_at) {
            Some(at) => format!("Reminder: act by {}", at.in_words()),
            None => "Reminder: it is your turn to act".to_owned(),
        },
        EmailTemplate::Undeliverable => "An address of the case gets no more mail".to_owned(),
    }
}

/// Who ended it, and for whom.
fn closed(notice: &Notification, closing: Closing) -> String {
    let favour = in_favour(Reader::of(notice), closing).unwrap_or_default();
    format!("{}: closed {favour}", act(notice))
}

/// What happened, and who acts next.
fn and_next(notice: &Notification, news: String) -> String {
    match notice.status.as_ref().and_then(|stand| next_to_act(notice, stand)) {
        Some(next) => format!("{news}: {next} acts next"),
        None => news,
    }
}
