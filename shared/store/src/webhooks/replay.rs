//! Having deliveries sent once more, also by a request that may itself be sent again.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use recourse_dispute::time::UnixMillis;
use serde::{Deserialize, Serialize};

use super::claim::UpdateDeliveryOutcome;
use super::delivery::{DELIVERY_DAYS, DUE, Delivery, DeliveryId, DeliveryState, REPLAYED_AT, WAITING};
use crate::error::StoreError;
use crate::items::{Item, body, item, text, value};
use crate::retention::EXPIRES_AT;
use crate::{Store, keys};

/// The attribute in which a delivery names the request that had it sent once more.
const REPLAYED_BY: &str = "replayed_by";
/// For how long a request for a replay is known, in seconds: longer than any delivery that it could
/// have sent once more.
const KNOWN_SECONDS: i64 = (DELIVERY_DAYS + 1) * 24 * 60 * 60;

/// A request for a replay, as it first came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayRequest {
    /// A digest of what it asks for; the same request does not ask for something else later.
    pub fingerprint: String,
    /// When it first came.
    pub requested_at: UnixMillis,
}

impl Store {
    /// Notes a request for a replay by its digest, and returns it as it first came: as it is now,
    /// where it comes for the first time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_replay(&self, request: &str, now: ReplayRequest) -> Result<ReplayRequest, StoreError> {
        let mut stored = item(&keys::replay(request), "replay", &now)?;
        stored.insert(EXPIRES_AT.to_owned(), value(now.requested_at.seconds().saturating_add(KNOWN_SECONDS))?);
        let sent = self
            .client
            .put_item()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(stored))
            .condition_expression("attribute_not_exists(PK)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = sent else { return Ok(now) };
        match error.as_service_error() {
            // Also where it is of this very write, whose answer was lost.
            Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                let missing = || StoreError::invariant("a request for a replay is there and cannot be read", request);
                body(refused.item().cloned().ok_or_else(missing)?)
            }
            _ => Err(StoreError::from_sdk("PutItem", &error)),
        }
    }

    /// Has a delivery that is over sent once more, under a new schedule and with the same id. One
    /// that still waits is left as it is.
    ///
    /// The delivery stores `now`, so the same call made again, after an answer that was lost, is
    /// the same replay. Returns whether the delivery waits, or was sent, because of this replay or
    /// of a later one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replay_delivery(&self, id: &DeliveryId, now: UnixMillis) -> Result<bool, StoreError> {
        let since = format!("attribute_not_exists({REPLAYED_AT}) OR {REPLAYED_AT} < :now");
        match self.replay(id, "", &since, Item::new(), now).await? {
            UpdateDeliveryOutcome::Written => Ok(true),
            UpdateDeliveryOutcome::Refused(existing) => {
                let existing = existing.map(body::<Delivery>).transpose()?;
                Ok(existing.and_then(|existing| existing.replayed_at).is_some_and(|at| at >= now))
            }
        }
    }

    /// As [`Self::replay_delivery`], for the request of this digest that first came at
    /// `requested_at`. What it had sent once more already is left as it is, whatever became of
    /// that, and so is what another request had sent once more since. Returns whether this request
    /// was the last to have it sent once more, now or before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replay_delivery_for(
        &self,
        id: &DeliveryId,
        (request, requested_at): (&str, UnixMillis),
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let by = format!(", {REPLAYED_BY} = :request");
        let since = format!(
            "(attribute_not_exists({REPLAYED_BY}) OR {REPLAYED_BY} <> :request) AND \
             (attribute_not_exists({REPLAYED_AT}) OR {REPLAYED_AT} < :requested)"
        );
        let values =
            Item::from([(":request".to_owned(), value(request)?), (":requested".to_owned(), value(requested_at)?)]);
        match self.replay(id, &by, &since, values, now).await? {
            UpdateDeliveryOutcome::Written => Ok(true),
            UpdateDeliveryOutcome::Refused(existing) => {
                Ok(existing.is_some_and(|existing| text(&existing, REPLAYED_BY) == Some(request)))
            }
        }
    }

    /// Has a delivery that is over wait again, where `condition` holds, too. `and_set` is empty, or
    /// `, ` and an assignment; `values` are what the two name.
    async fn replay(
        &self,
        id: &DeliveryId,
        and_set: &str,
        condition: &str,
        mut values: Item,
        now: UnixMillis,
    ) -> Result<UpdateDeliveryOutcome, StoreError> {
        let update = format!(
            "SET delivery_state = :pending, tries = :zero, {WAITING} = :endpoint, {DUE} = :now, \
             {REPLAYED_AT} = :now{and_set} REMOVE behind, held"
        );
        values.extend([
            (":pending".to_owned(), value(DeliveryState::Pending)?),
            (":delivered".to_owned(), value(DeliveryState::Delivered)?),
            (":dead".to_owned(), value(DeliveryState::Dead)?),
            (":endpoint".to_owned(), value(&id.endpoint)?),
            (":zero".to_owned(), value(0)?),
            (":now".to_owned(), value(now)?),
        ]);
        let condition = format!("delivery_state IN (:delivered, :dead) AND ({condition})");
        self.update_delivery(id, update, condition, values).await
    }
}
