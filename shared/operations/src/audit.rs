//! The audit log of the console, as the command line and the console's page list and export it.

use recourse_dispute::number::{DisputeNumber, InvalidDisputeNumber};
use recourse_store::AuditLogEntry;
use serde::Serialize;

/// An entry of the audit log as it is exported: as a row, or as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditView {
    /// When, in ISO 8601.
    pub at: String,
    /// The operator's name; `None` where nobody was signed in.
    pub operator: Option<String>,
    /// The operator's role then.
    pub role: Option<&'static str>,
    /// What was seen or done.
    pub action: String,
    /// The case id.
    pub case: Option<String>,
    /// The address from which it was seen or done.
    pub from: Option<String>,
    /// What became of it.
    pub outcome: String,
}

impl AuditView {
    /// The names of the columns.
    pub const COLUMNS: [&str; 7] = ["at", "operator", "role", "action", "case", "from", "outcome"];

    /// An entry as it is exported.
    #[must_use]
    pub fn of(entry: &AuditLogEntry) -> Self {
        Self {
            at: entry.at.iso8601(),
            operator: entry.operator.as_ref().map(|by| by.name.as_str().to_owned()),
            role: entry.operator.as_ref().map(|by| by.role.name()),
            action: entry.action.clone(),
            case: entry.case.map(DisputeNumber::case_id),
            from: entry.from.map(|from| from.to_string()),
            outcome: entry.outcome.to_string(),
        }
    }

    /// The values of the columns.
    #[must_use]
    pub fn columns(&self) -> [String; 7] {
        let Self { at, operator, role, action, case, from, outcome } = self.clone();
        let role = role.unwrap_or_default().to_owned();
        let [operator, case, from] = [operator, case, from].map(Option::unwrap_or_default);
        [at, operator, role, action, case, from, outcome]
    }
}

/// A case by its id or its number, as a person types it. The letters before the hyphen may be in any
/// case; the eight characters after it are as the id has them.
///
/// # Errors
/// [`InvalidDisputeNumber`].
pub fn typed_case(text: &str) -> Result<DisputeNumber, InvalidDisputeNumber> {
    let text = text.trim();
    match text.split_at_checked(3) {
        Some((begin, rest)) if begin.eq_ignore_ascii_case("rc-") => DisputeNumber::from_base62(rest),
        _ => DisputeNumber::from_any_view(text),
    }
}

#[cfg(test)]
mod tests {
    use recourse_dispute::time::UnixMillis;
    use recourse_store::AuditOutcome;

    use super::*;

    #[test]
    fn a_case_is_named_by_its_id_or_its_number() {
        let number = DisputeNumber::try_from(551).unwrap();
        for text in ["RC-0000008t", "rc-0000008t", " 551 "] {
            assert_eq!(typed_case(text), Ok(number), "{text}");
        }
        for text in ["", "RC-", "rc", "é", "RC-0000008", "0"] {
            assert!(typed_case(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_not_known_is_empty() {
        let (at, action) = (UnixMillis(0), "sign_in".to_owned());
        let refused = AuditOutcome::Refused("link_not_good".to_owned());
        let entry = AuditLogEntry { at, operator: None, action, case: None, from: None, outcome: refused };
        let columns = AuditView::of(&entry).columns();
        assert_eq!(columns, ["1970-01-01T00:00:00Z", "", "", "sign_in", "", "", "refused: link_not_good"]);
        assert_eq!(serde_json::to_value(AuditView::of(&entry)).unwrap()["case"], serde_json::Value::Null);
    }
}
