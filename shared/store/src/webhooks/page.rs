//! Reading the deliveries to an endpoint page by page.

use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;

use super::delivery::{Delivery, DeliveryId};
use crate::error::StoreError;
use crate::items::body;
use crate::{Store, keys};

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
        if after.is_some_and(|after| after.created_at < from) {
            return Ok(DeliveryPage::default());
        }
        // The endpoint is the caller's, whatever `after` names.
        let start = after.map(|after| keys::delivery(endpoint, after.created_at, &after.event).attributes());
        let (page, last) = self.deliveries_between(endpoint, (from, to), start, Some(most)).await?;
        let deliveries = page.into_iter().map(body).collect::<Result<_, _>>()?;
        Ok(DeliveryPage { deliveries, next: last.as_ref().and_then(DeliveryId::of_item) })
    }
}
