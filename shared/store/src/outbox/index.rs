//! Where mails that are not sent are found: by when they are due, and by when they were promised.
//!
//! A mail's place in the first index is the time of its next try, which says nothing of its promise. So it stands in a second one, by that: the first of
//! each shard is the oldest.

use recourse_dispute::time::UnixMillis;

use super::{MailId, MailState};
use crate::error::{StoreError, sdk};
use crate::items::{Item, text, value};
use crate::{Store, keys};

/// Over how many partitions of an index unsent mails are spread: a throttled index would hold up the table's own writes.
const SHARDS: u64 = 8;
/// The index by the next try.
const DUE: &str = "outbox";
/// The index by the promise.
const UNSENT: &str = "unsent";

/// A mail in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which mail.
    pub id: MailId,
    /// When it is due; of one that is given up or held back, when it ended.
    pub due: UnixMillis,
}

impl Store {
    /// Mails that are due, at most `most` of each shard, by the index: it may name one that is done by now, which a claim then refuses.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn due(&self, now: UnixMillis, most: i32) -> Result<Vec<Waiting>, StoreError> {
        self.indexed(MailState::Pending, now, most).await
    }

    /// Mails of a state by the index, oldest first within each shard and at most `most` of each, up to a time. Of [`MailState::Pending`] are those
    /// that are being sent, too; of [`MailState::Sent`] there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn indexed(&self, state: MailState, until: UnixMillis, most: i32) -> Result<Vec<Waiting>, StoreError> {
        let mut found = Vec::new();
        for place in 0..SHARDS {
            let page = self
                .client
                .query()
                .table_name(&self.tables.disputes)
                .index_name(DUE)
                .key_condition_expression("outbox_shard = :shard AND outbox_due <= :until")
                .expression_attribute_values(":shard", value(shard_at(state, place))?)
                .expression_attribute_values(":until", value(until)?)
                .limit(most)
                .send()
                .await
                .map_err(sdk("Query"))?;
            found.extend(page.items.unwrap_or_default().into_iter().filter_map(Waiting::of));
        }
        Ok(found)
    }

    /// When the oldest mail was promised that waits to be sent, by the index; `None` where none waits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn oldest_unsent(&self) -> Result<Option<UnixMillis>, StoreError> {
        let mut oldest: Option<UnixMillis> = None;
        for place in 0..SHARDS {
            let page = self
                .client
                .query()
                .table_name(&self.tables.disputes)
                .index_name(UNSENT)
                .key_condition_expression("outbox_shard = :shard")
                .expression_attribute_values(":shard", value(shard_at(MailState::Pending, place))?)
                .limit(1)
                .send()
                .await
                .map_err(sdk("Query"))?;
            let enqueued = page.items.unwrap_or_default().into_iter().find_map(|mut item| item.remove("enqueued_at"));
            let enqueued = enqueued.map(serde_dynamo::from_attribute_value).transpose()?;
            oldest = [oldest, enqueued].into_iter().flatten().min();
        }
        Ok(oldest)
    }
}

impl Waiting {
    fn of(mut item: Item) -> Option<Self> {
        let id = MailId::from_key(text(&item, keys::PK)?, text(&item, keys::SK)?)?;
        let due = serde_dynamo::from_attribute_value(item.remove("outbox_due")?).ok()?;
        Some(Self { id, due })
    }
}

/// The index's partition in which a mail of this state stands.
pub(super) fn shard(state: MailState, id: MailId) -> String {
    shard_at(state, id.number.get() % SHARDS)
}

fn shard_at(state: MailState, place: u64) -> String {
    match state {
        MailState::Pending | MailState::Sending | MailState::Sent => place.to_string(),
        MailState::Held => format!("held-{place}"),
        MailState::Dead => format!("dead-{place}"),
    }
}
