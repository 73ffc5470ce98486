//! The file itself: its sections, resources as they stand there, and the values of parameters.

use super::TemplateError;
use super::condition::Conditions;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_yaml_ng::Value as Yaml;
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

/// A parameter; its description and numbers' limits are for whoever deploys.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Parameter {
    default: Option<Yaml>,
    allowed_values: Option<Vec<String>>,
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
        return Err(TemplateError::new(
            format!("Parameters.{unknown}"),
            "a value is given for it, but there is no such parameter",
        ));
    }
    let mut values = BTreeMap::new();
    for (name, parameter) in declared {
        let value = match (overrides.get(&name), parameter.default) {
            (Some(given), _) => given.clone(),
            (None, Some(Yaml::String(text))) => text,
            (None, Some(Yaml::Number(number))) => number.to_string(),
            (None, Some(_)) => {
                return Err(TemplateError::new(format!("Parameters.{name}"), "Default must be a string or a number"));
            }
            (None, None) => {
                return Err(TemplateError::new(format!("Parameters.{name}"), "has no Default and no value is given"));
            }
        };
        if let Some(allowed) = parameter.allowed_values.filter(|allowed| !allowed.contains(&value)) {
            let problem = format!("is {value:?}, and must be one of {}", allowed.join(", "));
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
