//! The file itself: its sections, and its resources as written.

use super::TemplateError;
use super::condition::Conditions;
use super::parameter::Parameter;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use yaml_serde::Value as Yaml;

/// The sections of a template. Nothing of `Outputs` is run.
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

/// A resource. Its update and deletion policies concern only the deployment.
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

/// The sections of this text.
pub(super) fn read(text: &str) -> Result<Document, TemplateError> {
    yaml_serde::from_str(text).map_err(|e| TemplateError::new("the file", format!("is not a template: {e}")))
}

/// The resources without a condition, and those whose condition holds.
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
