//! When a status ends by itself, and what happens then.
//!
//! How long a status lasts is configuration, for the whole deployment: `data/deadlines.json` is what ships, and a deployment's own JSON of the same
//! form says what is different. Vendor specification, Arbiter "Create Dispute" publishes one length, Chargeback's 20 days; all others are ours and the same.
//!
//! **Invariant:** a status's deadline is fixed when the status begins. A new configuration counts for the statuses that begin under it.
//!
//! **Invariant:** what is due is decided on the dispute alone, so a worker that runs twice, late or beside another one does nothing twice.

mod config;
mod duration;

use serde::{Deserialize, Serialize};

use crate::addresses::Recipients;
use crate::dispute::{Change, Dispute, EventKind, HistoryEntry, PerformedBy};
use crate::lifecycle::{Action, Actor};
use crate::time::UnixMillis;

pub use config::{BadDeadlines, Deadlines};
pub use duration::{BadDuration, duration};

/// What happens when nobody acted in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExpiry {
    /// Who let the turn pass loses.
    AgainstPartyDue,
    /// It is decided for the customer.
    Customer,
    /// It is decided for the merchant.
    Merchant,
    /// Nothing: the end is shown, and the dispute stays where it is.
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
    /// When the party whose turn it is gets its reminder; `None` once it got it, or when there is none, or nobody to remind.
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
    /// The reminder of the party whose turn it is.
    Reminder,
    /// The end: what the clock does.
    End(Action),
}

impl Dispute {
    /// What is due now. An end outranks a reminder that was never sent.
    #[must_use]
    pub fn due(&self, now: UnixMillis) -> DueAction {
        let Some(deadline) = self.deadline.filter(|_| self.state.is_open()) else { return DueAction::Nothing };
        if deadline.ends_at <= now {
            return deadline.on_expiry.action().map_or(DueAction::Nothing, DueAction::End);
        }
        match deadline.remind_at {
            Some(at) if at <= now => DueAction::Reminder,
            _ => DueAction::Nothing,
        }
    }

    /// Whether the status's time is up: no party may take a step any more, even before the worker has come; only details may still be
    /// corrected and comments made. Always false where nothing happens at the end.
    #[must_use]
    pub fn time_is_up(&self, now: UnixMillis) -> bool {
        matches!(self.due(now), DueAction::End(_))
    }

    /// The end of its time: what becomes of it by `action`. `None` when the lifecycle does not let
    /// time do that.
    #[must_use]
    pub fn expire(&self, action: Action, now: UnixMillis) -> Option<Change> {
        let state = self.step(Actor::Clock, action, now).ok()?;
        Some(self.moved(action, state, clock(), None, now))
    }

    /// The reminder, noted in the history; `parties` is whoever of the bank network has to act.
    #[must_use]
    pub fn reminded(&self, parties: Option<Recipients>, now: UnixMillis) -> Change {
        let mut dispute = self.without_reminder();
        dispute.version += 1;
        let (version, state) = (dispute.version, dispute.state);
        let event = HistoryEntry { version, at: now, by: clock(), kind: EventKind::Reminded, state, note: None };
        Change { dispute, event, parties }
    }

    /// The dispute when its reminder is done with. Where there is nobody to remind that is all: nothing happened that its history could tell, so its
    /// version is the same.
    #[must_use]
    pub fn without_reminder(&self) -> Self {
        Self { deadline: self.deadline.map(|deadline| Deadline { remind_at: None, ..deadline }), ..self.clone() }
    }
}

fn clock() -> PerformedBy {
    PerformedBy { actor: Actor::Clock, name: "deadline".to_owned() }
}

#[cfg(test)]
mod tests;
