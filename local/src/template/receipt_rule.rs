//! `AWS::SES::ReceiptRuleSet` and `AWS::SES::ReceiptRule`: which mail SES receives, and where it
//! writes it.

use super::{TemplateError, resolve};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

/// A rule by which SES receives mail: it writes each mail to a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRule {
    /// The name of its rule set: `recourse-` and the logical id in lower case.
    pub set: String,
    /// Its own name.
    pub name: String,
    /// The addresses that it is for, each also with any `+label`, and domains.
    pub recipients: Vec<String>,
    /// The name of the bucket.
    pub bucket: String,
    /// What the key of each mail begins with.
    pub prefix: String,
}

/// A `RuleSetName` would have to be unique in the whole account.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Set {}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    rule_set_name: String,
    rule: Rule,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Rule {
    name: String,
    /// Without it SES ignores the rule.
    #[serde(default)]
    enabled: bool,
    /// Without it SES has no verdicts, and the local one always has.
    scan_enabled: bool,
    recipients: Vec<String>,
    actions: Vec<Action>,
    #[serde(rename = "TlsPolicy")]
    _tls: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Action {
    s3_action: S3Action,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct S3Action {
    bucket_name: String,
    #[serde(default)]
    object_key_prefix: String,
}

/// Checks a rule set: there is nothing to say about one.
pub(super) fn check_set(id: &str, properties: Json) -> Result<(), TemplateError> {
    if !properties.is_null() {
        let _: Set = serde_json::from_value(properties).map_err(|e| TemplateError::new(id, e))?;
    }
    Ok(())
}

/// The rule, or none for one that is not enabled.
pub(super) fn read(id: &str, properties: Json, sets: &[String]) -> Result<Option<ReceiptRule>, TemplateError> {
    let wrong = |problem: &str| TemplateError::new(id, problem);
    let Properties { rule_set_name, rule } =
        serde_json::from_value(properties).map_err(|e| TemplateError::new(id, e))?;
    if !sets.iter().any(|set| resolve::local_name(set) == rule_set_name) {
        return Err(TemplateError::new(id, format!("there is no receipt rule set {rule_set_name}")));
    }
    let mut actions = rule.actions.into_iter();
    let (Some(Action { s3_action }), None) = (actions.next(), actions.next()) else {
        return Err(wrong("Actions must be one S3Action"));
    };
    // A rule without recipients is for every mail of every verified domain.
    if rule.recipients.is_empty() {
        return Err(wrong("Recipients must name at least one address or domain"));
    }
    if !rule.scan_enabled {
        return Err(wrong("ScanEnabled must be true: the verdicts are read"));
    }
    if !s3_action.object_key_prefix.ends_with('/') || s3_action.object_key_prefix.matches('/').count() != 1 {
        return Err(wrong("ObjectKeyPrefix must be a name and a slash, such as inbound/"));
    }
    Ok(rule.enabled.then_some(ReceiptRule {
        set: rule_set_name,
        name: rule.name,
        recipients: rule.recipients,
        bucket: s3_action.bucket_name,
        prefix: s3_action.object_key_prefix,
    }))
}
