//! The HTTP answer to a request: what a function's answer means, and the gateway's own.

use axum::body::Body;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Headers that are the gateway's to set; a function's are dropped.
const NOT_TAKEN: [&str; 5] = ["connection", "content-length", "date", "keep-alive", "transfer-encoding"];

/// What an HTTP API puts before the name of a function's header that it has a use of its own for,
/// and which headers that are.
const REMAPPED: &str = "x-amzn-remapped-";
const ARE_REMAPPED: [&str; 1] = ["www-authenticate"];

/// The gateway's own answers, with API Gateway's own bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    /// The body breaks off, or the path is not to be decoded: 400.
    BadRequest,
    /// No route: 404.
    NotFound,
    /// The event would be larger than Lambda takes: 413.
    TooLarge,
    /// The request line and the headers are larger than 10,240 bytes: 431.
    HeadersTooLarge,
    /// The function failed, or its answer is not valid: 500.
    Failed,
    /// The function did not answer in time: 503.
    Unavailable,
}

impl Own {
    fn status(self) -> StatusCode {
        match self {
            Own::BadRequest => StatusCode::BAD_REQUEST,
            Own::NotFound => StatusCode::NOT_FOUND,
            Own::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Own::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Own::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            Own::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn body(self) -> &'static str {
        match self {
            Own::BadRequest => r#"{"message":"Bad Request"}"#,
            Own::NotFound => r#"{"message":"Not Found"}"#,
            Own::TooLarge => r#"{"message":"Request Entity Too Large"}"#,
            Own::HeadersTooLarge => r#"{"message":"Request Header Fields Too Large"}"#,
            Own::Failed => r#"{"message":"Internal Server Error"}"#,
            Own::Unavailable => r#"{"message":"Service Unavailable"}"#,
        }
    }

    pub(super) fn response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body()));
        *response.status_mut() = self.status();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

/// The status of an answer that a script of faults keeps from the client. API Gateway answers 500
/// by itself to it; here the connection ends without an answer.
const NO_ANSWER: u16 = 0;

/// No answer: the connection ends before the first byte of one.
fn none() -> Response<Body> {
    let cut = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let mut response = Response::new(Body::from_stream(futures_util::stream::iter([Err::<String, _>(cut)])));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// A function's answer in payload format 2.0. `multiValueHeaders` belongs to format 1.0 and is
/// ignored, as any other member is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionResponse {
    status_code: u16,
    headers: Option<BTreeMap<String, Json>>,
    cookies: Option<Vec<String>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

/// The response of a function's answer. An error is for the log, and the client gets
/// [`Own::Failed`].
pub(super) fn response(answer: &[u8]) -> Result<Response<Body>, String> {
    let answer: Json = serde_json::from_slice(answer).map_err(|e| format!("the answer is not JSON: {e}"))?;
    if answer.get("statusCode").is_none() {
        // Payload format 2.0: without `statusCode`, the whole answer is the body.
        let body = match answer {
            Json::String(text) => text,
            other => other.to_string(),
        };
        let mut response = Response::new(Body::from(body));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return Ok(response);
    }
    let answer: FunctionResponse =
        serde_json::from_value(answer).map_err(|e| format!("the answer is not of payload format 2.0: {e}"))?;
    if answer.status_code == NO_ANSWER {
        return Ok(none());
    }
    let status = StatusCode::from_u16(answer.status_code)
        .ok()
        .filter(|status| !status.is_informational())
        .ok_or_else(|| format!("the answer's statusCode {} is no final HTTP status", answer.status_code))?;
    let body = answer.body.unwrap_or_default();
    let body = match answer.is_base64_encoded {
        Some(true) => BASE64_STANDARD.decode(body).map_err(|e| format!("the answer's body is not base64: {e}"))?,
        _ => body.into_bytes(),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in answer.headers.unwrap_or_default() {
        let value = match value {
            Json::String(text) => text,
            Json::Number(number) => number.to_string(),
            Json::Bool(truth) => truth.to_string(),
            _ => return Err(format!("the answer's header {name} is not a string")),
        };
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("the answer's header name {name:?} is not one"))?;
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| format!("the answer's header {name} has a control character in it"))?;
        if ARE_REMAPPED.contains(&name.as_str()) {
            if let Ok(name) = HeaderName::try_from(format!("{REMAPPED}{name}")) {
                headers.insert(name, value);
            }
        } else if !NOT_TAKEN.contains(&name.as_str()) {
            headers.insert(name, value);
        }
    }
    for cookie in answer.cookies.unwrap_or_default() {
        let cookie = HeaderValue::from_bytes(cookie.as_bytes())
            .map_err(|_| "the answer has a cookie with a control character in it".to_owned())?;
        headers.append(SET_COOKIE, cookie);
    }
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("text/plain; charset=utf-8"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    async fn answered(answer: Json) -> Result<(u16, Vec<(String, String)>, Vec<u8>), String> {
        let (parts, body) = response(answer.to_string().as_bytes())?.into_parts();
        let headers =
            parts.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let body = crate::body::read(body, usize::MAX).await.unwrap().to_vec();
        Ok((parts.status.as_u16(), headers, body))
    }

    #[tokio::test]
    async fn an_answer_becomes_a_response() {
        let answer = json!({
            "statusCode": 201, "isBase64Encoded": true, "body": "//4=", "cookies": ["a=1", "b=2"],
            "headers": {"Content-Type": "application/octet-stream", "x-number": 5, "Content-Length": "99", "WWW-Authenticate": "Basic"},
            "multiValueHeaders": {"x-ignored": ["1"]},
        });
        let (status, mut headers, body) = answered(answer).await.unwrap();
        headers.sort();
        assert_eq!((status, body), (201, vec![0xff, 0xfe]));
        let expected = [
            ("content-type", "application/octet-stream"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("x-amzn-remapped-www-authenticate", "Basic"),
            ("x-number", "5"),
        ];
        assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[tokio::test]
    async fn nulls_and_nothing_are_defaults() {
        let answer =
            json!({"statusCode": 204, "headers": null, "cookies": null, "body": null, "isBase64Encoded": null});
        let (status, headers, body) = answered(answer).await.unwrap();
        assert_eq!((status, body), (204, vec![]));
        assert_eq!(headers, [("content-type".to_owned(), "text/plain; charset=utf-8".to_owned())]);
    }

    #[tokio::test]
    async fn without_a_status_the_answer_is_the_body() {
        for (answer, body) in
            [(json!({"message": "hi"}), r#"{"message":"hi"}"#), (json!("hi"), "hi"), (json!(null), "null")]
        {
            let (status, headers, sent) = answered(answer).await.unwrap();
            assert_eq!((status, sent), (200, body.as_bytes().to_vec()));
            assert_eq!(headers, [("content-type".to_owned(), "application/json".to_owned())]);
        }
    }

    #[tokio::test]
    async fn no_answer_has_no_body_that_can_be_read() {
        let response = response(json!({"statusCode": 0, "headers": {}, "body": "{}"}).to_string().as_bytes()).unwrap();
        assert_eq!(response.status(), 500);
        assert!(crate::body::read(response.into_body(), usize::MAX).await.is_err());
    }

    #[tokio::test]
    async fn an_answer_that_is_not_understood_is_refused() {
        for answer in [
            json!({"statusCode": "200"}),
            json!({"statusCode": 99}),
            json!({"statusCode": 101}),
            json!({"statusCode": 70_000}),
            json!({"statusCode": 200, "body": {"a": 1}}),
            json!({"statusCode": 200, "body": "?", "isBase64Encoded": true}),
            json!({"statusCode": 200, "headers": {"x": "a\r\nb: c"}}),
            json!({"statusCode": 200, "headers": {"a b": "c"}}),
            json!({"statusCode": 200, "headers": {"x": ["c"]}}),
            json!({"statusCode": 200, "cookies": ["a\nb"]}),
        ] {
            assert!(answered(answer.clone()).await.is_err(), "{answer}");
        }
        assert!(response(b"not JSON").is_err());
        assert!(response(b"").is_err());
    }
}
