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
//! | what the template needs is not on record; a value differs from the record | refused | does not apply |
//! | less than an hour since the last automatic mail; more than 20 in a case | refused | does not apply |
//!
//! The words by which a claim is known come from the files of all languages. The case's own values
//! (references, product, amount, and a date that is on record) are taken out of the text before
//! claims are looked for.

mod claims;
mod links;
mod mask;

use crate::case::{State, SupportCase};
use crate::event::ProviderState;
use crate::limits::{Limits, MAX_AUTOMATIC_MAILS};
use crate::redact::{self, Secret};
use crate::templates::{Basis, RenderedMail, Slot, SlotValue, Slots, TemplateId, TemplateSet};
use crate::time::UnixSeconds;

/// The longest subject and text that are looked at; longer ones are refused.
const MAX_SUBJECT: usize = 400;
const MAX_TEXT: usize = 20_000;

/// What the platform says about the transaction now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionStatus {
    /// It has not ended yet.
    Open,
    /// It completed.
    Succesful,
    /// It was paid back.
    Refund,
    /// It did not go through.
    Failed,
}

/// A finished mail.
#[derive(Clone, Copy, Debug)]
pub struct OutgoingMail<'a> {
    /// From which template.
    pub template: TemplateId,
    /// Subject and text.
    pub mail: &'a RenderedMail,
    /// The values that were put into it.
    pub slots: &'a Slots,
    /// The case whose recipients get it.
    pub recipients_of: &'a str,
}

/// What is on record.
#[derive(Clone, Copy, Debug)]
pub struct OnRecord<'a> {
    /// The case after the step that ordered the mail.
    pub case: &'a SupportCase,
    /// `RC-` and eight characters.
    pub case_id: &'a str,
    /// The client's reference of the transaction.
    pub refid: &'a str,
    /// The platform's id of the transaction.
    pub trxid: &'a str,
    /// What was bought.
    pub product: Option<&'a str>,
    /// The amount as the platform writes it.
    pub amount: Option<&'a str>,
    /// The transaction's status now.
    pub transaction: TransactionStatus,
    /// Hosts that a link or an address may name, in small letters.
    pub allowed_hosts: &'a [&'a str],
    /// References of other cases that the caller knows, such as those of the same account.
    pub others: &'a [&'a str],
    /// When the last automatic mail of the case before this one went into the outbox.
    pub last_mail_at: Option<UnixSeconds>,
    /// How many automatic mails of the case went into it before.
    pub mails_before: u32,
}

/// A rule that a mail breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Violation {
    /// It has what no mail may carry.
    Secret(Secret),
    /// It names a host that is not on the allow-list.
    Link,
    /// It names another case, or goes to another case's recipients.
    OtherCase,
    /// It says that money comes back.
    Money,
    /// It names an amount that is not the payment's.
    Amount,
    /// It says how something ended.
    Result,
    /// It promises something.
    Promise,
    /// It names a day or a time that is not on record.
    Date,
    /// What its template needs is not on record.
    NoBasis(TemplateId),
    /// A value differs from what is on record.
    NotOnRecord(Slot),
    /// The last automatic mail is less than an hour old.
    TooSoon,
    /// The case has had as many automatic mails as it may have.
    TooMany,
    /// It is too long, or its subject is not one line.
    Malformed,
}

impl Violation {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Secret(Secret::CardNumber) => "card_number",
            Self::Secret(Secret::Pin) => "pin",
            Self::Secret(Secret::Key) => "key",
            Self::Link => "link",
            Self::OtherCase => "other_case",
            Self::Money => "money",
            Self::Amount => "amount",
            Self::Result => "result",
            Self::Promise => "promise",
            Self::Date => "date",
            Self::NoBasis(_) => "no_basis",
            Self::NotOnRecord(_) => "not_on_record",
            Self::TooSoon => "too_soon",
            Self::TooMany => "too_many",
            Self::Malformed => "malformed",
        }
    }

    /// The sentence for an agent.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Secret(Secret::CardNumber) => "The text has a full card number.",
            Self::Secret(Secret::Pin) => "The text has a PIN or a number that looks like one.",
            Self::Secret(Secret::Key) => "The text has a password or a key.",
            Self::Link => "The text has a link or an address that is not on the allow-list.",
            Self::OtherCase => "The text names another case, or goes to another case's recipients.",
            Self::Money => "The text says that money comes back, which is not on record.",
            Self::Amount => "The text names an amount that is not the payment's.",
            Self::Result => "The text says how it ended, which is not on record.",
            Self::Promise => "The text promises something.",
            Self::Date => "The text names a day or a time that is not on record.",
            Self::NoBasis(_) => "What the template says is not on record.",
            Self::NotOnRecord(_) => "A value of the mail differs from the record.",
            Self::TooSoon => "The last automatic mail is less than an hour old.",
            Self::TooMany => "The case has had as many automatic mails as it may have.",
            Self::Malformed => "The text is too long, or the subject is not one line.",
        }
    }

    /// Whether an agent's reply with it is refused; otherwise the agent is warned.
    #[must_use]
    pub fn refuses_agent(self) -> bool {
        matches!(self, Self::Secret(_) | Self::Link | Self::OtherCase | Self::Malformed)
    }
}

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
    found.extend(mail.slots.iter().filter(|(slot, value)| !is_on_record(*slot, value, record)).map(|(slot, _)| {
        Violation::NotOnRecord(slot)
    }));
    let whole = format!("{subject}\n{text}");
    if subject.chars().count() > MAX_SUBJECT || text.chars().count() > MAX_TEXT {
        found.push(Violation::Malformed);
    } else {
        found.extend(always(&whole, record));
        if mail.template != TemplateId::Supervisors {
            let may_claim = |violation: &Violation| is_founded(*violation, mail.template, record);
            found.extend(claims::found(&whole, record, templates).into_iter().filter(|claim| !may_claim(claim)));
        }
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// Checks what an agent writes. A violation with [`Violation::refuses_agent`] refuses the reply; the
/// agent is warned of all others.
#[must_use]
pub fn check_agent_text(text: &str, record: &OnRecord<'_>, templates: &TemplateSet) -> Vec<Violation> {
    if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
        return vec![Violation::Malformed];
    }
    let mut found = always(text, record);
    let money_is_founded = record.transaction == TransactionStatus::Refund;
    let claims = claims::found(text, record, templates).into_iter();
    found.extend(claims.filter(|claim| !(money_is_founded && *claim == Violation::Money)));
    found.sort_unstable();
    found.dedup();
    found
}

/// The rules that hold for whoever writes.
fn always(text: &str, record: &OnRecord<'_>) -> Vec<Violation> {
    let secrets = redact::secrets(&mask::own_references(text, record)).into_iter().map(Violation::Secret);
    let link = links::has_other(text, record.allowed_hosts).then_some(Violation::Link);
    let other = mask::names_other_case(text, record).then_some(Violation::OtherCase);
    secrets.chain(link).chain(other).collect()
}

/// Whether a claim is what the template says and the record bears out.
fn is_founded(claim: Violation, template: TemplateId, record: &OnRecord<'_>) -> bool {
    match claim {
        Violation::Money => template.basis() == Basis::Refund && record.transaction == TransactionStatus::Refund,
        Violation::Result => match template.basis() {
            Basis::Nothing | Basis::ProviderPending | Basis::WithAgent => false,
            Basis::ProviderDelivered
            | Basis::ProviderFailed
            | Basis::Refund
            | Basis::Failed
            | Basis::Resolved(_) => has_basis(template, record),
        },
        _ => false,
    }
}

fn has_basis(template: TemplateId, record: &OnRecord<'_>) -> bool {
    let case = record.case;
    match template.basis() {
        Basis::Nothing => case.state == State::WaitingForCustomer,
        Basis::ProviderPending => {
            case.state == State::WaitingForProvider && !case.facts.provider_said(ProviderState::Delivered)
        }
        Basis::ProviderDelivered => {
            case.state == State::Answered && case.facts.provider_said(ProviderState::Delivered)
        }
        Basis::ProviderFailed => case.state == State::Resolved && case.facts.provider_said(ProviderState::Failed),
        Basis::Refund => case.state == State::Resolved && record.transaction == TransactionStatus::Refund,
        Basis::Failed => case.state == State::Resolved && record.transaction == TransactionStatus::Failed,
        Basis::Resolved(reasons) => case.state == State::Resolved && reasons.contains(&case.reason),
        Basis::WithAgent => case.state == State::WaitingForAgent,
    }
}

fn is_on_record(slot: Slot, value: &SlotValue, record: &OnRecord<'_>) -> bool {
    let facts = &record.case.facts;
    let provider = facts.provider.as_ref();
    let day = |at: &UnixSeconds| facts.told_until == Some(*at);
    match (slot, value) {
        (Slot::Date, SlotValue::Day(at)) => day(at),
        (Slot::Date, SlotValue::Text(_)) | (_, SlotValue::Day(_)) => false,
        (Slot::CaseId, SlotValue::Text(text)) => text == record.case_id,
        (Slot::Refid, SlotValue::Text(text)) => is_same(text, Some(record.refid)),
        (Slot::Product, SlotValue::Text(text)) => is_same(text, record.product),
        (Slot::Amount, SlotValue::Text(text)) => is_same(text, record.amount),
        (Slot::ProviderReference, SlotValue::Text(text)) => {
            is_same(text, provider.and_then(|answer| answer.reference.as_deref()))
        }
        (Slot::Evidence, SlotValue::Text(text)) => {
            is_same(text, provider.and_then(|answer| answer.evidence.as_deref()))
        }
        (Slot::Reason, SlotValue::Text(text)) => text == record.case.reason.sentence(),
        (Slot::State, SlotValue::Text(text)) => text == record.case.state.name(),
        (Slot::Agent, SlotValue::Text(text)) => match &record.case.owner {
            crate::case::Owner::Agent(name) => text == name.as_str(),
            crate::case::Owner::Nobody | crate::case::Owner::Automation => false,
        },
    }
}

fn is_same(value: &str, record: Option<&str>) -> bool {
    record.is_some_and(|record| redact::one_line(record, crate::event::MAX_EVIDENCE).starts_with(value))
}

#[cfg(test)]
mod tests;
