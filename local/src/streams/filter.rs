//! Event patterns: which records of a stream reach a function (`FilterCriteria` of an event source
//! mapping), and which events of a bus do (a rule of EventBridge).
//!
//! A record passes when one of the patterns matches it. This module understands exact values,
//! `prefix`, `anything-but` and `exists`, at any depth. It refuses everything else that AWS knows
//! at the start, so that no record is judged by half a pattern.

use serde_json::Value;

/// What the list at a pattern's leaf may hold, for error texts.
const RULES: &str = r#"a value, {"prefix": ..}, {"anything-but": ..} or {"exists": true|false}"#;

/// All patterns of one mapping.
#[derive(Debug, Clone)]
pub(crate) struct Filter(Vec<Pattern>);

#[derive(Debug, Clone)]
enum Pattern {
    /// Every member must match.
    All(Vec<(String, Pattern)>),
    /// One rule must match the value here.
    AnyOf(Vec<Rule>),
}

#[derive(Debug, Clone)]
enum Rule {
    Equals(Value),
    Prefix(String),
    AnythingBut(Vec<Value>),
    Exists(bool),
}

impl Filter {
    /// Reads the patterns; without any, every record passes.
    ///
    /// The error says which member is not understood, and what would be.
    pub(crate) fn parse(patterns: &[Value]) -> Result<Self, String> {
        patterns.iter().map(|p| pattern(p, "")).collect::<Result<_, _>>().map(Self)
    }

    /// Whether `record` reaches the function.
    pub(crate) fn passes(&self, record: &Value) -> bool {
        self.0.is_empty() || self.0.iter().any(|p| p.matches(Some(record)))
    }
}

fn pattern(value: &Value, at: &str) -> Result<Pattern, String> {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let member =
                |(name, value): (&String, &Value)| Ok((name.clone(), pattern(value, &format!("{at}.{name}"))?));
            members.iter().map(member).collect::<Result<_, String>>().map(Pattern::All)
        }
        Value::Array(rules) if !rules.is_empty() => {
            rules.iter().map(|r| rule(r, at)).collect::<Result<_, _>>().map(Pattern::AnyOf)
        }
        other => {
            Err(format!("the pattern at `{at}` is {other}; it must be an object with members or a list of {RULES}"))
        }
    }
}

fn rule(value: &Value, at: &str) -> Result<Rule, String> {
    let wrong =
        || format!("the pattern at `{at}` has the rule {value}, which is not understood here; understood are {RULES}");
    let members = match value {
        Value::Object(members) => members,
        Value::Array(_) => return Err(wrong()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Ok(Rule::Equals(value.clone())),
    };
    let mut members = members.iter();
    let (Some((name, operand)), None) = (members.next(), members.next()) else { return Err(wrong()) };
    match (name.as_str(), operand) {
        ("prefix", Value::String(prefix)) => Ok(Rule::Prefix(prefix.clone())),
        ("exists", Value::Bool(exists)) => Ok(Rule::Exists(*exists)),
        ("anything-but", Value::Array(values)) if !values.iter().any(|v| v.is_object() || v.is_array()) => {
            Ok(Rule::AnythingBut(values.clone()))
        }
        ("anything-but", Value::String(_) | Value::Number(_)) => Ok(Rule::AnythingBut(vec![operand.clone()])),
        _ => Err(wrong()),
    }
}

impl Pattern {
    /// Whether `value`, `None` when the record has nothing there, matches.
    fn matches(&self, value: Option<&Value>) -> bool {
        match self {
            Self::All(members) => {
                members.iter().all(|(name, pattern)| pattern.matches(value.and_then(|v| v.get(name))))
            }
            Self::AnyOf(rules) => rules.iter().any(|rule| rule.matches(value)),
        }
    }
}

impl Rule {
    /// A list matches when one of its values does; an object is no value.
    fn matches(&self, value: Option<&Value>) -> bool {
        let values = match value {
            None | Some(Value::Object(_)) => &[],
            Some(Value::Array(values)) => values.as_slice(),
            Some(scalar) => std::slice::from_ref(scalar),
        };
        match self {
            Self::Equals(wanted) => values.contains(wanted),
            Self::Prefix(prefix) => values.iter().any(|v| v.as_str().is_some_and(|s| s.starts_with(prefix))),
            Self::AnythingBut(unwanted) => values.iter().any(|v| !unwanted.contains(v)),
            Self::Exists(wanted) => *wanted != values.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn passes(pattern: Value, record: Value) -> bool {
        Filter::parse(&[pattern]).unwrap().passes(&record)
    }

    #[test]
    fn the_mail_pattern_lets_inserted_mails_through_and_nothing_else() {
        let pattern = json!({"eventName": ["INSERT"], "dynamodb": {"NewImage": {"item": {"S": ["mail"]}}}});
        let record = |name: &str, item: Value| json!({"eventName": name, "dynamodb": {"NewImage": {"item": item}}});
        assert!(passes(pattern.clone(), record("INSERT", json!({"S": "mail"}))));
        assert!(!passes(pattern.clone(), record("MODIFY", json!({"S": "mail"}))));
        assert!(!passes(pattern.clone(), record("INSERT", json!({"S": "dispute"}))));
        assert!(!passes(pattern.clone(), record("INSERT", json!({"N": "1"}))));
        assert!(!passes(pattern, json!({"eventName": "REMOVE", "dynamodb": {"Keys": {}}})));
    }

    #[test]
    fn each_rule_matches_what_it_says() {
        let s = |rule: Value| json!({"a": {"S": [rule]}});
        let value = |text: &str| json!({"a": {"S": text}});
        assert!(passes(s(json!({"prefix": "DSP#"})), value("DSP#1")));
        assert!(!passes(s(json!({"prefix": "DSP#"})), value("TXN#1")));
        assert!(passes(s(json!({"anything-but": ["x", "y"]})), value("z")));
        assert!(!passes(s(json!({"anything-but": ["x", "y"]})), value("y")));
        assert!(!passes(s(json!({"anything-but": "x"})), json!({})), "what is not there is not anything else");
        assert!(passes(s(json!({"exists": true})), value("")));
        assert!(!passes(s(json!({"exists": true})), json!({"a": {}})));
        assert!(passes(s(json!({"exists": false})), json!({"b": 1})));
        assert!(!passes(s(json!({"exists": false})), value("")));
        assert!(passes(json!({"a": [null, 5, true]}), json!({"a": 5})));
        assert!(passes(json!({"a": {"SS": ["x"]}}), json!({"a": {"SS": ["w", "x"]}})));
    }

    #[test]
    fn one_matching_pattern_is_enough_and_none_at_all_lets_everything_through() {
        let filter = Filter::parse(&[json!({"a": [1]}), json!({"a": [2]})]).unwrap();
        assert!(filter.passes(&json!({"a": 2})) && !filter.passes(&json!({"a": 3})));
        assert!(Filter::parse(&[]).unwrap().passes(&json!({})));
    }

    #[test]
    fn a_pattern_that_is_not_understood_is_refused_by_name() {
        for wrong in [
            json!({"a": {"b": [{"numeric": [">", 1]}]}}),
            json!({"a": {"b": [{"prefix": 1}]}}),
            json!({"a": {"b": [{"prefix": "x", "exists": true}]}}),
            json!({"a": {"b": [{"anything-but": {"prefix": "x"}}]}}),
            json!({"a": {"b": []}}),
            json!({"a": {"b": "x"}}),
            json!({"a": {"b": [["x"]]}}),
        ] {
            let error = Filter::parse(&[wrong]).unwrap_err();
            assert!(error.contains("`.a.b`"), "{error}");
        }
        assert!(Filter::parse(&[json!({})]).is_err());
    }
}
