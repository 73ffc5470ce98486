//! Whether a caller may put events on the buses that it names: `events:PutEvents` on each.

use http::HeaderMap;
use serde_json::Value;

use crate::policy::{Denied, Iam, Use, signed_by};
use crate::template::{ACCOUNT, REGION};

/// The refusal of a request that its caller may not make.
pub(super) fn denied(iam: &Iam, headers: &HeaderMap, entries: &[Value]) -> Option<Denied> {
    iam.check(signed_by(headers), || entries.iter().map(used).collect()).err()
}

fn used(entry: &Value) -> Use {
    let bus = entry.get("EventBusName").and_then(Value::as_str).unwrap_or("default");
    let is_arn = bus.starts_with("arn:");
    let resource = if is_arn { bus.to_owned() } else { format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus}") };
    Use { action: "events:PutEvents".to_owned(), resource, context: Vec::new() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_bus_is_named_by_its_name_or_its_arn() {
        let resource = |entry: Value| used(&entry).resource;
        let arn = |name: &str| format!("arn:aws:events:us-east-1:000000000000:event-bus/{name}");
        assert_eq!(resource(json!({})), arn("default"));
        assert_eq!(resource(json!({ "EventBusName": "ours" })), arn("ours"));
        assert_eq!(resource(json!({ "EventBusName": "arn:aws:events:x" })), "arn:aws:events:x");
    }
}
