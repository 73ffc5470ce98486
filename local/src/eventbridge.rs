//! EventBridge's API: `PutEvents`, which keeps what was put and hands it on.
//!
//! `/bus.json` and tests look at what was put. An event goes on to the queues of the template's
//! rules on its bus ([`crate::bus`]). No rule that starts a function can match it: those are for
//! the events of AWS's own services, and such a source is refused here.

mod rights;

use std::sync::{Arc, Mutex, OnceLock};

use axum::body::{Body, Bytes};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::bus::Bus;
use crate::clock::{Clock, to_the_second};
use crate::lock::lock;
use crate::loopback::{Reply, Server, StartError};
use crate::policy::{Iam, signed_by};
use crate::random::uuid;
use crate::recent::Recent;
use crate::template::{ACCOUNT, REGION};

/// The content type of AWS's JSON protocol.
const JSON_1_1: &str = "application/x-amz-json-1.1";
/// How the operation is named in `X-Amz-Target`.
const PUT_EVENTS: &str = "AWSEvents.PutEvents";
/// The most entries of one request (EventBridge, `PutEvents`).
const MAX_ENTRIES: usize = 10;
/// The most bytes of the entries of one request, as EventBridge had it until January 2026. It takes
/// 1 MB now; the lower limit shows that what is put fits either.
const MAX_BYTES: usize = 256 * 1024;
/// What the time of an entry counts for.
const TIME_BYTES: usize = 14;
/// How many events are kept.
const MAX_EVENTS: usize = 10_000;

/// What becomes of each request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// Every entry is taken that is right.
    #[default]
    Take,
    /// Of all entries since the start, each one with a number that `every` divides fails with this
    /// code; the others are taken.
    FailEntries {
        /// Which entries fail: 1 for all of them.
        every: usize,
        /// The `ErrorCode`, such as `InternalFailure`.
        code: &'static str,
    },
    /// Status 400, `ThrottlingException`.
    Throttled,
    /// Status 500, `InternalException`.
    ServerError,
    /// The entries are taken, and the connection is closed without an answer.
    LoseAnswer,
    /// The connection is closed without an answer.
    Unreachable,
}

/// An event that was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct BusEvent {
    /// The access key id that signed the request.
    pub access_key: String,
    /// Which request it came in, from 1.
    pub request: usize,
    /// The id that was answered.
    pub id: String,
    /// The name or ARN of the bus.
    pub bus: String,
    /// Its source.
    pub source: String,
    /// Its detail type.
    pub detail_type: String,
    /// Its detail, as text.
    pub detail: String,
    /// Its time, in seconds since 1970: as it was sent, or that of the request by the clock here.
    pub time: Value,
}

impl BusEvent {
    /// The detail as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.detail).unwrap_or_default()
    }

    /// The event as a target gets it (EventBridge, "Events"), its time to the second.
    #[must_use]
    pub fn message(&self) -> Value {
        let seconds = self.time.to_string().split('.').next().and_then(|whole| whole.parse().ok());
        let at = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
        json!({
            "version": "0", "id": self.id, "detail-type": self.detail_type, "source": self.source, "account": ACCOUNT,
            "time": at.map(to_the_second), "region": REGION, "resources": [], "detail": self.json(),
        })
    }

    /// The name of its bus.
    fn bus_name(&self) -> &str {
        self.bus.split_once(":event-bus/").map_or(self.bus.as_str(), |(_, name)| name)
    }
}

/// A running EventBridge; clones are handles to the same one. It ends with [`EventBridge::stop`],
/// or with its last handle.
#[derive(Clone, Debug)]
pub struct EventBridge(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Arc<State>,
    server: Server,
}

#[derive(Debug, Default)]
struct State {
    behaviour: Mutex<Behaviour>,
    events: Mutex<Recent<BusEvent, MAX_EVENTS>>,
    /// How many requests and entries there were.
    seen: Mutex<(usize, usize)>,
    /// What time it is; until it is set, the machine's own.
    clock: OnceLock<Clock>,
    /// Who hands events on. Until it is set, nobody does.
    bus: OnceLock<Bus>,
    /// The policies that are checked before a request. Until it is set, anybody may put events.
    iam: OnceLock<Arc<Iam>>,
}

impl EventBridge {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// No port.
    pub async fn start() -> Result<EventBridge, StartError> {
        let state: Arc<State> = Arc::default();
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| {
            let state = Arc::clone(&shared);
            async move { state.answer(&request) }
        })
        .await?;
        Ok(EventBridge(Arc::new(Inner { state, server })))
    }

    /// Where it listens, `http://127.0.0.1:port`.
    pub fn endpoint(&self) -> String {
        self.0.server.endpoint()
    }

    /// From now on answers like this.
    pub fn answer_with(&self, behaviour: Behaviour) {
        *lock(&self.0.state.behaviour) = behaviour;
    }

    /// The events that were taken since the start, oldest first.
    pub fn events(&self) -> Vec<BusEvent> {
        lock(&self.0.state.events).to_vec()
    }

    /// How many entries there were since the start, those that were refused included.
    pub fn entries(&self) -> usize {
        lock(&self.0.state.seen).1
    }

    /// How many requests there were since the start, those without rights left out.
    pub fn requests(&self) -> usize {
        lock(&self.0.state.seen).0
    }

    /// From now on takes a function's requests only where `iam` allows them.
    pub fn guard(&self, iam: &Arc<Iam>) {
        let _ = self.0.state.iam.set(Arc::clone(iam));
    }

    /// From now on events without a time are dated by this clock.
    pub(crate) fn set_clock(&self, clock: &Clock) {
        let _ = self.0.state.clock.set(clock.clone());
    }

    /// From now on the rules of `bus` see what is put.
    pub fn publish(&self, bus: &Bus) {
        let _ = self.0.state.bus.set(bus.clone());
    }

    /// Stops it, for every handle.
    pub async fn stop(self) {
        self.0.server.stop().await;
    }
}

fn refused(status: StatusCode, exception: &str, message: &str) -> Reply {
    Reply::Answer(answer(status, &json!({ "__type": exception, "message": message })))
}

fn answer(status: StatusCode, body: &Value) -> Response<Body> {
    crate::loopback::json(status, JSON_1_1, body)
}

impl State {
    fn answer(&self, request: &Request<Bytes>) -> Reply {
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
        if target != Some(PUT_EVENTS) {
            return refused(StatusCode::BAD_REQUEST, "UnknownOperationException", "Only PutEvents is here.");
        }
        let body = serde_json::from_slice::<Value>(request.body()).unwrap_or_default();
        let entries = body.get("Entries").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if !(1..=MAX_ENTRIES).contains(&entries.len()) {
            let problem = "1 validation error detected: Entries must have 1 to 10 members";
            return refused(StatusCode::BAD_REQUEST, "ValidationException", problem);
        }
        if entries.iter().map(size).sum::<usize>() > MAX_BYTES {
            let problem = "Total size of the entries in the request is over the limit.";
            return refused(StatusCode::BAD_REQUEST, "ValidationException", problem);
        }
        if let Some(denied) = self.iam.get().and_then(|iam| rights::denied(iam, request.headers(), entries)) {
            return refused(StatusCode::BAD_REQUEST, denied.exception(), &denied.to_string());
        }
        let behaviour = lock(&self.behaviour).clone();
        match behaviour {
            Behaviour::Throttled => refused(StatusCode::BAD_REQUEST, "ThrottlingException", "Rate exceeded"),
            Behaviour::ServerError => {
                refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalException", "Please try again.")
            }
            Behaviour::Unreachable => Reply::Cut,
            Behaviour::Take | Behaviour::FailEntries { .. } => {
                Reply::Answer(self.take(entries, signed_by(request.headers()), &behaviour))
            }
            Behaviour::LoseAnswer => {
                let _ = self.take(entries, signed_by(request.headers()), &behaviour);
                Reply::Cut
            }
        }
    }

    fn take(&self, entries: &[Value], access_key: &str, behaviour: &Behaviour) -> Response<Body> {
        let (request, first) = {
            let mut seen = lock(&self.seen);
            let first = seen.1 + 1;
            *seen = (seen.0 + 1, seen.1 + entries.len());
            (seen.0, first)
        };
        let mut failed = 0;
        let mut results = Vec::new();
        for (number, entry) in (first..).zip(entries) {
            let error = match behaviour {
                Behaviour::FailEntries { every, code } if number.is_multiple_of(*every) => Some(*code),
                _ => problem(entry),
            };
            results.push(match error {
                Some(code) => {
                    failed += 1;
                    json!({ "ErrorCode": code, "ErrorMessage": "The entry was not taken." })
                }
                None => json!({ "EventId": self.keep(entry, access_key, request) }),
            });
        }
        answer(StatusCode::OK, &json!({ "FailedEntryCount": failed, "Entries": results }))
    }

    /// What time it is here.
    fn now(&self) -> OffsetDateTime {
        self.clock.get().map_or_else(OffsetDateTime::now_utc, Clock::now)
    }

    fn keep(&self, entry: &Value, access_key: &str, request: usize) -> String {
        let id = uuid();
        let event = BusEvent {
            access_key: access_key.to_owned(),
            request,
            id: id.clone(),
            bus: text(entry, "EventBusName").unwrap_or("default").to_owned(),
            source: text(entry, "Source").unwrap_or_default().to_owned(),
            detail_type: text(entry, "DetailType").unwrap_or_default().to_owned(),
            detail: text(entry, "Detail").unwrap_or_default().to_owned(),
            time: entry.get("Time").cloned().unwrap_or_else(|| self.now().unix_timestamp().into()),
        };
        if let Some(bus) = self.bus.get() {
            bus.put_on(event.bus_name(), &event.message());
        }
        lock(&self.events).push(event);
        id
    }
}

fn text<'a>(entry: &'a Value, member: &str) -> Option<&'a str> {
    entry.get(member).and_then(Value::as_str)
}

/// What an entry counts for (EventBridge, "Calculating PutEvents event entry size").
fn size(entry: &Value) -> usize {
    let texts = ["Source", "DetailType", "Detail"].map(|member| text(entry, member).unwrap_or_default().len());
    let time = entry.get("Time").map_or(0, |_| TIME_BYTES);
    texts.into_iter().sum::<usize>() + time
}

/// The code of an entry that EventBridge would not take.
fn problem(entry: &Value) -> Option<&'static str> {
    let missing = |member: &&str| text(entry, member).is_none_or(str::is_empty);
    if ["Source", "DetailType", "Detail"].iter().any(missing) {
        return Some("InvalidArgument");
    }
    if text(entry, "Source").is_some_and(|source| source.starts_with("aws.")) {
        return Some("NotAuthorizedForSource");
    }
    let detail = text(entry, "Detail").and_then(|detail| serde_json::from_str::<Value>(detail).ok());
    (!detail.is_some_and(|detail| detail.is_object())).then_some("MalformedDetail")
}

#[cfg(test)]
mod tests;
