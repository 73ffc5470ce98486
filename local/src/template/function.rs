//! `AWS::Serverless::Function`, the defaults of Globals, and what an `AWS::Serverless::HttpApi` may
//! say.

use super::{Function, TemplateError, events, policy};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::time::Duration;

/// The defaults of all functions. The members with an underscore are understood and mean nothing on
/// one machine.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Globals {
    timeout: Option<u64>,
    memory_size: Option<u32>,
    #[serde(default)]
    environment: FunctionEnvironment,
    #[serde(rename = "Runtime")]
    _runtime: Option<Runtime>,
    #[serde(rename = "Handler")]
    _handler: Option<IgnoredAny>,
    #[serde(rename = "Architectures")]
    _architectures: Option<IgnoredAny>,
    #[serde(rename = "LoggingConfig")]
    _logging: Option<IgnoredAny>,
    #[serde(rename = "Tracing")]
    _tracing: Option<IgnoredAny>,
    #[serde(rename = "Tags")]
    _tags: Option<IgnoredAny>,
    #[serde(rename = "AutoPublishAlias")]
    _alias: Option<IgnoredAny>,
    #[serde(rename = "AutoPublishAliasAllProperties")]
    _alias_all: Option<IgnoredAny>,
    #[serde(rename = "DeploymentPreference")]
    _rollout: Option<IgnoredAny>,
}

/// The properties of one function; see [`Globals`].
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    code_uri: String,
    timeout: Option<u64>,
    memory_size: Option<u32>,
    #[serde(default)]
    environment: FunctionEnvironment,
    #[serde(default)]
    events: BTreeMap<String, events::EventSource>,
    #[serde(default)]
    policies: Vec<Json>,
    #[serde(rename = "Description")]
    _description: Option<IgnoredAny>,
    #[serde(rename = "ReservedConcurrentExecutions")]
    _reserved: Option<IgnoredAny>,
    event_invoke_config: Option<InvokeConfig>,
}

/// What becomes of an event that the function failed with. A schedule's runs are never retried
/// here, and `bus` retries twice.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct InvokeConfig {
    maximum_retry_attempts: u8,
    #[serde(rename = "MaximumEventAgeInSeconds")]
    _maximum_age: Option<IgnoredAny>,
    #[serde(rename = "DestinationConfig")]
    _destination: Option<IgnoredAny>,
}

impl InvokeConfig {
    /// Checks that the function is retried as this machine does it: twice for events of the bus,
    /// never for a schedule.
    fn check(&self, function: &Function) -> Result<(), String> {
        let retries = if function.rules.is_empty() { 0 } else { 2 };
        if self.maximum_retry_attempts == retries {
            return Ok(());
        }
        Err(format!("MaximumRetryAttempts {} is not understood: here it is {retries}", self.maximum_retry_attempts))
    }
}

/// The runtime whose functions are one binary, which is the kind that runs here.
#[derive(Deserialize)]
enum Runtime {
    #[serde(rename = "provided.al2023")]
    ProvidedAl2023,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct FunctionEnvironment {
    #[serde(default)]
    variables: BTreeMap<String, Json>,
}

/// Understands `Globals.Function`.
pub(super) fn globals(at: &str, value: Json) -> Result<Globals, TemplateError> {
    serde_json::from_value(value).map_err(|e| TemplateError::new(at, e))
}

/// The function with this logical id and these properties.
pub(super) fn read(id: &str, properties: Json, globals: &Globals) -> Result<Function, TemplateError> {
    let properties: Properties = serde_json::from_value(properties).map_err(|e| TemplateError::new(id, e))?;
    let binary = properties.code_uri.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default().to_owned();
    if binary.is_empty() || binary == ".." {
        return Err(TemplateError::new(
            id,
            format!("CodeUri {:?} does not end in the name of a binary", properties.code_uri),
        ));
    }
    let mut environment = BTreeMap::new();
    for (name, value) in globals.environment.variables.iter().chain(&properties.environment.variables) {
        let value = match value {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.to_string(),
            Json::Bool(truth) => truth.to_string(),
            _ => {
                return Err(TemplateError::new(
                    id,
                    format!("the environment variable {name} must be a string, a number or a boolean"),
                ));
            }
        };
        environment.insert(name.clone(), value);
    }
    let mut function = Function {
        id: id.to_owned(),
        binary,
        // Lambda's own defaults, where neither the function nor Globals say.
        timeout: Duration::from_secs(properties.timeout.or(globals.timeout).unwrap_or(3)),
        memory_mb: properties.memory_size.or(globals.memory_size).unwrap_or(128),
        at_once: None,
        environment,
        routes: Vec::new(),
        streams: Vec::new(),
        queues: Vec::new(),
        schedules: Vec::new(),
        rules: Vec::new(),
        policy: policy::read(properties.policies)
            .map_err(|problem| TemplateError::new(format!("{id}.Policies"), problem))?,
    };
    for (name, event) in properties.events {
        event.add_to(&mut function).map_err(|problem| TemplateError::new(format!("{id}.Events.{name}"), problem))?;
    }
    if let Some(config) = properties.event_invoke_config {
        config.check(&function).map_err(|problem| TemplateError::new(format!("{id}.EventInvokeConfig"), problem))?;
    }
    Ok(function)
}

/// Only what does not change how the API answers may be said about it.
pub(super) fn check_api(id: &str, properties: Json) -> Result<(), TemplateError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Api {
        stage_name: String,
        #[serde(rename = "AccessLogSettings")]
        _access_log: Option<IgnoredAny>,
        #[serde(rename = "DefaultRouteSettings")]
        _throttling: Option<IgnoredAny>,
        #[serde(rename = "Description")]
        _description: Option<IgnoredAny>,
        #[serde(rename = "Name")]
        _name: Option<IgnoredAny>,
        #[serde(rename = "Tags")]
        _tags: Option<IgnoredAny>,
    }
    let api: Api = serde_json::from_value(properties).map_err(|e| TemplateError::new(id, e))?;
    if api.stage_name == "$default" {
        return Ok(());
    }
    let problem =
        format!("StageName {:?} would be in front of every path: only $default is understood", api.stage_name);
    Err(TemplateError::new(id, problem))
}
