//! What is stored of a case beside its dispute: the support process, the work that waits, and who
//! does it.

use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_support::case::{AgentName, Kind, Owner, State, SupportCase};
use serde::{Deserialize, Serialize};

use super::message::Message;
use crate::deadlines::{RESOLVED, SUPPORT};

/// A case as it is on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFile {
    /// Which dispute it is about.
    pub number: DisputeNumber,
    /// How often it was written, from 1. Every write is conditional on it.
    pub version: u64,
    /// The place of the last message in the thread; 0 before the first.
    pub messages: u64,
    /// The time of the last message.
    pub last_at: UnixMillis,
    /// The support process; `None` in staging, and where disputes have no such process. Their
    /// messages are stored all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<SupportCase>,
    /// When the support process was resolved. The store sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<UnixMillis>,
    /// When the support address was mailed about a message that nothing moves; none since an agent
    /// replied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced_at: Option<UnixMillis>,
    /// When the customer got the first answer: a mail of the process, or of an agent. The store
    /// sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<UnixMillis>,
    /// The agent who worked on the case last, or to whom it was given. [`Self::agent`] is who has
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_agent: Option<AgentName>,
    /// Since when no mail reaches the customer, as far as is known: the marks of the addresses say
    /// whether it is still so. None once that was a step of the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreachable_since: Option<UnixMillis>,
    /// The work that waits for a worker. [`Self::set_work`] sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Work>,
    /// When a worker's claim on the work ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_until: Option<UnixMillis>,
}

/// What a worker has to do about a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    /// Begin the process.
    Opened,
    /// Ask the provider.
    Provider,
    /// Ask the model.
    Model,
}

/// An order to a worker. A case has at most one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// The attempt at the provider or the call of the model; 0 for [`WorkKind::Opened`]. The
    /// process counts them, so no two orders of a kind have the same.
    pub id: u32,
    /// What is to be done.
    pub kind: WorkKind,
    /// When.
    pub due: UnixMillis,
}

impl CaseFile {
    /// A case that begins: version 1, without any message.
    #[must_use]
    pub fn begin(number: DisputeNumber, support: Option<SupportCase>) -> Self {
        Self {
            number,
            version: 1,
            messages: 0,
            last_at: UnixMillis(0),
            support,
            resolved_at: None,
            announced_at: None,
            answered_at: None,
            last_agent: None,
            unreachable_since: None,
            work: None,
            claimed_until: None,
        }
    }

    /// Since when the case waits for a customer whom no mail is known to reach.
    #[must_use]
    pub fn waits_in_vain(&self) -> Option<UnixMillis> {
        let waits = self.support.as_ref().is_some_and(|support| support.state.waits_for_customer());
        self.unreachable_since.filter(|_| waits)
    }

    /// The state as it is shown: resolved where the dispute was closed since the last step of the
    /// process, else the state of the process. A customer who writes after the end therefore waits
    /// for an agent, although the dispute is closed.
    #[must_use]
    pub fn effective(&self, dispute: &Dispute) -> Option<State> {
        let support = self.support.as_ref()?;
        let ended = support.dispute_open && !dispute.state.is_open();
        Some(if ended { State::Resolved } else { support.state })
    }

    /// The state in the queue. Where no process moves the case, because there is none or it is
    /// over, a mail that nobody answered waits for an agent. Otherwise it is [`Self::effective`].
    #[must_use]
    pub fn queue_state(&self, dispute: &Dispute) -> Option<State> {
        self.unanswered_since(self.effective(dispute))
            .map(|_| State::WaitingForAgent)
            .or_else(|| self.effective(dispute))
    }

    /// Since when a mail waits that no process answers, in a case whose process is in this state.
    fn unanswered_since(&self, state: Option<State>) -> Option<UnixMillis> {
        self.announced_at.filter(|_| matches!(state, None | Some(State::Resolved)))
    }

    /// The agent who has the case.
    #[must_use]
    pub fn agent(&self) -> Option<&AgentName> {
        match &self.support.as_ref()?.owner {
            Owner::Agent(name) => Some(name),
            Owner::Automation | Owner::Nobody => None,
        }
    }

    /// What was bought, as the process knows it.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.support.as_ref().map(|support| support.kind)
    }

    /// When there is something to do next: at the end of a claim, else at the earliest time of the
    /// process and the work. `None` of a resolved case without a mail that waits, and of a case
    /// without the process.
    #[must_use]
    pub fn due(&self) -> Option<UnixMillis> {
        let support = self.support.as_ref()?;
        if self.claimed_until.is_some() {
            return self.claimed_until;
        }
        let process = support.due_at().map(|at| UnixMillis(at.0.saturating_mul(1000)));
        [process, self.work.map(|work| work.due), self.waits_in_vain()].into_iter().flatten().min()
    }

    /// Gives the case this work, or none. A claim stays only where the work is the same, so that
    /// no second worker begins it.
    pub fn set_work(&mut self, work: Option<Work>) {
        if !work.is_some_and(|work| self.waits_for(work)) {
            self.claimed_until = None;
        }
        self.work = work;
    }

    /// Whether the case still waits for this work. Its result means nothing otherwise.
    #[must_use]
    pub fn waits_for(&self, work: Work) -> bool {
        self.work.is_some_and(|waiting| (waiting.kind, waiting.id) == (work.kind, work.id))
    }

    /// The work that is due at `now` and that no worker has claimed.
    #[must_use]
    pub fn claimable(&self, now: UnixMillis) -> Option<Work> {
        let is_free = self.claimed_until.is_none_or(|until| until <= now);
        self.work.filter(|work| is_free && work.due <= now)
    }

    /// The case as it is written at `now` with these messages: with the time of the first answer,
    /// and with that at which it was resolved.
    pub(super) fn dated(mut self, messages: &[Message], now: UnixMillis) -> Self {
        let answer = messages.iter().find(|message| message.is_answer());
        self.answered_at = self.answered_at.or(answer.map(|message| message.at));
        let is_resolved = self.support.as_ref().is_some_and(|support| support.state == State::Resolved);
        self.resolved_at = is_resolved.then(|| self.resolved_at.unwrap_or(now));
        self
    }

    /// The state and the time under which the queue has a case that is written at `now`: the limit
    /// of its state, when it was resolved, or since when a mail waits.
    pub(super) fn queued(&self, now: UnixMillis) -> Option<(State, UnixMillis)> {
        let state = self.support.as_ref().map(|support| support.state);
        if let Some(since) = self.unanswered_since(state) {
            return Some((State::WaitingForAgent, since));
        }
        let limit = self.support.as_ref()?.limit_at.map(|at| UnixMillis(at.0.saturating_mul(1000)));
        let time = if state == Some(State::Resolved) { self.resolved_at } else { limit };
        state.map(|state| (state, time.unwrap_or(now)))
    }

    /// The deadline index's partitions and due time for a case that is written at `now`. A process
    /// that is not resolved and has no time is due at once.
    pub(super) fn place(&self, now: UnixMillis) -> Option<(&'static str, UnixMillis)> {
        self.support.as_ref()?;
        Some(match (self.due(), self.resolved_at) {
            (Some(due), _) => (SUPPORT, due),
            (None, Some(resolved_at)) => (RESOLVED, resolved_at),
            (None, None) => (SUPPORT, now),
        })
    }
}

#[cfg(test)]
mod tests;
