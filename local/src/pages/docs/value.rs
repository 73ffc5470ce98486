//! Values of openapi.yaml: scalars as text, members, and what a `$ref` points to.

use yaml_serde::Value;

/// How many `$ref`s are followed from one to the next, so that a circle ends.
const REFS: usize = 16;

/// The scalar at `key` as text; empty when there is none.
pub(super) fn string(value: &Value, key: &str) -> String {
    value.get(key).map(word).unwrap_or_default()
}

/// `value`, or what its `$ref` within this file points to.
pub(super) fn target<'a>(root: &'a Value, value: &'a Value) -> &'a Value {
    let mut value = value;
    for _ in 0..REFS {
        let Some(path) = value.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/")) else {
            return value;
        };
        let step = |at: &'a Value, name: &str| at.get(name.replace("~1", "/").replace("~0", "~"));
        match path.split('/').try_fold(root, step) {
            Some(found) => value = found,
            None => return &Value::Null,
        }
    }
    &Value::Null
}

/// A scalar as it is written, anything else as JSON.
pub(super) fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

/// The items of the list at `key`.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_sequence).into_iter().flatten()
}

/// The entries of the mapping at `key`, `$ref`s followed.
pub(super) fn entries<'a>(root: &'a Value, value: &'a Value, key: &str) -> Vec<(String, &'a Value)> {
    let entry = |(name, value): (&'a Value, &'a Value)| (word(name), target(root, value));
    value.get(key).and_then(Value::as_mapping).into_iter().flatten().map(entry).collect()
}
