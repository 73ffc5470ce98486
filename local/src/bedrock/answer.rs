//! Answers in the form of the Converse API.

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use crate::loopback::json as json_answer;
use crate::random::uuid;

/// A call of one tool.
pub(super) fn tool_use(name: &str, input: &Value) -> Response<Body> {
    message(&json!([block(name, input)]), "tool_use")
}

/// Text, and no tool.
pub(super) fn text(words: &str, stop_reason: &str) -> Response<Body> {
    message(&json!([{ "text": words }]), stop_reason)
}

/// One content block that calls a tool.
pub(super) fn block(name: &str, input: &Value) -> Value {
    json!({ "toolUse": { "toolUseId": format!("tooluse_{}", uuid()), "name": name, "input": input } })
}

/// A message of these content blocks.
pub(super) fn message(content: &Value, stop_reason: &str) -> Response<Body> {
    let answer = json!({
        "output": { "message": { "role": "assistant", "content": content } }, "stopReason": stop_reason,
        "usage": { "inputTokens": 900, "outputTokens": 60, "totalTokens": 960 }, "metrics": { "latencyMs": 1 },
    });
    json_answer(StatusCode::OK, "application/json", &answer)
}

/// An error as AWS's REST JSON protocol has it: the type in a header, the message in the body.
pub(super) fn refused(status: StatusCode, exception: &'static str, text: &str) -> Response<Body> {
    let mut answer = json_answer(status, "application/json", &json!({ "message": text }));
    answer.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(exception));
    answer
}
