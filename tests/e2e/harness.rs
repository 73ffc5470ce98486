//! What the tests stand on: a whole cloud in this process, requests signed as a client signs them, and a look behind the APIs.
//!
//! Tests share one cloud where each of them has transactions and addresses of its own ([`shared`]), and start one of their own where
//! they count, compare whole tables or break something ([`Stack::start`]). Either is stopped when its last test is over.

mod call;
mod connect;
mod lifetime;
mod look;
mod transaction;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use http::{HeaderMap, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use recourse_local::dynamodb::Engine;
use recourse_local::log::LogLine;
use recourse_local::ses::AcceptedMail;
use recourse_local::{Cloud, LogSink, Options, demo};
use recourse_store::Store;
use serde_json::Value;

pub(crate) use call::{
    CLIENT, Call, DemoKey, PLATFORM, PLATFORM_STAGING, STAGING, STRANGER, address, now, simulator, unique,
};
pub(crate) use connect::{Connect, EVIDENCE};
pub(crate) use lifetime::{run, run_alone, shared};
pub(crate) use transaction::Transaction;

/// The function behind `POST /v2/transactions/check`.
pub(crate) const REPORT: &str = "IimmpactReport";
/// The function that sends mail.
pub(crate) const OUTBOX: &str = "WorkerOutbox";
/// The function that counts disputes.
pub(crate) const COUNTERS: &str = "WorkerCounters";
/// The function that keeps deadlines.
pub(crate) const DEADLINES: &str = "WorkerDeadlines";
/// The function that marks addresses.
pub(crate) const FEEDBACK: &str = "WorkerFeedback";
/// How long anything may take that happens by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running cloud with the demo's data, and clients for it.
pub(crate) struct Stack {
    /// There until the stack is dropped.
    cloud: Option<Cloud>,
    http: Client<HttpConnector, Body>,
    log: LogSink,
    store: Store,
}

/// An answer, as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
}

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The folder with the binaries that were built beside this test.
pub(crate) fn binaries() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    this.parent().and_then(Path::parent).unwrap().to_owned()
}

/// The engine that `ENGINE` names.
pub(crate) fn engine() -> Engine {
    let engine = std::env::var("ENGINE").unwrap_or_default();
    match engine.as_str() {
        "" | "embedded" => Engine::Embedded,
        "dynamodb-local" => {
            let dir = std::env::var_os("DYNAMODB_LOCAL_DIR").filter(|dir| !dir.is_empty());
            let dir = dir.expect("ENGINE=dynamodb-local needs DYNAMODB_LOCAL_DIR, the folder with DynamoDBLocal.jar");
            Engine::DynamoDbLocal { dir: dir.into() }
        }
        other => panic!("ENGINE is {other}; it must be embedded or dynamodb-local"),
    }
}

/// The Runtime Interface Emulator that `EMULATOR` names, for functions to run under.
fn emulator() -> Option<PathBuf> {
    std::env::var_os("EMULATOR").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// What a stack starts with unless a test wants something else.
pub(crate) fn options() -> Options {
    let demo = Some(root().join("local/demo.json"));
    Options { binaries: binaries(), engine: engine(), emulator: emulator(), demo, ..Options::for_tests(&root()) }
}

/// Waits until `found` finds something.
pub(crate) async fn until<T>(what: &str, mut found: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(found) = found().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "not within {} seconds: {what}", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Stack {
    /// Starts a cloud and loads the demo's data.
    pub(crate) async fn start(options: Options) -> Stack {
        let (log, data) = (options.log.clone(), options.demo.clone());
        let cloud = Cloud::start(options).await.unwrap_or_else(|error| panic!("{error}"));
        if let Some(data) = data {
            demo::load(&cloud, &data).await.unwrap_or_else(|error| panic!("{error}"));
        }
        let store = look::store(&cloud);
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let http = Client::builder(TokioExecutor::new()).build(connector);
        Stack { cloud: Some(cloud), http, log, store }
    }

    /// Ends it, and returns when nothing of it runs any more.
    pub(crate) async fn stop(mut self) {
        self.cloud.take().unwrap().stop().await;
    }

    /// The cloud itself.
    pub(crate) fn cloud(&self) -> &Cloud {
        self.cloud.as_ref().unwrap()
    }

    /// The tables, read as the functions read them.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Where clients send requests.
    pub(crate) fn url(&self) -> &str {
        &self.cloud().url
    }

    /// The lines that the functions have logged so far.
    pub(crate) fn log(&self) -> Vec<LogLine> {
        self.log.lines()
    }

    /// Sends a request to the gateway as it is; its URI is a path.
    pub(crate) async fn raw(&self, mut request: Request<Vec<u8>>) -> HttpResponse {
        *request.uri_mut() = format!("{}{}", self.url(), request.uri()).parse().unwrap();
        self.to(request).await
    }

    /// Sends a request to wherever its URI says.
    pub(crate) async fn to(&self, request: Request<Vec<u8>>) -> HttpResponse {
        self.exchange(request.map(Body::from)).await
    }

    /// Sends a request to the gateway in chunks and without a length; its URI is a path.
    pub(crate) async fn chunked(&self, mut request: Request<Vec<u8>>) -> HttpResponse {
        *request.uri_mut() = format!("{}{}", self.url(), request.uri()).parse().unwrap();
        let chunks = |body: Vec<u8>| {
            let chunks: Vec<_> = body.chunks(60_000).map(|chunk| Ok::<_, Infallible>(chunk.to_vec())).collect();
            Body::from_stream(futures_util::stream::iter(chunks))
        };
        self.exchange(request.map(chunks)).await
    }

    async fn exchange(&self, request: Request<Body>) -> HttpResponse {
        let (head, body) = self.http.request(request).await.unwrap().into_parts();
        let bytes = to_bytes(Body::new(body), usize::MAX).await.unwrap().to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        HttpResponse { status: head.status.as_u16(), headers: head.headers, text, bytes }
    }

    /// Reads a page.
    pub(crate) async fn get(&self, path: &str) -> HttpResponse {
        self.raw(Request::get(path).body(Vec::new()).unwrap()).await
    }

    /// Signs and sends.
    pub(crate) async fn send(&self, call: &Call) -> HttpResponse {
        self.raw(call.request()).await
    }

    /// Reports an issue.
    pub(crate) async fn report(&self, key: &DemoKey, body: &Value) -> HttpResponse {
        self.send(&Call::report(key, body)).await
    }

    /// Tells the Platform API of a transaction, with the key of its account's environment; panics when it is not taken.
    pub(crate) async fn upsert(&self, transaction: &Value) -> HttpResponse {
        let key = if transaction["account"] == "acct_staging" { &PLATFORM_STAGING } else { &PLATFORM };
        let answer = self.send(&Call::put(key, transaction)).await;
        assert!([200, 201].contains(&answer.status), "{answer:?}");
        answer
    }

    /// The mails to an address, once there are `count` of them.
    pub(crate) async fn inbox(&self, to: &str, count: usize) -> Vec<AcceptedMail> {
        until(&format!("{count} mails to {to}"), async || {
            let mails = self.mails_to(to);
            (mails.len() >= count).then_some(mails)
        })
        .await
    }

    /// The mails that have an address in To, as of now.
    pub(crate) fn mails_to(&self, to: &str) -> Vec<AcceptedMail> {
        self.cloud().ses.mails().into_iter().filter(|mail| mail.to.iter().any(|address| address == to)).collect()
    }
}

impl HttpResponse {
    /// The body, which has to be JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// All of it but what is made for each request apart: the gateway's id and the date.
    pub(crate) fn without_ids(&self) -> HttpResponse {
        let mut answer = self.clone();
        for name in ["apigw-requestid", "date"] {
            answer.headers.remove(name);
        }
        answer
    }
}
