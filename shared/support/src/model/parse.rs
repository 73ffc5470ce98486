//! Reading the model's answer. What is not exactly on the offer is refused.

use super::{ESCALATIONS, Offer, schema};
use crate::case::Language;
use crate::decision::{DecidedBy, Decision, Ruling};
use crate::event::Event;
use crate::json::{self, Json};
use crate::reason::Reason;
use crate::redact;
use crate::templates::{Slot, Slots, TemplateId};

/// A tool call has some 500 bytes.
const MAX_BYTES: usize = 8_192;
/// The longest summary, in characters.
pub(super) const MAX_SUMMARY: usize = 600;
const MEMBERS: [&str; 8] = ["action", "template", "question", "reason", "slots", "language", "summary", "confidence"];

/// What the model chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelDecision {
    /// An answer, a question, or a person.
    pub decision: Decision,
    /// In which language the customer writes, as the model guesses; one that has templates.
    pub language: Language,
    /// What the model says for the agent: on one line, redacted. Never shown to a customer.
    pub summary: String,
    /// How sure it is, in percent.
    pub confidence: u8,
    /// Why it hands the case to a person, one of [`ESCALATIONS`].
    pub escalation: Option<&'static str>,
}

/// Why the model's answer is not used. A person has the case then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelRefusal {
    /// The input of the tool is too long.
    #[error("the tool's input is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// It is no JSON object, or has a member twice.
    #[error("the tool's input is no JSON object with each member once")]
    Malformed,
    /// It has a member that the tool does not have.
    #[error("the tool's input has an unknown member")]
    UnknownMember,
    /// A member that is needed is missing, or has the wrong type.
    #[error("the member {0} is missing or has the wrong type")]
    Missing(&'static str),
    /// A member belongs to another action.
    #[error("the member {0} does not belong to this action")]
    Misplaced(&'static str),
    /// It is not one of the values that were offered.
    #[error("the value of {0} was not offered")]
    NotOffered(&'static str),
    /// A slot has a value that is not on record.
    #[error("a slot is not what is on record")]
    SlotNotOnRecord,
    /// The summary is too long.
    #[error("the summary is longer than {MAX_SUMMARY} characters")]
    SummaryTooLong,
    /// The model is not sure enough.
    #[error("the confidence is below the threshold")]
    BelowThreshold,
}

impl ModelRefusal {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::UnknownMember => "unknown_member",
            Self::Missing(_) => "missing",
            Self::Misplaced(_) => "misplaced",
            Self::NotOffered(_) => "not_offered",
            Self::SlotNotOnRecord => "slot_not_on_record",
            Self::SummaryTooLong => "summary_too_long",
            Self::BelowThreshold => "below_threshold",
        }
    }

    /// The event that hands the case to a person.
    #[must_use]
    pub fn event(self, call: u32) -> Event {
        Event::ModelRefused { call, code: self.code(), is_unsure: self == Self::BelowThreshold }
    }
}

impl ModelDecision {
    /// The event that carries the decision out. `model` is the id that was called. With
    /// `guesses_language`, the customer is answered in the language that the model names; without,
    /// in that of the account's setting.
    #[must_use]
    pub fn event(&self, call: u32, model: &str, guesses_language: bool) -> Event {
        let mut saw = vec![format!("confidence:{}", self.confidence), format!("language:{}", self.language.as_str())];
        saw.extend(self.escalation.map(|reason| format!("model_reason:{reason}")));
        let by = DecidedBy::Model(redact::one_line(model, 200));
        let language = guesses_language.then(|| self.language.clone());
        let ruling = Ruling { decision: self.decision.clone(), by, position: None, saw };
        Event::ModelAnswered { call, ruling, language }
    }
}

/// Reads the input of the model's tool call.
///
/// # Errors
/// [`ModelRefusal`]: the answer must not be used.
pub fn parse_tool_use(input: &str, offer: &Offer) -> Result<ModelDecision, ModelRefusal> {
    if input.len() > MAX_BYTES {
        return Err(ModelRefusal::TooLong);
    }
    let document = json::read("tool", input, MAX_BYTES).map_err(|_| ModelRefusal::Malformed)?;
    let members = document.object("tool").map_err(|_| ModelRefusal::Malformed)?;
    if members.iter().any(|(name, _)| !MEMBERS.contains(&name.as_str())) {
        return Err(ModelRefusal::UnknownMember);
    }
    let language = chosen(&document, "language", &offer.languages, Language::as_str)?.clone();
    let summary = text(&document, "summary")?;
    if summary.chars().count() > MAX_SUMMARY {
        return Err(ModelRefusal::SummaryTooLong);
    }
    let confidence = match document.get("confidence") {
        Some(Json::Whole(percent)) => u8::try_from(*percent).ok().filter(|percent| *percent <= 100),
        _ => None,
    };
    let confidence = confidence.ok_or(ModelRefusal::Missing("confidence"))?;
    let (decision, escalation) = match text(&document, "action")? {
        "answer" => (answer(&document, offer)?, None),
        "ask" => {
            apart(&document, &["template", "slots", "reason"])?;
            (Decision::Ask(*chosen(&document, "question", &offer.questions, |question| question.name())?), None)
        }
        "escalate" => {
            apart(&document, &["template", "slots", "question"])?;
            let reason = chosen(&document, "reason", &ESCALATIONS, |reason| reason)?;
            (Decision::Escalate(Reason::ModelEscalated), Some(*reason))
        }
        _ => return Err(ModelRefusal::NotOffered("action")),
    };
    // Whoever is not sure may always hand the case to a person.
    if escalation.is_none() && confidence < offer.min_confidence {
        return Err(ModelRefusal::BelowThreshold);
    }
    let summary = redact::redacted(summary, &[], MAX_SUMMARY);
    Ok(ModelDecision { decision, language, summary, confidence, escalation })
}

fn answer(document: &Json, offer: &Offer) -> Result<Decision, ModelRefusal> {
    apart(document, &["question", "reason"])?;
    let template: TemplateId = *chosen(document, "template", &offer.templates, |template| template.name())?;
    let mut slots = Slots::new();
    match document.get("slots") {
        None | Some(Json::Null) => {}
        Some(Json::Object(members)) => {
            for (name, value) in members {
                let slot = Slot::parse(name).filter(|slot| schema::SLOTS.contains(slot));
                let slot = slot.ok_or(ModelRefusal::UnknownMember)?;
                match (value, offer.slots.text(slot)) {
                    (Json::Text(value), Some(on_record)) if value == on_record => {
                        slots = slots.with(slot, on_record);
                    }
                    _ => return Err(ModelRefusal::SlotNotOnRecord),
                }
            }
        }
        Some(_) => return Err(ModelRefusal::Missing("slots")),
    }
    Ok(Decision::Answer { template, slots })
}

/// Members of other actions may be there as `null` only, which some models write for "none".
fn apart(document: &Json, others: &[&'static str]) -> Result<(), ModelRefusal> {
    let is_empty = |value: &Json| match value {
        Json::Null => true,
        Json::Object(members) => members.is_empty(),
        _ => false,
    };
    match others.iter().find(|name| document.get(name).is_some_and(|value| !is_empty(value))) {
        Some(name) => Err(ModelRefusal::Misplaced(name)),
        None => Ok(()),
    }
}

fn text<'a>(document: &'a Json, name: &'static str) -> Result<&'a str, ModelRefusal> {
    match document.get(name) {
        Some(Json::Text(text)) if !text.trim().is_empty() => Ok(text),
        _ => Err(ModelRefusal::Missing(name)),
    }
}

fn chosen<'a, T>(
    document: &Json,
    name: &'static str,
    offered: &'a [T],
    name_of: fn(&T) -> &str,
) -> Result<&'a T, ModelRefusal> {
    let value = text(document, name)?;
    offered.iter().find(|choice| name_of(choice) == value).ok_or(ModelRefusal::NotOffered(name))
}
