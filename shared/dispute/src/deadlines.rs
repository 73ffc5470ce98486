//! When a status ends by itself, and what happens then.
//!
//! How long a status lasts is configuration, for the whole deployment: `data/deadlines.json` is
//! what ships, and a deployment's own JSON of the same form says what is different. The vendor
//! specification, Arbiter "Create Dispute", publishes one length, Chargeback's 20 days. All others
//! are the same, and Recourse-specific.
//!
//! **Invariant:** a status's deadline is fixed when the status begins. A new configuration counts
//! for the statuses that begin under it.
//!
//! **Invariant:** what is due follows from the dispute alone. So a worker that runs twice, late or
//! beside another one does each thing once.

mod config;
mod duration;

use serde::{Deserialize, Serialize};

use crate::lifecycle::Action;
use crate::time::UnixMillis;

pub use config::{BadDeadlines, Deadlines};
pub use duration::{BadDuration, duration};

/// What happens when nobody acted in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExpiry {
    /// The side that had to act loses.
    AgainstPartyDue,
    /// It is decided for the customer.
    Customer,
    /// It is decided for the merchant.
    Merchant,
    /// Nothing: the end is shown, and the dispute keeps its status.
    Stay,
}

impl OnExpiry {
    /// What time does to the dispute then; `None` where nothing happens.
    #[must_use]
    pub fn action(self) -> Option<Action> {
        match self {
            Self::AgainstPartyDue => Some(Action::Expire),
            Self::Customer => Some(Action::CloseForCustomer),
            Self::Merchant => Some(Action::CloseForMerchant),
            Self::Stay => None,
        }
    }
}

/// The end of a dispute's present status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// When it is over.
    pub ends_at: UnixMillis,
    /// When the party that has to act gets its reminder; `None` once it got it, and where there is
    /// none, or nobody to remind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_at: Option<UnixMillis>,
    /// What happens then.
    pub on_expiry: OnExpiry,
}

impl Deadline {
    /// When there is something to do about it next; `None` when there is nothing more.
    #[must_use]
    pub fn due(&self) -> Option<UnixMillis> {
        self.remind_at.or((self.on_expiry != OnExpiry::Stay).then_some(self.ends_at))
    }
}

/// What is due of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueAction {
    /// Nothing yet, or nothing any more.
    Nothing,
    /// The reminder of the party that has to act.
    Reminder,
    /// The end: what the clock does.
    End(Action),
}

#[cfg(test)]
mod tests;
