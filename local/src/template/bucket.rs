//! `AWS::S3::Bucket`.

use super::{TemplateError, resolve};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

/// A bucket of S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name: `recourse-` and the logical id in lower case.
    pub name: String,
    /// Whether each new object is an event of EventBridge's default bus.
    pub to_bus: bool,
}

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
    notification_configuration: Option<Notifications>,
}

/// S3's own notifications, to functions and queues, are not known here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Notifications {
    event_bridge_configuration: EventBridge,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EventBridge {
    event_bridge_enabled: bool,
}

/// The bucket with this logical id and these properties.
pub(super) fn read(id: &str, properties: Json) -> Result<Bucket, TemplateError> {
    let properties: Properties = serde_json::from_value(properties).map_err(|e| TemplateError::new(id, e))?;
    let notifications = properties.notification_configuration;
    let to_bus = notifications.is_some_and(|to| to.event_bridge_configuration.event_bridge_enabled);
    Ok(Bucket { name: resolve::local_name(id), to_bus })
}
