//! The facts of a case, each with its name.
//!
//! A mail about a dispute names the transaction, the banks and the status. A mail to a customer
//! names none of these. The log code is in mails to the issuer, the acquirer and the merchant of
//! the bank network alone. The account's own reference is in mails of the case alone.

use recourse_dispute::lifecycle::Actor;
use recourse_dispute::notification::{Audience, EmailTemplate, Notification, StatusSnapshot};

use super::names::{next_to_act, one_line, the};

type Fact = (&'static str, String);

/// The facts of a mail, in the order in which they are read.
pub(super) fn facts(notification: &Notification) -> Vec<Fact> {
    let details = &notification.details;
    let snapshot = notification.status.as_ref().filter(|_| notification.template.is_for_parties());
    let log_code = snapshot.and_then(|snapshot| snapshot.log_code.clone());
    let is_case = notification.audience == Audience::Case;
    let texts = [("Log code", &log_code), ("Merchant", &details.merchant), ("Product", &notification.product)];
    let mut facts = vec![("Case", notification.number.case_id())];
    facts.extend(texts.into_iter().filter_map(|(name, text)| fact(name, text.as_deref())));
    facts.extend(amounts(notification));
    facts.extend(details.paid_at.map(|at| ("Payment date", at.in_words())));
    facts.extend(is_case.then(|| ("Reference", notification.refid.to_string())));
    facts.extend(snapshot.into_iter().flat_map(|snapshot| status_facts(notification, snapshot)));
    facts.extend(comment(notification));
    facts.extend(notification.undelivered.as_ref().map(|address| ("Address", address.as_str().to_owned())));
    facts
}

/// A text that somebody else wrote, on one line; `None` where nothing is left of it.
fn fact(name: &'static str, text: Option<&str>) -> Option<Fact> {
    let text = one_line(text?);
    (!text.is_empty()).then_some((name, text))
}

/// The paid amount and the disputed amount. A mail to a customer shows one amount where both are
/// equal.
fn amounts(notification: &Notification) -> Vec<Fact> {
    match notification.disputed {
        Some(disputed) if notification.template.is_for_parties() || disputed != notification.amount => {
            vec![("Paid", notification.amount.grouped()), ("Disputed", disputed.grouped())]
        }
        Some(_) | None => vec![("Amount", notification.amount.grouped())],
    }
}

/// The status of a dispute, for its parties. A time is written in full, with its zone.
fn status_facts(notification: &Notification, snapshot: &StatusSnapshot) -> Vec<Fact> {
    let details = &notification.details;
    let category = Some(snapshot.category.name().to_owned());
    let next = next_to_act(notification, snapshot, the);
    let deadline = snapshot.ends_at.map(|at| at.in_words());
    let texts = [
        ("Transaction", &snapshot.transaction),
        ("Issuer", &details.issuer),
        ("Acquirer", &details.acquirer),
        ("Category", &category),
        ("Reason", &details.reason),
        ("Status", &snapshot.status),
        ("Next to act", &next),
        ("Deadline", &deadline),
    ];
    texts.into_iter().filter_map(|(name, text)| fact(name, text.as_deref())).collect()
}

/// What whoever acted said of it. The mail about an address that takes no mail has none.
fn comment(notification: &Notification) -> Option<Fact> {
    let name = if notification.cause.actor == Actor::Operator { "Reason given" } else { "Comment" };
    fact(name, notification.details.comment.as_deref())
        .filter(|_| notification.template != EmailTemplate::Undeliverable)
}
