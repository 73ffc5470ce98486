//! The pages on the gateway's own port: what runs, the inbox, the API.
//!
//! Plain HTML from askama templates, which escape all values: mails and their headers are hostile.
//! No page loads anything from anywhere. Its Content-Security-Policy forbids that also to the HTML
//! mail in its sandboxed frame.

mod bus;
mod clock;
mod console;
mod demo;
mod docs;
mod inbox;
mod index;
mod log;
mod markdown;
mod origin;
mod provider;
mod receive;
mod reply;
mod snippet;
#[cfg(test)]
mod tests;

pub(crate) use clock::duration;
pub use console::DemoLinks;
pub(crate) use demo::DEMO_OPERATOR;
pub use demo::{CasesState, DemoCases, DemoStore};
pub(crate) use reply::{File, Reply};

use std::path::PathBuf;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::middleware::from_fn;
use axum::routing::{get, post};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use recourse_store::StoreError;
use ring::digest::{SHA256, digest};

use crate::body;
use crate::clock::Clock;
use crate::eventbridge::EventBridge;
use crate::gateway::decode::query as query_of;
use crate::log::LogSink;
use crate::loopback::{json, plain};
use crate::provider::Provider;
use crate::ses::Ses;

/// The style of all pages. Its first part is that of the console, too.
pub(crate) const STYLE: &str =
    concat!(include_str!("../../functions/console/assets/base.css"), include_str!("../templates/style.css"));

/// The script of all pages: it copies, filters calls, and refreshes the inbox. Without it the pages
/// show the same.
pub(crate) const SCRIPT: &str = include_str!("../templates/pages.js");

/// The largest body of a request that moves the clock, in bytes.
const MAX_CLOCK_BYTES: usize = 1024;

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
    /// What was put on the event bus.
    pub eventbridge: EventBridge,
    /// The path of openapi.yaml, which is read at each request.
    pub openapi: PathBuf,
    /// The functions.
    pub functions: Vec<FunctionRow>,
    /// Name and address of each endpoint.
    pub endpoints: Vec<(String, String)>,
    /// local/demo.json as loaded.
    pub demo: Option<serde_json::Value>,
    /// Where the demo's accounts are. Their live keys are shown.
    pub demo_store: DemoStore,
    /// How far the demo's cases are.
    pub demo_cases: DemoCases,
    /// The links by which the demo's people sign in to the console.
    pub demo_links: DemoLinks,
    /// What time it is here.
    pub clock: Clock,
    /// The demo's provider.
    pub provider: Provider,
    /// The functions' logs.
    pub log: LogSink,
}

/// The routes `/`, `/inbox`, `/inbox/{message id}`, `/inbox/{message id}/reply`, `/inbox/receive`,
/// `/inbox.json`, `/inbox/received.json`, `/bus.json`, `/docs`, `/docs/{api}`, `/openapi.yaml`,
/// `/clock`, `/log/{id}`, `/provider`, `/provider/{trxid}`, `/console/demo-links.json` and
/// `/console/demo-links/{token}`.
pub fn routes(state: PagesState) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/inbox", get(inbox))
        .route("/inbox/receive", post(receive_raw))
        .route("/inbox/received.json", get(received_json))
        .route("/inbox/{id}", get(mail))
        .route("/inbox/{id}/reply", post(reply_to))
        .route("/log/{id}", get(async |State(state): Shared, Path(id): Path<String>| log::show(&state.log, &id)))
        .route("/provider", post(ask_provider))
        .route("/provider/{trxid}", get(show_provider).post(set_provider))
        .route("/console/demo-links.json", get(async |State(state): Shared| console::show(&state).await))
        .route("/console/demo-links/{token}", get(demo_link))
        .route("/inbox.json", get(inbox_json))
        .route("/bus.json", get(bus_json))
        .route("/docs", get(docs))
        .route("/docs/{api}", get(api))
        .route("/openapi.yaml", get(openapi))
        .route("/clock", get(async |State(state): Shared| clock::show(&state.clock)).post(change_clock))
        .layer(from_fn(origin::guard))
        .with_state(Arc::new(state))
}

type Shared = State<Arc<PagesState>>;

async fn index(State(state): Shared) -> Response<Body> {
    let read = async {
        let demo = demo::Demo::read(&state).await?;
        let people = demo.as_ref().map(|demo| demo.operators.as_slice()).unwrap_or_default();
        let links = console::links(&state, people).await?;
        Ok((demo, links))
    };
    match read.await {
        Ok((demo, links)) => page(&index::Index::new(&state, demo, links)),
        Err(error) => unreadable(&error),
    }
}

async fn demo_link(State(state): Shared, Path(token): Path<String>) -> Response<Body> {
    console::open(&state, &token).await
}

/// The answer of a page that shows the demo's keys, when their accounts cannot be read.
fn unreadable(error: &StoreError) -> Response<Body> {
    plain(StatusCode::SERVICE_UNAVAILABLE, &format!("The demo's accounts cannot be read from DynamoDB: {error}"))
}

async fn mail(State(state): Shared, Path(id): Path<String>) -> Response<Body> {
    match state.ses.mail(&id) {
        Some(mail) => page(&inbox::MailPage::new(&mail, &state.ses.received())),
        None => no_mail(),
    }
}

fn no_mail() -> Response<Body> {
    plain(StatusCode::NOT_FOUND, "There is no such mail; /inbox has those that are there.")
}

async fn inbox(State(state): Shared) -> Response<Body> {
    let (mails, dropped) = state.ses.stored();
    page(&inbox::Inbox::new(&state.url, &mails, dropped, &state.ses.received()))
}

async fn received_json(State(state): Shared) -> Response<Body> {
    json(StatusCode::OK, "application/json", &receive::as_json(&state.ses.received()))
}

async fn receive_raw(
    State(state): Shared,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    match body::read(body, receive::MAX_BYTES).await {
        Ok(body) => receive::raw(&state.ses, query.as_deref().unwrap_or_default(), &headers, body).await,
        Err(_) => too_large(),
    }
}

async fn reply_to(State(state): Shared, Path(id): Path<String>, headers: HeaderMap, body: Body) -> Response<Body> {
    let Ok(body) = body::read(body, receive::MAX_BYTES).await else { return too_large() };
    match state.ses.mail(&id) {
        Some(mail) => receive::reply(&state.ses, &state.clock, &mail, &headers, body).await,
        None => no_mail(),
    }
}

fn too_large() -> Response<Body> {
    plain(StatusCode::PAYLOAD_TOO_LARGE, "A mail has at most 40 MB.")
}

async fn ask_provider(State(state): Shared, headers: HeaderMap, body: Body) -> Response<Body> {
    match body::read(body, provider::MAX_BYTES).await {
        Ok(body) => provider::ask(&state.provider, &state.clock, &headers, &body).await,
        Err(_) => plain(StatusCode::PAYLOAD_TOO_LARGE, "That is no question."),
    }
}

async fn set_provider(
    State(state): Shared,
    Path(trxid): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    match body::read(body, provider::MAX_BYTES).await {
        Ok(body) => provider::set(&state.provider, &trxid, &headers, &body),
        Err(_) => plain(StatusCode::PAYLOAD_TOO_LARGE, "That is no answer."),
    }
}

async fn show_provider(State(state): Shared, Path(trxid): Path<String>) -> Response<Body> {
    provider::show(&state.provider, &trxid)
}

async fn inbox_json(State(state): Shared) -> Response<Body> {
    json(StatusCode::OK, "application/json", &inbox::as_json(&state.ses.stored().0))
}

async fn bus_json(State(state): Shared) -> Response<Body> {
    json(StatusCode::OK, "application/json", &bus::as_json(&state.eventbridge.events()))
}

async fn docs(State(state): Shared, RawQuery(query): RawQuery) -> Response<Body> {
    let parameters = query_of(query.as_deref().unwrap_or_default());
    page(&docs::Docs::read(&state.openapi, parameters.get("q").map(String::as_str).unwrap_or_default()))
}

async fn api(State(state): Shared, Path(api): Path<String>) -> Response<Body> {
    let Some(group) = docs::group(&state.openapi, &api) else {
        return plain(StatusCode::NOT_FOUND, "There is no such page; /docs has those that there are.");
    };
    let demo = match demo::Demo::read(&state).await {
        Ok(demo) => demo,
        Err(error) => return unreadable(&error),
    };
    page(&docs::GroupPage::new(group, &demo::Demo::caller(demo.as_ref(), &state)))
}

async fn change_clock(State(state): Shared, headers: HeaderMap, body: Body) -> Response<Body> {
    match body::read(body, MAX_CLOCK_BYTES).await {
        Ok(body) => clock::change(&state.clock, &headers, &body).await,
        Err(_) => plain(StatusCode::PAYLOAD_TOO_LARGE, "That is no time."),
    }
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
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{script}'; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
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
