//! What a bank said when it logged a dispute.

use serde::{Deserialize, Serialize};

use crate::ids::DomainCode;

/// What a bank said when it logged a dispute (Arbiter contract, "Log").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logged {
    /// The domain of who logged it.
    pub domain: DomainCode,
    /// Who logged it: `<user>@<domain>`.
    pub by: String,
    /// The code of the reason, one of the category's.
    pub reason: String,
    /// The name of that reason, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_name: Option<String>,
    /// Whether the dispute is about a part of the amount, as the bank said. The part may be all of
    /// it.
    pub partial: bool,
    /// The bank's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}
