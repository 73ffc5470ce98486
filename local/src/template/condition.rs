//! Conditions: which resources the template has with these parameters.
//!
//! This module understands `!Equals` of texts and of `!Ref`s to parameters, `!Not`, `!And`, `!Or`
//! and `!Condition`.

use super::{ACCOUNT, REGION, TemplateError};
use std::collections::BTreeMap;
use yaml_serde::Value as Yaml;

/// Whether each condition holds, by its name.
pub(super) type Conditions = BTreeMap<String, bool>;

/// Decides all conditions.
pub(super) fn read(
    declared: &BTreeMap<String, Yaml>,
    parameters: &BTreeMap<String, String>,
) -> Result<Conditions, TemplateError> {
    let reader = Reader { declared, parameters };
    let decide = |(name, condition): (&String, &Yaml)| {
        let held = reader.holds(condition, declared.len());
        let held = held.map_err(|problem| TemplateError::new(format!("Conditions.{name}"), problem))?;
        Ok((name.clone(), held))
    };
    declared.iter().map(decide).collect()
}

struct Reader<'a> {
    declared: &'a BTreeMap<String, Yaml>,
    parameters: &'a BTreeMap<String, String>,
}

impl Reader<'_> {
    /// Whether a condition holds that refers to others up to `depth` deep. More would be a circle.
    fn holds(&self, condition: &Yaml, depth: usize) -> Result<bool, String> {
        let Yaml::Tagged(tagged) = condition else { return Err("a condition is written in its short form".to_owned()) };
        let tag = tagged.tag.to_string();
        if tag == "!Condition" {
            let name = tagged.value.as_str().unwrap_or_default();
            let other = self.declared.get(name).ok_or_else(|| format!("there is no condition {name}"))?;
            let depth = depth.checked_sub(1).ok_or("it leads back to itself")?;
            return self.holds(other, depth);
        }
        let parts = tagged.value.as_sequence().ok_or_else(|| format!("{tag} takes a list"))?;
        match (tag.as_str(), parts.as_slice()) {
            ("!Equals", [one, other]) => Ok(self.text(one)? == self.text(other)?),
            ("!Not", [one]) => Ok(!self.holds(one, depth)?),
            ("!And", parts) => parts.iter().try_fold(true, |held, part| Ok(self.holds(part, depth)? && held)),
            ("!Or", parts) => parts.iter().try_fold(false, |held, part| Ok(self.holds(part, depth)? || held)),
            _ => Err(format!("{tag} of {} parts is not understood", parts.len())),
        }
    }

    fn text(&self, value: &Yaml) -> Result<String, String> {
        match value {
            Yaml::String(text) => Ok(text.clone()),
            Yaml::Number(number) => Ok(number.to_string()),
            Yaml::Bool(truth) => Ok(truth.to_string()),
            Yaml::Tagged(tagged) if tagged.tag == "!Ref" => match tagged.value.as_str().unwrap_or_default() {
                "AWS::Region" => Ok(REGION.to_owned()),
                "AWS::AccountId" => Ok(ACCOUNT.to_owned()),
                name => self.parameters.get(name).cloned().ok_or_else(|| format!("there is no parameter {name}")),
            },
            _ => Err("only a text or a !Ref to a parameter can be compared".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(yaml: &str) -> Result<Conditions, String> {
        let parameters = BTreeMap::from([("ConnectApi".to_owned(), "disabled".to_owned())]);
        read(&yaml_serde::from_str(yaml).unwrap(), &parameters).map_err(|error| error.to_string())
    }

    #[test]
    fn a_condition_holds_or_not() {
        let text = "Open: !Equals [!Ref ConnectApi, enabled]\nShut: !Not [!Condition Open]\n\
                    Both: !And [!Condition Open, !Condition Shut]\nEither: !Or [!Condition Open, !Condition Shut]\n\
                    Here: !Equals [!Ref AWS::Region, us-east-1]";
        let expected = [("Open", false), ("Shut", true), ("Both", false), ("Either", true), ("Here", true)];
        let expected: Conditions = expected.into_iter().map(|(name, held)| (name.to_owned(), held)).collect();
        assert_eq!(decided(text), Ok(expected));
    }

    #[test]
    fn a_condition_that_cannot_be_decided_is_an_error() {
        for (yaml, problem) in [
            ("A: !Equals [!Ref Gate, x]", "there is no parameter Gate"),
            ("A: !Condition B", "there is no condition B"),
            ("A: !Condition A", "it leads back to itself"),
            ("A: !Equals [x]", "!Equals of 1 parts is not understood"),
            ("A: !Equals [!GetAtt X.Y, x]", "only a text"),
            ("A: {'Fn::Equals': [x, x]}", "in its short form"),
            ("A: !If [x, y]", "!If of 2 parts is not understood"),
        ] {
            let error = decided(yaml).unwrap_err();
            assert!(error.starts_with("template.yaml, Conditions.A: ") && error.contains(problem), "{yaml}: {error}");
        }
    }
}
