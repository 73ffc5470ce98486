//! What happened to a dispute: the entries of its history.

use serde::{Deserialize, Serialize};

use crate::lifecycle::{Action, Actor, State};
use crate::time::UnixMillis;

/// Who did something, as the history names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerformedBy {
    /// In which role.
    pub actor: Actor,
    /// Under which name: a key id, a user, an operator.
    pub name: String,
}

/// What an entry of the history is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The dispute was created.
    Opened,
    /// Somebody took an action of the lifecycle.
    Did(Action),
    /// A party said something and did nothing else.
    Commented,
    /// The party that has to act was reminded of the deadline.
    Reminded,
    /// Evidence for the claim came by mail.
    Attached,
}

/// One entry of a dispute's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// The version of the dispute that it led to, which is its place in the history.
    pub version: u64,
    /// When.
    pub at: UnixMillis,
    /// Who.
    pub by: PerformedBy,
    /// What.
    pub kind: EventKind,
    /// The state of the dispute after it.
    pub state: State,
    /// Why, in the words of who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
