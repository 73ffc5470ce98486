//! From a step to finished mails: values filled in, written, and checked by [`crate::guard`].
//!
//! A mail that cannot be written, or that breaks a rule, takes its step with it: the case goes to a
//! person instead, before anything is stored.

use crate::case::{Language, Owner, SupportCase};
use crate::effect::{Effect, MailOrder};
use crate::event::Event;
use crate::guard::{OnRecord, OutgoingMail, Violation, bears_out, check_automatic};
use crate::limits::Setup;
use crate::step::{Step, step};
use crate::templates::{RenderedMail, Slot, Slots, TemplateId, TemplateSet};
use crate::time::UnixSeconds;

/// A mail for the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComposedMail {
    /// From which template.
    pub template: TemplateId,
    /// Subject and text.
    pub mail: RenderedMail,
}

/// A step with its mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// The case and its effects; those that order mails are in [`Self::customer`] and
    /// [`Self::supervisors`] instead.
    pub step: Step,
    /// The mail to the recipients of the case.
    pub customer: Option<ComposedMail>,
    /// The mail to the supervisors.
    pub supervisors: Option<ComposedMail>,
    /// What was wrong with a mail that is not sent; empty where all is well, or where it could not
    /// be written at all.
    pub violations: Vec<Violation>,
}

/// Writes the mails of a step. The case of `record` is that of the step, whichever it names.
#[must_use]
pub fn compose(
    done: Step,
    record: &OnRecord<'_>,
    templates: &TemplateSet,
    setup: &Setup,
    now: UnixSeconds,
) -> Composed {
    let Step { case, effects } = done;
    let mut composed = Composed {
        step: Step { case, effects: Vec::new() },
        customer: None,
        supervisors: None,
        violations: Vec::new(),
    };
    for effect in effects {
        match effect {
            Effect::SendMail(order) => {
                let language = composed.step.case.language.clone();
                let written = write(&order, &composed.step.case, &language, record, templates, setup, now);
                match written {
                    Ok(mail) => composed.customer = Some(mail),
                    Err(violations) => {
                        composed.violations = violations;
                        let refused = step(&composed.step.case, &Event::MailRefused, now, setup);
                        composed.step.case = refused.case;
                        composed.step.effects.extend(refused.effects);
                    }
                }
            }
            Effect::MailSupervisors { .. } => {
                let (case, english) = (&composed.step.case, Language::english());
                let order = MailOrder { template: TemplateId::Supervisors, slots: Slots::new() };
                let full = write(&order, case, &english, record, templates, setup, now);
                // Supervisors are mailed whatever a client put into a reference or a product's
                // name.
                let bare = OnRecord { refid: "", product: None, ..*record };
                let mail = full.or_else(|_| write(&order, case, &english, &bare, templates, setup, now));
                composed.supervisors = mail.ok();
            }
            effect => composed.step.effects.push(effect),
        }
    }
    composed
}

/// A mail of the process as a draft for an agent, who may change it before it goes out. `None`
/// where its values are not on record, or the record does not bear out what it says.
#[must_use]
pub fn draft(
    template: TemplateId,
    language: &Language,
    record: &OnRecord<'_>,
    templates: &TemplateSet,
) -> Option<RenderedMail> {
    let answer = record.case.facts.provider.as_ref();
    let slots = of_record(template, record)
        .with_some(Slot::ProviderReference, answer.and_then(|answer| answer.reference.as_deref()))
        .with_some(Slot::Evidence, answer.and_then(|answer| answer.evidence.as_deref()));
    let slots = match record.case.facts.answer_by {
        Some(day) => slots.on(day),
        None => slots,
    };
    let language = if templates.has(language) { language.clone() } else { Language::english() };
    let mail = templates.render(template, &language, &slots).ok()?;
    bears_out(template, record).then_some(mail)
}

fn write(
    order: &MailOrder,
    case: &SupportCase,
    language: &Language,
    record: &OnRecord<'_>,
    templates: &TemplateSet,
    setup: &Setup,
    now: UnixSeconds,
) -> Result<ComposedMail, Vec<Violation>> {
    let template = order.template;
    let record = OnRecord { case, ..*record };
    let slots = order.slots.clone().or(&of_record(template, &record));
    let language = if templates.has(language) { language.clone() } else { Language::english() };
    let mail = templates.render(template, &language, &slots).map_err(|_| Vec::new())?;
    let outgoing = OutgoingMail { template, mail: &mail, slots: &slots, recipients_of: record.case_id };
    check_automatic(&outgoing, &record, templates, &setup.limits, now)?;
    Ok(ComposedMail { template, mail })
}

/// The values of the record that a template may have.
fn of_record(template: TemplateId, record: &OnRecord<'_>) -> Slots {
    let agent = match &record.case.owner {
        Owner::Agent(name) => Some(name.as_str()),
        Owner::Nobody | Owner::Automation => None,
    };
    let values = [
        (Slot::CaseId, Some(record.case_id)),
        (Slot::Refid, Some(record.refid)),
        (Slot::Product, record.product),
        (Slot::Amount, record.amount),
        (Slot::Reason, Some(record.case.reason.sentence())),
        (Slot::State, Some(record.case.state.name())),
        (Slot::Agent, agent),
    ];
    let may_have = |slot: &Slot| template.required().contains(slot) || template.optional().contains(slot);
    let values = values.into_iter().filter(|(slot, _)| may_have(slot));
    values.fold(Slots::new(), |slots, (slot, value)| slots.with_some(slot, value))
}

#[cfg(test)]
mod tests;
