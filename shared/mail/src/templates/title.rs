//! The news of a mail in one line: its heading and its subject.

use recourse_dispute::lifecycle::{Closing, DISPUTE_TEAM};
use recourse_dispute::notification::{EmailTemplate, Notification};

use super::channel_words::words;
use super::lead::opening;
use super::names::{Reader, action_phrase, in_favour, is_due, matter, next_to_act, the, upper_first};

/// The text of the heading and of the subject. It is made of fixed words, the names of roles and a
/// deadline. No text of a caller or of the platform is in it. A mail of the support process has the
/// subject of its template.
pub(super) fn title(notification: &Notification) -> String {
    match notification.template {
        EmailTemplate::Received => words(notification.cause.channel).received.unwrap_or_default().0.to_owned(),
        EmailTemplate::Refunded | EmailTemplate::PaymentRefunded => {
            format!("The payment was refunded: the {} is closed", matter(Reader::of(notification)))
        }
        EmailTemplate::TransactionFailed | EmailTemplate::PaymentFailed => {
            format!("The payment did not go through: the {} is closed", matter(Reader::of(notification)))
        }
        EmailTemplate::DecidedForCustomer => "The case was decided in the customer's favour".to_owned(),
        EmailTemplate::DecidedForMerchant => "The case was decided in the merchant's favour".to_owned(),
        EmailTemplate::DisputeDecidedForCustomer => {
            format!("The {DISPUTE_TEAM} decided in the customer's favour")
        }
        EmailTemplate::DisputeDecidedForMerchant => {
            format!("The {DISPUTE_TEAM} decided in the merchant's favour")
        }
        EmailTemplate::CaseEndedForCustomer | EmailTemplate::Accepted => closed(notification, Closing::Customer),
        EmailTemplate::CaseEndedForMerchant | EmailTemplate::Declined => closed(notification, Closing::Merchant),
        EmailTemplate::ExpiredForCustomer => "Time ran out: decided in the customer's favour".to_owned(),
        EmailTemplate::ExpiredForMerchant => "Time ran out: decided in the merchant's favour".to_owned(),
        EmailTemplate::Withdrawn => "The case was withdrawn".to_owned(),
        EmailTemplate::DisputeWithdrawn => "The dispute was withdrawn".to_owned(),
        EmailTemplate::Logged => and_next(notification, opening(notification, the)),
        EmailTemplate::LoggedAccepted => {
            let closed = words(notification.cause.channel).closed_on_creation.unwrap_or_default();
            format!("{}: {}", opening(notification, the), closed.0)
        }
        EmailTemplate::Advanced => and_next(notification, action_phrase(notification, the)),
        EmailTemplate::Reopened => and_next(
            notification,
            format!("{} reopened the dispute", upper_first(&the(notification, notification.cause.actor))),
        ),
        EmailTemplate::Reminder => reminder(notification).unwrap_or("Reminder: it is your turn to act".to_owned()),
        EmailTemplate::Undeliverable => "We could not deliver mail about your case".to_owned(),
        EmailTemplate::SupportReply
        | EmailTemplate::SupportWaiting
        | EmailTemplate::UnknownCaseMail
        | EmailTemplate::SignIn
        | EmailTemplate::WebhookDisabled => {
            notification.support.as_ref().map_or("About your case", |mail| &mail.subject).to_owned()
        }
    }
}

/// Who has to act, and by when: the reader or, where the reader cannot, somebody else.
fn reminder(notification: &Notification) -> Option<String> {
    let snapshot = notification.status.as_ref()?;
    let at = snapshot.ends_at?.to_the_minute();
    if is_due(notification, snapshot) {
        return Some(format!("Reminder: act by {at}"));
    }
    let who = next_to_act(notification, snapshot, the)?;
    Some(format!("Reminder: {who} has to respond by {at}"))
}

/// Who ended it, and in whose favour.
fn closed(notification: &Notification, closing: Closing) -> String {
    let favour = in_favour(closing).unwrap_or_default();
    format!("{}: decided {favour}", action_phrase(notification, the))
}

/// What happened, and who acts next.
fn and_next(notification: &Notification, news: String) -> String {
    match notification.status.as_ref().and_then(|snapshot| next_to_act(notification, snapshot, the)) {
        Some(next) => format!("{news}: {next} acts next"),
        None => news,
    }
}
