//! The queue of the console: cases by their state and time, those of an agent, and live disputes by
//! their next deadline.
//!
//! **Invariant:** an index only says where to look. Each case of a page is read itself, with its
//! dispute and with strong consistency, and is left out where it does not match any more.
//!
//! A page costs the same however many cases there are: a query of each partition, all at once, and
//! one batch. A filter that leaves too few of those entries makes each partition looked at once
//! more, further on, and never beyond a fixed number of entries: a page may then have few cases or
//! none, and still say where the next one begins.

mod index;
mod walk;

use recourse_dispute::channel::Channel;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_support::case::{AgentName, Kind, State};

use super::case::CaseFile;
use crate::error::StoreError;
use crate::items::{Item, body, text};
use crate::keys::ItemKey;
use crate::query::{Order, take};
use crate::{Store, deadlines, keys};

pub(super) use index::enter;
use index::{OWNERS, QUEUE, Shown};
use walk::{Entry, Stretch, Walk};
pub use walk::{InvalidQueueCursor, QueueCursor};

/// The most cases of a page: one batch reads a case and its dispute for each.
const MAX_ROWS: usize = 50;
/// How many entries of a partition are looked at, at most, where a filter leaves some out.
const LOOKED_AT: i32 = 500;
/// How many disputes are read where a filter leaves some out: as many as one batch gets. Their
/// index says nothing of them.
const DISPUTES_READ: usize = 100;

/// Which list of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueView {
    /// The cases in this state, the first to be due first; resolved ones by when they were
    /// resolved, the last one first. [`CaseFile::queue_state`] says which state a case is in.
    State(State),
    /// The unresolved cases that this agent has, the first to be due first.
    Agent(AgentName),
    /// The live disputes that something is due of at some time, by that time.
    Disputes,
}

/// Whose cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueOwner {
    /// Those that no agent has.
    NoAgent,
    /// Those of this agent.
    Agent(AgentName),
}

/// Which cases a page of the queue has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueFilter {
    /// The list.
    pub view: QueueView,
    /// Only those of this API.
    pub channel: Option<Channel>,
    /// Only those of this environment.
    pub environment: Option<Environment>,
    /// Only those about this kind of transaction, as the support process knows it.
    pub kind: Option<Kind>,
    /// Only those with this owner.
    pub owner: Option<QueueOwner>,
}

/// A case of a page.
#[derive(Clone, Debug)]
pub struct QueueRow {
    /// The dispute.
    pub dispute: Dispute,
    /// The case. [`QueueView::Disputes`] does not read it.
    pub case: Option<CaseFile>,
    /// The time by which it is ordered.
    pub due: UnixMillis,
}

/// Some cases, in the order of their list.
#[derive(Clone, Debug, Default)]
pub struct QueuePage {
    /// The cases.
    pub rows: Vec<QueueRow>,
    /// Those that this release cannot read.
    pub unread: Vec<DisputeNumber>,
    /// Where the next ones begin, if there may be any.
    pub next: Option<QueueCursor>,
}

impl QueueFilter {
    /// All of a list.
    #[must_use]
    pub fn of(view: QueueView) -> Self {
        Self { view, channel: None, environment: None, kind: None, owner: None }
    }

    fn is_narrow(&self) -> bool {
        self.channel.is_some() || self.environment.is_some() || self.kind.is_some() || self.owner.is_some()
    }

    /// Whether a case of this kind and owner is one of them, as far as the list is not asked.
    fn takes(&self, shown: Shown, agent: Option<&AgentName>) -> bool {
        let is_owners = self.owner.as_ref().is_none_or(|owner| match owner {
            QueueOwner::NoAgent => agent.is_none(),
            QueueOwner::Agent(name) => agent == Some(name),
        });
        is_owners
            && self.channel.is_none_or(|channel| shown.channel == channel)
            && self.environment.is_none_or(|environment| shown.environment == environment)
            && self.kind.is_none_or(|kind| shown.kind == Some(kind))
    }

    /// Whether to read what an entry names. What cannot be read of an entry leaves nothing out.
    fn may_take(&self, entry: &Entry) -> bool {
        let agent = text(&entry.item, "queue_owner").and_then(|name| AgentName::parse(name).ok());
        let shown = serde_dynamo::from_item::<_, Shown>(entry.item.clone());
        shown.map_or(true, |shown| self.takes(shown, agent.as_ref()))
    }

    /// Whether a case as it is stored is one of them.
    fn takes_row(&self, dispute: &Dispute, case: Option<&CaseFile>) -> bool {
        let state = case.and_then(|case| case.queue_state(dispute));
        let agent = case.and_then(CaseFile::agent);
        let is_listed = match &self.view {
            QueueView::State(wanted) => state == Some(*wanted),
            QueueView::Agent(name) => agent == Some(name) && state != Some(State::Resolved),
            QueueView::Disputes => deadlines::due(dispute).is_some(),
        };
        is_listed && self.takes(Shown::of(case, dispute), agent)
    }

    fn walk(&self) -> Walk {
        let (index, hash, range) = (QUEUE, "queue_shard", "queue_due");
        let key: fn(DisputeNumber) -> ItemKey = keys::support_case;
        match &self.view {
            QueueView::State(state) => {
                let newest = *state == State::Resolved;
                let order = if newest { Order::NewestFirst } else { Order::OldestFirst };
                Walk { index, hash, range, partitions: index::partitions(*state), order, key }
            }
            QueueView::Agent(name) => Walk {
                index: OWNERS,
                hash: "queue_owner",
                range,
                partitions: vec![name.as_str().to_owned()],
                order: Order::OldestFirst,
                key,
            },
            QueueView::Disputes => Walk {
                index: deadlines::INDEX,
                hash: "deadline_shard",
                range: "deadline_due",
                partitions: deadlines::partitions(deadlines::DISPUTES).collect(),
                order: Order::OldestFirst,
                key: keys::dispute,
            },
        }
    }

    /// Whether the index says of an entry which of the filters it passes. That of disputes does
    /// not.
    fn is_in_index(&self) -> bool {
        self.is_narrow() && self.view != QueueView::Disputes
    }

    /// How many entries are read, at most, for a page of `limit`.
    fn read_for(&self, limit: usize) -> usize {
        if self.is_narrow() && !self.is_in_index() { DISPUTES_READ } else { limit }
    }
}

impl Store {
    /// A page of the queue: at most `limit` cases, never more than 50, after a place.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn queue(
        &self,
        filter: &QueueFilter,
        after: Option<QueueCursor>,
        limit: usize,
    ) -> Result<QueuePage, StoreError> {
        let limit = limit.clamp(1, MAX_ROWS);
        let read = filter.read_for(limit);
        // One more than are read, which says whether there is a next page.
        let first = i32::try_from(read + 1).unwrap_or(LOOKED_AT);
        let walk = filter.walk();
        let mut reads = walk.begin(after)?;
        for most in [first, LOOKED_AT.saturating_sub(first)] {
            reads = self.look(&walk, reads, most).await?;
            if filter.is_in_index() {
                reads.iter_mut().for_each(|read| read.entries.retain(|entry| filter.may_take(entry)));
            }
            if walk.is_enough(&reads, read) {
                break;
            }
        }
        let Stretch { mut entries, until: mut next } = walk.join(reads);
        if entries.len() > read {
            entries.truncate(read);
            next = entries.last().map(|entry| entry.at);
        }
        let has_cases = filter.view != QueueView::Disputes;
        let disputes = entries.iter().map(|entry| keys::dispute(entry.at.number));
        let cases = entries.iter().filter(|_| has_cases).map(|entry| keys::support_case(entry.at.number));
        let wanted: Vec<_> = disputes.chain(cases).collect();
        let mut found = self.batch(&wanted).await?;
        let (mut page, mut last) = (QueuePage::default(), after);
        for entry in entries {
            if page.rows.len() == limit {
                next = last;
                break;
            }
            last = Some(entry.at);
            let number = entry.at.number;
            match row(&mut found, entry.at) {
                Ok(Some(row)) if filter.takes_row(&row.dispute, row.case.as_ref()) => page.rows.push(row),
                Ok(_) => {}
                Err(StoreError::Unreadable { .. }) => page.unread.push(number),
                Err(error) => return Err(error),
            }
        }
        page.next = next;
        Ok(page)
    }
}

/// The row of an entry, from what was read.
fn row(found: &mut Vec<Item>, at: QueueCursor) -> Result<Option<QueueRow>, StoreError> {
    let Some(dispute) = take(found, &keys::dispute(at.number)) else { return Ok(None) };
    let case = take(found, &keys::support_case(at.number));
    let (dispute, case) = (body::<Dispute>(dispute)?, case.map(body::<CaseFile>).transpose()?);
    let queued = match &case {
        Some(case) => case.queued(at.due).map(|(_, due)| due),
        None => deadlines::due(&dispute),
    };
    Ok(Some(QueueRow { due: queued.unwrap_or(at.due), dispute, case }))
}
