//! Due disputes: those whose status ends now, or whose reminder goes out.
//!
//! A sparse, sharded index has each dispute under the time of its next reminder or end. The write
//! that changes a dispute changes its place in the index. The index only says where to look: the
//! worker reads the dispute itself and decides what is due.

use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;

use crate::error::StoreError;
use crate::items::{Item, text, value};
use crate::transact::{TransactOutcome, TransactionBuilder, WriteItem};
use crate::{Store, WriteToken, keys};

/// How many partitions of the index disputes are spread over: a throttled index would throttle the
/// writes to the table.
const SHARDS: u64 = 8;
/// The name of the index.
const INDEX: &str = "deadlines";

/// Puts a dispute's item into the index, if there is anything to do about it at some time.
pub(crate) fn mark(stored: &mut Item, dispute: &Dispute) -> Result<(), StoreError> {
    let due = dispute.deadline.filter(|_| dispute.state.is_open()).and_then(|deadline| deadline.due());
    if let Some(due) = due {
        stored.insert("deadline_shard".to_owned(), value((dispute.number.get() % SHARDS).to_string())?);
        stored.insert("deadline_due".to_owned(), value(due)?);
    }
    Ok(())
}

/// A dispute in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// Which dispute.
    pub number: DisputeNumber,
    /// When its reminder or its end became due.
    pub since: UnixMillis,
}

/// A cursor over all that was due at one time, a page of each shard after the other. It names each
/// dispute once, so that a dispute that fails does not hold up the others.
#[derive(Debug)]
pub struct Cursor {
    until: UnixMillis,
    /// The shards that are not at their end, each with the key after which it goes on.
    shards: Vec<(u64, Option<Item>)>,
}

impl Cursor {
    /// A cursor over the disputes that are due at `now`.
    #[must_use]
    pub fn over(now: UnixMillis) -> Self {
        Self { until: now, shards: (0..SHARDS).map(|shard| (shard, None)).collect() }
    }

    /// Whether it has reached the end of every shard.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.shards.is_empty()
    }
}

impl Overdue {
    fn of(mut item: Item) -> Option<Self> {
        let number = keys::number_of(text(&item, keys::PK)?)?;
        let since = serde_dynamo::from_attribute_value(item.remove("deadline_due")?).ok()?;
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
        let (mut overdue, mut shards) = (Vec::new(), Vec::new());
        for (shard, from) in &cursor.shards {
            let condition = "deadline_shard = :shard AND deadline_due <= :until";
            let values = Item::from([
                (":shard".to_owned(), value(shard.to_string())?),
                (":until".to_owned(), value(cursor.until)?),
            ]);
            let (items, next) = self.query_index(INDEX, condition, values, most, from.clone()).await?;
            overdue.extend(items.into_iter().filter_map(Overdue::of));
            shards.extend(next.map(|key| (*shard, Some(key))));
        }
        cursor.shards = shards;
        Ok(overdue)
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
