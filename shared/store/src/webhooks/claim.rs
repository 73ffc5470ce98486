//! Claiming a delivery, and storing how the attempt ended.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use recourse_dispute::time::UnixMillis;

use super::delivery::{DUE, Delivery, DeliveryId, DeliveryState, WAITING};
use crate::claim::{CLAIMED_BY, Claimable};
use crate::error::StoreError;
use crate::items::{Item, body, value};
use crate::keys::ItemKey;
use crate::{Store, WriteToken};

/// How deliveries are claimed.
const DELIVERIES: Claimable<DeliveryState> = Claimable {
    state: "delivery_state",
    claims: "claims",
    due: DUE,
    waiting: DeliveryState::Pending,
    claimed: DeliveryState::Sending,
    and_set: "",
};

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

/// What became of an update of a delivery.
pub(super) enum UpdateDeliveryOutcome {
    /// It is written.
    Written,
    /// Its condition failed: the delivery as it is, where it exists.
    Refused(Option<Item>),
}

impl Store {
    /// Claims a delivery for `lease_ms`: one that waits and is due, or whose last claim ran out.
    /// One that was never claimed is always due. `owner` is fresh for every claim.
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
        let claimed = self.claim_item(&self.tables.ephemeral, &id.key(), &DELIVERIES, owner, now, lease_ms).await?;
        let Some(claimed) = claimed else { return Ok(ClaimDeliveryOutcome::ClaimedByOther) };
        let claimed = ClaimedDelivery { delivery: body(claimed)?, owner: owner.clone() };
        Ok(ClaimDeliveryOutcome::Claimed(Box::new(claimed)))
    }

    /// Stores how a claim ended, with the delivery's attempts. Returns whether this worker still
    /// had the claim; otherwise nothing is written.
    ///
    /// Where the answer was lost and the SDK sent the write again, the delivery shows that it is
    /// written: no other claim has the same number, and an attempt counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_delivery(&self, claimed: &ClaimedDelivery, end: DeliveryEnd) -> Result<bool, StoreError> {
        let delivery = &claimed.delivery;
        let (condition, mut values) = DELIVERIES.held(&claimed.owner)?;
        values.insert(":tries".to_owned(), value(delivery.tries)?);
        values.insert(":log".to_owned(), value(&delivery.attempt_log)?);
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
        match self.update_delivery(&delivery.id(), update, condition, values).await? {
            UpdateDeliveryOutcome::Written => Ok(true),
            UpdateDeliveryOutcome::Refused(existing) => {
                let existing = existing.map(body::<Delivery>).transpose()?;
                Ok(existing.is_some_and(|existing| {
                    (existing.claims, existing.tries, existing.delivery_state)
                        == (delivery.claims, delivery.tries, state)
                }))
            }
        }
    }

    /// Has a delivery that waits be due at another time, where it is as it was read. Returns
    /// whether it is due then because of this.
    pub(crate) async fn reschedule_delivery(
        &self,
        delivery: &Delivery,
        due: UnixMillis,
        clock_moves: u32,
    ) -> Result<bool, StoreError> {
        let values = Item::from([
            (":pending".to_owned(), value(DeliveryState::Pending)?),
            (":before".to_owned(), value(delivery.due)?),
            (":due".to_owned(), value(due)?),
            (":moves".to_owned(), value(clock_moves)?),
        ]);
        let update = format!("SET {DUE} = :due, clock_moves = :moves");
        let condition = format!("delivery_state = :pending AND {DUE} = :before");
        let updated = self.update_delivery(&delivery.id(), update, condition, values).await?;
        Ok(matches!(updated, UpdateDeliveryOutcome::Written))
    }

    /// Updates a delivery where the condition holds.
    pub(super) async fn update_delivery(
        &self,
        id: &DeliveryId,
        update: String,
        condition: String,
        values: Item,
    ) -> Result<UpdateDeliveryOutcome, StoreError> {
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(id.key().attributes()))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = sent else { return Ok(UpdateDeliveryOutcome::Written) };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                Ok(UpdateDeliveryOutcome::Refused(refused.item().cloned()))
            }
            _ => Err(StoreError::from_sdk("UpdateItem", &error)),
        }
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
}
