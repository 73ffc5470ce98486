//! Reading a function's `Policies`.

use super::{Condition, ENCRYPTION_CONTEXT, FROM_ADDRESS, LEADING_KEYS, Operator, Policy, Statement};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The actions that the services here check. A policy with any other action would not be tested.
const ACTIONS: [&str; 22] = [
    "bedrock:ApplyGuardrail",
    "bedrock:InvokeModel",
    "dynamodb:BatchGetItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeTable",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
    "events:PutEvents",
    "kms:Decrypt",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:GetObject",
    "s3:GetObjectTagging",
    "s3:ListBucketVersions",
    "s3:PutObject",
    "ses:SendEmail",
    "ses:SendRawEmail",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Document {
    #[serde(rename = "Version")]
    _version: Version,
    statement: Vec<Written>,
}

#[derive(Deserialize)]
enum Version {
    #[serde(rename = "2012-10-17")]
    V2012,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Written {
    #[serde(rename = "Sid")]
    _sid: Option<IgnoredAny>,
    #[serde(rename = "Effect")]
    _effect: Effect,
    action: Texts,
    resource: Texts,
    #[serde(default)]
    condition: BTreeMap<String, BTreeMap<String, Texts>>,
}

#[derive(Deserialize)]
enum Effect {
    Allow,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Many(Vec<String>),
}

impl Texts {
    fn list(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        }
    }
}

/// The policy of these documents together. An error says what is wrong and what would be right.
pub(crate) fn read(documents: Vec<Json>) -> Result<Policy, String> {
    let mut policy = Policy::default();
    for document in documents {
        if let Json::String(name) = &document {
            return Err(format!("{name} grants actions that are not visible here: name single ones in a statement"));
        }
        let document: Document = serde_json::from_value(document).map_err(|e| e.to_string())?;
        for written in document.statement {
            policy.statements.push(statement(written)?);
        }
    }
    Ok(policy)
}

fn statement(written: Written) -> Result<Statement, String> {
    let (actions, resources) = (written.action.list(), written.resource.list());
    if let Some(action) = actions.iter().find(|action| !ACTIONS.contains(&action.as_str())) {
        return Err(format!("the action {action} is not understood: {} are", ACTIONS.join(", ")));
    }
    let mut conditions = Vec::new();
    for (operator, keys) in written.condition {
        for (key, values) in keys {
            conditions.push(Condition { operator: operator_of(&operator, &key)?, key, values: values.list() });
        }
    }
    let values = conditions.iter().flat_map(|condition| &condition.values);
    if let Some(text) = resources.iter().chain(values).find(|text| text.contains(['?', '$'])) {
        return Err(format!("{text:?}: as a wildcard only * is understood, not ? or a variable"));
    }
    Ok(Statement { actions, resources, conditions })
}

fn operator_of(operator: &str, key: &str) -> Result<Operator, String> {
    match (operator, key) {
        ("ForAllValues:StringLike", LEADING_KEYS) => Ok(Operator::ForAllLike),
        ("StringEqualsIgnoreCase", FROM_ADDRESS) => Ok(Operator::EqualsIgnoreCase),
        ("StringEquals", key) if key.starts_with(ENCRYPTION_CONTEXT) => Ok(Operator::Equals),
        _ => Err(format!(
            "the condition {operator} of {key} is not understood: ForAllValues:StringLike of {LEADING_KEYS}, \
             StringEquals of {ENCRYPTION_CONTEXT}<name> and StringEqualsIgnoreCase of {FROM_ADDRESS} are"
        )),
    }
}
