//! Bedrock: a stand-in for the Converse API, whose model does what a test chooses.
//!
//! There is `POST /model/{id}/converse` with one forced tool, as `recourse-model` calls it. No
//! model runs here. Every request is kept, so that a test sees what a model would have learned.

mod answer;
mod hostile;
mod rights;

use std::sync::{Arc, Mutex, OnceLock};

use axum::body::Bytes;
use http::{Method, Request, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::lock::lock;
use crate::loopback::{Reply, Server, StartError};
use crate::policy::Iam;
use crate::recent::Recent;
use answer::{refused, text, tool_use};

/// How many requests are kept.
const MAX_CALLS: usize = 10_000;

/// What the model does with each request.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Behaviour {
    /// It calls the tool to hand the case to a person: what a careful model may always do.
    #[default]
    Escalate,
    /// It calls the tool with this input.
    Fixed(Value),
    /// It obeys whatever the customer's words demand, and makes the worst of each answer that the
    /// tool allows: one kind of attack after the other ([`HOSTILE_ANSWERS`]).
    Hostile,
    /// It writes text instead of calling the tool.
    NoTool,
    /// It is cut off before the tool's input is complete: `stopReason` is `max_tokens`.
    CutOff,
    /// A guardrail intervened: there is text and no tool.
    Guardrail,
    /// The answer is no JSON.
    Malformed,
    /// Status 429, `ThrottlingException`.
    Throttled,
    /// Status 500, `InternalServerException`.
    ServerError,
    /// The request is taken and never answered.
    Hang,
    /// The connection is closed without an answer.
    Unreachable,
}

pub use hostile::COUNT as HOSTILE_ANSWERS;

/// A call of the model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelCall {
    /// The access key id that signed it.
    pub access_key: String,
    /// The model or inference profile.
    pub model: String,
    /// The request's body.
    pub request: Value,
}

/// A running Bedrock; clones are handles to the same one. It ends with [`Bedrock::stop`], or with
/// its last handle.
#[derive(Clone, Debug)]
pub struct Bedrock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Arc<State>,
    server: Server,
}

#[derive(Debug, Default)]
struct State {
    behaviour: Mutex<Behaviour>,
    calls: Mutex<Recent<ModelCall, MAX_CALLS>>,
    /// How many hostile answers there were.
    attacks: Mutex<usize>,
    /// The policies that are checked before a call. Until it is set, anybody may call.
    iam: OnceLock<Arc<Iam>>,
}

impl Bedrock {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// No port.
    pub async fn start() -> Result<Bedrock, StartError> {
        let state: Arc<State> = Arc::default();
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| {
            let state = Arc::clone(&shared);
            async move { state.answer(&request).await }
        })
        .await?;
        Ok(Bedrock(Arc::new(Inner { state, server })))
    }

    /// Where it listens, `http://127.0.0.1:port`.
    pub fn endpoint(&self) -> String {
        self.0.server.endpoint()
    }

    /// From now on answers like this.
    pub fn answer_with(&self, behaviour: Behaviour) {
        *lock(&self.0.state.behaviour) = behaviour;
    }

    /// The calls since the start, oldest first, those that were refused for their caller's rights
    /// left out.
    pub fn calls(&self) -> Vec<ModelCall> {
        lock(&self.0.state.calls).to_vec()
    }

    /// The bodies of the calls since the start, oldest first.
    pub fn requests(&self) -> Vec<Value> {
        self.calls().into_iter().map(|call| call.request).collect()
    }

    /// From now on takes a function's calls only where `iam` allows them.
    pub fn guard(&self, iam: &Arc<Iam>) {
        let _ = self.0.state.iam.set(Arc::clone(iam));
    }

    /// Stops it, for every handle.
    pub async fn stop(self) {
        self.0.server.stop().await;
    }
}

impl State {
    async fn answer(&self, request: &Request<Bytes>) -> Reply {
        let path = request.uri().path().strip_prefix("/model/").and_then(|path| path.strip_suffix("/converse"));
        let Some(model) = path.filter(|_| request.method() == Method::POST) else {
            let problem = "Only Converse is here.";
            return Reply::Answer(refused(StatusCode::NOT_FOUND, "UnknownOperationException", problem));
        };
        let model = percent_decode_str(model).decode_utf8_lossy().into_owned();
        let Ok(body) = serde_json::from_slice::<Value>(request.body()) else {
            let problem = "The request is no JSON.";
            return Reply::Answer(refused(StatusCode::BAD_REQUEST, "SerializationException", problem));
        };
        if let Some(denied) = self.iam.get().and_then(|iam| rights::denied(iam, request.headers(), &model, &body)) {
            return Reply::Answer(refused(StatusCode::FORBIDDEN, denied.exception(), &denied.to_string()));
        }
        let offered = Offered::of(&body);
        lock(&self.calls).push(ModelCall {
            access_key: crate::policy::signed_by(request.headers()).to_owned(),
            model,
            request: body.clone(),
        });
        if offered.is_none() {
            // Bedrock lets a model answer without a tool, and so does nobody here.
            let problem = "toolConfig must have one tool that toolChoice forces, and messages a text.";
            return Reply::Answer(refused(StatusCode::BAD_REQUEST, "ValidationException", problem));
        }
        let offered = offered.unwrap_or_default();
        let behaviour = lock(&self.behaviour).clone();
        Reply::Answer(match behaviour {
            Behaviour::Escalate => tool_use(&offered.tool, &escalation(&offered)),
            Behaviour::Fixed(input) => tool_use(&offered.tool, &input),
            Behaviour::Hostile => hostile::answer(&offered, self.next_attack()),
            Behaviour::NoTool => text("I think that the customer is right.", "end_turn"),
            Behaviour::CutOff => text("", "max_tokens"),
            Behaviour::Guardrail => text("Sorry, the model cannot answer this.", "guardrail_intervened"),
            Behaviour::Malformed => crate::loopback::plain(StatusCode::OK, "{\"output\":{\"message\":"),
            Behaviour::Throttled => {
                refused(StatusCode::TOO_MANY_REQUESTS, "ThrottlingException", "Too many requests, please wait.")
            }
            Behaviour::ServerError => {
                refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerException", "Please try again.")
            }
            Behaviour::Hang => return std::future::pending().await,
            Behaviour::Unreachable => return Reply::Cut,
        })
    }

    fn next_attack(&self) -> usize {
        let mut attacks = lock(&self.attacks);
        let next = *attacks;
        *attacks = next.wrapping_add(1);
        next
    }
}

/// What a request offers its model.
#[derive(Debug, Default)]
struct Offered {
    /// The forced tool's name.
    tool: String,
    /// The schema of its input.
    schema: Value,
    /// All text of the messages.
    words: String,
}

impl Offered {
    /// `None` when no tool is forced, or nothing is said.
    fn of(request: &Value) -> Option<Offered> {
        let config = request.get("toolConfig")?;
        let tool = config.pointer("/toolChoice/tool/name")?.as_str()?;
        let tools = config.get("tools")?.as_array()?;
        let spec = tools.iter().filter_map(|tool| tool.get("toolSpec"));
        let spec = spec.into_iter().find(|spec| spec.get("name").and_then(Value::as_str) == Some(tool))?;
        let schema = spec.pointer("/inputSchema/json")?.clone();
        let messages = request.get("messages")?.as_array()?.iter();
        let contents = messages.filter_map(|message| message.get("content")?.as_array()).flatten();
        let words: Vec<&str> = contents.filter_map(|content| content.get("text")?.as_str()).collect();
        (!words.is_empty()).then(|| Offered { tool: tool.to_owned(), schema, words: words.join("\n") })
    }

    /// The values that the schema allows for a member.
    fn choices(&self, member: &str) -> Vec<&str> {
        let choices = self.schema.pointer(&format!("/properties/{member}/enum")).and_then(Value::as_array);
        choices.into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

/// An input by which a person gets the case, of what the schema allows.
fn escalation(offered: &Offered) -> Value {
    let first = |member: &str, otherwise: &str| {
        offered.choices(member).first().map_or(otherwise.to_owned(), |c| (*c).to_owned())
    };
    serde_json::json!({
        "action": "escalate", "reason": first("reason", "other"), "language": first("language", "en"),
        "summary": "A person should look at this case.", "confidence": 90,
    })
}

#[cfg(test)]
mod tests;
