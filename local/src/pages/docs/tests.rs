//! What the page makes of a description.

use super::model::Api;
use super::read::{UNTAGGED, api};

fn shown() -> Api {
    let yaml = r##"
openapi: 3.1.0
info: {title: T, version: "1", description: "**b**"}
tags: [{name: Second, description: two}, {name: Unused}]
components:
  parameters:
    Key: {name: X-Api-Key, in: header, required: true, schema: {type: string, maxLength: 64}, example: k}
  responses:
    Refused: {description: "No.\nMore.", content: {application/json: {example: {message: "no", errors: [1]}}}}
  schemas:
    Loop: {properties: {again: {$ref: "#/components/schemas/Loop"}}}
    Circle: {$ref: "#/components/schemas/Circle"}
paths:
  /second:
    put: {tags: [Second], summary: Put it, responses: {}}
  /first/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: [string, "null"], enum: [a, b]}}]
    post:
      description: "`code`"
      parameters: [{$ref: "#/components/parameters/Key"}]
      requestBody:
        content:
          application/json:
            schema:
              required: [z]
              properties:
                z: {type: array, items: {properties: {inner: {type: integer, minimum: 1}}}, maxItems: 49}
                loop: {$ref: "#/components/schemas/Loop"}
                circle: {$ref: "#/components/schemas/Circle"}
                nowhere: {$ref: "#/components/schemas/Nowhere"}
            examples:
              one: {summary: The first, value: {z: 1, a: 2}}
              two: {value: text}
      responses:
        200: {description: Fine}
        "401": {$ref: "#/components/responses/Refused"}
"##;
    api(&yaml_serde::from_str(yaml).unwrap())
}

#[test]
fn operations_are_grouped_by_tag_in_the_tags_order() {
    let groups: Vec<(String, Vec<String>)> = shown()
        .groups
        .into_iter()
        .map(|g| (g.name, g.operations.into_iter().map(|o| format!("{} {}", o.method, o.path)).collect()))
        .collect();
    let expected = [("Second", "PUT /second"), (UNTAGGED, "POST /first/{id}")];
    assert_eq!(groups, expected.map(|(name, operation)| (name.to_owned(), vec![operation.to_owned()])));
}

#[test]
fn parameters_of_path_and_operation_are_shown_with_their_limits() {
    let api = shown();
    let operation = &api.groups[1].operations[0];
    let fields: Vec<(&str, &str, &str, &str)> =
        operation.parameters.iter().map(|f| (&*f.name, &*f.place, &*f.kind, &*f.example)).collect();
    let expected = [
        ("id", "path", "string or null, one of a, b", ""),
        ("X-Api-Key", "header", "string, at most 64 characters", "k"),
    ];
    assert_eq!(fields, expected);
    assert_eq!(operation.text.to_string(), "<p><code>code</code></p>");
}

#[test]
fn bodies_are_shown_with_members_and_examples_in_their_own_order_and_circles_end() {
    let api = shown();
    let content = &api.groups[1].operations[0].request.as_ref().unwrap().contents[0];
    let fields: Vec<(&str, &str, bool)> =
        content.fields.iter().map(|f| (&*f.name, &*f.kind, f.required)).take(4).collect();
    let expected = [
        ("z", "array of object, at most 49 items", true),
        ("z[].inner", "integer, at least 1", false),
        ("loop", "object", false),
        ("loop.again", "object", false),
    ];
    assert_eq!(fields, expected);
    let examples: Vec<(&str, &str)> = content.examples.iter().map(|e| (&*e.title, &*e.value)).collect();
    assert_eq!(examples, [("The first", "{\n  \"z\": 1,\n  \"a\": 2\n}"), ("two", "text")]);
}

#[test]
fn named_alternatives_are_shown_with_their_limits_members_and_descriptions() {
    let yaml = r##"
components:
  schemas:
    Charge:
      description: A fee.
      type: object
      properties:
        amount: {$ref: "#/components/schemas/Amount"}
        kind: {description: Of this one., $ref: "#/components/schemas/Kind"}
        other: {$ref: "#/components/schemas/Kind"}
    Amount: {oneOf: [{type: string, maxLength: 9}, {type: number, minimum: 0}]}
    Kind: {description: Of all., type: string, enum: [a, b]}
paths:
  /charge:
    put:
      requestBody:
        content:
          application/json:
            schema:
              properties:
                charge: {oneOf: [{$ref: "#/components/schemas/Charge"}, {type: "null"}]}
                amount: {oneOf: [{$ref: "#/components/schemas/Amount"}, {type: "null"}]}
"##;
    let api = api(&yaml_serde::from_str(yaml).unwrap());
    let content = &api.groups[0].operations[0].request.as_ref().unwrap().contents[0];
    let fields: Vec<(&str, &str, String)> =
        content.fields.iter().map(|f| (&*f.name, &*f.kind, f.text.to_string())).collect();
    let amount = "string, at most 9 characters, or number, at least 0";
    let nullable = format!("{amount}, or null");
    let expected = [
        ("charge", "object or null", "<p>A fee.</p>"),
        ("charge.amount", amount, ""),
        ("charge.kind", "string, one of a, b", "<p>Of this one.</p>"),
        ("charge.other", "string, one of a, b", "<p>Of all.</p>"),
        ("amount", nullable.as_str(), ""),
    ];
    assert_eq!(fields, expected.map(|(name, kind, text)| (name, kind, text.to_owned())));
}

#[test]
fn the_example_of_a_form_is_shown_as_it_is_sent() {
    let yaml = "
paths:
  /token:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded:
            examples: {user: {value: {grant_type: password, username: 'a b', password: 'c&d'}}}
";
    let api = api(&yaml_serde::from_str(yaml).unwrap());
    let content = &api.groups[0].operations[0].request.as_ref().unwrap().contents[0];
    assert_eq!(content.examples[0].value, "grant_type=password&username=a+b&password=c%26d");
}

#[test]
fn answers_come_with_status_title_and_example() {
    let api = shown();
    let answers = &api.groups[1].operations[0].answers;
    assert_eq!(
        (answers[0].status.as_str(), answers[0].tone(), answers[0].title.to_string()),
        ("200", " good", "Fine".to_owned())
    );
    assert_eq!((answers[1].status.as_str(), answers[1].tone()), ("401", " warn"));
    assert_eq!(answers[1].text.to_string(), "<p>More.</p>");
    assert!(answers[1].contents[0].examples[0].value.contains("\"message\": \"no\""));
}

#[test]
fn anything_at_all_is_shown_without_a_panic() {
    for yaml in
        ["", "1", "[]", "paths: 1", "paths: {/a: {get: 1}}", "paths: {/a: {get: {parameters: {a: 1}, responses: [1]}}}"]
    {
        api(&yaml_serde::from_str(yaml).unwrap());
    }
}
