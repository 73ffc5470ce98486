//! The file itself: its sections, resources as they stand there, and the values of parameters.

use super::TemplateError;
use super::condition::Conditions;
use serde::Deserialize;
use serde::de::IgnoredAny;
use yaml_serde::Value as Yaml;
use std::collections::BTreeMap;

/// The sections of a template. `Outputs` say nothing that is run.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Document {
    #[serde(rename = "AWSTemplateFormatVersion")]
    _format: IgnoredAny,
    #[serde(rename = "Transform")]
    _transform: IgnoredAny,
    #[serde(rename = "Description")]
    _description: Option<IgnoredAny>,
    #[serde(rename = "Metadata")]
    _metadata: Option<IgnoredAny>,
    #[serde(rename = "Outputs")]
    _outputs: Option<IgnoredAny>,
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Parameter>,
    #[serde(default)]
    pub(super) conditions: BTreeMap<String, Yaml>,
    #[serde(default)]
    pub(super) globals: Globals,
    pub(super) resources: BTreeMap<String, Resource>,
}

/// The defaults for all functions.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Globals {
    pub(super) function: Option<Yaml>,
}

/// A parameter; its description and pattern are for whoever deploys.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Parameter {
    #[serde(rename = "Type", default)]
    kind: String,
    default: Option<Yaml>,
    allowed_values: Option<Vec<String>>,
    min_value: Option<i64>,
    max_value: Option<i64>,
    max_length: Option<usize>,
}

impl Parameter {
    /// What CloudFormation refuses of a value.
    fn refusal(&self, value: &str) -> Option<String> {
        if let Some(allowed) = self.allowed_values.as_ref().filter(|allowed| !allowed.iter().any(|one| one == value)) {
            return Some(format!("is {value:?}, and must be one of {}", allowed.join(", ")));
        }
        if self.max_length.is_some_and(|most| value.chars().count() > most) {
            return Some(format!("must be at most {} characters", self.max_length.unwrap_or_default()));
        }
        if self.kind != "Number" {
            return None;
        }
        let Ok(number) = value.parse::<i64>() else { return Some(format!("is {value:?}, and must be a whole number")) };
        let (least, most) = (self.min_value.unwrap_or(i64::MIN), self.max_value.unwrap_or(i64::MAX));
        let bounds = [self.min_value.map(|n| format!("at least {n}")), self.max_value.map(|n| format!("at most {n}"))];
        let bounds = bounds.into_iter().flatten().collect::<Vec<_>>().join(" and ");
        (!(least..=most).contains(&number)).then(|| format!("is {number}, and must be {bounds}"))
    }
}

/// A resource; how it is updated and deleted is for the deployment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resource {
    #[serde(rename = "Type")]
    pub(super) kind: String,
    #[serde(rename = "Properties", default)]
    pub(super) properties: Yaml,
    #[serde(rename = "Condition")]
    pub(super) condition: Option<String>,
    #[serde(rename = "Metadata")]
    _metadata: Option<IgnoredAny>,
    #[serde(rename = "DependsOn")]
    _depends_on: Option<IgnoredAny>,
    #[serde(rename = "DeletionPolicy")]
    _deletion: Option<IgnoredAny>,
    #[serde(rename = "UpdateReplacePolicy")]
    _update: Option<IgnoredAny>,
}

/// The values of the parameters.
pub(super) fn parameters(
    declared: BTreeMap<String, Parameter>,
    overrides: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, TemplateError> {
    if let Some(unknown) = overrides.keys().find(|name| !declared.contains_key(*name)) {
        let known = declared.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        return Err(TemplateError::new(
            format!("Parameters.{unknown}"),
            format!("a value is given for it, but there is no such parameter; there are {known}"),
        ));
    }
    let mut values = BTreeMap::new();
    for (name, parameter) in declared {
        let value = match (overrides.get(&name), &parameter.default) {
            (Some(given), _) => given.clone(),
            (None, Some(Yaml::String(text))) => text.clone(),
            (None, Some(Yaml::Number(number))) => number.to_string(),
            (None, Some(_)) => {
                return Err(TemplateError::new(format!("Parameters.{name}"), "Default must be a string or a number"));
            }
            (None, None) => {
                return Err(TemplateError::new(format!("Parameters.{name}"), "has no Default and no value is given"));
            }
        };
        if let Some(problem) = parameter.refusal(&value) {
            return Err(TemplateError::new(format!("Parameters.{name}"), problem));
        }
        values.insert(name, value);
    }
    Ok(values)
}

/// The resources that are there: those without a condition, and those whose condition holds.
pub(super) fn present(
    resources: BTreeMap<String, Resource>,
    conditions: &Conditions,
) -> Result<BTreeMap<String, Resource>, TemplateError> {
    let mut present = BTreeMap::new();
    for (id, resource) in resources {
        let holds = match &resource.condition {
            Some(name) => {
                conditions.get(name).ok_or_else(|| TemplateError::new(&id, format!("there is no condition {name}")))?
            }
            None => &true,
        };
        if *holds {
            present.insert(id, resource);
        }
    }
    Ok(present)
}
