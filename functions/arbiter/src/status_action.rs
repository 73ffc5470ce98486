//! The actions of a caller on a dispute, and doing them (Arbiter contract, `statusActions` and `PUT
//! /disputes/{logCode}`; all actions but `COMMENT` are Recourse-specific).

use recourse_dispute::dispute::{Change, Dispute};
use recourse_dispute::event::{EventKind, HistoryEntry};
use recourse_dispute::lifecycle::{Action, Actor, State};
use recourse_dispute::time::UnixMillis;
use recourse_edge::FieldErrors;
use recourse_store::DisputeRecord;

use crate::log::{comment, read_body};
use crate::{ApiError, Caller};

/// How often a party may say something in one dispute and do nothing else. The whole journal is in
/// every answer, so what one party writes must not make it too large for the other.
const MAX_COMMENTS: usize = 100;

/// What a caller can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// Take the dispute to another status.
    Transition(Action),
    /// Say something.
    Comment,
}

/// All actions, each under its name: that of the status which it leads to, except `WITHDRAW`, which
/// leads to Declined, too.
const ALL: [(&str, ActionKind); 8] = [
    ("ACCEPT", ActionKind::Transition(Action::Accept)),
    ("DECLINE", ActionKind::Transition(Action::Decline)),
    ("WITHDRAW", ActionKind::Transition(Action::Withdraw)),
    ("REPRESENTMENT", ActionKind::Transition(Action::Represent)),
    ("PRE_ARBITRATION", ActionKind::Transition(Action::PreArbitrate)),
    ("PRE_ARBITRATION_II", ActionKind::Transition(Action::PreArbitrateAgain)),
    ("ARBITRATION", ActionKind::Transition(Action::Arbitrate)),
    ("COMMENT", ActionKind::Comment),
];

/// Something that a caller may do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusAction {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it is.
    pub kind: ActionKind,
    /// The role in which the caller does it.
    pub actor: Actor,
}

impl StatusAction {
    /// The fields that it cannot do without: all but giving in have to be explained.
    #[must_use]
    pub fn required(&self) -> &'static [&'static str] {
        match self.kind {
            ActionKind::Transition(Action::Accept | Action::Withdraw) => &[],
            ActionKind::Transition(_) | ActionKind::Comment => &["comment"],
        }
    }

    /// The change that the action makes, without its mails. `None` where the state of the dispute
    /// does not allow it.
    #[must_use]
    pub fn apply(&self, before: &Dispute, caller: &Caller, note: Option<String>, now: UnixMillis) -> Option<Change> {
        let by = caller.by(self.actor);
        match self.kind {
            ActionKind::Transition(action) => {
                let state = before.step(self.actor, action, now).ok()?;
                Some(before.moved(action, state, by, note, now))
            }
            ActionKind::Comment => {
                let mut dispute = before.clone();
                dispute.version += 1;
                let (version, state) = (dispute.version, dispute.state);
                let event = HistoryEntry { version, at: now, by, kind: EventKind::Commented, state, note };
                Some(Change { dispute, event, parties: None })
            }
        }
    }
}

/// The actions that a caller has on a dispute now, in any of its roles. A closed dispute has no
/// actions. Once the time of its status is up, a dispute cannot be moved.
pub(crate) fn available_actions(record: &DisputeRecord, caller: &Caller, now: UnixMillis) -> Vec<StatusAction> {
    let dispute = &record.dispute;
    let State::Live(_) = dispute.state else { return Vec::new() };
    let roles = caller.roles(&dispute.facts);
    let may = |(name, kind): (&'static str, ActionKind)| {
        let fits = |actor: &&Actor| match kind {
            ActionKind::Transition(action) => dispute.step(**actor, action, now).is_ok(),
            ActionKind::Comment => comments(record, caller) < MAX_COMMENTS,
        };
        roles.iter().find(fits).map(|actor| StatusAction { name, kind, actor: *actor })
    };
    ALL.into_iter().filter_map(may).collect()
}

/// How often the caller's domain has said something and done nothing else.
fn comments(record: &DisputeRecord, caller: &Caller) -> usize {
    let own = |event: &&HistoryEntry| event.kind == EventKind::Commented && caller.is_of_same_domain(&event.by.name);
    record.events.iter().filter(own).count()
}

/// Why an action of this name is not among what a caller may do.
fn why_not(name: &str, record: &DisputeRecord, caller: &Caller) -> String {
    let known = ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    match known {
        None => format!("must be one of {}.", ALL.map(|(name, _)| name).join(", ")),
        Some(ActionKind::Comment) if comments(record, caller) >= MAX_COMMENTS => {
            format!("has been done {MAX_COMMENTS} times by your domain, and may not be more often.")
        }
        Some(ActionKind::Comment | ActionKind::Transition(_)) => {
            "is not allowed now: see the dispute's statusActions.".to_owned()
        }
    }
}

/// Reads what a caller wants to do, and finds it among what it may do at `now`.
///
/// # Errors
/// [`ApiError::Invalid`].
pub fn find(
    body: &[u8],
    record: &DisputeRecord,
    caller: &Caller,
    now: UnixMillis,
) -> Result<(StatusAction, Option<String>), ApiError> {
    let fields = read_body(body)?;
    let mut errors = FieldErrors::default();
    let name = errors.check(fields.get("action").required(str::parse::<String>));
    let note = errors.check_sent(fields.get("comment").parsed(comment));
    let name = name.map(|name| name.to_ascii_uppercase().replace(' ', "_"));
    let status_action = name.and_then(|name| {
        let status_action =
            available_actions(record, caller, now).into_iter().find(|status_action| status_action.name == name);
        if status_action.is_none() {
            errors.add("action", why_not(&name, record, caller));
        }
        status_action
    });
    if status_action.is_some_and(|status_action| status_action.required().contains(&"comment"))
        && note.is_none()
        && errors.is_empty()
    {
        errors.add("comment", "is required for this action.");
    }
    match status_action {
        Some(status_action) if errors.is_empty() => Ok((status_action, note)),
        _ => Err(ApiError::Invalid(errors)),
    }
}

#[cfg(test)]
mod tests;
