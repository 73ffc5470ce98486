//! Whether a caller may invoke the model that it names.
//!
//! Converse needs `bedrock:InvokeModel` on the model. For an inference profile it needs it on the
//! profile, and on the model behind it in each of its regions, of which this machine has one. A
//! guardrail needs `bedrock:ApplyGuardrail`.

use http::HeaderMap;
use serde_json::Value;

use crate::policy::{Denied, Iam, Use, signed_by};
use crate::template::{ACCOUNT, REGION};

/// What the ids of inference profiles begin with: a part of the world.
const PROFILES: [&str; 7] = ["us.", "us-gov.", "eu.", "apac.", "jp.", "au.", "global."];

/// The refusal of a call that its caller may not make.
pub(super) fn denied(iam: &Iam, headers: &HeaderMap, model: &str, request: &Value) -> Option<Denied> {
    let guardrail = request.pointer("/guardrailConfig/guardrailIdentifier").and_then(Value::as_str);
    iam.check(signed_by(headers), || used(model, guardrail)).err()
}

fn used(model: &str, guardrail: Option<&str>) -> Vec<Use> {
    let invoke = |resource: String| Use { action: "bedrock:InvokeModel".to_owned(), resource, context: Vec::new() };
    let foundation = |id: &str| invoke(format!("arn:aws:bedrock:{REGION}::foundation-model/{id}"));
    let profile = PROFILES.iter().find_map(|part| model.strip_prefix(part));
    let mut uses = match profile {
        _ if model.starts_with("arn:") => vec![invoke(model.to_owned())],
        Some(behind) => {
            vec![invoke(format!("arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/{model}")), foundation(behind)]
        }
        None => vec![foundation(model)],
    };
    uses.extend(guardrail.map(|id| Use {
        action: "bedrock:ApplyGuardrail".to_owned(),
        resource: format!("arn:aws:bedrock:{REGION}:{ACCOUNT}:guardrail/{id}"),
        context: Vec::new(),
    }));
    uses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_needs_the_model_behind_it_and_a_guardrail_its_own_action() {
        let named = |model: &str, guardrail: Option<&str>| -> Vec<String> {
            used(model, guardrail).into_iter().map(|used| format!("{} {}", used.action, used.resource)).collect()
        };
        let foundation = "bedrock:InvokeModel arn:aws:bedrock:us-east-1::foundation-model/vendor.model-v1:0";
        assert_eq!(named("vendor.model-v1:0", None), [foundation]);
        assert_eq!(
            named("apac.vendor.model-v1:0", Some("ab12")),
            [
                "bedrock:InvokeModel arn:aws:bedrock:us-east-1:000000000000:inference-profile/apac.vendor.model-v1:0",
                foundation,
                "bedrock:ApplyGuardrail arn:aws:bedrock:us-east-1:000000000000:guardrail/ab12",
            ]
        );
        assert_eq!(named("arn:aws:bedrock:x", None), ["bedrock:InvokeModel arn:aws:bedrock:x"]);
    }
}
