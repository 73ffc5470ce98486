//! Rules that nothing passes.
//!
//! [`check_automatic`] looks at every automatic mail after it was written and before it goes into
//! the outbox. It does not trust what ordered the mail, nor the template: it reads the finished
//! subject and text, and compares them with what is on record. A mail that breaks a rule is not
//! sent; the caller brings [`crate::Event::MailRefused`], and a person has the case.
//!
//! | rule | automatic mail | agent's reply |
//! |---|---|---|
//! | a secret, PIN or full card number | refused | refused |
//! | a link or address outside the allow-list | refused | refused |
//! | something of another case | refused | refused |
//! | money, an amount, a result, a promise or a date that is not on record | refused | warning |
//! | the template's basis is missing; a value differs from the record | refused | none |
//! | less than an hour since the last automatic mail; more than 20 | refused | none |
//!
//! The words by which a claim is known come from the files of all languages. The case's own values
//! (references, product, amount, and a date that is on record) are taken out of the text before
//! claims are looked for. So is the provider's evidence before days are looked for, as it says when
//! the provider delivered.

mod claims;
mod links;
mod mask;
mod record;
mod violation;

pub use record::{OnRecord, OutgoingMail, TransactionStatus};
pub use violation::Violation;

use crate::case::{Owner, State};
use crate::event::ProviderState;
use crate::limits::{Limits, MAX_AUTOMATIC_MAILS};
use crate::redact;
use crate::templates::{Basis, RenderedMail, Slot, SlotValue, Slots, TemplateId, TemplateSet};
use crate::time::UnixSeconds;

/// The longest subject and text that are looked at; longer ones are refused.
const MAX_SUBJECT: usize = 400;
const MAX_TEXT: usize = 20_000;

/// Checks a finished automatic mail.
///
/// # Errors
/// Every [`Violation`], each once. The mail must not be sent then.
pub fn check_automatic(
    mail: &OutgoingMail<'_>,
    record: &OnRecord<'_>,
    templates: &TemplateSet,
    limits: &Limits,
    now: UnixSeconds,
) -> Result<(), Vec<Violation>> {
    let mut found = Vec::new();
    let RenderedMail { subject, text } = mail.mail;
    if mail.recipients_of != record.case_id {
        found.push(Violation::OtherCase);
    }
    if subject.chars().any(redact::is_invisible) {
        found.push(Violation::Malformed);
    }
    // The supervisors' mail is no mail of the customer's case; it has neither its cap nor its hour.
    if mail.template != TemplateId::Supervisors {
        if record.mails_before >= MAX_AUTOMATIC_MAILS {
            found.push(Violation::TooMany);
        }
        if record.last_mail_at.is_some_and(|at| at.plus(limits.mail_interval) > now) {
            found.push(Violation::TooSoon);
        }
    }
    if !has_basis(mail.template, record) {
        found.push(Violation::NoBasis(mail.template));
    }
    found.extend(
        mail.slots
            .iter()
            .filter(|(slot, value)| !is_on_record(*slot, value, record))
            .map(|(slot, _)| Violation::NotOnRecord(slot)),
    );
    let whole = format!("{subject}\n{text}");
    if subject.chars().count() > MAX_SUBJECT || text.chars().count() > MAX_TEXT {
        found.push(Violation::Malformed);
    } else {
        found.extend(always(&whole, record, templates));
        if mail.template != TemplateId::Supervisors {
            let may_claim = |violation: &Violation| is_founded(*violation, mail.template, record);
            found.extend(claims::found(&whole, record, templates).into_iter().filter(|claim| !may_claim(claim)));
        }
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// Checks what an agent writes. A violation with [`Violation::refuses_agent`] refuses the reply;
/// the agent is warned of all others.
#[must_use]
pub fn check_agent_text(text: &str, record: &OnRecord<'_>, templates: &TemplateSet) -> Vec<Violation> {
    if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
        return vec![Violation::Malformed];
    }
    let mut found = always(text, record, templates);
    let money_is_founded = record.transaction == TransactionStatus::Refund;
    let claims = claims::found(text, record, templates).into_iter();
    found.extend(claims.filter(|claim| !(money_is_founded && *claim == Violation::Money)));
    found.sort_unstable();
    found.dedup();
    found
}

/// The rules that hold for whoever writes.
fn always(text: &str, record: &OnRecord<'_>, templates: &TemplateSet) -> Vec<Violation> {
    let secrets = redact::secrets(&mask::own_references(text, record)).into_iter().map(Violation::Secret);
    let link = links::has_other(text, record.allowed_hosts).then_some(Violation::Link);
    let other = mask::names_other_case(text, record, templates).then_some(Violation::OtherCase);
    secrets.chain(link).chain(other).collect()
}

/// Whether a claim is what the template says and the record bears out.
fn is_founded(claim: Violation, template: TemplateId, record: &OnRecord<'_>) -> bool {
    match claim {
        Violation::Money => template.basis() == Basis::Refund && record.transaction == TransactionStatus::Refund,
        Violation::Result => match template.basis() {
            Basis::Nothing | Basis::ProviderPending | Basis::WithAgent => false,
            Basis::ProviderDelivered | Basis::ProviderFailed | Basis::Refund | Basis::Failed | Basis::Resolved(_) => {
                has_basis(template, record)
            }
        },
        _ => false,
    }
}

fn has_basis(template: TemplateId, record: &OnRecord<'_>) -> bool {
    let case = record.case;
    match template.basis() {
        Basis::Nothing => case.state == State::WaitingForCustomer,
        Basis::ProviderPending => {
            let is_final = |state| case.facts.provider_said(state);
            let ended = is_final(ProviderState::Delivered) || is_final(ProviderState::Failed);
            case.state == State::WaitingForProvider && !ended
        }
        Basis::ProviderDelivered => case.state == State::Answered && case.facts.provider_said(ProviderState::Delivered),
        Basis::ProviderFailed => case.state == State::Resolved && case.facts.provider_said(ProviderState::Failed),
        Basis::Refund => case.state == State::Resolved && record.transaction == TransactionStatus::Refund,
        Basis::Failed => case.state == State::Resolved && record.transaction == TransactionStatus::Failed,
        Basis::Resolved(reasons) => case.state == State::Resolved && reasons.contains(&case.reason),
        Basis::WithAgent => case.state == State::WaitingForAgent,
    }
}

/// Whether an agent may send what a template says: the record bears it out, whichever state the
/// case is in.
#[must_use]
pub fn bears_out(template: TemplateId, record: &OnRecord<'_>) -> bool {
    let case = record.case;
    match template.basis() {
        Basis::Nothing => true,
        Basis::ProviderPending => {
            let is_final = |state| case.facts.provider_said(state);
            let ended = is_final(ProviderState::Delivered) || is_final(ProviderState::Failed);
            case.counters.provider_attempts > 0 && !ended
        }
        Basis::ProviderDelivered => case.facts.provider_said(ProviderState::Delivered),
        Basis::WithAgent => template != TemplateId::Supervisors && has_basis(template, record),
        Basis::ProviderFailed | Basis::Refund | Basis::Failed | Basis::Resolved(_) => has_basis(template, record),
    }
}

/// Whether a value is the one on record, cut to the slot's limit as [`Slots`] cuts it.
fn is_on_record(slot: Slot, value: &SlotValue, record: &OnRecord<'_>) -> bool {
    let provider = record.case.facts.provider.as_ref();
    let on_record = match slot {
        Slot::Date => return record.case.facts.answer_by.map(SlotValue::Day).as_ref() == Some(value),
        Slot::CaseId => Some(record.case_id),
        Slot::Refid => Some(record.refid),
        Slot::Product => record.product,
        Slot::Amount => record.amount,
        Slot::ProviderReference => provider.and_then(|answer| answer.reference.as_deref()),
        Slot::Evidence => provider.and_then(|answer| answer.evidence.as_deref()),
        Slot::Reason => Some(record.case.reason.sentence()),
        Slot::State => Some(record.case.state.name()),
        Slot::Agent => match &record.case.owner {
            Owner::Agent(name) => Some(name.as_str()),
            Owner::Nobody | Owner::Automation => None,
        },
    };
    Slots::new().with_some(slot, on_record).get(slot) == Some(value)
}

#[cfg(test)]
mod tests;
