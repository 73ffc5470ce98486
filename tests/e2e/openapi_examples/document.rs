//! openapi.yaml, as far as its examples go.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use yaml_serde::Value;

use crate::harness::root;

/// Where an example says which recipe makes it.
const TEST: &str = "x-recourse-test";

/// The document, with its operations and examples in their order.
pub(super) struct Document {
    root: Value,
    operations: Vec<(Operation, Vec<Example>)>,
}

/// One call of the API.
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: &'static str,
    /// With its parameters in braces.
    pub(super) path: String,
    /// The examples of its request by their names.
    pub(super) requests: BTreeMap<String, Json>,
}

impl Operation {
    /// Whether it is a call of the Connect API, which has a signature of its own and new ids in
    /// each answer.
    pub(super) fn is_connect(&self) -> bool {
        self.path.starts_with("/v1/") || self.path.starts_with("/files/v1/")
    }
}

/// The example of an answer.
pub(super) struct Example {
    pub(super) test: String,
    pub(super) status: u16,
    /// The answer's content type.
    pub(super) media: String,
    /// Whether the answer has the id of its request. What Recourse does not answer has none.
    pub(super) has_id: bool,
    pub(super) value: Json,
}

impl Document {
    pub(super) fn read() -> Document {
        let root: Value = yaml_serde::from_slice(&std::fs::read(root().join("openapi.yaml")).unwrap()).unwrap();
        let mut operations = Vec::new();
        for (path, item) in members(&root["paths"]) {
            for (method, operation) in members(item) {
                let method = match method {
                    "get" => "GET",
                    "put" => "PUT",
                    "post" => "POST",
                    "patch" => "PATCH",
                    "delete" => "DELETE",
                    // It has no answer to show.
                    "head" => continue,
                    // Any method; this one is sent.
                    "x-amazon-apigateway-any-method" => "GET",
                    other => panic!("{path} has {other}, which this test does not know"),
                };
                operations.push(read_operation(&root, method, path, operation));
            }
        }
        Document { root, operations }
    }

    /// The text that the page begins with.
    pub(super) fn description(&self) -> String {
        self.root["info"]["description"].as_str().unwrap().to_owned()
    }

    /// The example answers of every operation; those that operations share come up in each.
    pub(super) fn answers(&self) -> impl Iterator<Item = (&Operation, &Example)> {
        self.operations
            .iter()
            .flat_map(|(operation, examples)| examples.iter().map(move |example| (operation, example)))
    }

    /// The example requests, by operation and name.
    pub(super) fn requests(&self) -> BTreeSet<(String, String)> {
        let named = |operation: &Operation, name: &String| (operation.id.clone(), name.clone());
        self.operations.iter().flat_map(|(o, _)| o.requests.keys().map(move |name| named(o, name))).collect()
    }

    /// The recipes that the document names. Panics at an example that names none and is not a
    /// request's.
    pub(super) fn tests(&self) -> BTreeSet<&str> {
        let mut tests = BTreeSet::new();
        collect(&self.root, &mut tests);
        tests
    }
}

fn read_operation(root: &Value, method: &'static str, path: &str, operation: &Value) -> (Operation, Vec<Example>) {
    let mut examples = Vec::new();
    for (status, response) in members(&operation["responses"]) {
        let response = resolve(root, response);
        let has_id = members(&response["headers"]).iter().any(|(name, _)| *name == "X-Request-Id");
        for (media, content) in members(&response["content"]) {
            // Bytes have no example in JSON.
            if content["schema"]["format"].as_str() == Some("binary") {
                continue;
            }
            let found = members(&content["examples"]);
            assert!(!found.is_empty(), "{method} {path} has no example of {status}");
            examples.extend(found.into_iter().map(|(name, example)| Example {
                test: text(&example[TEST], &format!("{TEST} of {name}, {method} {path} {status}")),
                status: status.parse().unwrap(),
                media: media.to_owned(),
                has_id,
                value: json(&example["value"]),
            }));
        }
    }
    let requests = members(&operation["requestBody"]["content"]).into_iter().flat_map(|(_, c)| members(&c["examples"]));
    let operation = Operation {
        id: text(&operation["operationId"], &format!("operationId of {method} {path}")),
        method,
        path: path.to_owned(),
        requests: requests.map(|(name, example)| (name.to_owned(), json(&example["value"]))).collect(),
    };
    (operation, examples)
}

/// The members of an object by their names; none where there is no object.
fn members(value: &Value) -> Vec<(&str, &Value)> {
    let mapping = value.as_mapping().into_iter().flatten();
    mapping.map(|(name, member)| (name.as_str().expect("names are texts: quote a status"), member)).collect()
}

/// What a `$ref` leads to, or the value itself.
fn resolve<'a>(root: &'a Value, value: &'a Value) -> &'a Value {
    let Some(reference) = value["$ref"].as_str() else { return value };
    let path = reference.strip_prefix("#/").expect("references stay within the document");
    path.split('/').fold(root, |value, name| &value[name])
}

fn text(value: &Value, what: &str) -> String {
    value.as_str().unwrap_or_else(|| panic!("there is no {what}")).to_owned()
}

fn json(value: &Value) -> Json {
    serde_json::to_value(value).unwrap()
}

fn collect<'a>(value: &'a Value, tests: &mut BTreeSet<&'a str>) {
    for item in value.as_sequence().into_iter().flatten() {
        collect(item, tests);
    }
    for (name, member) in members(value) {
        match name {
            "example" => panic!("an example that is not tested: {member:?}"),
            "examples" => {
                assert!(member.is_mapping(), "examples that are not tested: {member:?}");
                let test = |(name, example): (&str, &'a Value)| {
                    example[TEST].as_str().unwrap_or_else(|| panic!("the example {name} has no {TEST}"))
                };
                tests.extend(members(member).into_iter().map(test));
            }
            // Its examples are what recipes send.
            "requestBody" => {}
            _ => collect(member, tests),
        }
    }
}
