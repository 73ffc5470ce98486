//! Every wildcard in template.yaml has a reason in tests/wildcards.yaml, and every reason a
//! wildcard.

use std::collections::BTreeSet;

use yaml_serde::Value;

use crate::yaml;

/// All texts within a value, also those of `!Sub` and other intrinsics.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Sequence(values) => values.iter().flat_map(texts).collect(),
        Value::Mapping(members) => members.values().flat_map(texts).collect(),
        Value::Tagged(tagged) => texts(&tagged.value),
        Value::Null | Value::Bool(_) | Value::Number(_) => vec![],
    }
}

/// All policy statements within a value, of a function, a key or a bucket.
fn statements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Mapping(members) if members.contains_key("Effect") => vec![value],
        Value::Mapping(members) => members.values().flat_map(statements).collect(),
        Value::Sequence(values) => values.iter().flat_map(statements).collect(),
        Value::Tagged(tagged) => statements(&tagged.value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![],
    }
}

#[test]
fn every_wildcard_has_a_reason() {
    let mut found = BTreeSet::new();
    for (id, resource) in yaml("template.yaml")["Resources"].as_mapping().unwrap() {
        for statement in statements(resource) {
            let members = ["Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal"];
            let texts = members.iter().filter_map(|member| statement.get(member)).flat_map(texts);
            let wild = texts.filter(|text| text.contains(['*', '?']));
            found.extend(wild.map(|text| (id.as_str().unwrap().to_owned(), text)));
        }
    }
    let mut reasoned = BTreeSet::new();
    for entry in yaml("tests/wildcards.yaml").as_sequence().unwrap() {
        let text =
            |name: &str| entry[name].as_str().unwrap_or_else(|| panic!("{name} is missing: {entry:?}")).to_owned();
        assert!(text("reason").len() > 20, "a reason says why: {entry:?}");
        reasoned.insert((text("resource"), text("wildcard")));
    }
    assert_eq!(found, reasoned, "template.yaml's wildcards (left) are those of tests/wildcards.yaml (right)");
}

/// `*` needs no reason only after the prefix of one kind of item.
#[test]
fn leading_keys_name_a_kind_of_item() {
    let mut count = 0;
    for statement in statements(&yaml("template.yaml")["Resources"]) {
        let Some(keys) =
            statement.get("Condition").and_then(|c| c["ForAllValues:StringLike"].get("dynamodb:LeadingKeys"))
        else {
            continue;
        };
        for key in texts(keys) {
            let kind = key.split_once('#').map_or("", |(kind, _)| kind);
            assert!(!kind.is_empty() && kind.bytes().all(|b| b.is_ascii_uppercase()), "{key}: as in TXN#*");
            count += 1;
        }
    }
    assert!(count > 10, "{count}");
}

/// A statement on a table names the kinds of its items. An index has no items of its own, so it is
/// named as a whole. A description of a table reads no item.
#[test]
fn every_statement_for_a_table_names_its_items() {
    for statement in statements(&yaml("template.yaml")["Resources"]) {
        let tables = texts(&statement["Resource"]).into_iter().filter(|text| text.ends_with("Table.Arn"));
        let describes = texts(&statement["Action"]).iter().all(|action| action.starts_with("dynamodb:Describe"));
        let is_narrow = statement.get("Condition").is_some() || describes;
        assert!(tables.count() == 0 || is_narrow, "{statement:?}");
    }
}
