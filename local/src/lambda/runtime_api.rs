//! The Lambda Runtime API of one instance, version 2018-06-01: what a function's process sees of
//! Lambda.
//!
//! Each instance has a listener of its own, so that `AWS_LAMBDA_RUNTIME_API` is a host and a port,
//! as in Lambda, and any custom runtime works unchanged. The calls only pass messages to the
//! instance, which decides.

use super::message::{Invocation, InvocationResult, Message, Posted};
use crate::body;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

/// The header by which a runtime names the type of an error.
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";

type Instance = State<UnboundedSender<Message>>;

/// The API's routes, which pass all requests to `instance`.
pub(super) fn routes(instance: UnboundedSender<Message>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .with_state(instance)
}

async fn next(State(instance): Instance) -> Response {
    let (give, given) = oneshot::channel();
    // An instance that has ended drops its ends of the channels, and its process learns of it in
    // `refused`.
    let _ = instance.send(Message::Next(give));
    match given.await {
        Ok(Invocation { request_id, deadline_ms, function_arn, trace_id, event }) => {
            let headers = [
                ("content-type", "application/json"),
                ("lambda-runtime-aws-request-id", &request_id),
                ("lambda-runtime-deadline-ms", &deadline_ms.to_string()),
                ("lambda-runtime-invoked-function-arn", &function_arn),
                ("lambda-runtime-trace-id", &trace_id),
            ];
            (headers, event).into_response()
        }
        Err(_) => refused("next"),
    }
}

async fn response(State(instance): Instance, Path(id): Path<String>, body: Body) -> Response {
    match body::read(body, super::MAX_PAYLOAD).await {
        Ok(answer) => post_to(&instance, Some(id), Posted::Answer(answer)).await,
        Err(body::Unread::TooLarge) => post_to(&instance, Some(id), Posted::TooLarge).await,
        Err(body::Unread::Broken) => {
            problem(StatusCode::BAD_REQUEST, "TruncatedHTTPRequest", "HTTP request detected as truncated")
        }
    }
}

async fn error(State(instance): Instance, Path(id): Path<String>, headers: HeaderMap, body: Body) -> Response {
    let posted = reported(&headers, body).await;
    post_to(&instance, Some(id), posted).await
}

async fn init_error(State(instance): Instance, headers: HeaderMap, body: Body) -> Response {
    let posted = reported(&headers, body).await;
    post_to(&instance, None, posted).await
}

/// An error that a runtime reports. What it says about it is passed on, whatever it is.
async fn reported(headers: &HeaderMap, body: Body) -> Posted {
    let error_type = headers.get(ERROR_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let body = body::read(body, super::MAX_PAYLOAD).await.unwrap_or_default();
    Posted::Error {
        error_type: error_type.unwrap_or_else(|| "Unhandled".to_owned()),
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

/// Passes on what was posted for an invocation, or for the start of the instance when there is no
/// id. Answers as Lambda does.
async fn post_to(instance: &UnboundedSender<Message>, id: Option<String>, posted: Posted) -> Response {
    let too_large = matches!(posted, Posted::TooLarge);
    let (say, said) = oneshot::channel();
    let _ = instance.send(Message::Posted { id, posted, verdict: say });
    match said.await {
        Ok(InvocationResult::Accepted) if too_large => {
            let message = format!("Exceeded maximum allowed payload size ({} bytes).", super::MAX_PAYLOAD);
            problem(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message)
        }
        Ok(InvocationResult::Accepted) => (StatusCode::ACCEPTED, Json(json!({"status": "OK"}))).into_response(),
        Ok(InvocationResult::NotThisInvocation) => {
            problem(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
        }
        Ok(InvocationResult::TooLate) => problem(StatusCode::GONE, "InvokeTimeout", "Invoke timeout"),
        Err(_) => refused("the answer"),
    }
}

fn refused(what: &str) -> Response {
    let message = format!("Transition is not allowed: {what} does not fit the instance's state");
    problem(StatusCode::FORBIDDEN, "InvalidStateTransition", &message)
}

fn problem(status: StatusCode, error_type: &str, message: &str) -> Response {
    (status, Json(json!({"errorType": error_type, "errorMessage": message}))).into_response()
}
