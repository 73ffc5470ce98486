//! The audit log of the console: who saw what, and who did what, when and from where.
//!
//! The entry of a view of personal data is written before the answer. The entry of a change is
//! written before the change as attempted, and gets its outcome after it. Where an entry cannot be
//! written, nothing is shown and nothing is done. An entry that stays attempted means that a
//! function died: the history of the case says whether the change was made.
//!
//! Each day (UTC) has a partition of its own. A list reads days from the last one back.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::stored_as_text;
use recourse_dispute::time::{Day, UnixMillis};
use recourse_support::case::AgentName;
use serde::{Deserialize, Serialize};

use super::operator::Operator;
use super::role::OperatorRole;
use crate::error::{StoreError, sdk, updated};
use crate::items::{Item, body, item, text, value};
use crate::keys::{ItemKey, SK};
use crate::{Retention, Store, WriteToken, keys};

/// How many entries one query reads.
const PAGE: i32 = 250;
/// How many queries one call makes at most: a filter that matches little, or days without entries,
/// must not make a request slow. The caller goes on from the cursor.
const MAX_QUERIES: usize = 40;

/// What somebody saw or did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLogEntry {
    /// When.
    pub at: UnixMillis,
    /// Who; `None` where nobody was signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<AuditOperator>,
    /// What, such as `case_viewed` or `reply`.
    pub action: String,
    /// Of which case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<DisputeNumber>,
    /// From which address, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<IpAddr>,
    /// What became of it.
    pub outcome: AuditOutcome,
}

/// Who saw or did something, as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditOperator {
    /// The operator's name.
    pub name: AgentName,
    /// The operator's role.
    pub role: OperatorRole,
}

impl From<&Operator> for AuditOperator {
    fn from(operator: &Operator) -> Self {
        Self { name: operator.name.clone(), role: operator.role }
    }
}

/// What became of what somebody saw or did. It is written `attempted`, `done` or `refused: code`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum AuditOutcome {
    /// It was begun, and its end is not known.
    Attempted,
    /// It was shown or done.
    Done,
    /// It was refused, for the reason that this code names.
    Refused(String),
}

/// The error for a text that is no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be attempted, done or refused: with a code")]
pub struct UnknownOutcome;

const REFUSED: &str = "refused: ";

impl fmt::Display for AuditOutcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attempted => out.write_str("attempted"),
            Self::Done => out.write_str("done"),
            Self::Refused(code) => write!(out, "{REFUSED}{code}"),
        }
    }
}

impl FromStr for AuditOutcome {
    type Err = UnknownOutcome;

    fn from_str(text: &str) -> Result<Self, UnknownOutcome> {
        match text {
            "attempted" => Ok(Self::Attempted),
            "done" => Ok(Self::Done),
            text => text.strip_prefix(REFUSED).map(|code| Self::Refused(code.to_owned())).ok_or(UnknownOutcome),
        }
    }
}

stored_as_text!(AuditOutcome, UnknownOutcome, AuditOutcome::from_str);

/// An entry that was written, so that its outcome can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLogId(ItemKey);

/// From which day to which, in UTC, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditDays {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
}

/// Which entries a list has. What is `None` does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditLogFilter {
    /// Those of the operator with this name, in any case.
    pub operator: Option<String>,
    /// Those of this action.
    pub action: Option<String>,
    /// Those of this case.
    pub case: Option<DisputeNumber>,
}

impl AuditLogFilter {
    fn matches(&self, entry: &AuditLogEntry) -> bool {
        let is_named = |name: &String| {
            entry.operator.as_ref().is_some_and(|by| by.name.as_str().to_lowercase() == name.to_lowercase())
        };
        self.operator.as_ref().is_none_or(is_named)
            && self.action.as_ref().is_none_or(|action| entry.action == *action)
            && self.case.is_none_or(|case| entry.case == Some(case))
    }
}

/// Where a list goes on: a day, and the last entry of it that was read. It is written
/// `2026-11-30` or `2026-11-30~001764547200000~<token>`, which fits into an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLogCursor {
    day: Day,
    after: Option<String>,
}

/// The error for a text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a place in the audit log")]
pub struct InvalidCursor;

impl AuditLogCursor {
    /// The day that the list goes on with.
    #[must_use]
    pub fn day(&self) -> Day {
        self.day
    }
}

impl fmt::Display for AuditLogCursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.day)?;
        self.after.as_ref().map_or(Ok(()), |after| write!(out, "~{}", after.replace('#', "~")))
    }
}

impl FromStr for AuditLogCursor {
    type Err = InvalidCursor;

    /// Reads what `Display` writes.
    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (day, after) = match text.split_once('~') {
            Some((day, after)) => (day, Some(after)),
            None => (text, None),
        };
        let day = Day::parse(day).map_err(|_| InvalidCursor)?;
        let Some(after) = after else { return Ok(Self { day, after: None }) };
        let (at, token) = after.split_once('~').ok_or(InvalidCursor)?;
        let digits = at.len() == 15 && at.bytes().all(|byte| byte.is_ascii_digit());
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_token = token.len() == 32 && token.bytes().all(hex);
        if digits && is_token { Ok(Self { day, after: Some(format!("{at}#{token}")) }) } else { Err(InvalidCursor) }
    }
}

/// Some entries of the audit log, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditLogPage {
    /// The entries.
    pub entries: Vec<AuditLogEntry>,
    /// The keys of those that this release cannot read.
    pub unread: Vec<String>,
    /// Where the list goes on; `None` at its end. There may be no further entry.
    pub next: Option<AuditLogCursor>,
}

impl Store {
    /// Writes an entry. `token` is fresh for every entry.
    ///
    /// # Errors
    /// [`StoreError`]; the caller then shows and does nothing.
    pub async fn write_audit(&self, entry: &AuditLogEntry, token: &WriteToken) -> Result<AuditLogId, StoreError> {
        let key = keys::audit_log(Day::of(entry.at), entry.at, token);
        let mut stored = token.stamp(item(&key, "audit-log", entry)?);
        Retention::expire(&mut stored, self.retention.audit_log, entry.at)?;
        let sent = self
            .client
            .put_item()
            .table_name(&self.tables.disputes)
            .set_item(Some(stored))
            .condition_expression("attribute_not_exists(PK)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = sent else { return Ok(AuditLogId(key)) };
        match error.as_service_error() {
            // The answer was lost, and the SDK sent the entry again.
            Some(PutItemError::ConditionalCheckFailedException(refused)) if token.wrote(refused.item()) => {
                Ok(AuditLogId(key))
            }
            _ => Err(StoreError::from_sdk("PutItem", &error)),
        }
    }

    /// Sets the outcome of an entry that was attempted. An entry that has its outcome keeps it.
    ///
    /// # Errors
    /// [`StoreError`]; the entry may then stay attempted.
    pub async fn end_audit(&self, id: &AuditLogId, outcome: &AuditOutcome) -> Result<(), StoreError> {
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.disputes)
            .set_key(Some(id.0.attributes()))
            .update_expression("SET outcome = :outcome")
            .condition_expression("outcome = :attempted")
            .expression_attribute_values(":outcome", value(outcome)?)
            .expression_attribute_values(":attempted", value(AuditOutcome::Attempted)?)
            .send()
            .await;
        updated(sent).map(drop)
    }

    /// At most `most` entries of these days, the newest first, from where the last ones ended;
    /// strongly consistent. A page may have fewer entries, or none, and still go on. It has none
    /// whose time is over at `now`: DynamoDB may be days behind with deleting those.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_log(
        &self,
        days: AuditDays,
        filter: &AuditLogFilter,
        after: Option<&AuditLogCursor>,
        most: usize,
        now: UnixMillis,
    ) -> Result<AuditLogPage, StoreError> {
        let mut at = match after {
            Some(after) if after.day <= days.to => after.clone(),
            _ => AuditLogCursor { day: days.to, after: None },
        };
        let mut page = AuditLogPage::default();
        for _ in 0..MAX_QUERIES {
            if at.day < days.from {
                return Ok(page);
            }
            let (items, goes_on) = self.audit_items(&at).await?;
            for item in items {
                let sk = text(&item, SK).unwrap_or_default().to_owned();
                let is_over = Retention::has_expired(&item, now);
                match body::<AuditLogEntry>(item) {
                    _ if is_over => {}
                    Ok(entry) if !filter.matches(&entry) => {}
                    Ok(_) if page.entries.len() == most => return Ok(AuditLogPage { next: Some(at), ..page }),
                    Ok(entry) => page.entries.push(entry),
                    Err(_) => page.unread.push(format!("{} {sk}", keys::audit_log_partition(at.day))),
                }
                at.after = Some(sk);
            }
            if !goes_on {
                let Some(day) = at.day.previous() else { return Ok(page) };
                at = AuditLogCursor { day, after: None };
            }
        }
        let next = Some(at).filter(|at| at.day >= days.from);
        Ok(AuditLogPage { next, ..page })
    }

    /// The next entries of one day, the newest first, and whether there are more.
    async fn audit_items(&self, at: &AuditLogCursor) -> Result<(Vec<Item>, bool), StoreError> {
        let (condition, after) = match &at.after {
            Some(after) => ("PK = :pk AND SK < :after", Some(after)),
            None => ("PK = :pk", None),
        };
        let mut values = Item::from([(":pk".to_owned(), value(keys::audit_log_partition(at.day))?)]);
        if let Some(after) = after {
            values.insert(":after".to_owned(), value(after)?);
        }
        let query = self.client.query().table_name(&self.tables.disputes).consistent_read(true);
        let query = query.key_condition_expression(condition).set_expression_attribute_values(Some(values));
        let sending = Box::pin(query.scan_index_forward(false).limit(PAGE).send());
        let page = sending.await.map_err(sdk("Query"))?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key.is_some()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let whole = format!("2026-11-30~001764547200000~{}", "0a".repeat(16));
        for text in ["2026-11-30", whole.as_str()] {
            assert_eq!(text.parse::<AuditLogCursor>().unwrap().to_string(), text);
        }
        let wrong = [
            "",
            "2026-02-30",
            "2026-11-30~",
            "2026-11-30~1~2",
            "2026-11-30~001764547200000",
            &whole.replace('a', "A"),
            &format!("{whole}~"),
            &whole.replace("0017", "+017"),
        ];
        for text in wrong {
            assert_eq!(text.parse::<AuditLogCursor>(), Err(InvalidCursor), "{text}");
        }
    }

    #[test]
    fn an_outcome_is_stored_as_it_is_shown() {
        let refused = AuditOutcome::Refused("forbidden".to_owned());
        for (outcome, text) in
            [(AuditOutcome::Attempted, "attempted"), (AuditOutcome::Done, "done"), (refused, "refused: forbidden")]
        {
            assert_eq!(serde_json::to_value(&outcome).unwrap(), text);
            assert_eq!(serde_json::from_value::<AuditOutcome>(text.into()).unwrap(), outcome);
        }
        assert!(serde_json::from_value::<AuditOutcome>("half".into()).is_err());
    }

    #[test]
    fn a_filter_names_a_person_in_any_case_an_action_and_a_case() {
        let entry = AuditLogEntry {
            at: UnixMillis(0),
            operator: Some(AuditOperator { name: AgentName::parse("Aisyah").unwrap(), role: OperatorRole::Agent }),
            action: "reply".to_owned(),
            case: Some(DisputeNumber::try_from(551).unwrap()),
            from: None,
            outcome: AuditOutcome::Done,
        };
        let filter = |operator: Option<&str>, action: Option<&str>, case: Option<u64>| AuditLogFilter {
            operator: operator.map(str::to_owned),
            action: action.map(str::to_owned),
            case: case.map(|case| DisputeNumber::try_from(case).unwrap()),
        };
        assert!(filter(None, None, None).matches(&entry));
        assert!(filter(Some("AISYAH"), Some("reply"), Some(551)).matches(&entry));
        assert!(!filter(Some("Ais"), None, None).matches(&entry));
        assert!(!filter(None, Some("rep"), None).matches(&entry));
        assert!(!filter(None, None, Some(552)).matches(&entry));
        let nobody = AuditLogEntry { operator: None, case: None, ..entry };
        assert!(!filter(Some("Aisyah"), None, None).matches(&nobody));
        assert!(!filter(None, None, Some(551)).matches(&nobody));
    }
}
