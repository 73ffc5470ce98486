//! `AWS::SES::ConfigurationSet` and its `EventDestination`: which of SES's events go to
//! EventBridge.

use super::{TemplateError, resolve};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

/// A configuration set of SES.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationSet {
    /// Its name: `recourse-` and the logical id in lower case.
    pub name: String,
    /// The kinds of events that go to EventBridge's default bus, as SES names them in events:
    /// `Bounce`.
    pub events: Vec<&'static str>,
}

/// The members with an underscore are understood and mean nothing on one machine. A `Name` would
/// have to be unique in the whole account.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    #[serde(rename = "ReputationOptions")]
    _reputation: Option<IgnoredAny>,
    #[serde(rename = "SendingOptions")]
    _sending: Option<IgnoredAny>,
    #[serde(rename = "DeliveryOptions")]
    _delivery: Option<IgnoredAny>,
    #[serde(rename = "SuppressionOptions")]
    _suppression: Option<IgnoredAny>,
}

/// Where the events of a configuration set go.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Destination {
    configuration_set_name: String,
    event_destination: EventDestination,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EventDestination {
    #[serde(rename = "Name")]
    _name: Option<IgnoredAny>,
    enabled: bool,
    matching_event_types: Vec<Kind>,
    event_bridge_destination: EventBridge,
}

/// The kinds of which SES makes events here.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Bounce,
    Complaint,
    Delivery,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EventBridge {
    event_bus_arn: String,
}

pub(super) fn read(id: &str, properties: Json) -> Result<ConfigurationSet, TemplateError> {
    if !properties.is_null() {
        let _: Properties = serde_json::from_value(properties).map_err(|e| TemplateError::new(id, e))?;
    }
    Ok(ConfigurationSet { name: resolve::configuration_set_name(id), events: Vec::new() })
}

pub(super) fn destination(id: &str, properties: Json) -> Result<Destination, TemplateError> {
    serde_json::from_value(properties).map_err(|e| TemplateError::new(id, e))
}

impl Destination {
    /// Adds what it says to its configuration set.
    pub(super) fn add_to(self, id: &str, sets: &mut [ConfigurationSet]) -> Result<(), TemplateError> {
        let EventDestination { enabled, matching_event_types, event_bridge_destination, .. } = self.event_destination;
        let (bus, default) = (event_bridge_destination.event_bus_arn, resolve::default_bus());
        if bus != default {
            return Err(TemplateError::new(
                id,
                format!("EventBusArn is {bus}: SES takes the default bus alone, {default}"),
            ));
        }
        let name = &self.configuration_set_name;
        let set = sets.iter_mut().find(|set| set.name == *name);
        let set = set.ok_or_else(|| TemplateError::new(id, format!("there is no configuration set {name}")))?;
        if enabled {
            set.events.extend(matching_event_types.into_iter().map(|kind| match kind {
                Kind::Bounce => "Bounce",
                Kind::Complaint => "Complaint",
                Kind::Delivery => "Delivery",
            }));
        }
        Ok(())
    }
}
