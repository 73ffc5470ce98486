//! What was put on buses of EventBridge, as JSON.

use serde_json::{Value, json};

use crate::eventbridge::BusEvent;

/// The events as EventBridge hands them to a target, oldest first, each with its bus besides.
pub(super) fn as_json(events: &[BusEvent]) -> Value {
    let shown = |event: &BusEvent| {
        let mut shown = event.message();
        if let Some(members) = shown.as_object_mut() {
            members.insert("bus".to_owned(), json!(event.bus));
        }
        shown
    };
    events.iter().map(shown).collect()
}
