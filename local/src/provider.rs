//! The demo's provider: who delivers what was bought, and can be asked what became of it.
//!
//! `POST /provider` is the endpoint that the support process asks, signed by the Standard Webhooks
//! specification. Its answers are chosen on the start page or with `POST /provider/{trxid}`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use http::HeaderMap;
use recourse_dispute::ids::Trxid;
use recourse_signing::{Secret, webhook};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::clock::{Clock, to_the_second};
use crate::lock::lock;
use crate::recent::Recent;

/// The states that a provider can answer.
pub(crate) const STATES: [&str; 4] = ["delivered", "pending", "failed", "unknown"];
/// The faults that it can have instead of an answer.
pub(crate) const FAULTS: [&str; 5] = ["timeout", "500", "malformed", "huge", "redirect"];

/// How long an answer takes that comes too late: nobody waits for more than ten seconds.
pub(crate) const TOO_LATE: Duration = Duration::from_secs(12);
/// How far a question's time may be from the clock here, in seconds.
const WINDOW: i64 = 5 * 60;
/// How many answers can be set, and how many questions are stored. The oldest question is dropped
/// first.
const MAX_STORED: usize = 10_000;
/// The most characters of an answer's texts.
const MAX_REFERENCE: usize = 64;
const MAX_EVIDENCE: usize = 500;
/// The longest time after which a provider may want to be asked again, in seconds.
const MAX_RETRY_AFTER: u64 = 7 * 24 * 60 * 60;

/// The provider. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct Provider(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Without one every question is refused.
    secret: Option<Secret>,
    contents: Mutex<Contents>,
    /// Another clock by which a question may be new: that of the demo's past.
    past: OnceLock<Clock>,
}

#[derive(Debug, Default)]
struct Contents {
    answers: BTreeMap<String, Answer>,
    questions: Recent<Question, MAX_STORED>,
}

/// What is answered to questions about a transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The JSON of an answer.
    State(Value),
    /// One of the faults of the local provider by its name.
    Fault(&'static str),
}

impl Default for Answer {
    fn default() -> Self {
        Self::State(json!({ "state": "unknown" }))
    }
}

/// A question that came, with a signature that is right.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Its id, time and signatures, by the names of their headers. The id stays the same when the
    /// question is asked again.
    pub headers: BTreeMap<&'static str, String>,
    /// What it is about.
    pub trxid: String,
    /// When it was asked.
    pub at: String,
    /// Its body.
    pub body: Value,
}

/// Why a question is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// The signature is missing or wrong, or its time is.
    #[error("the signature is missing or wrong, or more than five minutes old")]
    Unsigned,
    /// The body is no question.
    #[error("the body must be JSON with data.trxid")]
    Malformed,
}

impl Provider {
    /// A provider whose questions are signed with this secret, `whsec_…`.
    #[must_use]
    pub fn new(secret: Option<&str>) -> Self {
        let secret = secret.and_then(|secret| webhook::parse_secret(secret).ok());
        Self(Arc::new(Inner { secret, contents: Mutex::default(), past: OnceLock::new() }))
    }

    /// From now on questions that are new by this clock are answered too.
    pub(crate) fn follow(&self, past: &Clock) {
        let _ = self.0.past.set(past.clone());
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        lock(&self.0.contents)
    }

    /// Sets what is answered about a transaction.
    ///
    /// # Errors
    /// What is wrong with the trxid or with the answer.
    pub fn set(&self, trxid: &str, answer: &Value) -> Result<(), String> {
        let trxid = Trxid::parse(trxid).map_err(|error| format!("the trxid: {error}"))?;
        let answer = read(answer)?;
        let mut contents = self.contents();
        if contents.answers.len() >= MAX_STORED && !contents.answers.contains_key(trxid.as_str()) {
            return Err(format!("{MAX_STORED} answers are set already"));
        }
        contents.answers.insert(trxid.as_str().to_owned(), answer);
        Ok(())
    }

    /// What is answered about a transaction.
    #[must_use]
    pub fn answer(&self, trxid: &str) -> Answer {
        self.contents().answers.get(trxid).cloned().unwrap_or_default()
    }

    /// The questions about a transaction, oldest first.
    #[must_use]
    pub fn questions(&self, trxid: &str) -> Vec<Question> {
        self.contents().questions.iter().filter(|question| question.trxid == trxid).cloned().collect()
    }

    /// Takes a question, and returns what is to be answered.
    ///
    /// # Errors
    /// [`QuestionError`].
    pub(crate) fn ask(&self, headers: &HeaderMap, body: &[u8], now: OffsetDateTime) -> Result<Answer, QuestionError> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (id, timestamp, signature) = (header(webhook::ID), header(webhook::TIMESTAMP), header(webhook::SIGNATURE));
        let secret = self.0.secret.as_ref().ok_or(QuestionError::Unsigned)?;
        webhook::verify(secret, id, timestamp, body, signature).map_err(|_| QuestionError::Unsigned)?;
        let seconds: i64 = timestamp.parse().map_err(|_| QuestionError::Unsigned)?;
        let is_new = |now: OffsetDateTime| seconds.abs_diff(now.unix_timestamp()) <= WINDOW.unsigned_abs();
        if !is_new(now) && !self.0.past.get().is_some_and(|past| is_new(past.now())) {
            return Err(QuestionError::Unsigned);
        }
        let body: Value = serde_json::from_slice(body).map_err(|_| QuestionError::Malformed)?;
        let trxid = body.pointer("/data/trxid").and_then(Value::as_str).ok_or(QuestionError::Malformed)?.to_owned();
        let headers = [(webhook::ID, id), (webhook::TIMESTAMP, timestamp), (webhook::SIGNATURE, signature)];
        let headers = headers.map(|(name, value)| (name, value.to_owned())).into();
        let question = Question { headers, trxid: trxid.clone(), at: to_the_second(now), body };
        let mut contents = self.contents();
        contents.questions.push(question);
        Ok(contents.answers.get(&trxid).cloned().unwrap_or_default())
    }

    /// What is set about a transaction, and what was asked, as JSON.
    pub(crate) fn shown(&self, trxid: &str) -> Value {
        let questions: Vec<Value> = self
            .questions(trxid)
            .into_iter()
            .map(|Question { headers, at, body, .. }| json!({ "at": at, "headers": headers, "body": body }))
            .collect();
        json!({ "answer": self.answer(trxid).as_json(), "questions": questions })
    }
}

impl Answer {
    /// As it is set.
    pub(crate) fn as_json(&self) -> Value {
        match self {
            Self::State(answer) => answer.clone(),
            Self::Fault(fault) => json!({ "fail": fault }),
        }
    }

    /// The word for the start page.
    pub(crate) fn word(&self) -> String {
        match self {
            Self::State(answer) => answer.get("state").and_then(Value::as_str).unwrap_or_default().to_owned(),
            Self::Fault(fault) => format!("fails: {fault}"),
        }
    }
}

/// Reads an answer: `{"state", "reference", "evidence", "retry_after_s"}`, or `{"fail"}`.
fn read(answer: &Value) -> Result<Answer, String> {
    let members = answer.as_object().ok_or("the answer must be a JSON object")?;
    if let Some(fault) = members.get("fail") {
        let known = FAULTS.iter().find(|known| *fault == **known).filter(|_| members.len() == 1);
        return known
            .map(|fault| Answer::Fault(fault))
            .ok_or_else(|| format!("\"fail\" must be one of {} and the only member", FAULTS.join(", ")));
    }
    let state = members.get("state").and_then(Value::as_str).filter(|state| STATES.contains(state));
    if state.is_none() {
        return Err(format!("\"state\" must be one of {}", STATES.join(", ")));
    }
    let mut read = Map::new();
    for (name, value) in members {
        let is_right = match name.as_str() {
            "state" => true,
            "reference" => value.as_str().is_some_and(|text| text.chars().count() <= MAX_REFERENCE),
            "evidence" => value.as_str().is_some_and(|text| text.chars().count() <= MAX_EVIDENCE),
            "retry_after_s" => value.as_u64().is_some_and(|seconds| seconds <= MAX_RETRY_AFTER),
            _ => {
                return Err(format!("there is no member {name:?}: state, reference, evidence, retry_after_s, or fail"));
            }
        };
        if !is_right {
            return Err(format!(
                "{name:?} is wrong: reference and evidence are texts of at most {MAX_REFERENCE} and {MAX_EVIDENCE} \
                 characters, retry_after_s is a whole number of at most {MAX_RETRY_AFTER}"
            ));
        }
        read.insert(name.clone(), value.clone());
    }
    Ok(Answer::State(Value::Object(read)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const SECRET: &str = "whsec_ZGVtby1wcm92aWRlci1zZWNyZXQtbG9vcGJhY2shISE=";
    const BODY: &[u8] = br#"{"type":"transaction.state","data":{"trxid":"50001"}}"#;

    fn now() -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_772_791_200).unwrap()
    }

    fn headers(timestamp: i64, secret: &str) -> HeaderMap {
        let secret = webhook::parse_secret(secret).unwrap();
        let signature = webhook::sign(&secret, "ask_1", timestamp, BODY);
        let pairs = [
            (webhook::ID, "ask_1".to_owned()),
            (webhook::TIMESTAMP, timestamp.to_string()),
            (webhook::SIGNATURE, signature),
        ];
        pairs
            .into_iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_str(&value).unwrap()))
            .collect()
    }

    #[test]
    fn a_signed_question_gets_the_answer_that_is_set() {
        let provider = Provider::new(Some(SECRET));
        let signed = headers(now().unix_timestamp(), SECRET);
        assert_eq!(provider.ask(&signed, BODY, now()), Ok(Answer::State(json!({ "state": "unknown" }))));
        let set = json!({ "state": "delivered", "reference": "PIN-1", "evidence": "Used", "retry_after_s": 60 });
        provider.set("50001", &set).unwrap();
        assert_eq!(provider.ask(&signed, BODY, now()), Ok(Answer::State(set.clone())));
        provider.set("50001", &json!({ "fail": "timeout" })).unwrap();
        assert_eq!(provider.ask(&signed, BODY, now()), Ok(Answer::Fault("timeout")));
        let shown = provider.shown("50001");
        assert_eq!(
            (&shown["answer"], shown["questions"].as_array().unwrap().len()),
            (&json!({ "fail": "timeout" }), 3)
        );
        assert_eq!(shown["questions"][0]["headers"]["webhook-id"], "ask_1");
        assert_eq!(provider.shown("50002")["questions"], json!([]));
    }

    #[test]
    fn a_question_that_is_not_signed_in_time_is_refused_and_not_stored() {
        let provider = Provider::new(Some(SECRET));
        let at = now().unix_timestamp();
        for (headers, body) in [
            (HeaderMap::new(), BODY),
            (headers(at - 301, SECRET), BODY),
            (headers(at + 301, SECRET), BODY),
            (headers(at, "whsec_b3RoZXItcHJvdmlkZXItc2VjcmV0LWxvb3BiYWNrISE="), BODY),
            (headers(at, SECRET), &b"{}"[..]),
        ] {
            assert_eq!(provider.ask(&headers, body, now()), Err(QuestionError::Unsigned));
        }
        assert!(provider.questions("50001").is_empty());
        assert_eq!(Provider::new(None).ask(&headers(at, SECRET), BODY, now()), Err(QuestionError::Unsigned));
    }

    #[test]
    fn an_answer_that_the_contract_does_not_know_is_not_set() {
        let provider = Provider::new(Some(SECRET));
        for answer in [
            json!([]),
            json!({}),
            json!({ "state": "lost" }),
            json!({ "state": "delivered", "reference": 5 }),
            json!({ "state": "delivered", "reference": "x".repeat(65) }),
            json!({ "state": "delivered", "evidence": "x".repeat(501) }),
            json!({ "state": "pending", "retry_after_s": 604_801 }),
            json!({ "state": "pending", "retry_after_s": 1.5 }),
            json!({ "state": "pending", "note": "" }),
            json!({ "fail": "sometimes" }),
            json!({ "fail": "500", "state": "failed" }),
        ] {
            assert!(provider.set("50001", &answer).is_err(), "{answer}");
        }
        assert!(provider.set("", &json!({ "state": "failed" })).is_err());
        assert_eq!(provider.answer("50001"), Answer::default());
    }
}
