//! Every example in openapi.yaml is what the service answers.
//!
//! Each example of an answer names, as `x-recourse-test`, the recipe of [`recipes`] that makes it.
//! Recipes run in the order of the document on one stack, and each answer is compared with its
//! example: status, type, body, and whether it has the id of its request. An example without a
//! recipe fails, and so does a recipe, or an example of a request, that no answer is made with.
//!
//! On the way each route gets an event that its function has answered with success. A route without
//! one fails. With `EVENTS=dir` the events are written there, for `sam local invoke -e`. With
//! `EMULATOR=path` all functions run under AWS's Runtime Interface Emulator.

mod connect;
mod document;
mod recipes;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use recourse_local::Options;
use recourse_signing::{Secret, v1};
use serde_json::{Value, json};

use crate::harness::{Stack, options, root, run};
use document::Document;
use recipes::{BROKEN, Body, recipes};

/// The demo's data, and a key whose secret nobody can read.
fn options_with_a_broken_key(folder: &Path) -> Options {
    let demo = std::fs::read(root().join("local/demo.json")).unwrap();
    let mut demo: Value = serde_json::from_slice(&demo).unwrap();
    demo["accounts"].as_array_mut().unwrap().push(json!({
        "id": "acct_broken", "name": "Broken", "environment": "production", "email": "broken@example.com",
        "keys": [{ "id": BROKEN.id, "secret": "no base64", "role": "client" }], "users": [], "configuration": null
    }));
    let path = folder.join("demo.json");
    std::fs::write(&path, demo.to_string()).unwrap();
    Options { demo: Some(path), ..options() }
}

#[test]
fn every_example_is_what_the_service_answers() {
    run(async {
        let (document, recipes) = (Document::read(), recipes());
        let folder = tempfile::tempdir().unwrap();
        let stack = Stack::start(options_with_a_broken_key(folder.path())).await;
        let (mut made, mut asked, mut wrong) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for (operation, example) in document.answers() {
            if operation.is_connect() {
                let recipe = connect::RECIPES.iter().find(|(name, _)| *name == example.test);
                asked.extend(
                    recipe.and_then(|(_, request)| *request).map(|name| (operation.id.clone(), name.to_owned())),
                );
                made.insert(example.test.as_str());
                let answer = connect::answer(&stack, operation, &example.test).await;
                let has_id = answer.headers.contains_key("x-request-id");
                assert_eq!(has_id, example.has_id, "{}: {answer:?}", example.test);
                let media = answer.headers["content-type"].to_str().unwrap();
                let answered = (answer.status, media, connect::masked(&answer.json()));
                if answered != (example.status, example.media.as_str(), connect::masked(&example.value)) {
                    wrong.push(format!("{} {}: {} {}", operation.id, example.test, answer.status, answer.text));
                }
                continue;
            }
            let recipe = recipes.iter().find(|recipe| recipe.name == example.test);
            let recipe = recipe.unwrap_or_else(|| panic!("no recipe makes the example {}", example.test));
            made.insert(recipe.name);
            if let Body::Example(name) = recipe.body {
                asked.insert((operation.id.clone(), name.to_owned()));
            }
            let answer = recipe.answer(&stack, operation).await;
            let has_id = answer.headers.contains_key("x-request-id");
            assert_eq!(has_id, example.has_id, "{}: {answer:?}", recipe.name);
            let mut answered = (answer.status, answer.headers["content-type"].to_str().unwrap(), answer.json());
            let mut expected = (example.status, example.media.as_str(), example.value.clone());
            // Which commit the tests were built from is any.
            if recipe.name == "health" && answered.2["commit"].is_string() {
                answered.2["commit"] = expected.2["commit"].clone();
            }
            if ["get-disputed", "disputes-listed", "dispute-found"].contains(&recipe.name) {
                [&mut answered.2, &mut expected.2].into_iter().for_each(recipes::settle_disputes);
            }
            if recipe.name.starts_with("webhook-") {
                [&mut answered.2, &mut expected.2].into_iter().for_each(recipes::webhooks::mask);
            }
            if recipe.name.starts_with("arbiter-") {
                answered.2 = recipes::arbiter::masked(&answered.2);
                expected.2 = recipes::arbiter::masked(&expected.2);
            }
            if answered != expected {
                wrong.push(format!("{} {}: {} {}", operation.id, example.test, answered.0, answered.2));
            }
        }
        assert!(wrong.is_empty(), "the service answers otherwise:\n{}", wrong.join("\n"));
        let connect = connect::RECIPES.iter().map(|(name, _)| *name).chain([connect::INTERNAL]);
        let unused: Vec<_> =
            recipes.iter().map(|recipe| recipe.name).chain(connect).filter(|name| !made.contains(name)).collect();
        assert!(unused.is_empty(), "recipes without an example: {unused:?}");
        assert_eq!(made, document.tests(), "examples that no operation's answer has");
        assert_eq!(asked, document.requests(), "examples of requests that no recipe sends");
        let head = http::Request::head("/health").body(Vec::new()).unwrap();
        let head = stack.raw(head).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
        let events = stack.cloud().events();
        let routes = stack.cloud().template.functions.iter().flat_map(|function| &function.routes);
        // A route for any method catches what is no call: none of its answers is a success. The
        // console has pages, which are no calls of an API.
        let is_page = |key: &str| key.contains(" /console");
        let calls = routes.filter(|route| route.method.is_some() && !is_page(&route.key));
        let missing: Vec<_> = calls.map(|route| &route.key).filter(|key| !events.contains_key(*key)).collect();
        assert!(missing.is_empty(), "no example ends in success, so there is no event: {missing:?}");
        if let Some(folder) = std::env::var_os("EVENTS").filter(|folder| !folder.is_empty()) {
            write(&events, &root().join(folder));
        }
    });
}

/// Writes each event to a file named after its route, as in `post-v2-transactions-check.json`.
fn write(events: &BTreeMap<String, Vec<u8>>, folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for (route, event) in events {
        let words = route.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let name = words.map(str::to_lowercase).collect::<Vec<_>>().join("-");
        let event: Value = serde_json::from_slice(event).unwrap();
        std::fs::write(folder.join(format!("{name}.json")), format!("{event:#}\n")).unwrap();
    }
}

#[test]
fn the_signature_of_the_api_page_is_the_one_that_recourse_computes() {
    let description = Document::read().description();
    let vector = description.split("```").find(|block| block.contains("\nsecret ")).unwrap();
    let value = |name: &str| vector.lines().find_map(|line| line.strip_prefix(&format!("{name:11}"))).unwrap_or("");
    let parts = v1::Parts {
        timestamp: value("timestamp"),
        nonce: value("nonce"),
        method: value("method"),
        query: value("query"),
        body: value("body").as_bytes(),
    };
    assert_eq!(v1::sign(&Secret::from_base64(value("secret")).unwrap(), &parts), value("signature"));
}
