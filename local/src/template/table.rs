//! `AWS::DynamoDB::Table`: its properties become a `CreateTable` request.

use super::{Table, TemplateError, resolve};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value as Json, json};

/// The properties of a table. The members with an underscore are understood and mean nothing on one
/// machine.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    billing_mode: BillingMode,
    attribute_definitions: Json,
    key_schema: Json,
    global_secondary_indexes: Option<Json>,
    stream_specification: Option<StreamSpecification>,
    time_to_live_specification: Option<TimeToLive>,
    /// A boolean, or a parameter, which is a string.
    deletion_protection_enabled: Option<Json>,
    point_in_time_recovery_specification: Option<Recovery>,
    #[serde(rename = "SSESpecification")]
    _encryption: Option<IgnoredAny>,
    #[serde(rename = "Tags")]
    _tags: Option<IgnoredAny>,
}

/// Provisioned capacity would need throttling, which no local engine does.
#[derive(Deserialize)]
enum BillingMode {
    #[serde(rename = "PAY_PER_REQUEST")]
    PayPerRequest,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct StreamSpecification {
    stream_view_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TimeToLive {
    attribute_name: String,
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Recovery {
    point_in_time_recovery_enabled: bool,
}

/// The table with this logical id and these properties.
pub(super) fn read(id: &str, properties: Json) -> Result<Table, TemplateError> {
    let properties: Properties = serde_json::from_value(properties).map_err(|e| TemplateError::new(id, e))?;
    let BillingMode::PayPerRequest = properties.billing_mode;
    let name = resolve::local_name(id);
    let mut create = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": properties.attribute_definitions,
        "KeySchema": properties.key_schema,
    });
    let has_stream = properties.stream_specification.is_some();
    if let Some(request) = create.as_object_mut() {
        if let Some(indexes) = properties.global_secondary_indexes {
            request.insert("GlobalSecondaryIndexes".to_owned(), indexes);
        }
        if let Some(stream) = properties.stream_specification {
            let stream = json!({"StreamEnabled": true, "StreamViewType": stream.stream_view_type});
            request.insert("StreamSpecification".to_owned(), stream);
        }
    }
    if let (Some(request), Some(protected)) = (create.as_object_mut(), properties.deletion_protection_enabled) {
        let protected = protected == Json::Bool(true) || protected == "true";
        request.insert("DeletionProtectionEnabled".to_owned(), protected.into());
    }
    let recovery = properties.point_in_time_recovery_specification;
    let recoverable = recovery.is_some_and(|recovery| recovery.point_in_time_recovery_enabled);
    let ttl_attribute = properties.time_to_live_specification.filter(|ttl| ttl.enabled).map(|ttl| ttl.attribute_name);
    Ok(Table { id: id.to_owned(), name, create, ttl_attribute, has_stream, recoverable })
}
