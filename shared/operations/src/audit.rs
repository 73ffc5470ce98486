//! The audit log of the console, as the command line and the console's page list and export it.

use recourse_dispute::number::DisputeNumber;
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

#[cfg(test)]
mod tests {
    use recourse_dispute::time::UnixMillis;
    use recourse_store::AuditOutcome;

    use super::*;

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
