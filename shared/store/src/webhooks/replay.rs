//! Having a delivery sent once more by a request that may itself be sent again.

use recourse_dispute::time::UnixMillis;

use super::claim::UpdateDeliveryOutcome;
use super::delivery::{DUE, DeliveryId, DeliveryState, REPLAYED_AT, WAITING};
use crate::Store;
use crate::error::StoreError;
use crate::items::{Item, text, value};

/// The attribute in which a delivery names the request that had it sent once more.
const REPLAYED_BY: &str = "replayed_by";

impl Store {
    /// As [`Self::replay_delivery`], for the request that `request` names: what it had sent once
    /// more already is left as it is, whatever became of that. Returns whether this request had it
    /// sent once more, now or before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replay_delivery_for(
        &self,
        id: &DeliveryId,
        request: &str,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let update = format!(
            "SET delivery_state = :pending, tries = :zero, {WAITING} = :endpoint, {DUE} = :now, {REPLAYED_AT} = :now, \
             {REPLAYED_BY} = :request REMOVE behind"
        );
        let condition = format!(
            "delivery_state IN (:delivered, :dead) AND \
             (attribute_not_exists({REPLAYED_BY}) OR {REPLAYED_BY} <> :request)"
        );
        let values = Item::from([
            (":pending".to_owned(), value(DeliveryState::Pending)?),
            (":delivered".to_owned(), value(DeliveryState::Delivered)?),
            (":dead".to_owned(), value(DeliveryState::Dead)?),
            (":endpoint".to_owned(), value(&id.endpoint)?),
            (":request".to_owned(), value(request)?),
            (":zero".to_owned(), value(0)?),
            (":now".to_owned(), value(now)?),
        ]);
        match self.update_delivery(id, update, condition, values).await? {
            UpdateDeliveryOutcome::Written => Ok(true),
            UpdateDeliveryOutcome::Refused(existing) => {
                Ok(existing.is_some_and(|existing| text(&existing, REPLAYED_BY) == Some(request)))
            }
        }
    }
}
