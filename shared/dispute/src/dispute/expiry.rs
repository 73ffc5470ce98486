//! The end of a status's time, and the reminder before it.

use super::{Change, Dispute};
use crate::addresses::Recipients;
use crate::deadlines::{Deadline, Deadlines, DueAction};
use crate::event::{EventKind, HistoryEntry, PerformedBy};
use crate::lifecycle::{Action, Actor};
use crate::time::UnixMillis;

impl Dispute {
    /// The deadline of its present status, as `deadlines` say.
    #[must_use]
    pub fn deadline_under(&self, deadlines: &Deadlines) -> Option<Deadline> {
        deadlines.of(&self.into(), self.state_since, &self.time_left)
    }

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

    /// Whether the status's time is up. No party may then take a step, even before the worker has
    /// ended the status; it may correct details and comment. Always false where nothing happens at
    /// the end.
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

    /// The reminder, as an entry of the history; `parties` is whoever of the bank network has to
    /// act.
    #[must_use]
    pub fn reminded(&self, parties: Option<Recipients>, now: UnixMillis) -> Change {
        let mut dispute = self.without_reminder();
        dispute.version += 1;
        let (version, state) = (dispute.version, dispute.state);
        let event = HistoryEntry { version, at: now, by: clock(), kind: EventKind::Reminded, state, note: None };
        Change { dispute, event, parties }
    }

    /// The dispute, whose deadline is nearer by the milliseconds that passed on its account's test
    /// clock, in the same version. What they bring to its end is due at `now`, so that no sweep
    /// looks late because of them. `moves` is how many moves the clock has.
    #[must_use]
    pub fn with_time_passed(&self, passed_ms: i64, moves: u32, now: UnixMillis) -> Self {
        let nearer = |at: UnixMillis| at.nearer(passed_ms, now);
        let deadline = self.deadline.map(|deadline| Deadline {
            ends_at: nearer(deadline.ends_at),
            remind_at: deadline.remind_at.map(nearer),
            ..deadline
        });
        Self { deadline, clock_moves: moves, ..self.clone() }
    }

    /// The dispute without its reminder, in the same version. Where there is nobody to remind, this
    /// is all that changes, and the history says nothing.
    #[must_use]
    pub fn without_reminder(&self) -> Self {
        Self { deadline: self.deadline.map(|deadline| Deadline { remind_at: None, ..deadline }), ..self.clone() }
    }
}

fn clock() -> PerformedBy {
    PerformedBy { actor: Actor::Clock, name: "deadline".to_owned() }
}
