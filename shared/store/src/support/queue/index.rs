//! Where a case is in the indexes of the queue.
//!
//! The index `queue` has each case under its state and its time, spread over a few partitions. The
//! sparse index `owners` has the unresolved cases that an agent has, under that agent's name. The
//! write that changes a case changes its place.

use recourse_dispute::channel::Channel;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::time::UnixMillis;
use recourse_support::case::{AgentName, Kind, State};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items::{Item, fields};
use crate::support::case::CaseFile;

/// How many partitions the cases of a state are spread over: a throttled index would throttle the
/// writes to the table.
const SHARDS: u64 = 4;
/// The index by state.
pub(super) const QUEUE: &str = "queue";
/// The index by agent.
pub(super) const OWNERS: &str = "owners";

/// The attributes of a case by which the indexes find it.
#[derive(Serialize)]
struct Place<'a> {
    queue_shard: String,
    queue_due: UnixMillis,
    #[serde(flatten)]
    shown: Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_owner: Option<&'a AgentName>,
}

/// What the indexes say of a case besides.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Shown {
    #[serde(default, rename = "queue_kind", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<Kind>,
    #[serde(rename = "queue_channel")]
    pub(super) channel: Channel,
    #[serde(rename = "queue_environment")]
    pub(super) environment: Environment,
}

impl Shown {
    /// What they say of this case and its dispute.
    pub(super) fn of(case: Option<&CaseFile>, dispute: &Dispute) -> Self {
        Self { kind: case.and_then(CaseFile::kind), channel: dispute.channel, environment: dispute.facts.environment }
    }
}

/// Puts a case that is written at `now` into the indexes.
pub(in crate::support) fn enter(
    stored: &mut Item,
    case: &CaseFile,
    dispute: &Dispute,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let Some((state, due)) = case.queued(now) else { return Ok(()) };
    let place = Place {
        queue_shard: partition(state, case.number.get() % SHARDS),
        queue_due: due,
        shown: Shown::of(Some(case), dispute),
        queue_owner: case.agent().filter(|_| state != State::Resolved),
    };
    stored.extend(fields(&place)?);
    Ok(())
}

fn partition(state: State, shard: u64) -> String {
    format!("{}-{shard}", state.name())
}

/// The partitions of a state.
pub(super) fn partitions(state: State) -> Vec<String> {
    (0..SHARDS).map(|shard| partition(state, shard)).collect()
}
