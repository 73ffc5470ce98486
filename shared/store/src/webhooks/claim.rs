//! Claiming a delivery, and storing how the attempt ended.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use recourse_dispute::time::UnixMillis;

use super::delivery::{DUE, Delivery, DeliveryId, DeliveryState, WAITING};
use crate::error::{StoreError, sdk, updated};
use crate::items::{Item, body, text, value};
use crate::keys::ItemKey;
use crate::{Store, WriteToken};

/// The attribute in which a delivery names the claim that holds it.
const CLAIMED_BY: &str = "claimed_by";

/// A delivery that this worker has claimed, until the lease ends.
#[derive(Clone, Debug)]
pub struct ClaimedDelivery {
    /// The delivery.
    pub delivery: Delivery,
    owner: WriteToken,
}

/// What became of a claim.
#[derive(Clone, Debug)]
pub enum ClaimDeliveryOutcome {
    /// The caller has the claim.
    Claimed(Box<ClaimedDelivery>),
    /// Another worker has it, or it is not due, over, or not there.
    ClaimedByOther,
}

/// How a claim ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryEnd {
    /// The endpoint took the event.
    Delivered,
    /// It is given up.
    Dead,
    /// It is due again then.
    Later(UnixMillis),
    /// A script of faults holds it back until then, and no later event waits for it any more.
    Held(UnixMillis),
}

impl Store {
    /// Claims a delivery for `lease_ms`: one that waits and is due, or whose last claim ran out.
    /// One that was never claimed is always due. `owner` is fresh for every claim, and shows that a
    /// claim whose answer was lost is this one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim_delivery(
        &self,
        id: &DeliveryId,
        owner: &WriteToken,
        now: UnixMillis,
        lease_ms: i64,
    ) -> Result<ClaimDeliveryOutcome, StoreError> {
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(id.key().attributes()))
            .update_expression(
                "SET delivery_state = :sending, claimed_by = :owner, claims = claims + :one, hook_due = :lease",
            )
            .condition_expression("delivery_state IN (:pending, :sending) AND (claims = :zero OR hook_due <= :now)")
            .set_expression_attribute_values(Some(Item::from([
                (":sending".to_owned(), value(DeliveryState::Sending)?),
                (":pending".to_owned(), value(DeliveryState::Pending)?),
                (":owner".to_owned(), value(owner.as_str())?),
                (":zero".to_owned(), value(0)?),
                (":one".to_owned(), value(1)?),
                (":now".to_owned(), value(now)?),
                (":lease".to_owned(), value(now.plus(lease_ms))?),
            ])))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let claimed = match sent {
            Ok(claimed) => claimed.attributes.unwrap_or_default(),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => match refused.item() {
                    Some(existing) if text(existing, CLAIMED_BY) == Some(owner.as_str()) => existing.clone(),
                    _ => return Ok(ClaimDeliveryOutcome::ClaimedByOther),
                },
                _ => return Err(StoreError::from_sdk("UpdateItem", &error)),
            },
        };
        let claimed = ClaimedDelivery { delivery: body(claimed)?, owner: owner.clone() };
        Ok(ClaimDeliveryOutcome::Claimed(Box::new(claimed)))
    }

    /// Stores how a claim ended, with the delivery's attempts. Returns whether this worker still
    /// had the claim; otherwise nothing is written.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_delivery(&self, claimed: &ClaimedDelivery, end: DeliveryEnd) -> Result<bool, StoreError> {
        let delivery = &claimed.delivery;
        let mut values = Item::from([
            (":owner".to_owned(), value(claimed.owner.as_str())?),
            (":sending".to_owned(), value(DeliveryState::Sending)?),
            (":tries".to_owned(), value(delivery.tries)?),
            (":log".to_owned(), value(&delivery.attempt_log)?),
        ]);
        let set = "SET delivery_state = :state, tries = :tries, attempt_log = :log";
        let (state, update) = match end {
            DeliveryEnd::Later(due) => {
                values.insert(":due".to_owned(), value(due)?);
                (DeliveryState::Pending, format!("{set}, {DUE} = :due REMOVE {CLAIMED_BY}"))
            }
            DeliveryEnd::Held(due) => {
                values.extend([(":due".to_owned(), value(due)?), (":held".to_owned(), value(true)?)]);
                (DeliveryState::Pending, format!("{set}, {DUE} = :due, held = :held REMOVE {CLAIMED_BY}"))
            }
            DeliveryEnd::Delivered => {
                (DeliveryState::Delivered, format!("{set} REMOVE {CLAIMED_BY}, {WAITING}, {DUE}"))
            }
            DeliveryEnd::Dead => (DeliveryState::Dead, format!("{set} REMOVE {CLAIMED_BY}, {WAITING}, {DUE}")),
        };
        values.insert(":state".to_owned(), value(state)?);
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(delivery.id().key().attributes()))
            .update_expression(update)
            .condition_expression("delivery_state = :sending AND claimed_by = :owner")
            .set_expression_attribute_values(Some(values))
            .send()
            .await;
        updated(sent)
    }

    /// When the delivery that goes before this one is due, where it still waits: the last event
    /// of the same dispute at the same endpoint.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ahead_of(&self, delivery: &Delivery) -> Result<Option<UnixMillis>, StoreError> {
        let Some(behind) = &delivery.behind else { return Ok(None) };
        let key = ItemKey { pk: delivery.id().key().pk, sk: behind.clone() };
        let earlier = self.ephemeral_item(&key).await?.map(body::<Delivery>).transpose()?;
        let waits = |earlier: &Delivery| {
            !earlier.held && matches!(earlier.delivery_state, DeliveryState::Pending | DeliveryState::Sending)
        };
        Ok(earlier.filter(waits).map(|earlier| earlier.due.unwrap_or(earlier.created_at)))
    }

    /// A delivery.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delivery(&self, id: &DeliveryId) -> Result<Option<Delivery>, StoreError> {
        self.ephemeral_item(&id.key()).await?.map(body).transpose()
    }

    async fn ephemeral_item(&self, key: &ItemKey) -> Result<Option<Item>, StoreError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key.attributes()))
            .consistent_read(true)
            .send()
            .await
            .map_err(sdk("GetItem"))?;
        Ok(got.item)
    }
}
