//! Sending a batch to the Platform API, with retries.

use std::time::Duration;

use recourse_store::Role;
use serde_json::Value;

use super::batch::{Batch, Entry, ImportResponse};
use crate::ending::{Ending, Failure};
use crate::output::visible;
use crate::service::ServiceResponse;
use crate::signing_key::unaccepted;

/// The pauses between the attempts to send one batch, in milliseconds: half a minute in all.
const WAITS_MS: [u64; 6] = [500, 1_000, 2_000, 4_000, 8_000, 16_000];

pub(super) enum Unanswered {
    /// The request or its answer was lost. The same request may arrive when it is sent again.
    Lost(String),
    /// The request could not be sent at all.
    Unsent(Failure),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waited {
    /// The pause is over.
    Completed,
    /// Ctrl-C came first.
    Interrupted,
}

/// Sends a batch. `send` signs it anew for each attempt, because a nonce is valid once. `wait` gets
/// the reason of a pause and its length.
pub(super) fn upsert(
    batch: &Batch,
    mut send: impl FnMut(&[u8]) -> Result<ServiceResponse, Unanswered>,
    mut wait: impl FnMut(&str, Duration) -> Waited,
) -> Result<Vec<Entry>, Failure> {
    let mut waits = WAITS_MS.into_iter().map(Duration::from_millis);
    loop {
        let reason = match send(batch.body()) {
            Ok(answer) if answer.status == 200 => return entries(&answer, batch),
            Ok(answer) if answer.is_temporary() => said(&answer),
            Ok(answer) => {
                let failure = Failure::refused(format!("the Platform API refuses the batch: {}", said(&answer)));
                return Err(failure.hint(unaccepted(&answer, Role::Platform)));
            }
            Err(Unanswered::Lost(reason)) => reason,
            Err(Unanswered::Unsent(failure)) => return Err(failure),
        };
        let Some(time) = waits.next() else { return Err(Failure::no_answer(reason)) };
        if wait(&reason, time) == Waited::Interrupted {
            return Err(Failure { ending: Ending::Interrupted, text: "interrupted".to_owned() });
        }
    }
}

fn entries(answer: &ServiceResponse, batch: &Batch) -> Result<Vec<Entry>, Failure> {
    let sent = serde_json::from_str::<ImportResponse>(&answer.body).ok().map(|sent| sent.results);
    sent.filter(|entries| entries.len() == batch.len()).ok_or_else(|| {
        Failure::refused(format!(
            "the service is no Platform API: {} transactions were sent, and its answer has another number of results. Check RECOURSE_URL or --url",
            batch.len()
        ))
    })
}

/// The text of an answer that is no success, on one line.
fn said(answer: &ServiceResponse) -> String {
    let json: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let mut text = answer.status_line();
    for member in ["error", "message"] {
        if let Some(value) = json.get(member).and_then(Value::as_str) {
            text = format!("{text}: {value}");
        }
    }
    if let Some(errors) = json.get("errors") {
        text = format!("{text} {errors}");
    }
    visible(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::lines::Lines;
    use super::*;

    fn batch() -> Batch {
        Batch::read(&mut Lines::new(&b"{}\n{}\n"[..])).unwrap().unwrap()
    }

    fn answer(status: u16, body: &str) -> Result<ServiceResponse, Unanswered> {
        Ok(ServiceResponse::of(status, body))
    }

    const GOOD: &str = r#"{"results":[{"trxid":"1","status":"created"},{"trxid":"2","status":"created"}]}"#;

    #[test]
    fn a_temporary_failure_is_retried_with_growing_pauses() {
        let mut answers = vec![
            answer(200, GOOD),
            answer(500, ""),
            Err(Unanswered::Lost("reset".into())),
            answer(503, r#"{"message":"Later."}"#),
        ];
        let mut waits = Vec::new();
        let sent = upsert(
            &batch(),
            |_| answers.pop().unwrap(),
            |reason, time| {
                waits.push((reason.to_owned(), time.as_millis()));
                Waited::Completed
            },
        );
        assert_eq!(sent.unwrap().len(), 2);
        let expected =
            [("503 Service Unavailable: Later.", 500), ("reset", 1_000), ("500 Internal Server Error", 2_000)];
        assert_eq!(waits, expected.map(|(reason, time)| (reason.to_owned(), time)));
    }

    #[test]
    fn retries_end_after_half_a_minute() {
        let mut attempts_made = 0;
        let failure = upsert(
            &batch(),
            |_| {
                attempts_made += 1;
                Err(Unanswered::Lost("gone".into()))
            },
            |_, _| Waited::Completed,
        );
        assert_eq!(failure.unwrap_err(), Failure::no_answer("gone"));
        assert_eq!(attempts_made, 7);
    }

    #[test]
    fn a_refusal_is_not_retried() {
        let body = r#"{"error":"invalid_credentials","message":"The API key or the signature is not valid."}"#;
        let mut once = vec![answer(401, body)];
        let failure = upsert(&batch(), |_| once.pop().unwrap(), |_, _| Waited::Completed).unwrap_err();
        assert_eq!(failure.ending, Ending::Refused);
        assert!(failure.text.contains("401 Unauthorized: invalid_credentials: The API key"), "{}", failure.text);
        let mut once = vec![answer(400, r#"{"message":"No.","errors":{"body":["too long"]}}"#)];
        let failure = upsert(&batch(), |_| once.pop().unwrap(), |_, _| Waited::Completed).unwrap_err();
        assert!(failure.text.ends_with(r#"400 Bad Request: No. {"body":["too long"]}"#), "{}", failure.text);
    }

    #[test]
    fn an_answer_of_another_service_is_refused() {
        for body in
            ["", "{}", "<html>", r#"{"results":[]}"#, r#"{"results":[{"status":"created"},{"status":"eaten"}]}"#]
        {
            let failure = upsert(&batch(), |_| answer(200, body), |_, _| Waited::Completed).unwrap_err();
            assert!(failure.text.contains("2 transactions were sent"), "{body}");
        }
    }

    #[test]
    fn ctrl_c_ends_a_pause() {
        let failure = upsert(&batch(), |_| answer(503, ""), |_, _| Waited::Interrupted).unwrap_err();
        assert_eq!(failure.ending, Ending::Interrupted);
    }
}
