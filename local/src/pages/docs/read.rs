//! From openapi.yaml to what the page shows. What a description lacks is not shown; nothing in it
//! is an error.

use yaml_serde::Value;

use super::model::{Api, Content, Example, Field, Group, Operation, Request, ResponseDoc};
use super::schema::{description, fields, kind};
use super::value::{entries, string, target, word};
use crate::pages::markdown::{render, render_line};

/// How API Gateway's own documents write a call with any method, which OpenAPI has no word for.
const ANY: &str = "x-amazon-apigateway-any-method";

/// The methods of OpenAPI and [`ANY`], in the order that they are shown in.
const METHODS: [&str; 9] = ["get", "put", "post", "patch", "delete", "options", "head", "trace", ANY];

/// The media type of a form, whose examples are objects in the description.
const FORM: &str = "application/x-www-form-urlencoded";

/// The group of operations without a tag.
pub(super) const UNTAGGED: &str = "Other";

/// Reads the whole description.
pub(super) fn api(root: &Value) -> Api {
    let mut groups: Vec<Group> = Vec::new();
    for tag in root.get("tags").and_then(Value::as_sequence).into_iter().flatten() {
        groups.push(group(&string(tag, "name"), &string(tag, "description")));
    }
    for (path, item) in entries(root, root, "paths") {
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let tag = operation.get("tags").and_then(|tags| tags.get(0)).map_or_else(|| UNTAGGED.to_owned(), word);
            let shown = self::operation(root, &path, method, item, operation);
            match groups.iter_mut().find(|group| group.name == tag) {
                Some(group) => group.operations.push(shown),
                None => groups.push(Group { operations: vec![shown], ..group(&tag, "") }),
            }
        }
    }
    groups.retain(|group| !group.operations.is_empty());
    let info = root.get("info").unwrap_or(&Value::Null);
    Api {
        title: string(info, "title"),
        version: string(info, "version"),
        text: render(&string(info, "description")),
        groups,
    }
}

fn group(name: &str, text: &str) -> Group {
    let slug = name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    Group { name: name.to_owned(), slug, text: render(text), operations: Vec::new() }
}

fn operation(root: &Value, path: &str, method: &str, item: &Value, operation: &Value) -> Operation {
    // Those of the path first: they hold for all its operations.
    let parameters =
        [item, operation].into_iter().flat_map(|value| value.get("parameters")).filter_map(Value::as_sequence);
    let summary = Some(string(operation, "summary")).filter(|summary| !summary.is_empty());
    let method = if method == ANY { "any" } else { method };
    let scheme = operation.get("security").or_else(|| root.get("security")).and_then(|security| security.get(0));
    let scheme = scheme.and_then(Value::as_mapping).and_then(|scheme| scheme.keys().next()).map(word);
    let parameters: Vec<_> = parameters.flatten().map(|p| field(root, "", p)).collect();
    let request = operation.get("requestBody").map(|body| {
        let body = target(root, body);
        Request { text: render(&string(body, "description")), contents: contents(root, body) }
    });
    let bodies = request.iter().flat_map(|request| &request.contents).flat_map(|content| &content.fields);
    let names: Vec<_> = parameters.iter().chain(bodies).map(|field| field.name.as_str()).collect();
    let sent = [string(operation, "summary"), string(operation, "description"), names.join(" ")].join(" ");
    Operation {
        words: format!("{method} {path} {sent}").to_lowercase(),
        scheme,
        anchor: format!("{method}{}", path.replace(|c: char| !c.is_ascii_alphanumeric(), "-")),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: summary.unwrap_or_else(|| path.to_owned()),
        text: render(&string(operation, "description")),
        parameters,
        request,
        answers: entries(root, operation, "responses").into_iter().map(|(status, a)| answer(root, status, a)).collect(),
    }
}

fn answer(root: &Value, status: String, answer: &Value) -> ResponseDoc {
    let text = string(answer, "description");
    let (title, rest) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
    ResponseDoc {
        status,
        title: render_line(title),
        text: render(rest),
        headers: entries(root, answer, "headers").iter().map(|(name, header)| field(root, name, header)).collect(),
        contents: contents(root, answer),
    }
}

/// A parameter, or the header `name` of an answer.
fn field(root: &Value, name: &str, value: &Value) -> Field {
    let value = target(root, value);
    let schema = value.get("schema").unwrap_or(&Value::Null);
    let own = string(value, "name");
    let text = Some(string(value, "description")).filter(|text| !text.is_empty());
    let example = value.get("example").or_else(|| target(root, schema).get("example"));
    let examples = || entries(root, value, "examples").first().and_then(|(_, example)| example.get("value").map(word));
    Field {
        name: if own.is_empty() { name.to_owned() } else { own },
        place: string(value, "in"),
        kind: kind(root, schema),
        required: value.get("required").and_then(Value::as_bool).unwrap_or_default(),
        text: render(&text.unwrap_or_else(|| description(root, schema))),
        example: example.map(word).or_else(examples).unwrap_or_default(),
    }
}

fn contents(root: &Value, body: &Value) -> Vec<Content> {
    let content = |(media, content): (String, &Value)| {
        let schema = content.get("schema").unwrap_or(&Value::Null);
        let mut examples: Vec<Example> = content.get("example").map(|e| example("", &media, e)).into_iter().collect();
        for (name, named) in entries(root, content, "examples") {
            let title = Some(string(named, "summary")).filter(|summary| !summary.is_empty()).unwrap_or(name);
            examples.extend(named.get("value").map(|value| example(&title, &media, value)));
        }
        Content { fields: fields(root, schema), examples, media }
    };
    entries(root, body, "content").into_iter().map(content).collect()
}

/// An example: JSON in its own order over several lines, a form encoded, text as it is.
fn example(title: &str, media: &str, value: &Value) -> Example {
    let (value, sent) = match value {
        Value::String(text) => (text.clone(), (media == FORM).then(|| text.clone())),
        Value::Mapping(fields) if media == FORM => {
            let pairs = fields.iter().map(|(name, value)| (word(name), word(value)));
            let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            (form.clone(), Some(form))
        }
        other => (serde_json::to_string_pretty(other).unwrap_or_default(), serde_json::to_string(other).ok()),
    };
    Example { title: title.to_owned(), value, sent }
}
