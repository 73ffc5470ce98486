//! How long the oldest mail has been waiting that is neither sent nor given up nor held back.
//!
//! A mail's place in the outbox's index is the time of its next try, which says nothing of its promise. So it stands in a second one, by that: the
//! first of each shard is the oldest.

use recourse_dispute::time::UnixMillis;

use crate::Store;
use crate::error::StoreError;
use crate::items::value;
use crate::outbox::{MailState, SHARDS, shard_at};

/// The name of the index.
const INDEX: &str = "unsent";

impl Store {
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
                .index_name(INDEX)
                .key_condition_expression("outbox_shard = :shard")
                .expression_attribute_values(":shard", value(shard_at(MailState::Pending, place))?)
                .limit(1)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("Query", &error))?;
            let promised = page.items.unwrap_or_default().into_iter().find_map(|mut item| item.remove("promised_at"));
            let promised = promised.map(serde_dynamo::from_attribute_value).transpose()?;
            oldest = [oldest, promised].into_iter().flatten().min();
        }
        Ok(oldest)
    }
}
