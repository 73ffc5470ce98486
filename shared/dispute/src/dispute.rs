//! A dispute, as every API sees it.

mod evidence;
mod expiry;
mod log_code;
mod notifications;
mod situation;
mod viewer;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::addresses::Recipients;
use crate::channels::arbiter::Logged;
use crate::channels::tutelar::details::DisputeDetails;
use crate::claim::Claim;
use crate::deadlines::Deadline;
// Temporarily, until the imports are moved.
use crate::channel::Channel;
pub use crate::event::{EventKind, HistoryEntry, PerformedBy};
use crate::ids::AccountId;
use crate::lifecycle::{Action, Actor, Category, Side, Stage, State, TransitionError};
use crate::money::Money;
use crate::number::DisputeNumber;
use crate::policy::actions::decide;
use crate::time::UnixMillis;
use crate::transaction::{Facts, Status};

/// A dispute about one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// What it is called, at every API.
    pub number: DisputeNumber,
    /// How many versions it has had, from 1. Every change is conditional on it.
    pub version: u64,
    /// The API that it was opened through.
    pub channel: Channel,
    /// The account that opened it.
    pub opener: AccountId,
    /// The transaction that is disputed. Its environment is the dispute's.
    pub facts: Facts,
    /// How much of it, never more than the transaction's amount.
    pub amount: Money,
    /// Which order of stages it goes through.
    pub category: Category,
    /// Its state.
    pub state: State,
    /// Since when it is in that state.
    pub state_since: UnixMillis,
    /// The action that closed it; `None` while it is open, and where it was closed on creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<Action>,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// Who gets its mail; nobody in staging.
    pub recipients: Option<Recipients>,
    /// What the opener says of it, and the evidence.
    #[serde(default, skip_serializing_if = "Claim::is_empty")]
    pub claim: Claim,
    /// When its present status ends by itself, if it does. The store sets it when the status
    /// begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Deadline>,
    /// How many moves of its account's test clock are in its deadlines; 0 in production.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub clock_moves: u32,
    /// How much was left of each stage's time when the dispute last left it, in milliseconds. A
    /// stage that is resumed gets no more than that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub time_left: BTreeMap<Stage, i64>,
    /// Whether an issuer, an acquirer or a merchant of the bank network took a step in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub parties_acted: bool,
    /// What a bank said when it logged it, at the Arbiter API alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logged: Option<Logged>,
    /// What its parties say of it, where an API asks for it.
    #[serde(default, skip_serializing_if = "DisputeDetails::is_empty")]
    pub details: DisputeDetails,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A change of a dispute: what it becomes, the event, and whom to notify of it.
/// [`Dispute::notifications`] says which mails that makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The dispute after the change, its version one higher.
    pub dispute: Dispute,
    /// The entry in its history.
    pub event: HistoryEntry,
    /// The registered addresses of the parties that it concerns, as far as they are known.
    pub parties: Option<Recipients>,
}

impl Dispute {
    /// A dispute about all of a transaction that begins now, at the first stage of its category,
    /// with no recipients and nothing said yet.
    #[must_use]
    pub fn begin(
        number: DisputeNumber,
        channel: Channel,
        opener: AccountId,
        facts: Facts,
        category: Category,
        now: UnixMillis,
    ) -> Self {
        Self {
            number,
            version: 1,
            channel,
            opener,
            amount: facts.amount,
            facts,
            category,
            state: State::initial(category),
            state_since: now,
            closed_by: None,
            opened_at: now,
            recipients: None,
            claim: Claim::default(),
            deadline: None,
            clock_moves: 0,
            time_left: BTreeMap::new(),
            parties_acted: false,
            logged: None,
            details: DisputeDetails::default(),
        }
    }

    /// The first entry of its history.
    #[must_use]
    pub fn opened(&self, by: PerformedBy) -> HistoryEntry {
        let note = self.logged.as_ref().and_then(|logged| logged.comment.clone());
        HistoryEntry { version: self.version, at: self.opened_at, by, kind: EventKind::Opened, state: self.state, note }
    }

    /// Where `action` of `actor` leads from here at `now`: what the table between the parties says
    /// ([`decide`]), and what the deadline rules out. Once a status's time is up a party may only
    /// update its details, even before the worker has ended the status: nobody wins by a late
    /// worker.
    ///
    /// # Errors
    /// [`TransitionError`], in the order of [`decide`]'s.
    pub fn step(&self, actor: Actor, action: Action, now: UnixMillis) -> Result<State, TransitionError> {
        let state = decide(&self.into(), actor, action)?;
        let is_late = actor.side() != Side::Operator && self.time_is_up(now);
        if is_late && action != Action::Update { Err(TransitionError::TimeIsUp) } else { Ok(state) }
    }

    /// The dispute moved to `state`, with the event, and nobody to notify yet.
    #[must_use]
    pub fn moved(
        &self,
        action: Action,
        state: State,
        by: PerformedBy,
        note: Option<String>,
        now: UnixMillis,
    ) -> Change {
        let mut dispute = self.clone();
        dispute.version += 1;
        if state != self.state {
            if let (State::Live(stage), Some(deadline)) = (self.state, self.deadline) {
                dispute.time_left.insert(stage, deadline.ends_at.0.saturating_sub(now.0));
            }
            (dispute.state, dispute.state_since, dispute.deadline) = (state, now, None);
            dispute.closed_by = state.closing().map(|_| action);
            dispute.parties_acted |= by.actor.is_party();
        }
        let event = HistoryEntry { version: dispute.version, at: now, by, kind: EventKind::Did(action), state, note };
        Change { dispute, event, parties: None }
    }

    /// What becomes of an open dispute when its transaction ends as `status`; `None` when the
    /// status ends nothing.
    #[must_use]
    pub fn ended_by(&self, status: Status, by: PerformedBy, now: UnixMillis) -> Option<Change> {
        let action = match status {
            Status::Refund => Action::Refund,
            Status::Failed => Action::Fail,
            Status::Accepted | Status::Processing | Status::Succesful => return None,
        };
        let state = self.step(by.actor, action, now).ok()?;
        let note = Some(format!("the transaction was reported as {}", status.name()));
        Some(self.moved(action, state, by, note, now))
    }

    /// An operator's decision; `None` when the dispute is not open to one.
    ///
    /// [`Action::CloseForCustomer`] and [`Action::CloseForMerchant`] are an operator's.
    #[must_use]
    pub fn decided(&self, action: Action, operator: String, why: String, now: UnixMillis) -> Option<Change> {
        let state = self.step(Actor::Operator, action, now).ok()?;
        let by = PerformedBy { actor: Actor::Operator, name: operator };
        Some(self.moved(action, state, by, Some(why), now))
    }

    /// The end that the support process brings about; `None` when the dispute is not open, or its
    /// API has no such process. `name` says on whose word it ends, as `provider` and `customer` do.
    #[must_use]
    pub fn closed_by_automation(&self, action: Action, name: &str, why: &str, now: UnixMillis) -> Option<Change> {
        let state = self.step(Actor::Automation, action, now).ok()?;
        let by = PerformedBy { actor: Actor::Automation, name: name.to_owned() };
        Some(self.moved(action, state, by, Some(why.to_owned()), now))
    }
}

#[cfg(test)]
pub(crate) mod tests;
