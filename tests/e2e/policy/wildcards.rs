//! No wildcard in template.yaml without a reason in tests/wildcards.yaml, and no reason without its wildcard.

use std::collections::BTreeSet;

use yaml_serde::Value;

use crate::harness::root;

fn read(path: &str) -> Value {
    yaml_serde::from_str(&std::fs::read_to_string(root().join(path)).unwrap()).unwrap()
}

/// All texts within a value, those of `!Sub` and its like included.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Sequence(values) => values.iter().flat_map(texts).collect(),
        Value::Mapping(members) => members.values().flat_map(texts).collect(),
        Value::Tagged(tagged) => texts(&tagged.value),
        Value::Null | Value::Bool(_) | Value::Number(_) => vec![],
    }
}

/// All statements within a value: of functions' policies, of keys', of whatever else has some.
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
    for (id, resource) in read("template.yaml")["Resources"].as_mapping().unwrap() {
        for statement in statements(resource) {
            let members = ["Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal"];
            let texts = members.iter().filter_map(|member| statement.get(member)).flat_map(texts);
            let wild = texts.filter(|text| text.contains(['*', '?']));
            found.extend(wild.map(|text| (id.as_str().unwrap().to_owned(), text)));
        }
    }
    let mut reasoned = BTreeSet::new();
    for entry in read("tests/wildcards.yaml").as_sequence().unwrap() {
        let text =
            |name: &str| entry[name].as_str().unwrap_or_else(|| panic!("{name} is missing: {entry:?}")).to_owned();
        assert!(text("reason").len() > 20, "a reason says why: {entry:?}");
        reasoned.insert((text("resource"), text("wildcard")));
    }
    assert_eq!(found, reasoned, "template.yaml's wildcards (left) are those of tests/wildcards.yaml (right)");
}

/// The one place where `*` needs no reason: behind the prefix of one kind of item.
#[test]
fn leading_keys_name_a_kind_of_item() {
    let mut count = 0;
    for statement in statements(&read("template.yaml")["Resources"]) {
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

/// A statement for items is of one kind or several; only an index, which has no items of its own, is named as a whole.
#[test]
fn every_statement_for_a_table_names_its_items() {
    for statement in statements(&read("template.yaml")["Resources"]) {
        let tables = texts(&statement["Resource"]).into_iter().filter(|text| text.ends_with("Table.Arn"));
        assert!(tables.count() == 0 || statement.get("Condition").is_some(), "{statement:?}");
    }
}
