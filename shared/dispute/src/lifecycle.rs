//! How far a dispute has come, and who may take it further.
//!
//! One lifecycle stands behind all four APIs; [`crate::faces`] shows it in each API's own words.
//! Where an action leads is [`transition`]; who may take it is [`crate::policy::actions`]. Both are
//! pure and total, and nothing else decides either.
//!
//! **Invariant:** a dispute goes through the stages of its [`Category`] in the published order and
//! never backwards, except by a reopening.
//!
//! **Invariant:** a live dispute holds its transaction's active-dispute lock. A draft holds a lock
//! of its opener alone. A closed dispute holds none.

mod action;
mod actor;
mod category;
mod stage;
mod state;
mod transition;

pub use action::{Action, TransitionError};
pub use actor::{Actor, DISPUTE_TEAM, Side};
pub use category::Category;
pub use stage::{Level, Stage};
pub use state::{Closing, Lock, State};
pub use transition::transition;

use serde::{Deserialize, Serialize};

/// The API that a dispute was opened through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A client reports an issue with a completed transaction.
    Iimmpact,
    /// A bank logs a dispute.
    Arbiter,
    /// A merchant raises a dispute and keeps its details up to date.
    Tutelar,
    /// A merchant sends a dispute with its evidence.
    Connect,
}

impl Channel {
    /// Every API, in the order of their contracts.
    pub const ALL: [Self; 4] = [Self::Iimmpact, Self::Arbiter, Self::Tutelar, Self::Connect];

    /// The name as it stands in records and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Iimmpact => "iimmpact",
            Self::Arbiter => "arbiter",
            Self::Tutelar => "tutelar",
            Self::Connect => "connect",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_rests_under_its_name() {
        for channel in Channel::ALL {
            assert_eq!(serde_json::to_string(&channel).unwrap(), format!("\"{}\"", channel.name()));
        }
    }
}
