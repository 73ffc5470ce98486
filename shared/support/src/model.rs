//! Everything about a model that is pure: what it sees, what it may choose, and how its answer is
//! read. The call itself belongs to the worker.
//!
//! The model is given one tool and has to use it. The tool's input can only name an approved
//! template, an approved question or a person, so free text to a customer cannot come about. The
//! schema is a help for the model; [`parse_tool_use`] is the rule. It takes nothing that was not on
//! the [`Offer`] of this very case, and whatever it refuses, a person has.
//!
//! The model sees a redacted case: no addresses, names, PINs, card numbers, phone numbers or links,
//! and nothing of another case. The customer's words are one member of a JSON document, marked as
//! data.

mod parse;
mod prompt;
mod schema;

pub use parse::{ModelDecision, ModelRefusal, parse_tool_use};
pub use prompt::{Prompt, SYSTEM};
pub use schema::{TOOL_DESCRIPTION, TOOL_NAME, tool_schema};

use crate::case::{Language, State, SupportCase};
use crate::event::ProviderState;
use crate::templates::{Question, Slot, Slots, TemplateId, TemplateSet};

/// Why a model may hand a case to a person.
pub const ESCALATIONS: [&str; 6] =
    ["wants_a_person", "unclear", "complaint", "not_in_templates", "possible_fraud", "other"];

/// What a model may choose for one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Answers whose basis is on record.
    pub templates: Vec<TemplateId>,
    /// Questions whose answers are not known.
    pub questions: Vec<Question>,
    /// Languages with templates.
    pub languages: Vec<Language>,
    /// The values on record; the model may name no others.
    pub slots: Slots,
    /// Below this confidence, in percent, a person has the case.
    pub min_confidence: u8,
}

impl Offer {
    /// What fits the case as it is. `record` are the values of the dispute: refid, product, amount.
    #[must_use]
    pub fn of(case: &SupportCase, templates: &TemplateSet, record: &Slots, min_confidence: u8) -> Self {
        let waits = case.resume.as_ref().is_some_and(|resume| resume.state == State::WaitingForProvider);
        let answers = TemplateId::ALL.into_iter().filter(|template| match template {
            TemplateId::Delivered => case.facts.provider_said(ProviderState::Delivered),
            template => template.is_information() && waits,
        });
        let questions = Question::ALL.into_iter().filter(|question| !case.facts.provided.contains(&question.fact()));
        let answer = case.facts.provider.as_ref();
        let slots = Slots::new()
            .with_some(Slot::ProviderReference, answer.and_then(|answer| answer.reference.as_deref()))
            .with_some(Slot::Evidence, answer.and_then(|answer| answer.evidence.as_deref()))
            .or(record);
        Self {
            templates: answers.collect(),
            questions: questions.collect(),
            languages: templates.languages().cloned().collect(),
            slots,
            min_confidence,
        }
    }

    /// The offer without questions: where no answer of a customer is read, nobody is asked.
    #[must_use]
    pub fn without_questions(self) -> Self {
        Self { questions: Vec::new(), ..self }
    }
}

#[cfg(test)]
mod tests;
