//! How long things last that expire by themselves: DynamoDB deletes them by their `expires_at`,
//! which is written with them.
//!
//! Only what belongs to no dispute can: when a dispute ends is not known when its messages, mails
//! and evidence are written, and an open dispute needs all of them.

use recourse_dispute::time::{Day, UnixMillis};
use serde::Deserialize;

use crate::console::AuditDays;
use crate::error::StoreError;
use crate::items::{Item, value};

/// The attribute by which DynamoDB deletes, in Unix seconds.
pub(crate) const EXPIRES_AT: &str = "expires_at";
/// The least: a mail is tried for two days, and somebody has to see what became of it.
const LEAST: u32 = 30;
/// The most: a century.
const MOST: u32 = 36_500;
const DAY_SECONDS: i64 = 86_400;

/// For how many days what expires by itself is kept. What is `None` is kept for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Entries of the audit log of the console: names of operators and their network addresses.
    pub audit_log: Option<u32>,
    /// Mails that belong to no case: sign-in links, and mails about mails of strangers.
    pub mails_without_case: Option<u32>,
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
        for (kind, days) in [("audit_log", read.audit_log), ("mails_without_case", read.mails_without_case)] {
            if days.is_some_and(|days| !(LEAST..=MOST).contains(&days)) {
                return Err(BadRetention(format!("{kind} must be {LEAST} to {MOST} days")));
            }
        }
        Ok(read)
    }

    /// The part of these days of which the audit log is kept at `now`. DynamoDB may be days behind
    /// with deleting.
    #[must_use]
    pub fn kept(self, days: AuditDays, now: UnixMillis) -> AuditDays {
        let first =
            self.audit_log.map(|kept| Day::of(UnixMillis(now.0.saturating_sub(i64::from(kept) * DAY_SECONDS * 1000))));
        AuditDays { from: first.map_or(days.from, |first| days.from.max(first)), ..days }
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
        assert_eq!(read, Retention { audit_log: Some(30), mails_without_case: Some(36_500) });
        for (wrong, named) in [
            ("", "must be a JSON object"),
            ("[]", "must be a JSON object"),
            ("{", "EOF"),
            (r#"{"audit_log":29}"#, "audit_log must be 30 to 36500 days"),
            (r#"{"mails_without_case":36501}"#, "mails_without_case must be"),
            (r#"{"audit_log":"30"}"#, "invalid type"),
            (r#"{"audit_log":30.5}"#, "invalid type"),
            (r#"{"audit_log":-30}"#, "invalid value"),
            (r#"{"messages":30}"#, "unknown field `messages`"),
            (r#"{"audit_log":30,"audit_log":31}"#, "duplicate field"),
        ] {
            let error = Retention::parse(wrong).unwrap_err().to_string();
            assert!(error.contains(named), "{wrong}: {error}");
        }
    }

    #[test]
    fn days_before_the_kept_ones_are_not_listed() {
        let day = |text| Day::parse(text).unwrap();
        let days = AuditDays { from: day("2026-01-01"), to: day("2026-11-30") };
        let now = UnixMillis(1_796_040_000_000);
        assert_eq!(Retention::default().kept(days, now), days);
        let kept = Retention { audit_log: Some(30), ..Retention::default() }.kept(days, now);
        assert_eq!((kept.from, kept.to), (day("2026-10-31"), days.to));
        let late = AuditDays { from: day("2026-11-29"), ..days };
        assert_eq!(Retention { audit_log: Some(30), ..Retention::default() }.kept(late, now), late);
    }
}
