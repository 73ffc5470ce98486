//! The roles of operators, and what each may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What an operator may do in the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Read cases, their files, the queue, the search and the numbers.
    Read,
    /// Work on cases: take them, reply, resolve.
    Work,
    /// Give a case to somebody else.
    Assign,
    /// See the settings, which include accounts and the outbox.
    SeeSettings,
    /// Change settings: accounts, keys, users, the outbox.
    Settings,
    /// Read and export the audit log.
    Audit,
    /// See who the operators are.
    SeeOperators,
    /// Create, change and remove operators.
    Operators,
    /// Erase a person's data.
    Forget,
}

/// What an operator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorRole {
    /// Works on cases.
    Agent,
    /// Works on cases, gives them to others, and changes settings.
    Supervisor,
    /// Reads everything, the audit log too, and changes nothing.
    Auditor,
    /// May do everything.
    Admin,
}

/// The error for a text that is no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be agent, supervisor, auditor or admin")]
pub struct UnknownRole;

impl OperatorRole {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Agent, Self::Supervisor, Self::Auditor, Self::Admin];

    /// As it is stored, typed and shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }

    /// Whether operators of this role may do something. This is the one place that says so.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        match permission {
            Permission::Read => true,
            Permission::Work => matches!(self, Self::Agent | Self::Supervisor | Self::Admin),
            Permission::Assign | Permission::Settings => matches!(self, Self::Supervisor | Self::Admin),
            Permission::SeeSettings | Permission::Audit => {
                matches!(self, Self::Supervisor | Self::Auditor | Self::Admin)
            }
            Permission::SeeOperators => matches!(self, Self::Auditor | Self::Admin),
            Permission::Operators | Permission::Forget => matches!(self, Self::Admin),
        }
    }
}

impl fmt::Display for OperatorRole {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for OperatorRole {
    type Err = UnknownRole;

    /// Reads what [`Self::name`] writes.
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or(UnknownRole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERMISSIONS: [Permission; 9] = [
        Permission::Read,
        Permission::Work,
        Permission::Assign,
        Permission::SeeSettings,
        Permission::Settings,
        Permission::Audit,
        Permission::SeeOperators,
        Permission::Operators,
        Permission::Forget,
    ];

    #[test]
    fn each_role_may_do_what_the_table_says() {
        let row = |role: OperatorRole| PERMISSIONS.map(|permission| role.may(permission));
        assert_eq!(row(OperatorRole::Agent), [true, true, false, false, false, false, false, false, false]);
        assert_eq!(row(OperatorRole::Supervisor), [true, true, true, true, true, true, false, false, false]);
        assert_eq!(row(OperatorRole::Auditor), [true, false, false, true, false, true, true, false, false]);
        assert_eq!(row(OperatorRole::Admin), [true; 9]);
    }

    #[test]
    fn a_role_is_stored_and_typed_under_its_name() {
        for role in OperatorRole::ALL {
            assert_eq!(role.name().parse(), Ok(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
        for text in ["", "Agent", "agent ", "root"] {
            assert_eq!(text.parse::<OperatorRole>(), Err(UnknownRole), "{text}");
        }
    }
}
