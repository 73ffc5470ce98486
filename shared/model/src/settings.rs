//! What a deployment says about its model.

use aws_sdk_bedrockruntime::types::GuardrailConfiguration;
use recourse_aws::{Aws, BadVariable};

/// How many tokens an answer may have, where the deployment does not say: enough for the tool's
/// input with its summary.
const TOKENS: i32 = 1024;
/// The longest id or ARN of a model (Converse API, `modelId`) and of a guardrail.
const MAX_ID: usize = 2048;

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) model: String,
    pub(crate) max_tokens: i32,
    pub(crate) guardrail: Option<GuardrailConfiguration>,
}

impl Settings {
    /// `None` where no model is named.
    pub(crate) fn from_environment(aws: &Aws) -> Result<Option<Self>, BadVariable> {
        let text = |name| aws.variable(name).ok().filter(|value| !value.is_empty());
        let Some(model) = text("SUPPORT_MODEL") else { return Ok(None) };
        if !is_id(&model) {
            return Err(bad("SUPPORT_MODEL", "must be the id or ARN of a model or inference profile"));
        }
        Ok(Some(Self {
            model,
            max_tokens: text("SUPPORT_MODEL_TOKENS").map_or(Ok(TOKENS), |text| tokens(&text))?,
            guardrail: text("SUPPORT_MODEL_GUARDRAIL").map(|text| guardrail(&text)).transpose()?,
        }))
    }
}

fn tokens(text: &str) -> Result<i32, BadVariable> {
    let rule = || bad("SUPPORT_MODEL_TOKENS", "must be a whole number from 64 to 4096");
    text.parse().ok().filter(|tokens| (64..=4096).contains(tokens)).ok_or_else(rule)
}

/// `<id>:<version>`. An ARN has colons of its own, so the version is what follows the last one.
fn guardrail(text: &str) -> Result<GuardrailConfiguration, BadVariable> {
    let rule = || bad("SUPPORT_MODEL_GUARDRAIL", "must be a guardrail's id or ARN, a colon, and its version or DRAFT");
    let is_version = |version: &str| {
        version == "DRAFT" || (1..=8).contains(&version.len()) && version.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (id, version) =
        text.rsplit_once(':').filter(|(id, version)| is_id(id) && is_version(version)).ok_or_else(rule)?;
    Ok(GuardrailConfiguration::builder().guardrail_identifier(id).guardrail_version(version).build())
}

fn is_id(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn bad(name: &'static str, rule: &str) -> BadVariable {
    BadVariable::Invalid { name, reason: rule.to_owned() }
}
