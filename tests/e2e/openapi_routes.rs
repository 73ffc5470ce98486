//! What is deployed and what is documented are the same calls.

use std::collections::{BTreeMap, BTreeSet};

use recourse_local::template::Template;
use yaml_serde::Value;

use crate::harness::root;

/// How API Gateway's own documents write `ANY`, which OpenAPI has no word for.
const ANY: &str = "x-amazon-apigateway-any-method";

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

#[test]
fn template_yaml_and_openapi_yaml_have_the_same_routes() {
    let template = Template::read(&root(), &BTreeMap::new()).unwrap();
    let deployed: BTreeSet<_> =
        template.functions.iter().flat_map(|function| &function.routes).map(|route| route.key.clone()).collect();

    let text = std::fs::read_to_string(root().join("openapi.yaml")).expect("openapi.yaml beside template.yaml");
    let openapi: Value = yaml_serde::from_str(&text).unwrap();
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
            // OpenAPI has no word for a parameter that takes slashes; that one does is in its description.
            if path == "/arbiter/api/v1/transactions/types/{type}/references/{reference}" {
                assert!(documented.remove(&format!("GET {}", path.as_str().unwrap())));
                documented.insert("GET /arbiter/api/v1/transactions/types/{type}/references/{reference+}".to_owned());
            }
        }
    }
    assert_eq!(documented, deployed);
    assert!(!deployed.is_empty());
}
