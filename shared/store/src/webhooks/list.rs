//! Finding deliveries: those that are due, and those of a time for an operator.

use recourse_dispute::time::UnixMillis;
use recourse_dispute::webhook::WebhookId;

use super::delivery::{DUE, Delivery, DeliveryId, WAITING};
use crate::accounts::Endpoint;
use crate::error::{StoreError, sdk};
use crate::items::{Item, body, value};
use crate::keys;
use crate::transact::{TransactOutcome, TransactionBuilder, WriteItem};
use crate::{Store, WriteToken};

/// The index by what is due.
pub(super) const INDEX: &str = "deliveries";

/// Which deliveries of an endpoint are wanted: those that were made in a time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryRange {
    /// The first moment.
    pub from: UnixMillis,
    /// The last one.
    pub to: UnixMillis,
    /// The most deliveries.
    pub limit: usize,
}

impl Store {
    /// Deliveries to an endpoint that are due, the longest due first: at most `most`. The index may
    /// still name one that is over; a claim then refuses it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn deliveries_due(
        &self,
        endpoint: &WebhookId,
        now: UnixMillis,
        most: i32,
    ) -> Result<Vec<(DeliveryId, UnixMillis)>, StoreError> {
        let values = Item::from([(":endpoint".to_owned(), value(endpoint)?), (":now".to_owned(), value(now)?)]);
        let query = self
            .client
            .query()
            .table_name(&self.tables.ephemeral)
            .index_name(INDEX)
            .key_condition_expression(format!("{WAITING} = :endpoint AND {DUE} <= :now"))
            .set_expression_attribute_values(Some(values))
            .limit(most);
        let page = Box::pin(query.send()).await.map_err(sdk("Query"))?;
        let due = |mut found: Item| {
            let id = DeliveryId::of_item(&found)?;
            Some((id, serde_dynamo::from_attribute_value(found.remove(DUE)?).ok()?))
        };
        Ok(page.items.unwrap_or_default().into_iter().filter_map(due).collect())
    }

    /// The deliveries to an endpoint that are wanted, the newest first. Those that `pass` refuses
    /// do not count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn deliveries(
        &self,
        endpoint: &WebhookId,
        range: DeliveryRange,
        pass: impl Fn(&Delivery) -> bool,
    ) -> Result<Vec<Delivery>, StoreError> {
        let (mut found, mut start) = (Vec::new(), None);
        loop {
            let (page, last) = self.deliveries_between(endpoint, (range.from, range.to), start, None).await?;
            for stored in page {
                let delivery: Delivery = body(stored)?;
                if pass(&delivery) {
                    found.push(delivery);
                }
                if found.len() >= range.limit {
                    return Ok(found);
                }
            }
            start = last;
            if start.is_none() {
                return Ok(found);
            }
        }
    }

    /// One read of the deliveries to an endpoint that were made from `from` to `to`, both included,
    /// the newest first: those behind the key `start`, and the key of the last one where there may
    /// be more. A time that ends before it begins has none: DynamoDB would refuse it.
    pub(super) async fn deliveries_between(
        &self,
        endpoint: &WebhookId,
        (from, to): (UnixMillis, UnixMillis),
        start: Option<Item>,
        most: Option<i32>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        if from > to {
            return Ok((Vec::new(), None));
        }
        let values = Item::from([
            (":pk".to_owned(), value(keys::delivery(endpoint, from, "").pk)?),
            (":from".to_owned(), value(keys::at_date(from))?),
            (":to".to_owned(), value(keys::at_date(to.plus(1)))?),
        ]);
        let query = self
            .client
            .query()
            .table_name(&self.tables.ephemeral)
            .consistent_read(true)
            .scan_index_forward(false)
            .key_condition_expression("PK = :pk AND SK BETWEEN :from AND :to")
            .set_expression_attribute_values(Some(values))
            .set_exclusive_start_key(start)
            .set_limit(most);
        let page = Box::pin(query.send()).await.map_err(sdk("Query"))?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    /// Adds a delivery that tries an endpoint out. `event` is a fresh id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn test_webhook(
        &self,
        endpoint: &Endpoint,
        event: &str,
        now: UnixMillis,
        token: &WriteToken,
    ) -> Result<DeliveryId, StoreError> {
        let body = recourse_dispute::webhook::test_body(event, now, endpoint.environment);
        let event_type = recourse_dispute::webhook::TEST;
        let delivery = Delivery::new(&endpoint.id, event, event_type, None, body, now);
        let mut builder = TransactionBuilder::default();
        builder.create(self, WriteItem::Delivery, token.stamp(delivery.item()?))?;
        match self.transact(token, builder).await? {
            TransactOutcome::Done => Ok(delivery.id()),
            TransactOutcome::Refused(failed) => {
                Err(failed.impossible(format!("adding the delivery {}", delivery.id())))
            }
        }
    }
}
