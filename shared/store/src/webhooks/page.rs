//! Reading the deliveries to an endpoint page by page.

use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;

use super::delivery::{Delivery, DeliveryId};
use crate::Store;
use crate::error::{StoreError, sdk};
use crate::items::{Item, body, text, value};
use crate::keys::{self, PK, SK};

/// Deliveries of an endpoint, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryPage {
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
    /// The last one of them, where there may be more.
    pub next: Option<DeliveryId>,
}

impl Store {
    /// At most `most` deliveries to an endpoint that were made from `from` to `to`, both included,
    /// the newest first. With `after`, those that were made before that one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delivery_page(
        &self,
        endpoint: &WebhookId,
        (from, to): (UnixMillis, UnixMillis),
        after: Option<&DeliveryId>,
        most: i32,
    ) -> Result<DeliveryPage, StoreError> {
        // DynamoDB refuses to begin outside of the range.
        let after = after.filter(|after| after.created_at <= to);
        if from > to || after.is_some_and(|after| after.created_at < from) {
            return Ok(DeliveryPage::default());
        }
        let values = Item::from([
            (":pk".to_owned(), value(keys::delivery(endpoint, from, "").pk)?),
            (":from".to_owned(), value(keys::at_date(from))?),
            (":to".to_owned(), value(keys::at_date(to.plus(1)))?),
        ]);
        let start = after.map(|after| keys::delivery(endpoint, after.created_at, &after.event).attributes());
        let query = self
            .client
            .query()
            .table_name(&self.tables.ephemeral)
            .consistent_read(true)
            .scan_index_forward(false)
            .key_condition_expression("PK = :pk AND SK BETWEEN :from AND :to")
            .set_expression_attribute_values(Some(values))
            .set_exclusive_start_key(start)
            .limit(most);
        let page = Box::pin(query.send()).await.map_err(sdk("Query"))?;
        let deliveries = page.items.unwrap_or_default().into_iter().map(body).collect::<Result<_, _>>()?;
        let next = page.last_evaluated_key.and_then(|last| DeliveryId::from_key(text(&last, PK)?, text(&last, SK)?));
        Ok(DeliveryPage { deliveries, next })
    }
}
