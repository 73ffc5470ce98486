//! How long things last.
//!
//! What belongs to no dispute expires by itself: DynamoDB deletes it by its `expires_at`, which is
//! written with it. When a dispute closes is not known when its messages, mails and files are
//! written, so a worker erases those: see [`crate::ExpireOutcome`].

use recourse_dispute::time::UnixMillis;
use serde::Deserialize;

use crate::error::StoreError;
use crate::items::{Item, value};

/// The attribute by which DynamoDB deletes, in Unix seconds.
pub(crate) const EXPIRES_AT: &str = "expires_at";
/// A mail is tried for two days, and somebody has to see what became of it.
const MIN_DAYS: u32 = 30;
/// A century.
const MAX_DAYS: u32 = 36_500;
const DAY_SECONDS: i64 = 86_400;

/// For how many days things are kept. What is `None` is kept for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Entries of the audit log of the console: names of operators and their network addresses.
    pub audit_log: Option<u32>,
    /// Mails that belong to no case: sign-in links, and mails about mails of strangers.
    pub mails_without_case: Option<u32>,
    /// Messages, mails and notes of closed cases: their texts, the senders of messages, and
    /// received mails as they came in.
    pub messages: Option<u32>,
    /// Files of closed cases, and received mails as they came in, which have the files too.
    pub evidence: Option<u32>,
}

/// Why a configuration is refused. The text names what is wrong and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("retention: {0}")]
pub struct BadRetention(String);

impl Retention {
    /// Reads a JSON object of days by kind, such as `{"audit_log":365}`.
    ///
    /// # Errors
    /// [`BadRetention`] for anything but known kinds with 30 to 36,500 days.
    pub fn parse(json: &str) -> Result<Self, BadRetention> {
        if !json.trim_start().starts_with('{') {
            return Err(BadRetention("must be a JSON object".to_owned()));
        }
        let read: Self = serde_json::from_str(json).map_err(|error| BadRetention(error.to_string()))?;
        for (kind, days) in [
            ("audit_log", read.audit_log),
            ("mails_without_case", read.mails_without_case),
            ("messages", read.messages),
            ("evidence", read.evidence),
        ] {
            if days.is_some_and(|days| !(MIN_DAYS..=MAX_DAYS).contains(&days)) {
                return Err(BadRetention(format!("{kind} must be {MIN_DAYS} to {MAX_DAYS} days")));
            }
        }
        Ok(read)
    }

    /// Whether anything of closed cases is erased after some time.
    #[must_use]
    pub fn erases_cases(self) -> bool {
        self.messages.is_some() || self.evidence.is_some()
    }

    /// So many days before `now`.
    pub(crate) fn before(now: UnixMillis, days: u32) -> UnixMillis {
        UnixMillis(now.0.saturating_sub(i64::from(days) * DAY_SECONDS * 1000))
    }

    /// Whether the time of an item is over.
    pub(crate) fn has_expired(item: &Item, now: UnixMillis) -> bool {
        let until = item.get(EXPIRES_AT).and_then(|until| until.as_n().ok()?.parse::<i64>().ok());
        until.is_some_and(|until| until <= now.seconds())
    }

    /// Has an item expire so many days after it was written.
    pub(crate) fn expire(item: &mut Item, days: Option<u32>, written: UnixMillis) -> Result<(), StoreError> {
        if let Some(days) = days {
            let until = written.seconds().saturating_add(i64::from(days) * DAY_SECONDS);
            item.insert(EXPIRES_AT.to_owned(), value(until)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_given_by_kind_and_wrong_values_are_refused() {
        assert_eq!(Retention::parse("{}"), Ok(Retention::default()));
        let read = Retention::parse(r#"{"audit_log":30,"mails_without_case":36500}"#).unwrap();
        let some = Retention { audit_log: Some(30), mails_without_case: Some(36_500), ..Retention::default() };
        assert_eq!((read, read.erases_cases()), (some, false));
        let read = Retention::parse(r#"{"messages":730,"evidence":365}"#).unwrap();
        assert_eq!((read.messages, read.evidence, read.erases_cases()), (Some(730), Some(365), true));
        for (wrong, named) in [
            ("", "must be a JSON object"),
            ("[]", "must be a JSON object"),
            ("{", "EOF"),
            (r#"{"audit_log":29}"#, "audit_log must be 30 to 36500 days"),
            (r#"{"mails_without_case":36501}"#, "mails_without_case must be"),
            (r#"{"audit_log":"30"}"#, "invalid type"),
            (r#"{"audit_log":30.5}"#, "invalid type"),
            (r#"{"audit_log":-30}"#, "invalid value"),
            (r#"{"messages":0}"#, "messages must be"),
            (r#"{"evidence":29}"#, "evidence must be"),
            (r#"{"mails":30}"#, "unknown field `mails`"),
            (r#"{"audit_log":30,"audit_log":31}"#, "duplicate field"),
        ] {
            let error = Retention::parse(wrong).unwrap_err().to_string();
            assert!(error.contains(named), "{wrong}: {error}");
        }
    }

    #[test]
    fn an_item_is_over_at_the_second_that_is_written_with_it() {
        let written = UnixMillis(1_796_040_000_000);
        let (mut item, end) = (Item::new(), written.plus(30 * DAY_SECONDS * 1000));
        Retention::expire(&mut item, None, written).unwrap();
        assert!(!Retention::has_expired(&item, end));
        Retention::expire(&mut item, Some(30), written).unwrap();
        assert!(!Retention::has_expired(&item, end.plus(-1)) && Retention::has_expired(&item, end));
    }
}
