//! Parameters: their values, and the rules by which CloudFormation refuses a value.

use super::TemplateError;
use regex_lite::Regex;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, BTreeSet};
use yaml_serde::Value as Yaml;

/// The type whose value is a list where a template refers to it.
const LIST: &str = "CommaDelimitedList";

/// How much of a refused value an error shows, in characters.
const SHOWN: usize = 60;

/// A parameter. Its description is for the operator who deploys.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Parameter {
    #[serde(rename = "Type", default)]
    kind: String,
    default: Option<Yaml>,
    allowed_pattern: Option<String>,
    allowed_values: Option<Vec<String>>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    min_value: Option<i64>,
    max_value: Option<i64>,
    constraint_description: Option<String>,
    #[serde(rename = "Description")]
    _description: Option<IgnoredAny>,
    #[serde(rename = "NoEcho")]
    _no_echo: Option<IgnoredAny>,
}

impl Parameter {
    /// The value that is given, or else the default.
    fn value(&self, given: Option<&String>) -> Result<String, String> {
        let value = match (given, &self.default) {
            (Some(given), _) => given.clone(),
            (None, Some(Yaml::String(text))) => text.clone(),
            (None, Some(Yaml::Number(number))) => number.to_string(),
            (None, Some(_)) => return Err("Default must be a string or a number".to_owned()),
            (None, None) => return Err("has no Default and no value is given".to_owned()),
        };
        let Some(rule) = self.broken_rule(&value)? else { return Ok(value) };
        let mut shown: String = value.chars().take(SHOWN).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        let why = self.constraint_description.iter().map(|why| format!(": {why}")).collect::<String>();
        Err(format!("the value {shown:?} breaks the rule {rule}{why}"))
    }

    /// The first rule of CloudFormation that a value breaks, as the template writes it. An error
    /// when a rule cannot be checked.
    fn broken_rule(&self, value: &str) -> Result<Option<String>, String> {
        if let Some(allowed) = self.allowed_values.as_ref().filter(|allowed| !allowed.iter().any(|one| one == value)) {
            return Ok(Some(format!("AllowedValues [{}]", allowed.join(", "))));
        }
        let length = value.chars().count();
        if let Some(least) = self.min_length.filter(|least| length < *least) {
            return Ok(Some(format!("MinLength {least}")));
        }
        if let Some(most) = self.max_length.filter(|most| length > *most) {
            return Ok(Some(format!("MaxLength {most}")));
        }
        if let Some(pattern) = &self.allowed_pattern {
            // The pattern has to match the whole value; of a list, each of its values.
            let whole = Regex::new(&format!("\\A(?:{pattern})\\z"));
            let whole = whole.map_err(|error| format!("AllowedPattern {pattern} is not understood: {error}"))?;
            let each = if self.kind == LIST { list(value) } else { vec![value.to_owned()] };
            if !each.iter().all(|one| whole.is_match(one)) {
                return Ok(Some(format!("AllowedPattern {pattern}")));
            }
        }
        if self.kind != "Number" {
            return Ok(None);
        }
        let Ok(number) = value.parse::<i64>() else { return Ok(Some("Type Number".to_owned())) };
        if let Some(least) = self.min_value.filter(|least| number < *least) {
            return Ok(Some(format!("MinValue {least}")));
        }
        Ok(self.max_value.filter(|most| number > *most).map(|most| format!("MaxValue {most}")))
    }
}

/// The names of the parameters whose values are lists.
pub(super) fn lists(declared: &BTreeMap<String, Parameter>) -> BTreeSet<String> {
    declared.iter().filter(|(_, parameter)| parameter.kind == LIST).map(|(name, _)| name.clone()).collect()
}

/// The values of a list: an empty text is a list of one empty value, as in CloudFormation.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',').map(|value| value.trim().to_owned()).collect()
}

/// The values of the parameters.
pub(super) fn values(
    declared: &BTreeMap<String, Parameter>,
    overrides: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, TemplateError> {
    if let Some(unknown) = overrides.keys().find(|name| !declared.contains_key(*name)) {
        let known = declared.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        return Err(TemplateError::new(
            format!("Parameters.{unknown}"),
            format!("a value is given for it, but there is no such parameter; there are {known}"),
        ));
    }
    let value = |(name, parameter): (&String, &Parameter)| {
        let value = parameter.value(overrides.get(name));
        let value = value.map_err(|problem| TemplateError::new(format!("Parameters.{name}"), problem))?;
        Ok((name.clone(), value))
    };
    declared.iter().map(value).collect()
}

#[cfg(test)]
mod tests;
