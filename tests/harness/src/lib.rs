//! What the tests share: a whole cloud in this process, requests signed as a client signs them, and
//! a look at the tables behind the APIs.
//!
//! Most tests share one cloud ([`shared`]), where each has transactions and addresses of its own. A
//! test that counts, compares whole tables or breaks something starts a cloud of its own
//! ([`Stack::start`]). A cloud stops when its last test ends.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "only tests use this crate, and what cannot go on fails the test"
)]

mod call;
mod connect;
mod console;
mod figures;
mod fresh;
mod identity;
mod lifetime;
mod look;
pub mod raw;
mod support;
mod transaction;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use http::{HeaderMap, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use recourse_local::dynamodb::Engine;
use recourse_local::log::LogLine;
use recourse_local::ses::AcceptedMail;
use recourse_local::template::Template;
use recourse_local::{Cloud, LogSink, Options, demo};
use recourse_store::Store;
use serde_json::Value;

pub use call::{CLIENT, Call, DemoKey, PLATFORM, PLATFORM_STAGING, STAGING, STRANGER, address, now, simulator, unique};
pub use connect::{Connect, EVIDENCE};
pub use console::ConsoleClient;
pub use figures::figure;
pub use identity::{Claimed, IDENTITY_CLIENT, IDENTITY_SECRET, IdentityServer, KeyKind, Twist};
pub use lifetime::{run, run_alone, shared};
pub use support::{SUPPORT_LIMITS, support_options};
pub use transaction::Transaction;

/// The function behind `POST /v2/transactions/check`.
pub const REPORT: &str = "IimmpactReport";
/// The function that signs in to the console.
pub const SIGN_IN: &str = "ConsoleSignIn";
/// The function that sends mail.
pub const OUTBOX: &str = "WorkerOutbox";
/// The function that counts disputes.
pub const COUNTERS: &str = "WorkerCounters";
/// The function that reminds of deadlines and expires them.
pub const DEADLINES: &str = "WorkerDeadlines";
/// The function that marks addresses.
pub const FEEDBACK: &str = "WorkerFeedback";
/// The function that records received mail.
pub const INBOUND: &str = "WorkerInbound";
/// The function that delivers events to webhook endpoints.
pub const WEBHOOKS: &str = "WorkerWebhooks";
/// The function that puts events on the event bus.
pub const BUS: &str = "WorkerBus";
/// The function that stores the transactions of the queue.
pub const INGEST: &str = "WorkerIngest";
/// The longest time that a test waits for a worker.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running cloud with the demo's data, and clients for it.
pub struct Stack {
    /// `Some` until the stack is dropped.
    cloud: Option<Cloud>,
    http: Client<HttpConnector, Body>,
    log: LogSink,
    store: Store,
}

/// An HTTP response as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body.
    pub bytes: Vec<u8>,
}

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// The folder with the binaries that were built beside this test. Panics when one is stale.
pub fn binaries() -> PathBuf {
    static CHECKED: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| {
        let this = std::env::current_exe().unwrap();
        let folder = this.parent().and_then(Path::parent).unwrap().to_owned();
        let template = std::fs::read_to_string(root().join("template.yaml")).unwrap();
        let together = || ["recourse-functions", "recourse"].map(str::to_owned).to_vec();
        fresh::check(&folder, &if are_together() { together() } else { fresh::names(&template) })?;
        Ok(folder)
    });
    CHECKED.clone().unwrap_or_else(|stale| panic!("{stale}"))
}

/// Whether the functions are the links to `recourse-functions`, as `FUNCTIONS` says. Otherwise they
/// are the binaries that are deployed.
fn are_together() -> bool {
    let functions = std::env::var("FUNCTIONS").unwrap_or_default();
    match functions.as_str() {
        "" | "apart" => false,
        "together" => true,
        other => panic!("FUNCTIONS is {other}; it must be apart or together"),
    }
}

/// The folder with the functions.
fn functions() -> PathBuf {
    if are_together() { binaries().join("together") } else { binaries() }
}

/// The engine that `ENGINE` names.
pub fn engine() -> Engine {
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

/// The options of a stack, unless a test needs others. A reported case is answered by nobody: the
/// tests of the support process have [`support_options`].
pub fn options() -> Options {
    let demo = Some(root().join("local/demo.json"));
    let parameters = [("SupportProcess".to_owned(), "off".to_owned())].into();
    let ours = Options::for_tests(&root());
    Options { binaries: functions(), engine: engine(), emulator: emulator(), demo, parameters, ..ours }
}

/// The options of a stack whose processes have so many requests at once, as on Lambda Managed
/// Instances: those of every function with a route. One at a time is plain Lambda.
pub fn options_at_once(requests: usize) -> Options {
    let mut options = options();
    if requests > 1 {
        let template = Template::read(&root(), &options.parameters).unwrap_or_else(|error| panic!("{error}"));
        let with_routes = template.functions.into_iter().filter(|function| !function.routes.is_empty());
        let names: Vec<String> = with_routes.map(|function| function.id).collect();
        let provider = "arn:aws:lambda:us-east-1:000000000000:capacity-provider:recourse".to_owned();
        options.parameters.extend([
            ("CapacityProviderArn".to_owned(), provider),
            ("ManagedFunctions".to_owned(), names.join(",")),
            ("RequestsAtOnce".to_owned(), requests.to_string()),
        ]);
    }
    options
}

/// Waits until `found` returns something, and panics after half a minute.
pub async fn until<T>(what: &str, mut found: impl AsyncFnMut() -> Option<T>) -> T {
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
    pub async fn start(options: Options) -> Stack {
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

    /// Stops the cloud and returns when none of its processes runs.
    pub async fn stop(mut self) {
        self.cloud.take().unwrap().stop().await;
    }

    /// The cloud itself.
    pub fn cloud(&self) -> &Cloud {
        self.cloud.as_ref().unwrap()
    }

    /// The tables, read as the functions read them.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Where clients send requests.
    pub fn url(&self) -> &str {
        &self.cloud().url
    }

    /// The log lines of the functions so far.
    pub fn log(&self) -> Vec<LogLine> {
        self.log.lines()
    }

    /// Sends a request to the gateway unchanged. Its URI is a path.
    pub async fn raw(&self, mut request: Request<Vec<u8>>) -> HttpResponse {
        *request.uri_mut() = format!("{}{}", self.url(), request.uri()).parse().unwrap();
        self.to(request).await
    }

    /// Sends a request to its URI.
    pub async fn to(&self, request: Request<Vec<u8>>) -> HttpResponse {
        self.exchange(request.map(Body::from)).await
    }

    /// Sends a request to the gateway in chunks, without `Content-Length`. Its URI is a path.
    pub async fn chunked(&self, mut request: Request<Vec<u8>>) -> HttpResponse {
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
    pub async fn get(&self, path: &str) -> HttpResponse {
        self.raw(Request::get(path).body(Vec::new()).unwrap()).await
    }

    /// Signs and sends.
    pub async fn send(&self, call: &Call) -> HttpResponse {
        self.raw(call.request()).await
    }

    /// Reports an issue.
    pub async fn report(&self, key: &DemoKey, body: &Value) -> HttpResponse {
        self.send(&Call::report(key, body)).await
    }

    /// Sends a transaction to the Platform API, with the key of its account's environment. Panics
    /// when the API rejects it.
    pub async fn upsert(&self, transaction: &Value) -> HttpResponse {
        let key = if transaction["account"] == "acct_staging" { &PLATFORM_STAGING } else { &PLATFORM };
        let answer = self.send(&Call::put(key, transaction)).await;
        assert!([200, 201].contains(&answer.status), "{answer:?}");
        answer
    }

    /// The mails to an address, once there are `count` of them.
    pub async fn inbox(&self, to: &str, count: usize) -> Vec<AcceptedMail> {
        until(&format!("{count} mails to {to}"), async || {
            let mails = self.mails_to(to);
            (mails.len() >= count).then_some(mails)
        })
        .await
    }

    /// The mails that have an address in To, as of now.
    pub fn mails_to(&self, to: &str) -> Vec<AcceptedMail> {
        self.cloud().ses.mails().into_iter().filter(|mail| mail.to.iter().any(|address| address == to)).collect()
    }
}

impl HttpResponse {
    /// The body, which has to be JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The response without the headers that differ for each request: its id and the date.
    pub fn without_ids(&self) -> HttpResponse {
        let mut answer = self.clone();
        for name in ["apigw-requestid", "x-request-id", "date"] {
            answer.headers.remove(name);
        }
        answer
    }
}
