//! How mails that are not sent are found: by when they are due, and by when they were enqueued.
//!
//! The first index sorts mails by the time of their next attempt, not by `enqueued_at`. A second
//! index sorts them by that, so the first mail of each shard is the oldest.

use recourse_dispute::time::UnixMillis;

use super::{MailId, MailState};
use crate::error::StoreError;
use crate::items::{Item, text, value};
use crate::query::Order;
use crate::{Store, keys};

/// How many partitions of an index unsent mails are spread over: a throttled index would throttle
/// the writes to the table.
const SHARDS: u64 = 8;
/// The index by the next attempt.
const DUE: &str = "outbox";
/// The index by the time of enqueueing.
const UNSENT: &str = "unsent";

/// A mail in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which mail.
    pub id: MailId,
    /// When it is due. If it was given up or held back: when that happened.
    pub due: UnixMillis,
}

impl Store {
    /// Mails that are due, at most `most` of each shard. The index may still name a mail that was
    /// sent; a claim then refuses it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn due(&self, now: UnixMillis, most: i32) -> Result<Vec<Waiting>, StoreError> {
        self.indexed(MailState::Pending, now, most).await
    }

    /// Mails of a state up to a time, oldest first within each shard and at most `most` of each.
    /// [`MailState::Pending`] includes mails that are being sent. [`MailState::Sent`] is not in the
    /// index, so its list is empty.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn indexed(&self, state: MailState, until: UnixMillis, most: i32) -> Result<Vec<Waiting>, StoreError> {
        let mut found = Vec::new();
        for place in 0..SHARDS {
            let values = Item::from([
                (":shard".to_owned(), value(shard_at(state, place))?),
                (":until".to_owned(), value(until)?),
            ]);
            let condition = "outbox_shard = :shard AND outbox_due <= :until";
            let page = self.query_index(DUE, condition, values, most, None, Order::OldestFirst);
            found.extend(page.await?.0.into_iter().filter_map(Waiting::of));
        }
        Ok(found)
    }

    /// When the oldest mail that waits to be sent was enqueued; `None` if no mail waits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn oldest_unsent(&self) -> Result<Option<UnixMillis>, StoreError> {
        let mut oldest: Option<UnixMillis> = None;
        for place in 0..SHARDS {
            let values = Item::from([(":shard".to_owned(), value(shard_at(MailState::Pending, place))?)]);
            let page = self.query_index(UNSENT, "outbox_shard = :shard", values, 1, None, Order::OldestFirst);
            let (items, _) = page.await?;
            let enqueued = items.into_iter().find_map(|mut item| item.remove("enqueued_at"));
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

/// The partition of the index for a mail of this state.
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
