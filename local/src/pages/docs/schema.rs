//! Schemas in words: the members of a body, and what each may be.

use yaml_serde::Value;

use super::model::Field;
use super::value::{list, string, target, word};
use crate::pages::markdown::render;

/// How deep members of members are shown.
const DEPTH: usize = 4;

/// The members of `schema`, those of its own members behind a dot.
pub(super) fn fields(root: &Value, schema: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    collect(root, schema, "", DEPTH, &mut fields);
    fields
}

fn collect(root: &Value, schema: &Value, prefix: &str, depth: usize, fields: &mut Vec<Field>) {
    let schema = target(root, schema);
    let Some(depth) = depth.checked_sub(1) else { return };
    for part in ["allOf", "oneOf", "anyOf"].into_iter().flat_map(|key| list(schema, key)) {
        collect(root, part, prefix, depth, fields);
    }
    if let Some(items) = schema.get("items") {
        collect(root, items, &format!("{}[].", prefix.trim_end_matches('.')), depth, fields);
    }
    let required: Vec<&str> = list(schema, "required").filter_map(Value::as_str).collect();
    for (name, member) in schema.get("properties").and_then(Value::as_mapping).into_iter().flatten() {
        let Some(name) = name.as_str() else { continue };
        fields.push(Field {
            name: format!("{prefix}{name}"),
            place: String::new(),
            kind: kind(root, member),
            required: required.contains(&name),
            text: render(&description(root, member)),
            example: String::new(),
        });
        collect(root, member, &format!("{prefix}{name}."), depth, fields);
    }
}

/// The description beside a `$ref` or, without one, that of what it points to. A schema that may
/// also be `null` has its description in its only other alternative.
pub(super) fn description(root: &Value, schema: &Value) -> String {
    let pointed = target(root, schema);
    let mut alternatives = list(pointed, "oneOf").filter(|part| string(part, "type") != "null");
    let only = match (alternatives.next(), alternatives.next()) {
        (Some(only), None) => target(root, only),
        _ => &Value::Null,
    };
    let all = [schema, pointed, only].map(|value| string(value, "description"));
    all.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

/// What `schema` allows, in words: its type, its values, its limits.
pub(super) fn kind(root: &Value, schema: &Value) -> String {
    kind_within(root, schema, DEPTH)
}

/// The kind of `schema`; of alternatives within alternatives as many as `depth` says.
fn kind_within(root: &Value, schema: &Value, depth: usize) -> String {
    let schema = target(root, schema);
    let Some(depth) = depth.checked_sub(1) else { return String::new() };
    let alternatives = ["oneOf", "anyOf"].into_iter().flat_map(|key| list(schema, key));
    let kinds: Vec<String> = alternatives.map(|part| kind_within(root, part, depth)).collect();
    let mut parts = match kinds.iter().any(|kind| kind.contains(',')) {
        _ if kinds.is_empty() => vec![type_of(root, schema, DEPTH)],
        true => vec![kinds.join(", or ")],
        false => vec![kinds.join(" or ")],
    };
    parts.extend(schema.get("format").map(word));
    parts.extend(range(schema, "minLength", "maxLength", " characters"));
    parts.extend(range(schema, "minItems", "maxItems", " items"));
    parts.extend(range(schema, "minimum", "maximum", ""));
    parts.extend(schema.get("pattern").map(|pattern| format!("matches {}", word(pattern))));
    parts.extend(schema.get("const").map(|value| format!("always {}", word(value))));
    parts.extend(schema.get("default").map(|value| format!("default {}", word(value))));
    let values: Vec<String> = list(schema, "enum").map(word).collect();
    if !values.is_empty() {
        parts.push(format!("one of {}", values.join(", ")));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

/// Limits in words: `16 to 128 characters`.
fn range(schema: &Value, least: &str, most: &str, unit: &str) -> Option<String> {
    match (schema.get(least).map(word), schema.get(most).map(word)) {
        (Some(least), Some(most)) => Some(format!("{least} to {most}{unit}")),
        (Some(least), None) => Some(format!("at least {least}{unit}")),
        (None, Some(most)) => Some(format!("at most {most}{unit}")),
        (None, None) => None,
    }
}

fn type_of(root: &Value, schema: &Value, depth: usize) -> String {
    let schema = target(root, schema);
    let Some(depth) = depth.checked_sub(1) else { return String::new() };
    for key in ["oneOf", "anyOf"] {
        let kinds: Vec<String> = list(schema, key).map(|part| type_of(root, part, depth)).collect();
        if !kinds.is_empty() {
            return kinds.join(" or ");
        }
    }
    let name = match schema.get("type") {
        Some(Value::Sequence(names)) => names.iter().map(word).collect::<Vec<_>>().join(" or "),
        Some(name) => word(name),
        None if schema.get("properties").is_some() => "object".to_owned(),
        None => String::new(),
    };
    match schema.get("items").map(|items| type_of(root, items, depth)) {
        Some(items) if !items.is_empty() => name.replacen("array", &format!("array of {items}"), 1),
        _ => name,
    }
}
