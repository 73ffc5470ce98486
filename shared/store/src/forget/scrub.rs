//! What becomes of one item.
//!
//! An address is replaced in every text of an item but in those that keys and other items lead to.
//! Names and sentences are replaced in texts that people write. What the person wrote, and what was
//! written to the person alone, is replaced as a whole.

use aws_sdk_dynamodb::types::AttributeValue;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::event::HistoryEntry;
use recourse_dispute::lifecycle::Actor;
use recourse_dispute::time::UnixMillis;

use super::ErasedKind;
use super::plan::CasePlan;
use super::texts::{at, each, each_named, each_text, number, write};
use super::words::{ERASED, Words};
use crate::error::StoreError;
use crate::item_change::ItemChange;
use crate::items::{Item, body, text, value};
use crate::keys::{DISPUTE, EVENTS, FEEDBACK, MAILS, MESSAGES, POINTER, SK, SUPPORT_CASE, SUPPORT_EVENTS, TRANSACTION};
use crate::outbox::{MailState, OutboxMail};
use crate::support::{Message, SupportEvent};
use crate::transactions::{Pointer, StoredTransaction};
use crate::{CaseFile, DeliveryFeedback};

/// Why a mail does not go out any more.
const REASON: &str = "the data of whom it was for was erased";

/// In which order items are changed. What identifies the person is changed last, so that a run that
/// breaks off finds all of it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// What others wrote, mails, and the transaction.
    Others,
    /// The dispute and its support case.
    Case,
    /// What the person wrote.
    Person,
}

/// What shows that no worker and no operator changed a mail since it was read.
pub(super) const MAIL_PINS: [&str; 3] = ["mail_state", "changed_at", "attempts"];

/// A change of an item.
#[derive(Clone, Debug)]
pub(super) struct Scrubbed {
    pub(super) change: ItemChange,
    pub(super) kind: ErasedKind,
    pub(super) phase: Phase,
    /// Whether it is a mail that does not go out any more.
    pub(super) is_dropped: bool,
}

/// What an item becomes.
pub(super) enum Becomes {
    /// It has nothing of the person.
    Same,
    /// This.
    Changed(Box<Scrubbed>),
    /// A worker is sending it at this moment.
    Busy,
}

/// What is to become of an item of the case or of its transaction.
///
/// # Errors
/// [`StoreError`] for an item that this release cannot read: nobody could say what is in it.
pub(super) fn scrub(plan: &CasePlan, before: &Item, gone: &[String], now: UnixMillis) -> Result<Becomes, StoreError> {
    let words = &plan.words;
    let mut after = before.clone();
    each_text(&mut after, &|text| words.without_address(text));
    let sk = text(before, SK).unwrap_or_default();
    let (mut phase, mut is_dropped, mut pinned) = (Phase::Others, false, &[][..]);
    let kind = match sk {
        DISPUTE => {
            phase = Phase::Case;
            dispute(plan, &mut after);
            ErasedKind::Dispute
        }
        SUPPORT_CASE => {
            phase = Phase::Case;
            ErasedKind::CaseFile
        }
        TRANSACTION | POINTER => {
            facts(words, &mut after);
            ErasedKind::Transaction
        }
        sk if sk.starts_with(MAILS) => {
            let stored: OutboxMail = body(before.clone())?;
            let is_sending = stored.mail_state == MailState::Sending;
            mail(plan, &stored, &mut after);
            let differs = after != *before;
            if is_sending && number(before, "outbox_due").is_some_and(|lease| lease > now.0) && differs {
                return Ok(Becomes::Busy);
            }
            if differs {
                is_dropped = drops(plan, &stored, before, &after)?;
                if is_dropped {
                    give_up(&mut after, REASON, now)?;
                } else if is_sending {
                    end_claim(&mut after, now)?;
                }
                pinned = &MAIL_PINS;
            }
            ErasedKind::Mail
        }
        sk if sk.starts_with(MESSAGES) => {
            let stored: Message = body(before.clone())?;
            if plan.is_of_person(&stored) {
                phase = Phase::Person;
            }
            message(plan, &stored, &mut after, gone);
            ErasedKind::Message
        }
        sk if sk.starts_with(SUPPORT_EVENTS) => {
            let stored: SupportEvent = body(before.clone())?;
            let is_models = stored.by.actor == Actor::Automation;
            write(&mut after, &["note"], |note| {
                if is_models && plan.person_wrote { Some(ERASED.to_owned()) } else { words.without(note) }
            });
            ErasedKind::CaseNote
        }
        sk if sk.starts_with(EVENTS) => {
            write(&mut after, &["note"], |note| words.without(note));
            ErasedKind::HistoryNote
        }
        sk if sk.starts_with(FEEDBACK) => ErasedKind::DeliveryReport,
        _ => ErasedKind::Other,
    };
    if after == *before {
        return Ok(Becomes::Same);
    }
    // Whoever decided on what was there before must not write it back.
    if matches!(kind, ErasedKind::Dispute | ErasedKind::CaseFile) || sk == TRANSACTION {
        let version = number(before, "version").unwrap_or_default();
        after.insert("version".to_owned(), value(version + 1)?);
    }
    check(sk, &after)?;
    let change = ItemChange::between(before, after, pinned);
    let scrubbed = |change| Becomes::Changed(Box::new(Scrubbed { change, kind, phase, is_dropped }));
    Ok(change.map_or(Becomes::Same, scrubbed))
}

/// Refuses to write what this release could not read again.
pub(super) fn check(sk: &str, after: &Item) -> Result<(), StoreError> {
    let item = after.clone();
    match sk {
        DISPUTE => body::<Dispute>(item).map(drop),
        SUPPORT_CASE => body::<CaseFile>(item).map(drop),
        TRANSACTION => body::<StoredTransaction>(item).map(drop),
        POINTER => body::<Pointer>(item).map(drop),
        sk if sk.starts_with(MAILS) => body::<OutboxMail>(item).map(drop),
        sk if sk.starts_with(MESSAGES) => body::<Message>(item).map(drop),
        sk if sk.starts_with(SUPPORT_EVENTS) => body::<SupportEvent>(item).map(drop),
        sk if sk.starts_with(EVENTS) => body::<HistoryEntry>(item).map(drop),
        sk if sk.starts_with(FEEDBACK) => body::<DeliveryFeedback>(item).map(drop),
        _ => Ok(()),
    }
}

/// The dispute: its claim where the person makes it, the files that the person sent, and details.
fn dispute(plan: &CasePlan, after: &mut Item) {
    let words = &plan.words;
    facts(words, after);
    for name in ["contact_person", "message"] {
        let is_own = plan.claim_is_own;
        write(after, &["claim", name], |text| if is_own { Some(ERASED.to_owned()) } else { words.without(text) });
    }
    if let Some(AttributeValue::L(files)) = at(after, &["claim", "evidence"]) {
        let id = |file: &AttributeValue| {
            let id = file.as_m().ok().and_then(|file| file.get("id")).and_then(|id| id.as_s().ok());
            id.is_some_and(|id| plan.own_files.contains(id))
        };
        files.retain(|file| !id(file));
        if files.is_empty()
            && let Some(AttributeValue::M(claim)) = at(after, &["claim"])
        {
            claim.remove("evidence");
        }
    }
    let (customer, merchant) = plan.details_are_own;
    for (is_own, side, fields) in [
        (customer, "customer", &["name", "mobile"][..]),
        (merchant, "merchant", &["name", "mobile"][..]),
        (customer, "payment_instrument", &[][..]),
    ] {
        if is_own && fields.is_empty() {
            write(after, &["details", side], |_| Some(ERASED.to_owned()));
        }
        for field in fields {
            write(
                after,
                &["details", side, field],
                |text| {
                    if is_own { Some(ERASED.to_owned()) } else { words.without(text) }
                },
            );
        }
    }
    for path in [&["details", "comments"][..], &["logged", "comment"]] {
        write(after, path, |text| words.without(text));
    }
}

/// What the platform says of the customer.
fn facts(words: &Words, after: &mut Item) {
    for name in ["customer_reference", "additional_info"] {
        write(after, &["facts", "details", name], |text| words.without(text));
    }
}

fn mail(plan: &CasePlan, stored: &OutboxMail, after: &mut Item) {
    let words = &plan.words;
    let is_own = plan.is_own_mail(stored);
    let own = |text: &str| if is_own { Some(ERASED.to_owned()) } else { words.without(text) };
    write(after, &["notification", "support", "subject"], own);
    if let Some(AttributeValue::L(paragraphs)) = at(after, &["notification", "support", "paragraphs"]) {
        if is_own {
            *paragraphs = vec![AttributeValue::S(ERASED.to_owned())];
        }
        for paragraph in paragraphs {
            each(paragraph, &own);
        }
    }
    let is_opener = stored.notification.cause.actor == Actor::Opener;
    let is_said = plan.claim_is_own && is_opener;
    write(after, &["notification", "details", "comment"], |text| {
        if is_said { Some(ERASED.to_owned()) } else { words.without(text) }
    });
    write(after, &["reason"], |text| words.without(text));
    if let Some(redriven) = after.get_mut("redriven") {
        each_named(redriven, &["why", "reason"], &|text| words.without(text));
    }
}

/// Whether a mail that waits, or that an operator could redrive, does not go out any more: nobody
/// is left to read it, or its text is erased.
fn drops(plan: &CasePlan, stored: &OutboxMail, before: &Item, after: &Item) -> Result<bool, StoreError> {
    let waits = before.contains_key("outbox_shard");
    let has_no_text = stored.notification.support.is_some() && plan.is_own_mail(stored);
    Ok(waits && (has_no_text || body::<OutboxMail>(after.clone())?.has_no_reader()))
}

/// Gives up a mail that waits.
pub(super) fn give_up(after: &mut Item, reason: &str, now: UnixMillis) -> Result<(), StoreError> {
    for name in ["outbox_shard", "outbox_due", "claimed_by"] {
        after.remove(name);
    }
    after.insert("mail_state".to_owned(), value(MailState::Dead)?);
    after.insert("reason".to_owned(), value(reason)?);
    after.insert("changed_at".to_owned(), value(now)?);
    Ok(())
}

/// Ends the claim of a worker whose lease is over, which could still write what it read before.
fn end_claim(after: &mut Item, now: UnixMillis) -> Result<(), StoreError> {
    after.remove("claimed_by");
    after.insert("mail_state".to_owned(), value(MailState::Pending)?);
    after.insert("changed_at".to_owned(), value(now)?);
    Ok(())
}

fn message(plan: &CasePlan, stored: &Message, after: &mut Item, gone: &[String]) {
    let words = &plan.words;
    let is_persons = plan.is_of_person(stored);
    let is_own = is_persons || stored.mail.is_some_and(|mail| plan.own_mails.contains(&mail));
    let own = |text: &str| if is_own { Some(ERASED.to_owned()) } else { words.without(text) };
    write(after, &["text"], |text| if text.is_empty() { None } else { own(text) });
    if is_persons {
        for name in ["from_name", "message_id", "object"] {
            after.remove(name);
        }
    }
    write(after, &["from_name"], |text| words.without(text));
    if stored.object.as_ref().is_some_and(|object| gone.contains(object)) {
        after.remove("object");
    }
    if let Some(AttributeValue::L(attachments)) = after.get_mut("attachments") {
        for attachment in attachments {
            if is_persons && let AttributeValue::M(fields) = attachment {
                fields.remove("object");
                fields.remove("file");
            }
            each_named(attachment, &["name"], &own);
        }
    }
}
