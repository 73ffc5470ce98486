//! What was put on the event bus, as JSON.

use serde_json::{Value, json};

use crate::eventbridge::BusEvent;

/// The events as EventBridge hands them to a target, oldest first.
pub(super) fn as_json(events: &[BusEvent]) -> Value {
    let event = |event: &BusEvent| {
        json!({
            "id": event.id, "bus": event.bus, "source": event.source, "detail-type": event.detail_type,
            "time": event.time, "resources": [], "detail": event.json(),
        })
    };
    events.iter().map(event).collect()
}
