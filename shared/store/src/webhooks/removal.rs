//! Ending what waits at an endpoint that was removed.

use futures_util::stream::{self, StreamExt, TryStreamExt};
use recourse_dispute::webhook::WebhookId;

use super::claim::UpdateDeliveryOutcome;
use super::delivery::{DUE, DeliveryId, DeliveryState, WAITING};
use super::list::INDEX;
use crate::Store;
use crate::claim::CLAIMED_BY;
use crate::error::{StoreError, sdk};
use crate::items::{Item, value};

/// How many deliveries one read gets.
const PAGE: i32 = 200;
/// How many are ended at a time.
const AT_A_TIME: usize = 16;

impl Store {
    /// Gives up every delivery that waits at an endpoint, also one that is being made: how that
    /// attempt ends is not stored any more. Returns how many it gave up. Where it fails half way,
    /// the next call goes on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn give_up_deliveries(&self, endpoint: &WebhookId) -> Result<usize, StoreError> {
        let (mut ended, mut from) = (0, None);
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.tables.ephemeral)
                .index_name(INDEX)
                .key_condition_expression(format!("{WAITING} = :endpoint"))
                .set_expression_attribute_values(Some(Item::from([(":endpoint".to_owned(), value(endpoint)?)])))
                .set_exclusive_start_key(from)
                .limit(PAGE);
            let page = Box::pin(query.send()).await.map_err(sdk("Query"))?;
            let waiting: Vec<DeliveryId> =
                page.items.unwrap_or_default().iter().filter_map(DeliveryId::of_item).collect();
            let given_up = stream::iter(waiting).map(|id| self.give_up_delivery(id)).buffer_unordered(AT_A_TIME);
            let given_up = Box::pin(given_up.try_collect::<Vec<bool>>()).await?;
            ended += given_up.into_iter().filter(|is_new| *is_new).count();
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(ended);
            }
        }
    }

    /// Gives up a delivery that waits. Returns whether it waited.
    async fn give_up_delivery(&self, id: DeliveryId) -> Result<bool, StoreError> {
        let update = format!("SET delivery_state = :dead REMOVE {CLAIMED_BY}, {WAITING}, {DUE}");
        let condition = "delivery_state IN (:pending, :sending)".to_owned();
        let values = Item::from([
            (":dead".to_owned(), value(DeliveryState::Dead)?),
            (":pending".to_owned(), value(DeliveryState::Pending)?),
            (":sending".to_owned(), value(DeliveryState::Sending)?),
        ]);
        let updated = self.update_delivery(&id, update, condition, values).await?;
        Ok(matches!(updated, UpdateDeliveryOutcome::Written))
    }
}
