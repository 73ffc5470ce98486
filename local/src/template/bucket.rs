//! `AWS::S3::Bucket`.

use super::{TemplateError, resolve};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

/// A bucket's encryption, public access and clean-up matter to the deployment. That a write has to
/// ask for encryption is checked here, too.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    #[serde(rename = "BucketEncryption")]
    _encryption: IgnoredAny,
    #[serde(rename = "PublicAccessBlockConfiguration")]
    _public_access: IgnoredAny,
    #[serde(rename = "OwnershipControls")]
    _ownership: Option<IgnoredAny>,
    #[serde(rename = "LifecycleConfiguration")]
    _lifecycle: Option<IgnoredAny>,
    #[serde(rename = "VersioningConfiguration")]
    _versioning: Option<IgnoredAny>,
    #[serde(rename = "Tags")]
    _tags: Option<IgnoredAny>,
}

/// The name of the bucket with this logical id and these properties.
pub(super) fn read(id: &str, properties: Json) -> Result<String, TemplateError> {
    let _: Properties = serde_json::from_value(properties).map_err(|e| TemplateError::new(id, e))?;
    Ok(resolve::local_name(id))
}
