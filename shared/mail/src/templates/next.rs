//! What follows: who has to act by when, what happens otherwise, and what the reader can do.

use recourse_dispute::channel::Channel;
use recourse_dispute::lifecycle::{Action, Side};
use recourse_dispute::notification::{Choices, EmailTemplate, Notification, StatusSnapshot};

use super::names::{Reader, in_favour, matter, next_to_act, the_first, upper_first};

const REPLY: &str = "If something here is wrong, reply to this mail. Our support team reads it.";
const OWED: &str = "The merchant's side owes the customer the disputed amount, and pays it outside of this service.";
const NOBODY_ACTS: &str = "Nobody has to act on the dispute any more.";
const GIVE_IN: &str =
    "Until then the issuer can still withdraw its claim, and the merchant's side can still accept it.";
const STAYS: &str = "The payment stays as it is.";
const BACK: &str = "The merchant's side owes the customer the disputed amount, and pays it outside of this service. When the money arrives depends on the bank or wallet it goes to.";
const REFUNDED: &str = "The payment platform returns the payment to the customer, outside of this service.";
const NEWS: &str = "We write to this address when there is news.";

/// The heading over the steps.
pub(super) fn heading(template: EmailTemplate) -> &'static str {
    match template {
        EmailTemplate::Received | EmailTemplate::Logged | EmailTemplate::Reopened | EmailTemplate::Advanced => {
            "What happens next"
        }
        EmailTemplate::Reminder => "What you can do",
        _ => "What this means",
    }
}

/// The steps, one sentence or two each. The last one says what a reply does.
pub(super) fn steps(notification: &Notification) -> Vec<String> {
    let fixed = |steps: &[&str]| steps.iter().map(|step| (*step).to_owned()).collect();
    match notification.template {
        EmailTemplate::Received if notification.cause.channel != Channel::Connect => fixed(&[
            "We check the payment with the service provider. How long that takes depends on the provider.",
            NEWS,
            "To add information, such as a screenshot or what the provider told you, reply to this mail. Our support team reads it.",
        ]),
        EmailTemplate::Received => live(notification, &[NEWS, REPLY]),
        EmailTemplate::Logged | EmailTemplate::Advanced | EmailTemplate::Reopened | EmailTemplate::Reminder => {
            live(notification, &[REPLY])
        }
        EmailTemplate::Refunded => fixed(&[
            REFUNDED,
            "When the money arrives depends on the bank or wallet it goes to.",
            "You need not do anything.",
            "If something is still wrong, reply to this mail. Our support team reads it.",
        ]),
        EmailTemplate::TransactionFailed => fixed(&[
            "Nothing was bought with this payment.",
            "If money was taken for it and does not come back, reply to this mail. Our support team reads it.",
        ]),
        EmailTemplate::DecidedForCustomer | EmailTemplate::CaseEndedForCustomer => fixed(&[
            BACK,
            "You need not do anything.",
            "If it does not arrive, reply to this mail. Our support team reads it.",
        ]),
        EmailTemplate::DecidedForMerchant | EmailTemplate::CaseEndedForMerchant => fixed(&[
            STAYS,
            "If you have something that nobody has seen yet, such as a receipt or a screenshot, reply to this mail with it. Our support team reads it.",
        ]),
        EmailTemplate::Withdrawn => fixed(&[
            "Nothing more is done about the payment in this case.",
            "If you did not expect this, or something is still wrong, reply to this mail. Our support team reads it.",
        ]),
        EmailTemplate::LoggedAccepted => match notification.cause.channel {
            Channel::Arbiter => fixed(&[OWED, NOBODY_ACTS, REPLY]),
            Channel::Iimmpact | Channel::Tutelar | Channel::Connect => fixed(&[NOBODY_ACTS, REPLY]),
        },
        EmailTemplate::Accepted | EmailTemplate::ExpiredForCustomer | EmailTemplate::DisputeDecidedForCustomer => {
            fixed(&[OWED, NOBODY_ACTS, REPLY])
        }
        EmailTemplate::Declined
        | EmailTemplate::ExpiredForMerchant
        | EmailTemplate::DisputeDecidedForMerchant
        | EmailTemplate::DisputeWithdrawn => fixed(&[STAYS, NOBODY_ACTS, REPLY]),
        EmailTemplate::PaymentRefunded => fixed(&[REFUNDED, NOBODY_ACTS, REPLY]),
        EmailTemplate::PaymentFailed => fixed(&["Nothing was bought with the payment.", NOBODY_ACTS, REPLY]),
        EmailTemplate::Undeliverable => fixed(&[
            "The address gets no more mail from us, in this case and in others. The case itself goes on.",
            "If you know whose address it is, please tell them the status of the case, or ask for another address.",
            "If the address is right and takes mail again, reply to this mail. Our support team reads it and can free the address.",
        ]),
    }
}

/// The steps of a dispute that goes on.
fn live(notification: &Notification, last: &[&str]) -> Vec<String> {
    let Some(snapshot) = &notification.status else { return last.iter().map(|step| (*step).to_owned()).collect() };
    let mut steps = Vec::new();
    if notification.template != EmailTemplate::Reminder {
        steps.extend(who_acts_next(notification, snapshot));
    }
    if Reader::of(notification) == Reader::Party {
        steps.extend(snapshot.choices.as_ref().map(|choices| may(notification, choices)));
        steps.extend((snapshot.party_due == Some(Side::Operator)).then(|| GIVE_IN.to_owned()));
    }
    steps.extend(otherwise(notification, snapshot));
    steps.extend(last.iter().map(|step| (*step).to_owned()));
    steps
}

/// Who has to act, and by when.
fn who_acts_next(notification: &Notification, snapshot: &StatusSnapshot) -> Option<String> {
    let who = upper_first(&next_to_act(notification, snapshot)?);
    Some(match snapshot.ends_at {
        Some(at) => format!("{who} has to act by {}.", at.in_words()),
        None => format!("{who} has to act. There is no time limit for it."),
    })
}

/// What happens where nobody acts in time.
fn otherwise(notification: &Notification, snapshot: &StatusSnapshot) -> Option<String> {
    let reader = Reader::of(notification);
    let favour = in_favour(reader, snapshot.ends_for?)?;
    let at = snapshot.ends_at?.in_words();
    Some(format!("If nobody acts by {at}, the {} ends {favour}.", matter(reader)))
}

/// What a party may do now.
fn may(notification: &Notification, choices: &Choices) -> String {
    let is_you = notification.template == EmailTemplate::Reminder;
    let who = if is_you { "You".to_owned() } else { the_first(notification, choices.role) };
    let choices: Vec<_> = choices.actions.iter().filter_map(|action| choice(*action, is_you)).collect();
    let listed = match choices.as_slice() {
        [] => "act on the dispute".to_owned(),
        [only] => (*only).to_owned(),
        [first, second] => format!("{first} or {second}"),
        [rest @ .., last] => format!("{}, or {last}", rest.join(", ")),
    };
    format!("{who} can {listed}.")
}

/// An action as a choice; `None` of what no party chooses while it is due to respond.
fn choice(action: Action, is_you: bool) -> Option<&'static str> {
    Some(match action {
        Action::Submit => "submit the draft",
        Action::Cancel => "withdraw the dispute",
        Action::Accept => "accept the claim",
        Action::Decline => "refuse the claim",
        Action::Withdraw if is_you => "withdraw your claim",
        Action::Withdraw => "withdraw its claim",
        Action::Represent => "answer the claim (representment)",
        Action::PreArbitrate => "make the claim again (pre-arbitration)",
        Action::PreArbitrateAgain => "answer the claim again (pre-arbitration II)",
        Action::Arbitrate => "ask for arbitration",
        Action::VerdictWon if is_you => "record that you won",
        Action::VerdictWon => "record that it won",
        Action::VerdictLost if is_you => "record that you lost",
        Action::VerdictLost => "record that it lost",
        Action::MoveLevel => "move the dispute to the next level",
        Action::Update
        | Action::UploadEvidence
        | Action::Reopen(_)
        | Action::CloseForCustomer
        | Action::CloseForMerchant
        | Action::Refund
        | Action::Fail
        | Action::Expire => return None,
    })
}
