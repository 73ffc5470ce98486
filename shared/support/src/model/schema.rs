//! The schema of the one tool.
//!
//! On the top level it has `type`, `properties` and `required` alone: some models of Bedrock refuse
//! a schema with anything else there, and tool names other than letters, digits and `_`. So
//! [`super::parse_tool_use`] refuses unknown members, not the schema.

use serde_json::{Value, json};

use super::{ESCALATIONS, Offer};
use crate::templates::{Question, Slot, TemplateId};

/// The tool's name. The request has to force it (`toolChoice.tool.name`).
pub const TOOL_NAME: &str = "decide";
/// The tool's description.
pub const TOOL_DESCRIPTION: &str =
    "Chooses what happens to the case next: an approved answer, an approved question, or a person.";
/// The slots that a model may name, each with exactly the value on record.
pub(super) const SLOTS: [Slot; 1] = [Slot::ProviderReference];

/// The value of `toolSpec.inputSchema.json`. A choice that the offer does not have is not in it.
#[must_use]
pub fn tool_schema(offer: &Offer) -> Value {
    let mut actions = vec!["escalate"];
    let mut properties = serde_json::Map::new();
    if !offer.templates.is_empty() {
        actions.push("answer");
        let names: Vec<&str> = offer.templates.iter().copied().map(TemplateId::name).collect();
        properties.insert("template".to_owned(), json!({ "type": "string", "enum": names }));
        let slots = SLOTS.iter().filter_map(|slot| {
            offer.slots.text(*slot).map(|value| (slot.name().to_owned(), json!({ "type": "string", "enum": [value] })))
        });
        let slots: serde_json::Map<String, Value> = slots.collect();
        properties.insert("slots".to_owned(), json!({ "type": "object", "properties": slots }));
    }
    if !offer.questions.is_empty() {
        actions.push("ask");
        let names: Vec<&str> = offer.questions.iter().copied().map(Question::name).collect();
        properties.insert("question".to_owned(), json!({ "type": "string", "enum": names }));
    }
    let languages: Vec<&str> = offer.languages.iter().map(crate::case::Language::as_str).collect();
    properties.insert("action".to_owned(), json!({ "type": "string", "enum": actions }));
    properties.insert("reason".to_owned(), json!({ "type": "string", "enum": ESCALATIONS }));
    properties.insert("language".to_owned(), json!({ "type": "string", "enum": languages }));
    properties.insert("summary".to_owned(), json!({ "type": "string", "maxLength": super::parse::MAX_SUMMARY }));
    properties.insert("confidence".to_owned(), json!({ "type": "integer", "minimum": 0, "maximum": 100 }));
    json!({
        "type": "object",
        "properties": properties,
        "required": ["action", "language", "summary", "confidence"],
    })
}
