//! What follows: who has to act by when, what happens otherwise, and what the reader can do.

use recourse_dispute::lifecycle::{Actor, Closing, Side};
use recourse_dispute::notification::{Audience, EmailTemplate, Notification, StatusSnapshot};

use super::channel_words::words;
use super::choices::{may, place};
use super::names::{Reader, bank, in_favour, is_accounts_alone, is_own, matter, named, next_to_act, upper_first};

const REPLY: &str = "If something here is wrong, reply to this mail. Our support team reads it.";
const NOBODY_ACTS: &str = "Nobody has to act on the dispute any more.";
const GIVE_IN: &str =
    "Until then the issuer can still withdraw its claim, and the merchant's side can still accept it.";
const TEAM_WORKS: &str = "The payment platform's dispute team is looking into it. You need not do anything.";
const ARRIVES: &str = "When the money arrives depends on the bank or wallet it goes to.";
const REFUNDED: &str =
    "The payment platform returns the payment to the customer. This service does not make that payment.";
const NEWS: &str = "We will write to this address when there is news.";

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
        EmailTemplate::Received if Reader::of(notification) == Reader::Customer => fixed(&[
            "We check the payment with the service provider. How long that takes depends on the provider.",
            NEWS,
            "To add information, such as a screenshot or what the provider told you, reply to this mail. Our support team reads it.",
        ]),
        EmailTemplate::Received => live(notification, &[NEWS, REPLY]),
        EmailTemplate::Logged | EmailTemplate::Advanced | EmailTemplate::Reopened | EmailTemplate::Reminder => {
            live(notification, &[REPLY])
        }
        EmailTemplate::Refunded => fixed(&[
            &returned(notification),
            ARRIVES,
            "You need not do anything.",
            "If something is still wrong, reply to this mail. Our support team reads it.",
        ]),
        EmailTemplate::TransactionFailed => fixed(&[
            "Nothing was bought with this payment.",
            "If money was taken for it and does not come back, reply to this mail. Our support team reads it.",
        ]),
        EmailTemplate::DecidedForCustomer | EmailTemplate::CaseEndedForCustomer => fixed(&[
            &owed(notification),
            ARRIVES,
            "You need not do anything.",
            "If it does not arrive, reply to this mail. Our support team reads it.",
        ]),
        EmailTemplate::DecidedForMerchant | EmailTemplate::CaseEndedForMerchant => fixed(&[
            &stays(notification, Some(Closing::Merchant)),
            "If you have something that nobody has seen yet, such as a receipt or a screenshot, reply to this mail with it. Our support team reads it.",
        ]),
        EmailTemplate::Withdrawn => fixed(&[
            "Nothing more is done about the payment in this case.",
            "If you did not expect this, or something is still wrong, reply to this mail. Our support team reads it.",
        ]),
        EmailTemplate::LoggedAccepted => match words(notification.cause.channel).closed_on_creation {
            Some((.., true)) => fixed(&[&owed(notification), NOBODY_ACTS, REPLY]),
            _ => fixed(&[NOBODY_ACTS, REPLY]),
        },
        EmailTemplate::Accepted | EmailTemplate::ExpiredForCustomer | EmailTemplate::DisputeDecidedForCustomer => {
            fixed(&[&owed(notification), NOBODY_ACTS, REPLY])
        }
        EmailTemplate::Declined | EmailTemplate::ExpiredForMerchant | EmailTemplate::DisputeDecidedForMerchant => {
            fixed(&[&stays(notification, Some(Closing::Merchant)), NOBODY_ACTS, REPLY])
        }
        EmailTemplate::DisputeWithdrawn => fixed(&[&stays(notification, None), NOBODY_ACTS, REPLY]),
        EmailTemplate::PaymentRefunded => fixed(&[REFUNDED, NOBODY_ACTS, REPLY]),
        EmailTemplate::PaymentFailed => fixed(&["Nothing was bought with the payment.", NOBODY_ACTS, REPLY]),
        // These have words of their own.
        EmailTemplate::SupportReply
        | EmailTemplate::SupportWaiting
        | EmailTemplate::UnknownCaseMail
        | EmailTemplate::SignIn
        | EmailTemplate::WebhookDisabled => Vec::new(),
        EmailTemplate::Undeliverable => fixed(&[
            "We have stopped sending mail to this address. The case itself goes on.",
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
        steps.extend(snapshot.choices.as_ref().map(|choices| may(notification, snapshot, choices)));
        let decides = snapshot.party_due == Some(Side::Operator);
        steps.extend(decides.then(|| GIVE_IN.to_owned() + &place(snapshot, "They do", "their")));
    }
    steps.extend(otherwise(notification, snapshot));
    steps.extend(last.iter().map(|step| (*step).to_owned()));
    steps
}

/// Who has to respond or to decide, and by when.
fn who_acts_next(notification: &Notification, snapshot: &StatusSnapshot) -> Option<String> {
    let who = upper_first(&next_to_act(notification, snapshot, named)?);
    if !notification.cause.channel.policy().has_deadlines {
        return Some(TEAM_WORKS.to_owned());
    }
    let verb = if snapshot.party_due == Some(Side::Operator) { "decide" } else { "respond" };
    Some(match snapshot.ends_at {
        Some(at) => format!("{who} has to {verb} by {}.", at.in_words()),
        None => format!("{who} has to {verb}. There is no deadline."),
    })
}

/// What happens where nobody acts in time.
fn otherwise(notification: &Notification, snapshot: &StatusSnapshot) -> Option<String> {
    let matter = matter(Reader::of(notification));
    let favour = in_favour(snapshot.ends_for?)?;
    let at = snapshot.ends_at?.in_words();
    let verb = if snapshot.party_due == Some(Side::Operator) { "decides" } else { "responds" };
    let own = match snapshot.ends_for? {
        Closing::Customer if is_own(notification) => ", against your organisation",
        _ => "",
    };
    Some(format!("If nobody {verb} by {at}, the {matter} is closed {favour}{own}."))
}

/// The customer who paid, and whose bank or wallet it is. Without a customer among the readers, the
/// mail goes to the account that reported the problem.
fn customer(notification: &Notification) -> (&'static str, &'static str) {
    if is_accounts_alone(notification) { ("the customer", "the customer's") } else { ("you", "your") }
}

/// Who returns a payment that was refunded.
fn returned(notification: &Notification) -> String {
    let payment = if is_accounts_alone(notification) { "the payment" } else { "your payment" };
    let (_, whose) = customer(notification);
    format!(
        "The payment platform returns {payment}. We do not make this payment; it comes through {whose} bank or wallet."
    )
}

/// Who owes whom the disputed amount. An account that reads the mail of its own case is on the
/// merchant's side.
fn owed(notification: &Notification) -> String {
    let amount = notification.disputed.unwrap_or(notification.amount).grouped();
    let side = |actor, role| bank(notification, actor).map_or(String::new(), |name| format!(" ({role} {name})"));
    match (Reader::of(notification), notification.audience) {
        (Reader::Customer, _) => {
            let (who, whose) = customer(notification);
            format!(
                "The merchant's side has to pay {who} back {amount}. We do not make this payment; it comes through {whose} bank or wallet."
            )
        }
        (Reader::Party, Audience::Case) => format!(
            "The outcome is against your organisation: the merchant's side, which it belongs to, owes the customer {amount}. This service does not make that payment."
        ),
        (Reader::Party, Audience::Parties) => format!(
            "The merchant's side{} owes the customer's side{} {amount}. This service does not make that payment.",
            side(Actor::Acquirer, "the acquirer,"),
            side(Actor::Issuer, "the issuer,")
        ),
    }
}

/// That no money moves, and what that means to an account that reads the mail of its own case.
fn stays(notification: &Notification, closing: Option<Closing>) -> String {
    let outcome = match closing {
        Some(Closing::Merchant) if is_own(notification) => "The outcome is in your organisation's favour. ",
        _ => "",
    };
    format!("{outcome}The payment stays as it is.")
}
