//! What S3 reports, as EventBridge hands it on.
//!
//! The form is S3's own (Amazon S3, "EventBridge event message structure"), and only the object's
//! key is read of it. EventBridge takes events of the source `aws.s3` from S3 alone. The worker
//! reads from its own bucket, whatever the event says.

use recourse_files::ObjectPrefix;
use serde_json::Value;

/// What the keys of received mails begin with, by the receipt rule.
const PREFIX: &str = ObjectPrefix::Inbound.prefix();
/// The longest rest of a key. SES's have 40 characters.
const MAX_ID: usize = 512;
/// What SES writes when a receipt rule gets an action that stores mails: no mail of anybody.
const SETUP: &str = "AMAZON_SES_SETUP_NOTIFICATION";

/// What the worker is called for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InboundEvent {
    /// A mail was stored.
    Mail(ObjectId),
    /// Another object was, which is no mail.
    NotAMail,
}

/// The object of a received mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectId(String);

/// An event that is none of S3's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event must be S3's report of a new object, as EventBridge hands it on")]
pub struct UnknownEvent;

impl ObjectId {
    /// The key without its prefix.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{PREFIX}{}", self.0)
    }

    /// The rest of a key, if it is one that a mail can have: no segment of it is empty or begins
    /// with a dot.
    fn parse(id: &str) -> Option<Self> {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"/_.-".contains(&byte);
        let fits = (1..=MAX_ID).contains(&id.len()) && id.bytes().all(is_letter) && id != SETUP;
        let is_plain = |segment: &str| !segment.is_empty() && !segment.starts_with('.');
        (fits && id.split('/').all(is_plain)).then(|| Self(id.to_owned()))
    }
}

impl InboundEvent {
    /// Reads an event.
    ///
    /// # Errors
    /// [`UnknownEvent`].
    pub fn read(event: &Value) -> Result<Self, UnknownEvent> {
        let is_s3 = event.pointer("/source").and_then(Value::as_str) == Some("aws.s3");
        let key = event.pointer("/detail/object/key").and_then(Value::as_str).filter(|_| is_s3).ok_or(UnknownEvent)?;
        Ok(key.strip_prefix(PREFIX).and_then(ObjectId::parse).map_or(Self::NotAMail, Self::Mail))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(key: &str) -> Value {
        json!({
            "version": "0", "source": "aws.s3", "detail-type": "Object Created",
            "detail": { "bucket": { "name": "evidence" }, "object": { "key": key, "size": 1200 }, "reason": "PutObject" },
        })
    }

    #[test]
    fn an_event_names_its_object() {
        let key = "inbound/o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1";
        let Ok(InboundEvent::Mail(id)) = InboundEvent::read(&event(key)) else { panic!("no mail") };
        assert_eq!((id.key().as_str(), id.as_str()), (key, key.strip_prefix("inbound/").unwrap()));
        // As an operator replays one.
        let bare = json!({ "source": "aws.s3", "detail": { "object": { "key": "inbound/a" } } });
        assert!(matches!(InboundEvent::read(&bare), Ok(InboundEvent::Mail(_))));
    }

    #[test]
    fn other_objects_are_no_mail() {
        let long = format!("inbound/{}", "a".repeat(513));
        for key in [
            "evidence/1-aa",
            "inbound/",
            "inbound",
            "inbound/a b",
            "inbound/../evidence/x",
            "inbound/a//b",
            "inbound/.hidden",
            "inbound/ü",
            "Inbound/a",
            "inbound/AMAZON_SES_SETUP_NOTIFICATION",
            long.as_str(),
        ] {
            assert_eq!(InboundEvent::read(&event(key)), Ok(InboundEvent::NotAMail), "{key}");
        }
    }

    #[test]
    fn what_is_no_event_of_s3_is_refused() {
        let mut other = event("inbound/a");
        other["source"] = json!("recourse");
        for event in [json!(null), json!([]), json!({ "source": "aws.s3" }), other, event("x")["detail"].clone()] {
            assert_eq!(InboundEvent::read(&event), Err(UnknownEvent), "{event}");
        }
    }
}
