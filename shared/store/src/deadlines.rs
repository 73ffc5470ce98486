//! Due disputes: those whose status ends now, or whose reminder goes out.
//!
//! A sparse, sharded index has each dispute under the time of its next reminder or end. The write
//! that changes a dispute changes its place in the index. The index only says where to look: the
//! worker reads the dispute itself and decides what is due.
//!
//! Support cases are in the same index, in partitions of their own: unresolved cases under the time
//! of their next step, resolved ones under the time of their resolution. So neither kind of work
//! holds up the other.
//!
//! Closed disputes are in it as well, in partitions that say what is stored of their cases, under
//! the time at which they closed: see [`KeptData`].

mod kept;

use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;

use crate::error::StoreError;
use crate::items::{Item, text, value};
use crate::query::Order;
use crate::transact::{TransactOutcome, TransactionBuilder, WriteItem};
use crate::{Store, WriteToken, keys};

pub(crate) use kept::KeptData;

/// How many partitions of the index disputes are spread over: a throttled index would throttle the
/// writes to the table.
const SHARDS: u64 = 8;
/// The attributes by which an item is in the index.
pub(crate) const SHARD: &str = "deadline_shard";
pub(crate) const DUE: &str = "deadline_due";
/// The name of the index.
pub(crate) const INDEX: &str = "deadlines";
/// What the names of the partitions with disputes begin with.
pub(crate) const DISPUTES: &str = "";
/// What the names of the partitions with support cases begin with that are due at some time.
pub(crate) const SUPPORT: &str = "support-";
/// What the names of the partitions with resolved support cases begin with.
pub(crate) const RESOLVED: &str = "resolved-";

/// The partitions whose names begin with `prefix`.
pub(crate) fn partitions(prefix: &str) -> impl Iterator<Item = String> {
    (0..SHARDS).map(move |shard| format!("{prefix}{shard}"))
}

/// Puts an item of a dispute into the index, under `prefix`.
pub(crate) fn enter(stored: &mut Item, prefix: &str, number: DisputeNumber, due: UnixMillis) -> Result<(), StoreError> {
    stored.insert(SHARD.to_owned(), value(format!("{prefix}{}", number.get() % SHARDS))?);
    stored.insert(DUE.to_owned(), value(due)?);
    Ok(())
}

/// When there is something to do about a dispute; `None` where there never is.
pub(crate) fn due(dispute: &Dispute) -> Option<UnixMillis> {
    dispute.deadline.filter(|_| dispute.state.is_open()).and_then(|deadline| deadline.due())
}

/// Puts a dispute's item into the index, if there is anything to do about it at some time. Whatever
/// was erased of a closed one, it is looked at again after a change.
pub(crate) fn mark(stored: &mut Item, dispute: &Dispute) -> Result<(), StoreError> {
    if !dispute.state.is_open() {
        return KeptData::ALL.enter(stored, dispute.number, dispute.state_since);
    }
    due(dispute).map_or(Ok(()), |due| enter(stored, DISPUTES, dispute.number, due))
}

/// Takes an item out of the index.
pub(crate) fn leave(stored: &mut Item) {
    stored.remove(SHARD);
    stored.remove(DUE);
}

/// A dispute in the index, or a support case by the number of its dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// Which dispute.
    pub number: DisputeNumber,
    /// When its reminder or its end became due.
    pub since: UnixMillis,
}

/// A cursor over all that was due at one time, a page of each partition after the other. It names
/// each dispute once, so that a dispute that fails does not hold up the others.
#[derive(Debug)]
pub struct Cursor {
    until: UnixMillis,
    /// The partitions that are not at their end, each with the key after which it goes on.
    partitions: Vec<(String, Option<Item>)>,
}

impl Cursor {
    /// A cursor over the disputes that are due at `now`.
    #[must_use]
    pub fn over(now: UnixMillis) -> Self {
        Self::of(DISPUTES, now)
    }

    /// A cursor over the support cases that are due at `now`.
    #[must_use]
    pub fn support(now: UnixMillis) -> Self {
        Self::of(SUPPORT, now)
    }

    fn of(prefix: &str, until: UnixMillis) -> Self {
        Self { until, partitions: partitions(prefix).map(|partition| (partition, None)).collect() }
    }

    /// Whether it has reached the end of every shard.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.partitions.is_empty()
    }
}

impl Overdue {
    pub(crate) fn of(mut item: Item) -> Option<Self> {
        let number = keys::number_of(text(&item, keys::PK)?)?;
        let since = serde_dynamo::from_attribute_value(item.remove(DUE)?).ok()?;
        Some(Self { number, since })
    }
}

/// The result of dropping a reminder that has no recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReminderOutcome {
    /// It is not due any more.
    Dropped,
    /// The dispute was changed meanwhile: nothing is written.
    VersionConflict,
}

impl Store {
    /// The next disputes of a cursor, at most `most` of each shard, the longest due first. Another
    /// worker may have processed a dispute that the index still names.
    ///
    /// # Errors
    /// [`StoreError`]; the cursor is then where it was.
    pub async fn overdue(&self, cursor: &mut Cursor, most: i32) -> Result<Vec<Overdue>, StoreError> {
        let (mut overdue, mut partitions) = (Vec::new(), Vec::new());
        for (partition, from) in &cursor.partitions {
            let (items, next) = self.due_until(partition, cursor.until, most, from.clone()).await?;
            overdue.extend(items.into_iter().filter_map(Overdue::of));
            partitions.extend(next.map(|key| (partition.clone(), Some(key))));
        }
        cursor.partitions = partitions;
        Ok(overdue)
    }

    /// At most `most` entries of a partition that are due at `until`, the longest due first, and
    /// where the next ones begin.
    pub(crate) async fn due_until(
        &self,
        partition: &str,
        until: UnixMillis,
        most: i32,
        from: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let condition = "deadline_shard = :shard AND deadline_due <= :until";
        let values = Item::from([(":shard".to_owned(), value(partition)?), (":until".to_owned(), value(until)?)]);
        self.query_index(INDEX, condition, values, most, from, Order::OldestFirst).await
    }

    /// Drops a dispute's reminder if there is nobody to remind. The dispute's version and history
    /// stay, so a client's change at the same time succeeds. That change may bring the reminder
    /// back, and the next sweep drops it again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn drop_reminder(&self, before: &Dispute, token: &WriteToken) -> Result<DropReminderOutcome, StoreError> {
        let mut builder = TransactionBuilder::default();
        let version = Item::from([(":version".to_owned(), value(before.version)?)]);
        let after = self.dispute_item(&before.without_reminder(), token)?;
        builder.put(self, WriteItem::Dispute, after, "version = :version", version)?;
        match self.transact(token, builder).await? {
            TransactOutcome::Done => Ok(DropReminderOutcome::Dropped),
            TransactOutcome::Refused(_) => Ok(DropReminderOutcome::VersionConflict),
        }
    }
}
