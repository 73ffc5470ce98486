//! The demo's provider over HTTP: questions, and what is answered to them.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::gateway::decode::query;
use crate::loopback::{json as json_answer, plain};
use crate::provider::{Answer, Provider, QuestionError, TOO_LATE};

/// The largest question, and the largest answer that is set, in bytes.
pub(super) const MAX_BYTES: usize = 64 * 1024;

/// How long the text of an answer is that is too long.
const HUGE: usize = 70 * 1024;

/// Answers a question of the support process.
pub(super) async fn ask(provider: &Provider, clock: &Clock, headers: &HeaderMap, body: &Bytes) -> Response<Body> {
    ask_with(provider, clock, headers, body, TOO_LATE).await
}

/// The same, with an answer that is late by so much.
async fn ask_with(
    provider: &Provider,
    clock: &Clock,
    headers: &HeaderMap,
    body: &Bytes,
    too_late: Duration,
) -> Response<Body> {
    let answer = match provider.ask(headers, body, clock.now()) {
        Ok(answer) => answer,
        Err(error @ QuestionError::Unsigned) => return plain(StatusCode::UNAUTHORIZED, &error.to_string()),
        Err(error @ QuestionError::Malformed) => return plain(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let unknown = || json_answer(StatusCode::OK, "application/json", &json!({ "state": "unknown" }));
    match answer {
        Answer::State(answer) => json_answer(StatusCode::OK, "application/json", &answer),
        Answer::Fault("timeout") => {
            tokio::time::sleep(too_late).await;
            unknown()
        }
        Answer::Fault("malformed") => {
            let mut answer = plain(StatusCode::OK, "{\"state\": \"delivered\", \"evidence\":");
            answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            answer
        }
        Answer::Fault("huge") => {
            let huge = json!({ "state": "delivered", "evidence": "x".repeat(HUGE) });
            json_answer(StatusCode::OK, "application/json", &huge)
        }
        Answer::Fault("redirect") => {
            let mut answer = plain(StatusCode::TEMPORARY_REDIRECT, "");
            answer.headers_mut().insert(LOCATION, HeaderValue::from_static("/provider/elsewhere"));
            answer
        }
        Answer::Fault(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "The provider is out of order."),
    }
}

/// Sets an answer: JSON of a program, or the form of the start page.
pub(super) fn set(provider: &Provider, trxid: &str, headers: &HeaderMap, body: &Bytes) -> Response<Body> {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // curl calls any data a form, so what looks like JSON is JSON.
    let is_form = media.starts_with("application/x-www-form-urlencoded") && !body.trim_ascii_start().starts_with(b"{");
    let answer = if is_form { Some(form(body)) } else { serde_json::from_slice(body).ok() };
    let Some(answer) = answer else { return plain(StatusCode::BAD_REQUEST, "The body must be JSON.") };
    match provider.set(trxid, &answer) {
        Err(wrong) => plain(StatusCode::BAD_REQUEST, &format!("The answer is not set: {wrong}.")),
        Ok(()) if is_form => {
            let mut answer = plain(StatusCode::SEE_OTHER, "");
            answer.headers_mut().insert(LOCATION, HeaderValue::from_static("/#provider"));
            answer
        }
        Ok(()) => json_answer(StatusCode::OK, "application/json", &provider.answer(trxid).as_json()),
    }
}

/// What is set about a transaction, and what was asked.
pub(super) fn show(provider: &Provider, trxid: &str) -> Response<Body> {
    json_answer(StatusCode::OK, "application/json", &provider.shown(trxid))
}

/// The answer that a form has: `answer` is a state, or `fail:` and a fault. Empty fields are left
/// out.
fn form(body: &[u8]) -> Value {
    let mut fields = query(&String::from_utf8_lossy(body));
    let chosen = fields.remove("answer").unwrap_or_default();
    if let Some(fault) = chosen.strip_prefix("fail:") {
        return json!({ "fail": fault });
    }
    let mut answer = json!({ "state": chosen });
    if let Some(members) = answer.as_object_mut() {
        members.extend(
            fields.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.into())),
        );
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use recourse_signing::webhook;

    const SECRET: &str = "whsec_ZGVtby1wcm92aWRlci1zZWNyZXQtbG9vcGJhY2shISE=";

    #[test]
    fn a_form_is_an_answer_without_what_is_empty() {
        assert_eq!(
            form(b"answer=delivered&evidence=Used+at+10%3A00&reference="),
            json!({ "state": "delivered", "evidence": "Used at 10:00" })
        );
        assert_eq!(form(b"answer=fail%3Atimeout&evidence="), json!({ "fail": "timeout" }));
        assert_eq!(form(b""), json!({ "state": "" }));
    }

    #[tokio::test]
    async fn each_fault_is_what_its_name_says() {
        let (provider, clock) = (Provider::new(Some(SECRET)), Clock::unmoved());
        let body = Bytes::from_static(br#"{"data":{"trxid":"50001"}}"#);
        let at = clock.now().unix_timestamp();
        let signature = webhook::sign(&webhook::parse_secret(SECRET).unwrap(), "ask_1", at, &body);
        let mut headers = HeaderMap::new();
        for (name, value) in
            [("webhook-id", "ask_1"), ("webhook-timestamp", &at.to_string()), ("webhook-signature", &signature)]
        {
            headers.insert(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        for (fault, status) in [("timeout", 200), ("500", 500), ("malformed", 200), ("huge", 200), ("redirect", 307)] {
            provider.set("50001", &json!({ "fail": fault })).unwrap();
            let answer = ask_with(&provider, &clock, &headers, &body, Duration::from_millis(50)).await;
            assert_eq!(answer.status(), status, "{fault}");
            let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
            let is_json = serde_json::from_slice::<Value>(&body).is_ok();
            assert_eq!(
                (is_json, body.len() > 65_536),
                (["timeout", "huge"].contains(&fault), fault == "huge"),
                "{fault}"
            );
        }
        assert_eq!(ask(&provider, &clock, &HeaderMap::new(), &body).await.status(), 401);
    }
}
