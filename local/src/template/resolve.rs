//! Intrinsic functions: `!Ref`, `!GetAtt`, `!Sub` and `!If`, the four that the template uses.

use super::condition::Conditions;
use super::{ACCOUNT, REGION, TemplateError, parameter};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use yaml_serde::Value as Yaml;

/// What intrinsics may speak of.
pub(super) struct Scope<'a> {
    /// The parameters' values.
    pub parameters: &'a BTreeMap<String, String>,
    /// The parameters whose values are lists.
    pub lists: BTreeSet<String>,
    /// The resources' types by logical id.
    pub resources: &'a BTreeMap<String, String>,
    /// Which conditions hold.
    pub conditions: &'a Conditions,
}

impl Scope<'_> {
    /// `value` as JSON, with every intrinsic replaced by its value. `at` is its
    /// path in the template, for errors.
    pub(super) fn resolve(&self, value: &Yaml, at: &str) -> Result<Json, TemplateError> {
        match value {
            Yaml::Null => Ok(Json::Null),
            Yaml::Bool(b) => Ok(Json::Bool(*b)),
            Yaml::Number(_) => serde_json::to_value(value).map_err(|e| TemplateError::new(at, e)),
            Yaml::String(s) => Ok(Json::String(s.clone())),
            Yaml::Sequence(items) => {
                items.iter().filter(|item| !self.is_no_value(item)).map(|item| self.resolve(item, at)).collect()
            }
            Yaml::Mapping(members) => members
                .iter()
                .filter(|(_, member)| !self.is_no_value(member))
                .map(|(name, member)| {
                    let name = name.as_str().ok_or_else(|| TemplateError::new(at, "a name that is not a string"))?;
                    if name == "Ref" || name.starts_with("Fn::") {
                        return Err(TemplateError::new(
                            at,
                            format!("{name} is understood in its short form only, as !Ref"),
                        ));
                    }
                    Ok((name.to_owned(), self.resolve(member, &format!("{at}.{name}"))?))
                })
                .collect(),
            Yaml::Tagged(tagged) if tagged.tag == "!If" => self.resolve(self.chosen(&tagged.value, at)?, at),
            Yaml::Tagged(tagged) => {
                let tag = tagged.tag.to_string();
                let argument = tagged
                    .value
                    .as_str()
                    .ok_or_else(|| TemplateError::new(at, format!("{tag} is understood with a string only")))?;
                match tag.as_str() {
                    "!Ref" if self.lists.contains(argument) => {
                        return Ok(parameter::list(&self.reference(argument, at)?).into());
                    }
                    "!Ref" => self.reference(argument, at),
                    "!GetAtt" => self.attribute(argument, at),
                    "!Sub" => self.substitute(argument, at),
                    _ => {
                        Err(TemplateError::new(at, format!("{tag} is not understood: !Ref, !GetAtt, !Sub and !If are")))
                    }
                }
                .map(Json::String)
            }
        }
    }

    /// Whether a member or an item is left out: `!Ref AWS::NoValue`, by itself or chosen by a
    /// condition.
    fn is_no_value(&self, value: &Yaml) -> bool {
        match value {
            Yaml::Tagged(tagged) if tagged.tag == "!Ref" => tagged.value.as_str() == Some("AWS::NoValue"),
            Yaml::Tagged(tagged) if tagged.tag == "!If" => {
                self.chosen(&tagged.value, "").is_ok_and(|chosen| self.is_no_value(chosen))
            }
            _ => false,
        }
    }

    /// The one of two values that a condition chooses.
    fn chosen<'y>(&self, value: &'y Yaml, at: &str) -> Result<&'y Yaml, TemplateError> {
        let parts = value.as_sequence().map(Vec::as_slice).unwrap_or_default();
        let [Yaml::String(name), one, other] = parts else {
            return Err(TemplateError::new(at, "!If takes a condition's name and two values"));
        };
        let held = self.conditions.get(name);
        let held = held.ok_or_else(|| TemplateError::new(at, format!("there is no condition {name}")))?;
        Ok(if *held { one } else { other })
    }

    fn reference(&self, name: &str, at: &str) -> Result<String, TemplateError> {
        if let Some(value) = self.parameters.get(name) {
            return Ok(value.clone());
        }
        if let Some(kind) = self.resources.get(name) {
            return Ok(match kind.as_str() {
                "AWS::DynamoDB::Table" | "AWS::S3::Bucket" | "AWS::SES::ReceiptRuleSet" => local_name(name),
                "AWS::SES::ConfigurationSet" => configuration_set_name(name),
                _ => name.to_owned(),
            });
        }
        match name {
            "AWS::AccountId" => Ok(ACCOUNT.to_owned()),
            "AWS::Partition" => Ok("aws".to_owned()),
            "AWS::Region" => Ok(REGION.to_owned()),
            "AWS::StackName" => Ok("recourse".to_owned()),
            _ => Err(TemplateError::new(at, format!("there is no parameter and no resource {name}"))),
        }
    }

    fn attribute(&self, path: &str, at: &str) -> Result<String, TemplateError> {
        let (id, attribute) = path.split_once('.').unwrap_or((path, ""));
        let kind =
            self.resources.get(id).ok_or_else(|| TemplateError::new(at, format!("there is no resource {id}")))?;
        match (kind.as_str(), attribute) {
            ("AWS::DynamoDB::Table", "Arn") => Ok(arn("dynamodb", &format!("table/{}", local_name(id)))),
            ("AWS::DynamoDB::Table", "StreamArn") => {
                Ok(arn("dynamodb", &format!("table/{}/stream/local", local_name(id))))
            }
            ("AWS::S3::Bucket", "Arn") => Ok(format!("arn:aws:s3:::{}", local_name(id))),
            ("AWS::Logs::LogGroup", "Arn") => Ok(arn("logs", &format!("log-group:{id}"))),
            ("AWS::SQS::Queue", "Arn") => Ok(arn("sqs", id)),
            ("AWS::KMS::Key", "Arn") => Ok(arn("kms", &format!("key/recourse-{}", id.to_lowercase()))),
            ("AWS::Serverless::Function", "Arn") => Ok(arn("lambda", &format!("function:{id}"))),
            _ => Err(TemplateError::new(at, format!("the attribute {attribute} of {id} ({kind}) is not understood"))),
        }
    }

    fn substitute(&self, text: &str, at: &str) -> Result<String, TemplateError> {
        let mut result = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, tail) = after
                .split_once('}')
                .ok_or_else(|| TemplateError::new(at, format!("a ${{ without its }} in {text:?}")))?;
            if self.lists.contains(name) {
                return Err(TemplateError::new(at, format!("{name} is a list, which is no part of a text")));
            }
            result.push_str(before);
            // `${X.Arn}` is an attribute; no parameter has a dot in its name.
            result.push_str(&if name.contains('.') { self.attribute(name, at)? } else { self.reference(name, at)? });
            rest = tail;
        }
        result.push_str(rest);
        Ok(result)
    }
}

/// The name of the table, bucket or receipt rule set with this logical id.
pub(super) fn local_name(id: &str) -> String {
    format!("recourse-{}", id.to_lowercase())
}

/// The name of the configuration set with this logical id.
pub(super) fn configuration_set_name(id: &str) -> String {
    format!("recourse-{}", id.to_lowercase())
}

/// The ARN of EventBridge's default bus.
pub(super) fn default_bus() -> String {
    arn("events", "event-bus/default")
}

/// The queue's name in its ARN.
pub(super) fn queue_of(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:aws:sqs:")?.rsplit(':').next()
}

/// The table's name in the ARN of its stream.
pub(super) fn table_of_stream(stream_arn: &str) -> Option<&str> {
    let (_, path) = stream_arn.split_once(":table/")?;
    let (table, _) = path.split_once("/stream/")?;
    Some(table)
}

fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(yaml: &str) -> Result<Json, String> {
        let parameters = BTreeMap::from([
            ("Brand".to_owned(), "Recourse".to_owned()),
            ("Models".to_owned(), "arn:a, arn:b".to_owned()),
            ("Nothing".to_owned(), String::new()),
        ]);
        let lists = BTreeSet::from(["Models".to_owned(), "Nothing".to_owned()]);
        let resources = BTreeMap::from([
            ("DisputesTable".to_owned(), "AWS::DynamoDB::Table".to_owned()),
            ("SealingKey".to_owned(), "AWS::KMS::Key".to_owned()),
        ]);
        let conditions = Conditions::from([("Held".to_owned(), true), ("Not".to_owned(), false)]);
        let scope = Scope { parameters: &parameters, lists, resources: &resources, conditions: &conditions };
        scope.resolve(&yaml_serde::from_str(yaml).unwrap(), "Outbox").map_err(|e| e.to_string())
    }

    #[test]
    fn intrinsics_become_values() {
        assert_eq!(resolve("!Ref Brand"), Ok("Recourse".into()));
        assert_eq!(resolve("!Ref DisputesTable"), Ok("recourse-disputestable".into()));
        assert_eq!(
            resolve("!GetAtt SealingKey.Arn"),
            Ok("arn:aws:kms:us-east-1:000000000000:key/recourse-sealingkey".into())
        );
        assert_eq!(
            resolve("{a: [!Sub '${DisputesTable.Arn}/index/outbox for ${Brand} in ${AWS::Region}']}"),
            Ok(
                serde_json::json!({"a": ["arn:aws:dynamodb:us-east-1:000000000000:table/recourse-disputestable/index/outbox for Recourse in us-east-1"]})
            )
        );
    }

    #[test]
    fn a_condition_chooses() {
        assert_eq!(resolve("!If [Held, [!Ref Brand], []]"), Ok(serde_json::json!(["Recourse"])));
        assert_eq!(resolve("!If [Not, !Ref Nowhere, b]"), Ok("b".into()));
    }

    #[test]
    fn no_value_leaves_out_a_member_and_an_item() {
        let left = "{a: !Ref AWS::NoValue, b: [1, !If [Not, 2, !Ref AWS::NoValue], !If [Held, 3, !Ref AWS::NoValue]]}";
        assert_eq!(resolve(left), Ok(serde_json::json!({ "b": [1, 3] })));
    }

    #[test]
    fn a_list_parameter_is_a_list() {
        assert_eq!(resolve("{r: !Ref Models}"), Ok(serde_json::json!({ "r": ["arn:a", "arn:b"] })));
        assert_eq!(resolve("!Ref Nothing"), Ok(serde_json::json!([""])));
        assert!(resolve("!Sub 'x-${Models}'").unwrap_err().contains("Models is a list"));
    }

    #[test]
    fn a_stream_knows_its_table() {
        let arn = resolve("!GetAtt DisputesTable.StreamArn").unwrap();
        assert_eq!(table_of_stream(arn.as_str().unwrap()), Some("recourse-disputestable"));
        assert_eq!(table_of_stream("arn:aws:kinesis:us-east-1:000000000000:stream/other"), None);
    }

    #[test]
    fn an_intrinsic_without_a_value_is_an_error_that_says_where() {
        assert_eq!(
            resolve("{x: !Ref Brnd}"),
            Err("template.yaml, Outbox.x: there is no parameter and no resource Brnd".into())
        );
        for yaml in [
            "!GetAtt Brand.Arn",
            "!GetAtt SealingKey.Name",
            "!Sub '${Brand'",
            "!If [a, b, c]",
            "!If [Held, a]",
            "!If Held",
            "!Join x",
            "{Ref: Brand}",
            "{'Fn::Sub': x}",
        ] {
            assert!(resolve(yaml).is_err(), "{yaml}");
        }
    }
}
