//! The server that functions take for DynamoDB: it records each request, applies the current fault
//! and forwards the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use axum::body::{Body, Bytes};
use http::{HeaderMap, Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::client::EngineClient;
use super::fault::{self, Course, Fault};
use super::meter::Meter;
use super::progress::Progress;
use super::tokens::Tokens;
use crate::lock::lock;
use crate::loopback::{Reply, Server, StartError, json as json_answer, plain};
use crate::policy::dynamodb::{Schema, uses};
use crate::policy::{Iam, signed_by};
use crate::recent::Recent;
use crate::template::Table;

/// How many calls are remembered.
const CALLS: usize = 50_000;

/// The operations that may leave a record in a stream.
const WRITES: [&str; 8] = [
    "BatchExecuteStatement",
    "BatchWriteItem",
    "DeleteItem",
    "ExecuteStatement",
    "ExecuteTransaction",
    "PutItem",
    "TransactWriteItems",
    "UpdateItem",
];

/// A request that reached the front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The operation, such as `GetItem`; empty when the request named none.
    pub operation: String,
    /// The access key id that signed it, which says who called; empty when it was not signed.
    pub access_key: String,
}

/// The current fault, and whose requests fail: those of this access key id, or everybody's.
#[derive(Debug, Default)]
pub(super) struct Failing {
    pub(super) fault: Fault,
    pub(super) only: Option<String>,
}

/// What the front knows between requests.
#[derive(Debug)]
pub(super) struct State {
    pub(super) calls: Mutex<Recent<Call, CALLS>>,
    /// What each access key id used.
    pub(super) meter: Meter,
    fault: Mutex<Failing>,
    /// The tables by name, and whether each is to have point-in-time recovery.
    tables: BTreeMap<String, bool>,
    /// Who waits for a write.
    progress: Arc<Progress>,
    /// The policies that are checked before anything is done. Until it is set, anybody may do
    /// everything.
    pub(super) guard: OnceLock<(Arc<Iam>, Schema)>,
    /// The access keys of those whose requests pass one at a time.
    pub(super) yielding: OnceLock<BTreeSet<String>>,
    /// Held by such a request while the engine has it.
    turn: Semaphore,
    /// The tokens of the embedded engine's transactions. Another engine keeps its own.
    tokens: Option<Tokens>,
}

impl State {
    /// The state for these tables, without a fault and without policies.
    pub(super) fn new(tables: &[Table], progress: Arc<Progress>, tokens: Option<Tokens>) -> Self {
        let (calls, meter, fault) = (Mutex::default(), Meter::new(tables), Mutex::default());
        let tables = tables.iter().map(|table| (table.name.clone(), table.recoverable)).collect();
        let (guard, yielding, turn) = (OnceLock::new(), OnceLock::new(), Semaphore::new(1));
        Self { calls, meter, fault, tables, progress, guard, yielding, turn, tokens }
    }

    /// Waits for its turn, if `access_key` is one of those whose requests pass one at a time.
    async fn turn(&self, access_key: &str) -> Option<SemaphorePermit<'_>> {
        let is_yielding = self.yielding.get().is_some_and(|yielding| yielding.contains(access_key));
        // It is never closed.
        if is_yielding { self.turn.acquire().await.ok() } else { None }
    }

    pub(super) fn fault(&self) -> MutexGuard<'_, Failing> {
        lock(&self.fault)
    }

    /// No local engine has backups, so the answer is what the template says of them.
    fn backups(&self, body: &Bytes) -> Response<Body> {
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(name) = asked.get("TableName").and_then(Value::as_str).filter(|name| self.tables.contains_key(*name))
        else {
            let kind = "com.amazonaws.dynamodb.v20120810#TableNotFoundException";
            return fault::error(StatusCode::BAD_REQUEST, &json!({"__type": kind, "message": "Table not found"}));
        };
        let status = if self.tables.get(name) == Some(&true) { "ENABLED" } else { "DISABLED" };
        let recovery = json!({"PointInTimeRecoveryStatus": status});
        let backups = json!({"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery});
        json_answer(StatusCode::OK, "application/x-amz-json-1.0", &json!({"ContinuousBackupsDescription": backups}))
    }

    /// The refusal of a request that its caller may not make.
    fn denied(&self, operation: &str, request: &Request<Bytes>) -> Option<Reply> {
        let (iam, schema) = self.guard.get()?;
        let denied = iam.check(signed_by(request.headers()), || uses(schema, operation, request.body())).err()?;
        let kind = format!("com.amazon.coral.service#{}", denied.exception());
        Some(Reply::Answer(fault::error(
            StatusCode::BAD_REQUEST,
            &json!({"__type": kind, "Message": denied.to_string()}),
        )))
    }
}

/// Starts the front of `engine` on a free port.
pub(super) async fn start(engine: EngineClient, state: Arc<State>) -> Result<Server, StartError> {
    Server::start(move |request| {
        let (engine, state) = (engine.clone(), Arc::clone(&state));
        async move { handle(&engine, &state, request).await }
    })
    .await
}

async fn handle(engine: &EngineClient, state: &State, request: Request<Bytes>) -> Reply {
    let operation = operation(request.headers());
    let access_key = signed_by(request.headers()).to_owned();
    let call = Call { operation: operation.clone(), access_key: access_key.clone() };
    let course = {
        let mut failing = state.fault();
        let struck = failing.only.as_ref().is_none_or(|only| *only == call.access_key);
        if struck { failing.fault.course(&operation, request.body()) } else { Course::Pass }
    };
    lock(&state.calls).push(call);
    if matches!(course, Course::Pass | Course::PassThenCut)
        && let Some(denied) = state.denied(&operation, &request)
    {
        return denied;
    }
    let reply = match course {
        Course::Cut => Reply::Cut,
        Course::Hang => std::future::pending().await,
        Course::Answer(answer) => Reply::Answer(answer),
        Course::PassThenCut => {
            // The caller does not learn what the engine answered.
            let _ = forward(engine, state, &access_key, &operation, request).await;
            Reply::Cut
        }
        Course::Pass if operation == "DescribeContinuousBackups" => Reply::Answer(state.backups(request.body())),
        Course::Pass => {
            let _turn = state.turn(&access_key).await;
            match forward(engine, state, &access_key, &operation, request).await {
                Ok(answer) => Reply::Answer(answer.map(Body::from)),
                Err(why) => Reply::Answer(plain(StatusCode::BAD_GATEWAY, &format!("the engine did not answer: {why}"))),
            }
        }
    };
    if WRITES.contains(&operation.as_str()) {
        state.progress.wrote();
    }
    reply
}

/// Lets the engine do what `request` asks, and counts what that used.
async fn forward(
    engine: &EngineClient,
    state: &State,
    access_key: &str,
    operation: &str,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, String> {
    let sent = request.body().clone();
    let answer = match &state.tokens {
        Some(tokens) if operation == "TransactWriteItems" => {
            let (engine, progress) = (engine.clone(), Arc::clone(&state.progress));
            let forward = |request| {
                let request = state.meter.ask(operation, request);
                async move {
                    let answer = engine.forward(request).await;
                    // The readers of streams are notified also where the caller has hung up.
                    progress.wrote();
                    answer
                }
            };
            tokens.once(request, forward).await
        }
        _ => engine.forward(state.meter.ask(operation, request)).await,
    };
    Ok(state.meter.count(access_key, operation, &sent, answer?))
}

/// `GetItem` of `DynamoDB_20120810.GetItem`.
fn operation(headers: &HeaderMap) -> String {
    let target = headers.get("x-amz-target").and_then(|v| v.to_str().ok()).unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header;

    #[test]
    fn operation_and_caller_are_read_from_the_headers() {
        let mut headers = HeaderMap::new();
        assert_eq!((operation(&headers).as_str(), signed_by(&headers)), ("", ""));
        headers.insert("x-amz-target", "DynamoDB_20120810.GetItem".parse().unwrap());
        let value = "AWS4-HMAC-SHA256 Credential=LOCALWorkerOutbox/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host";
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        assert_eq!((operation(&headers).as_str(), signed_by(&headers)), ("GetItem", "LOCALWorkerOutbox"));
    }
}
