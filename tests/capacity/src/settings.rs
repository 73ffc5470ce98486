//! What template.yaml sets: the functions with their memory, and how many requests are accepted.

use std::collections::BTreeMap;

use yaml_serde::Value;

/// What template.yaml sets by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The memory of each function, in MB.
    pub memory_mb: BTreeMap<String, u64>,
    /// Requests a second that each route accepts.
    pub requests_per_second: u64,
    /// Requests that each route accepts at once.
    pub request_burst: u64,
}

impl Settings {
    /// Reads the text of template.yaml.
    ///
    /// # Errors
    /// What is missing or of another form.
    pub fn read(template: &str) -> Result<Self, String> {
        let template: Value = yaml_serde::from_str(template).map_err(|error| format!("template.yaml: {error}"))?;
        let missing = |what: &str| format!("template.yaml has no {what}");
        let shipped = template.get("Globals").and_then(|globals| globals.get("Function")?.get("MemorySize")?.as_u64());
        let shipped = shipped.ok_or_else(|| missing("Globals.Function.MemorySize"))?;
        let default = |name: &str| {
            let parameter = template.get("Parameters").and_then(|parameters| parameters.get(name));
            let default = parameter.and_then(|parameter| parameter.get("Default")?.as_u64());
            default.ok_or_else(|| missing(&format!("Parameters.{name}.Default")))
        };
        let resources = template.get("Resources").and_then(Value::as_mapping).ok_or_else(|| missing("Resources"))?;
        let functions = resources
            .iter()
            .filter(|(_, resource)| resource.get("Type").and_then(Value::as_str) == Some("AWS::Serverless::Function"));
        let memory_mb = functions.filter_map(|(id, function)| {
            let own = function.get("Properties").and_then(|properties| properties.get("MemorySize")?.as_u64());
            Some((id.as_str()?.to_owned(), own.unwrap_or(shipped)))
        });
        Ok(Self {
            memory_mb: memory_mb.collect(),
            requests_per_second: default("RequestsPerSecond")?,
            request_burst: default("RequestBurst")?,
        })
    }

    /// The functions' ids.
    #[must_use]
    pub fn functions(&self) -> Vec<String> {
        self.memory_mb.keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "
Parameters:
  RequestsPerSecond: { Type: Number, Default: 1000 }
  RequestBurst: { Type: Number, Default: 400 }
Globals: { Function: { MemorySize: 256 } }
Resources:
  Report: { Type: 'AWS::Serverless::Function', Properties: { CodeUri: !Ref X } }
  Upload: { Type: 'AWS::Serverless::Function', Properties: { MemorySize: 512 } }
  Table: { Type: 'AWS::DynamoDB::Table' }
";

    #[test]
    fn functions_have_their_own_memory_or_the_shipped_one() {
        let settings = Settings::read(TEMPLATE).unwrap();
        assert_eq!(settings.memory_mb, [("Report".to_owned(), 256), ("Upload".to_owned(), 512)].into());
        assert_eq!((settings.requests_per_second, settings.request_burst), (1_000, 400));
        let error = Settings::read(&TEMPLATE.replace("RequestBurst", "Burst")).unwrap_err();
        assert_eq!(error, "template.yaml has no Parameters.RequestBurst.Default");
    }
}
