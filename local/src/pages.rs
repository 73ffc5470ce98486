//! The pages on the gateway's own port: what runs, the inbox, the API.
//!
//! Plain HTML from askama templates, which escape whatever they are given: mails and their headers are hostile. No page loads anything from
//! anywhere, and its Content-Security-Policy forbids it, also to the HTML mail that is shown in a sandboxed frame inside it.

mod docs;
mod inbox;
mod index;
mod markdown;
mod snippet;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use ring::digest::{SHA256, digest};

use crate::loopback::{json, plain};
use crate::ses::Ses;

/// The style of all pages.
pub(crate) const STYLE: &str = include_str!("../templates/style.css");

/// The script of all pages: what the copy buttons do.
pub(crate) const SCRIPT: &str = include_str!("../templates/copy.js");

/// A function, as the index shows it.
#[derive(Clone, Debug)]
pub struct FunctionRow {
    /// Its logical id in template.yaml.
    pub id: String,
    /// Its binary.
    pub binary: String,
    /// What starts it: `POST /v2/transactions/check`, or a stream or schedule in words.
    pub routes: Vec<String>,
}

/// What the pages show.
#[derive(Clone, Debug)]
pub struct PagesState {
    /// Where the gateway listens, `http://127.0.0.1:port`.
    pub url: String,
    /// Where the mail is.
    pub ses: Ses,
    /// The path of openapi.yaml, which is read at each request.
    pub openapi: PathBuf,
    /// The functions.
    pub functions: Vec<FunctionRow>,
    /// Name and address of each endpoint.
    pub endpoints: Vec<(String, String)>,
    /// local/demo.json as loaded; its keys are shown.
    pub demo: Option<serde_json::Value>,
}

/// The routes `/`, `/inbox`, `/inbox/{message id}`, `/inbox.json`, `/docs` and `/openapi.yaml`.
pub fn routes(state: PagesState) -> Router {
    Router::new()
        .route("/", get(async |State(state): Shared| page(&index::Index::new(&state))))
        .route("/inbox", get(async |State(state): Shared| page(&inbox::Inbox::new(&state.ses.mails()))))
        .route("/inbox/{id}", get(mail))
        .route("/inbox.json", get(inbox_json))
        .route("/docs", get(async |State(state): Shared| page(&docs::Docs::read(&state.openapi))))
        .route("/openapi.yaml", get(openapi))
        .with_state(Arc::new(state))
}

type Shared = State<Arc<PagesState>>;

async fn mail(State(state): Shared, Path(id): Path<String>) -> Response<Body> {
    match state.ses.mails().iter().find(|mail| mail.message_id == id) {
        Some(mail) => page(&inbox::MailPage::new(mail)),
        None => plain(StatusCode::NOT_FOUND, "There is no such mail; /inbox has those that are there."),
    }
}

async fn inbox_json(State(state): Shared) -> Response<Body> {
    json(StatusCode::OK, "application/json", &inbox::as_json(&state.ses.mails()))
}

async fn openapi(State(state): Shared) -> Response<Body> {
    match std::fs::read_to_string(&state.openapi) {
        Ok(text) => {
            let mut answer = plain(StatusCode::OK, &text);
            answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/yaml"));
            answer
        }
        Err(error) => plain(StatusCode::NOT_FOUND, &format!("{}: {error}", state.openapi.display())),
    }
}

/// An HTML answer that may load nothing, and run no script but its own.
fn page(template: &impl Template) -> Response<Body> {
    let text = match template.render() {
        Ok(text) => text,
        Err(error) => return plain(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    };
    let script = BASE64_STANDARD.encode(digest(&SHA256, SCRIPT.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{script}'; img-src data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    let mut answer = plain(StatusCode::OK, &text);
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.headers_mut().insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, "text/html; charset=utf-8");
    set(header::CONTENT_SECURITY_POLICY, &policy);
    set(header::CACHE_CONTROL, "no-store");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    answer
}
