//! The two environments of a deployment.

use serde::{Deserialize, Serialize};

/// Whether an account's disputes are worked on. An account is of one environment for good. Its
/// transactions and their disputes are of the same one.
///
/// **Invariant:** a caller of one environment never finds a thing of the other, and no name that
/// was taken in one is taken in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Cases are opened, worked on and mailed about.
    Production,
    /// The same answers and the same state, but no workflow and no mail (vendor specification,
    /// IIMMPACT "Report Issue" and IIMMPACT "Dispute Transaction").
    Staging,
}

impl Environment {
    /// The name as keys hold it and as an operator writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
        }
    }

    /// Whether an account's disputes are mailed about, and the account itself gets mail: in
    /// production; staging sends none (vendor specification, IIMMPACT "Report Issue" and IIMMPACT
    /// "Dispute Transaction").
    #[must_use]
    pub fn sends_mail(self) -> bool {
        match self {
            Self::Production => true,
            Self::Staging => false,
        }
    }
}
