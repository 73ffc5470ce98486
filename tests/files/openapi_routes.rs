//! The routes that are deployed are the ones that are documented. Those of the console are pages
//! for people and no calls of an API.

use std::collections::BTreeSet;

use yaml_serde::Value;

use crate::yaml;

/// API Gateway's extension for `ANY`, which OpenAPI cannot express.
const ANY: &str = "x-amazon-apigateway-any-method";

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What the paths of the console's pages are, and what they begin with.
const CONSOLE: (&str, &str) = ("/console", "/console/");

/// The routes of the functions in template.yaml but the console's, as in `GET /health`.
fn deployed() -> BTreeSet<String> {
    let template = yaml("template.yaml");
    let resources = template["Resources"].as_mapping().unwrap().values();
    let events = resources.filter_map(|resource| resource["Properties"]["Events"].as_mapping()).flatten();
    let calls = events.map(|(_, event)| event).filter(|event| event["Type"] == *"HttpApi");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    calls
        .map(|event| &event["Properties"])
        .filter(|route| {
            let path = text(&route["Path"]);
            path != CONSOLE.0 && !path.starts_with(CONSOLE.1)
        })
        .map(|route| format!("{} {}", text(&route["Method"]).to_uppercase(), text(&route["Path"])))
        .collect()
}

#[test]
fn template_yaml_and_openapi_yaml_have_the_same_routes() {
    let (deployed, openapi) = (deployed(), yaml("openapi.yaml"));
    assert!(openapi["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let mut documented = BTreeSet::new();
    for (path, calls) in openapi["paths"].as_mapping().unwrap() {
        for (method, _) in calls.as_mapping().unwrap() {
            let method = method.as_str().unwrap();
            if method == ANY {
                documented.insert(format!("ANY {}", path.as_str().unwrap()));
            } else if METHODS.contains(&method) {
                documented.insert(format!("{} {}", method.to_uppercase(), path.as_str().unwrap()));
            }
            // OpenAPI cannot express a parameter that takes slashes. Its description says that it
            // does.
            if path == "/arbiter/api/v1/transactions/types/{type}/references/{reference}" {
                assert!(documented.remove(&format!("GET {}", path.as_str().unwrap())));
                documented.insert("GET /arbiter/api/v1/transactions/types/{type}/references/{reference+}".to_owned());
            }
        }
    }
    assert_eq!(documented, deployed);
    assert!(!deployed.is_empty());
}
