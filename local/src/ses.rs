//! SES v2: accepts and refuses mails as SES does, and stores the accepted ones for the inbox page.
//!
//! There is `SendEmail` with `Simple` content, and what an operator asks of an account. No mail
//! leaves this machine. What becomes of a mail to SES's mailbox simulator is put on the event bus,
//! if the mail's configuration set says so. A mail that comes in ([`Ses::receive`]) is written to
//! the bucket of the template's receipt rule.

mod account;
mod active;
mod address;
mod headers;
mod mail;
mod mailbox;
mod receive;
mod request;
mod rights;
mod simulator;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use axum::body::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::bus::Bus;
use crate::clock::Clock;
use crate::lock::lock;
use crate::loopback::{Reply, Server, StartError, json};
use crate::policy::{Calls, Iam};
use crate::random::uuid;
use crate::s3::S3;
use crate::template::{ConfigurationSet, ReceiptRule};
pub use mail::AcceptedMail;
use mailbox::Mailbox;
pub use receive::{Envelope, MAX_MAIL, ReceiveError, ReceivedMail, Verdict};
use request::SesError;

/// A failure of SES. The one with a count ends by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SesFault {
    /// All is well.
    #[default]
    None,
    /// Every connection is closed without an answer; no mail is taken.
    Unreachable,
    /// Requests are taken and never answered; no mail is taken.
    Hang,
    /// Status 429, `TooManyRequestsException`; no mail is taken.
    Throttled,
    /// Status 500, `InternalServiceErrorException`; no mail is taken.
    ServerError,
    /// Status 400, `MessageRejected`, about the mail's first recipient; no mail is taken.
    Rejected,
    /// Status 400, `BadRequestException`, about a header, as every mail has it; no mail is taken.
    HeaderRefused,
    /// The next `times` mails are taken, and their connection is closed without an answer.
    LoseAnswer {
        /// How many.
        times: u32,
    },
}

/// A running SES; clones are handles to the same one. It ends with [`Ses::stop`], or with its last
/// handle.
#[derive(Clone, Debug)]
pub struct Ses(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Arc<State>,
    server: Server,
}

#[derive(Debug)]
struct State {
    verified: Vec<String>,
    mailbox: Mutex<Mailbox>,
    fault: Mutex<SesFault>,
    /// The configuration sets, and where their events go; until it is set, there is none.
    events: OnceLock<(Vec<ConfigurationSet>, Bus)>,
    /// The receipt rules, and where they write. Until it is set, no mail is received.
    receiving: OnceLock<(Vec<ReceiptRule>, S3)>,
    /// The domains whose mails are those of the demo's cases.
    demo_domains: Mutex<Vec<String>>,
    /// What time it is; until it is set, the machine's own.
    clock: OnceLock<Clock>,
    calls: Calls,
    /// The policies that are checked before a mail is taken. Until it is set, anybody may send.
    iam: OnceLock<Arc<Iam>>,
}

impl Ses {
    /// Starts it on a free port. `verified` are the identities that may send: addresses, or
    /// domains.
    ///
    /// With `data` the mails are stored in `mails.jsonl` there, and those of earlier runs are in
    /// the inbox.
    ///
    /// # Errors
    /// No port, or a mail file that cannot be used.
    pub async fn start(verified: Vec<String>, data: Option<&Path>) -> Result<Ses, StartError> {
        let state = State {
            verified,
            mailbox: Mutex::new(Mailbox::open(data)?),
            fault: Mutex::default(),
            events: OnceLock::new(),
            receiving: OnceLock::new(),
            demo_domains: Mutex::default(),
            clock: OnceLock::new(),
            calls: Calls::default(),
            iam: OnceLock::new(),
        };
        let state = Arc::new(state);
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| {
            let state = Arc::clone(&shared);
            async move { state.answer(&request).await }
        })
        .await?;
        Ok(Ses(Arc::new(Inner { state, server })))
    }

    /// Where it listens, `http://127.0.0.1:port`.
    pub fn endpoint(&self) -> String {
        self.0.server.endpoint()
    }

    /// The mails that were accepted, newest last; the last 5,000.
    pub fn mails(&self) -> Vec<AcceptedMail> {
        self.stored().0.iter().map(|mail| AcceptedMail::clone(mail)).collect()
    }

    /// The same without a copy of each, and how many older mails there were.
    pub(crate) fn stored(&self) -> (Vec<Arc<AcceptedMail>>, u64) {
        let mailbox = self.0.state.mailbox();
        (mailbox.mails(), mailbox.dropped())
    }

    /// The mail with this id, if it is one of the last 5,000.
    pub(crate) fn mail(&self, id: &str) -> Option<Arc<AcceptedMail>> {
        self.stored().0.into_iter().find(|mail| mail.message_id == id)
    }

    /// How many requests a function made since the start.
    pub fn calls_of(&self, function: &str) -> u64 {
        self.0.state.calls.of(function)
    }

    /// Fails from now on as `fault` says, and no more as an earlier one said.
    pub fn set_fault(&self, fault: SesFault) {
        *self.0.state.fault() = fault;
    }

    /// From now on takes a function's mails only where `iam` allows it to send them.
    pub fn guard(&self, iam: &Arc<Iam>) {
        let _ = self.0.state.iam.set(Arc::clone(iam));
    }

    /// From now on mails are dated by this clock.
    pub(crate) fn set_clock(&self, clock: &Clock) {
        let _ = self.0.state.clock.set(clock.clone());
    }

    /// From now on knows these configuration sets, and puts their events on `bus`.
    pub fn publish(&self, sets: &[ConfigurationSet], bus: &Bus) {
        let _ = self.0.state.events.set((sets.to_vec(), bus.clone()));
    }

    /// From now on receives mail by these rules.
    pub fn receive_by(&self, rules: &[ReceiptRule], s3: &S3) {
        let _ = self.0.state.receiving.set((rules.to_vec(), s3.clone()));
    }

    /// Receives a mail, as from another server by SMTP.
    ///
    /// # Errors
    /// [`ReceiveError`].
    pub fn receive(&self, raw: &[u8], envelope: &Envelope) -> Result<ReceivedMail, ReceiveError> {
        let state = &self.0.state;
        let Some((rules, s3)) = state.receiving.get() else {
            return Err(ReceiveError::NoRule("Nothing is received here.".to_owned()));
        };
        let place = |bucket: &str, key: &str, bytes: &[u8]| s3.place(bucket, key, bytes);
        let (mail, ()) = receive::receive(raw, envelope, rules, state.now(), place)?;
        state.mailbox().receive(mail.clone());
        Ok(mail)
    }

    /// Receives a mail at another time, in Unix milliseconds: its event is not put on the bus but
    /// returned, and the inbox page does not list it.
    pub(crate) fn receive_quietly(&self, raw: &[u8], at: u64) -> Result<Option<Value>, ReceiveError> {
        let Some((rules, s3)) = self.0.state.receiving.get() else {
            return Err(ReceiveError::NoRule("Nothing is received here.".to_owned()));
        };
        let place = |bucket: &str, key: &str, bytes: &[u8]| s3.place_quietly(bucket, key, bytes);
        receive::receive(raw, &Envelope::default(), rules, at, place).map(|(_, event)| event)
    }

    /// From now on marks the mails that go to these domains alone as those of the demo's cases, so
    /// that the inbox page can fold them. No more with an empty list.
    pub(crate) fn mark_demo(&self, domains: &[String]) {
        *self.0.state.demo_domains() = domains.to_vec();
    }

    /// The mails that were received since the start, newest last; the last 5,000.
    pub fn received(&self) -> Vec<ReceivedMail> {
        self.0.state.mailbox().received()
    }

    /// Stops it, for every handle. The mails can still be read.
    pub async fn stop(self) {
        self.0.server.stop().await;
    }
}

impl State {
    fn mailbox(&self) -> MutexGuard<'_, Mailbox> {
        lock(&self.mailbox)
    }

    fn fault(&self) -> MutexGuard<'_, SesFault> {
        lock(&self.fault)
    }

    fn demo_domains(&self) -> MutexGuard<'_, Vec<String>> {
        lock(&self.demo_domains)
    }

    /// Whether a mail goes to the people of the demo's cases alone.
    fn is_of_demo(&self, mail: &AcceptedMail) -> bool {
        let domains = self.demo_domains();
        let is_known = |to: &String| to.rsplit_once('@').is_some_and(|(_, at)| domains.iter().any(|known| known == at));
        !mail.to.is_empty() && mail.to.iter().all(is_known)
    }

    async fn answer(&self, request: &Request<Bytes>) -> Reply {
        self.calls.count(request.headers());
        let fault = *self.fault();
        let refusal = match fault {
            SesFault::None | SesFault::LoseAnswer { .. } => None,
            SesFault::Unreachable => return Reply::Cut,
            SesFault::Hang => return std::future::pending().await,
            SesFault::Throttled => Some(SesError::throttled()),
            SesFault::ServerError => Some(SesError::server_error()),
            SesFault::Rejected => Some(SesError::rejected(format!("Illegal address: {}", request::to(request.body())))),
            SesFault::HeaderRefused => Some(SesError::bad_request("The header In-Reply-To is not allowed.")),
        };
        if let Some(refusal) = refusal {
            return Reply::Answer(refused(&refusal));
        }
        if request.method() == Method::GET {
            let denied = self.iam.get().and_then(|iam| rights::denied_to_look(iam, request));
            return Reply::Answer(
                match denied.map_or_else(|| account::answer(request.uri().path(), &self.verified), Err) {
                    Ok(answer) => json(StatusCode::OK, "application/json", &answer),
                    Err(refusal) => refused(&refusal),
                },
            );
        }
        if request.method() == Method::POST && request.uri().path() == "/" {
            if let Some(denied) = self.iam.get().and_then(|iam| rights::denied_to_look(iam, request)) {
                return Reply::Answer(active::refused(denied.status, denied.exception, &denied.message));
            }
            let rules = self.receiving.get().map(|(rules, _)| rules.as_slice()).unwrap_or_default();
            return Reply::Answer(active::answer(request.body(), rules));
        }
        if request.method() != Method::POST || request.uri().path() != "/v2/email/outbound-emails" {
            return Reply::Answer(refused(&SesError::unknown_operation()));
        }
        if let Some(denied) = self.iam.get().and_then(|iam| rights::denied(iam, request, &self.verified)) {
            return Reply::Answer(refused(&denied));
        }
        match self.take(request.body()) {
            Ok(_) if self.answer_is_lost() => Reply::Cut,
            Ok(id) => Reply::Answer(json(StatusCode::OK, "application/json", &json!({"MessageId": id}))),
            Err(refusal) => Reply::Answer(refused(&refusal)),
        }
    }

    /// Takes the mail of a `SendEmail` request and returns its id.
    fn take(&self, body: &[u8]) -> Result<String, SesError> {
        let mut mail = request::read(body, &self.verified)?;
        let set = mail.configuration_set.as_ref().map(|name| self.configuration_set(name)).transpose()?;
        mail.at = self.now();
        mail.of_demo = self.is_of_demo(&mail);
        mail.message_id = format!("0100{:012x}-{}-000000", mail.at, uuid());
        let id = mail.message_id.clone();
        let events = set.map(|set| simulator::events(&mail, &set.events)).unwrap_or_default();
        self.mailbox().add(mail).map_err(|_| SesError::server_error())?;
        for event in events {
            if let Some((_, bus)) = self.events.get() {
                bus.put(&event);
            }
        }
        Ok(id)
    }

    /// What time it is, Unix milliseconds.
    fn now(&self) -> u64 {
        u64::try_from(self.clock.get_or_init(Clock::unmoved).now_millis().0).unwrap_or_default()
    }

    fn configuration_set(&self, name: &str) -> Result<&ConfigurationSet, SesError> {
        let sets = self.events.get().map(|(sets, _)| sets.as_slice()).unwrap_or_default();
        let missing = || SesError::not_found(format!("Configuration set <{name}> does not exist."));
        sets.iter().find(|set| set.name == name).ok_or_else(missing)
    }

    /// Whether a fault loses the answer to this mail. If so, the fault counts it.
    fn answer_is_lost(&self) -> bool {
        match &mut *self.fault() {
            SesFault::LoseAnswer { times } => {
                let left = times.checked_sub(1);
                *times = left.unwrap_or_default();
                left.is_some()
            }
            _ => false,
        }
    }
}

/// An error as AWS's REST JSON protocol has it: the type in a header, the message in the body.
fn refused(refusal: &SesError) -> Response<axum::body::Body> {
    let mut answer = json(refusal.status, "application/json", &json!({"message": refusal.message}));
    answer.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(refusal.exception));
    answer
}
