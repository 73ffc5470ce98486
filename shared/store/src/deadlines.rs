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
use crate::{Retention, Store, WriteToken, keys};

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
/// What the names of the partitions with objects begin with that are to be erased.
pub(crate) const OBJECTS: &str = "objects-";

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

/// A dispute in the index, or a case by the number of its dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// Which dispute.
    pub number: DisputeNumber,
    /// When it became due.
    pub since: UnixMillis,
}

/// A cursor over all that was due at one time, a page of each partition after the other. It names
/// each dispute once, so that a dispute that fails does not hold up the others.
#[derive(Debug)]
pub struct Cursor {
    now: UnixMillis,
    /// The partitions that are not at their end.
    partitions: Vec<Partition>,
}

/// A partition that is being read.
#[derive(Debug)]
struct Partition {
    name: String,
    /// Up to which time its entries are due.
    until: UnixMillis,
    /// The key after which it goes on.
    from: Option<Item>,
}

impl Cursor {
    /// A cursor over the disputes that are due at `now`.
    #[must_use]
    pub fn over(now: UnixMillis) -> Self {
        Self::of(now, [(DISPUTES, now)])
    }

    /// A cursor over the support cases that are due at `now`.
    #[must_use]
    pub fn support(now: UnixMillis) -> Self {
        Self::of(now, [(SUPPORT, now)])
    }

    /// A cursor over the closed cases of which something is past its time at `now`: over nothing
    /// where `retention` names nothing of them. A case of which something is erased meanwhile may
    /// be named again.
    #[must_use]
    pub fn closed(now: UnixMillis, retention: Retention) -> Self {
        let until = |kept: KeptData| Some((kept.prefix()?, kept.closed_until(retention, now)?));
        Self::of(now, KeptData::SOME.into_iter().filter_map(until))
    }

    /// A cursor over the objects that are to be erased at `now`, for [`Store::objects_to_erase`].
    #[must_use]
    pub fn objects(now: UnixMillis) -> Self {
        Self::of(now, [(OBJECTS, now)])
    }

    fn of(now: UnixMillis, kinds: impl IntoIterator<Item = (&'static str, UnixMillis)>) -> Self {
        let all = |(prefix, until)| partitions(prefix).map(move |name| Partition { name, until, from: None });
        Self { now, partitions: kinds.into_iter().flat_map(all).collect() }
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
        let overdue = |(item, wait)| {
            let Overdue { number, since } = Overdue::of(item)?;
            Some(Overdue { number, since: since.plus(wait) })
        };
        Ok(self.next_entries(cursor, most).await?.into_iter().filter_map(overdue).collect())
    }

    /// The next entries of a cursor, at most `most` of each partition, and for how many
    /// milliseconds each was in the index before it was due.
    pub(crate) async fn next_entries(&self, cursor: &mut Cursor, most: i32) -> Result<Vec<(Item, i64)>, StoreError> {
        let condition = "deadline_shard = :shard AND deadline_due <= :until";
        let (mut entries, mut left) = (Vec::new(), Vec::new());
        for Partition { name, until, from } in &cursor.partitions {
            let values = Item::from([(":shard".to_owned(), value(name)?), (":until".to_owned(), value(until)?)]);
            let (items, next) =
                self.query_index(INDEX, condition, values, most, from.clone(), Order::OldestFirst).await?;
            let wait = cursor.now.0.saturating_sub(until.0);
            entries.extend(items.into_iter().map(|item| (item, wait)));
            left.extend(next.map(|from| Partition { name: name.clone(), until: *until, from: Some(from) }));
        }
        cursor.partitions = left;
        Ok(entries)
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
