//! One call of PutEvents.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::Builder;
use aws_sdk_eventbridge::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_eventbridge::operation::put_events::{PutEventsError, PutEventsOutput};
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use recourse_aws::{Aws, BadVariable, Service};
use recourse_dispute::environment::Environment;
use recourse_dispute::time::UnixMillis;
use recourse_store::Delivery;
use serde::Deserialize;

/// The most entries of one call (EventBridge, `PutEvents`).
pub(super) const MAX_ENTRIES: usize = 10;
/// The most bytes of all entries of one call. EventBridge took 256 KB until January 2026 and takes
/// 1 MB since; an event has a few.
const MAX_BYTES: usize = 256 * 1024;
/// What the time of an entry counts for (EventBridge, "Calculating PutEvents event entry size").
const TIME_BYTES: usize = 14;
/// The variable with the bus's ARN.
const EVENT_BUS: &str = "EVENT_BUS";
/// The longest name or ARN of a bus (EventBridge, `EventBusName`).
const MAX_ARN: usize = 1600;
/// The longest code of an error that is kept.
const MAX_CODE: usize = 64;

/// The deployment's event bus.
#[derive(Clone, Debug)]
pub struct Bus {
    client: Client,
    arn: String,
}

/// What is read of an event.
#[derive(Deserialize)]
struct EventHead {
    occurred_at: String,
}

impl Bus {
    /// Reads `EVENT_BUS`; `None` where it is empty, so nothing can be put.
    ///
    /// # Errors
    /// [`BadVariable`].
    pub fn from_environment(aws: &Aws) -> Result<Option<Self>, BadVariable> {
        let Ok(arn) = aws.variable(EVENT_BUS) else { return Ok(None) };
        if !is_arn(&arn) {
            let reason = "must be the ARN of an event bus, or empty".to_owned();
            return Err(BadVariable::Invalid { name: EVENT_BUS, reason });
        }
        let config = Builder::from(&aws.config(Service::EventBridge)).build();
        Ok(Some(Self { client: Client::from_conf(config), arn }))
    }

    /// The bus's ARN.
    #[must_use]
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// Puts events on the bus in one call, and returns what became of each, in their order: the
    /// code of the error where it was not taken. There are at most [`MAX_ENTRIES`], which
    /// [`fitting`] keeps small enough.
    pub(super) async fn put(&self, events: &[&Delivery], environment: Environment) -> Vec<Result<(), String>> {
        let entries = events.iter().map(|event| self.entry(event, environment)).collect();
        match Box::pin(self.client.put_events().set_entries(Some(entries)).send()).await {
            Ok(answer) => results(&answer, events.len()),
            Err(error) => vec![Err(code(&error)); events.len()],
        }
    }

    fn entry(&self, event: &Delivery, environment: Environment) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.arn)
            .source(source(environment))
            .detail_type(&event.event_type)
            .detail(&event.body)
            .time(DateTime::from_millis(occurred_at(event).0))
            .build()
    }
}

/// Where an event comes from: a rule for one environment sees nothing of the other.
fn source(environment: Environment) -> String {
    format!("recourse.{}", environment.name())
}

/// When it happened; an event whose body does not say so has the time of its delivery.
fn occurred_at(event: &Delivery) -> UnixMillis {
    let head = serde_json::from_str::<EventHead>(&event.body).ok();
    head.and_then(|head| UnixMillis::parse(&head.occurred_at).ok()).unwrap_or(event.created_at)
}

/// How many of the first events one call can have: at least one, where there is one.
pub(super) fn fitting<'a>(events: impl Iterator<Item = &'a Delivery>, environment: Environment) -> usize {
    let (mut count, mut bytes) = (0, 0);
    for event in events.take(MAX_ENTRIES) {
        bytes += TIME_BYTES + source(environment).len() + event.event_type.len() + event.body.len();
        if bytes > MAX_BYTES && count > 0 {
            break;
        }
        count += 1;
    }
    count
}

/// What became of each entry. An answer that says nothing of an entry counts as an error.
fn results(answer: &PutEventsOutput, count: usize) -> Vec<Result<(), String>> {
    let mut entries = answer.entries().iter();
    let one = |entry: Option<&PutEventsResultEntry>| match entry {
        Some(entry) if entry.error_code().is_none() && entry.event_id().is_some() => Ok(()),
        Some(entry) => Err(kept(entry.error_code().unwrap_or("no_event_id"))),
        None => Err("no_result".to_owned()),
    };
    (0..count).map(|_| one(entries.next())).collect()
}

/// A code as it is kept: an answer is not trusted to be short.
fn kept(code: &str) -> String {
    code.chars().filter(char::is_ascii_graphic).take(MAX_CODE).collect()
}

/// Why the whole call failed.
fn code(error: &SdkError<PutEventsError>) -> String {
    match error {
        SdkError::TimeoutError(_) => "late".to_owned(),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => "late".to_owned(),
        SdkError::DispatchFailure(_) => "unreachable".to_owned(),
        SdkError::ResponseError(_) => "malformed_answer".to_owned(),
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            answer.err().code().map_or_else(|| format!("status_{status}"), kept)
        }
        _ => "unsendable".to_owned(),
    }
}

fn is_arn(text: &str) -> bool {
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let name = text.strip_prefix("arn:").and_then(|rest| rest.split_once(":event-bus/"));
    text.len() <= MAX_ARN && is_plain(text) && name.is_some_and(|(_, name)| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use recourse_dispute::webhook::WebhookId;
    use serde_json::json;

    use super::*;

    fn delivery(body: &str) -> Delivery {
        let stored = json!({
            "endpoint": WebhookId::bus(Environment::Production), "event": "evt_551_2",
            "event_type": "dispute.updated", "dispute": 551, "sequence": 2, "body": body,
            "delivery_state": "pending", "created_at": 1_780_000_000_000_i64, "claims": 0, "tries": 0,
        });
        serde_json::from_value(stored).unwrap()
    }

    #[test]
    fn a_bus_is_named_by_its_arn() {
        assert!(is_arn("arn:aws:events:eu-west-1:000000000000:event-bus/default"));
        assert!(is_arn("arn:aws-cn:events:cn-north-1:000000000000:event-bus/a.b/c-d_e"));
        for text in ["default", "arn:aws:events:x:1:event-bus/", "arn:aws:sqs:x:1:queue", "arn:x:event-bus/a b"] {
            assert!(!is_arn(text), "{text}");
        }
        assert!(!is_arn(&format!("arn:aws:events:x:1:event-bus/{}", "a".repeat(MAX_ARN))));
    }

    #[test]
    fn an_event_has_the_time_at_which_it_happened() {
        assert_eq!(occurred_at(&delivery(r#"{"occurred_at":"2026-05-28T20:26:39Z"}"#)).0, 1_779_999_999_000);
        for body in ["{}", "", r#"{"occurred_at":"soon"}"#] {
            assert_eq!(occurred_at(&delivery(body)).0, 1_780_000_000_000, "{body}");
        }
    }

    #[test]
    fn a_call_has_ten_entries_and_256_kb_at_most() {
        let count = |sizes: &[usize]| {
            let events: Vec<_> = sizes.iter().map(|size| delivery(&"x".repeat(*size))).collect();
            fitting(events.iter(), Environment::Production)
        };
        assert_eq!((count(&[]), count(&[1000; 10]), count(&[1000; 30])), (0, 10, 10));
        assert_eq!((count(&[100_000; 5]), count(&[MAX_BYTES + 1, 10]), count(&[10, MAX_BYTES])), (2, 1, 1));
    }

    #[test]
    fn each_entry_has_its_own_result() {
        let taken = PutEventsResultEntry::builder().event_id("11710aed").build();
        let refused = PutEventsResultEntry::builder().error_code("ThrottlingException").error_message("slow").build();
        let long = PutEventsResultEntry::builder().error_code("é x".to_owned() + &"a".repeat(1000)).build();
        let nothing = PutEventsResultEntry::builder().build();
        let answer = PutEventsOutput::builder()
            .failed_entry_count(2)
            .entries(taken)
            .entries(refused)
            .entries(long)
            .entries(nothing)
            .build();
        let results = results(&answer, 5);
        assert_eq!(results[0], Ok(()));
        assert_eq!(results[1], Err("ThrottlingException".to_owned()));
        assert!(results[2].as_ref().is_err_and(|code| code.len() == MAX_CODE && code.starts_with("xaa")));
        assert_eq!(results[3..], [Err("no_event_id".to_owned()), Err("no_result".to_owned())]);
    }
}
