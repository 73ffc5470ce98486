//! What is due: disputes whose status ends, or whose reminder goes out, by the time of it.
//!
//! A dispute stands in a sparse, sharded index by what is due of it next; the write that changes the dispute changes its place there. The index
//! only says where to look: what is due is decided on the dispute itself.

use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;

use crate::error::StoreError;
use crate::items::{Item, text, value};
use crate::transact::{Ran, Step, Steps};
use crate::{AttemptId, Store, keys};

/// Over how many partitions of the index disputes are spread: a throttled index would hold up the table's own writes.
const SHARDS: u64 = 8;
/// The name of the index.
const INDEX: &str = "deadlines";

/// Puts a dispute's item into the index, if there is anything to do about it at some time.
pub(crate) fn mark(stored: &mut Item, dispute: &Dispute) -> Result<(), StoreError> {
    let due = dispute.deadline.filter(|_| dispute.state.holds_guard()).and_then(|deadline| deadline.due());
    if let Some(due) = due {
        stored.insert("deadline_shard".to_owned(), value((dispute.number.get() % SHARDS).to_string())?);
        stored.insert("deadline_due".to_owned(), value(due)?);
    }
    Ok(())
}

/// What became of a reminder that nobody gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// It is not due any more.
    Dropped,
    /// The dispute was changed meanwhile: nothing is written.
    Overtaken,
}

impl Store {
    /// Disputes of which something is due, at most `most` of each shard, the longest due first. The index may name one that is done by now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn overdue(&self, now: UnixMillis, most: i32) -> Result<Vec<DisputeNumber>, StoreError> {
        let mut overdue = Vec::new();
        for shard in 0..SHARDS {
            let page = self
                .client
                .query()
                .table_name(&self.tables.disputes)
                .index_name(INDEX)
                .key_condition_expression("deadline_shard = :shard AND deadline_due <= :now")
                .expression_attribute_values(":shard", value(shard.to_string())?)
                .expression_attribute_values(":now", value(now)?)
                .limit(most)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("Query", &error))?;
            let numbers = page.items.unwrap_or_default();
            overdue.extend(numbers.iter().filter_map(|item| keys::number_of(text(item, keys::PK)?)));
        }
        Ok(overdue)
    }

    /// Has a dispute's reminder done with, where there is nobody to remind. That is no change of the dispute: its version and its history stay, and a
    /// client's change that was decided at the same time holds. It brings the reminder back at worst, and then this is done again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn drop_reminder(&self, before: &Dispute, attempt: &AttemptId) -> Result<Dropped, StoreError> {
        let mut steps = Steps::default();
        let version = Item::from([(":version".to_owned(), value(before.version)?)]);
        let after = self.dispute_item(&before.without_reminder(), attempt)?;
        steps.put(self, Step::Dispute, after, "version = :version", version)?;
        match self.transact(attempt, steps).await? {
            Ran::Done => Ok(Dropped::Dropped),
            Ran::Refused(_) => Ok(Dropped::Overtaken),
        }
    }
}
