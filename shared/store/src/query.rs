//! The reads that all others are made of.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use recourse_dispute::number::DisputeNumber;
use serde::de::DeserializeOwned;

use crate::error::{StoreError, sdk};
use crate::items::{Item, body, text, value};
use crate::keys::{ItemKey, MESSAGES, PK, SK};
use crate::{Store, keys};

/// How many calls are made at most for a batch of which DynamoDB leaves some items unprocessed.
const MAX_BATCHES: usize = 5;
/// How long to wait before each further call.
const BETWEEN_BATCHES: Duration = Duration::from_millis(50);

/// In which order an index is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    OldestFirst,
    NewestFirst,
}

/// Removes the item of a key from those that a batch got.
pub(crate) fn take(found: &mut Vec<Item>, key: &ItemKey) -> Option<Item> {
    let at = found.iter().position(|item| is_at(item, key))?;
    Some(found.swap_remove(at))
}

/// A copy of the item of a key, which stays among those that a batch got.
pub(crate) fn copy(found: &[Item], key: &ItemKey) -> Option<Item> {
    found.iter().find(|item| is_at(item, key)).cloned()
}

fn is_at(item: &Item, key: &ItemKey) -> bool {
    text(item, PK) == Some(&key.pk) && text(item, SK) == Some(&key.sk)
}

/// Adds the content of an item, or its key to those that cannot be read.
pub(crate) fn keep<T: DeserializeOwned>(item: Item, read: &mut Vec<T>, unread: &mut Vec<String>) {
    let key = text(&item, SK).unwrap_or_default().to_owned();
    match body(item) {
        Ok(said) => read.push(said),
        Err(_) => unread.push(key),
    }
}

impl Store {
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: &ItemKey) -> Result<Option<T>, StoreError> {
        self.item(key).await?.map(body).transpose()
    }

    /// An item of the disputes table as it is stored.
    pub(crate) async fn item(&self, key: &ItemKey) -> Result<Option<Item>, StoreError> {
        self.item_of(&self.tables.disputes, key).await
    }

    /// An item of the ephemeral table as it is stored, also one that has expired.
    pub(crate) async fn ephemeral_item(&self, key: &ItemKey) -> Result<Option<Item>, StoreError> {
        self.item_of(&self.tables.ephemeral, key).await
    }

    async fn item_of(&self, table: &str, key: &ItemKey) -> Result<Option<Item>, StoreError> {
        let read = self.client.get_item().table_name(table).set_key(Some(key.attributes())).consistent_read(true);
        // Boxed, as the future of `transact`.
        let got = Box::pin(read.send()).await.map_err(sdk("GetItem"))?;
        Ok(got.item)
    }

    /// Those of at most 100 items that exist, in no particular order: one call, or more where
    /// DynamoDB leaves some unprocessed. A key may be named twice, and its item comes once.
    pub(crate) async fn batch<'k>(&self, keys: impl IntoIterator<Item = &'k ItemKey>) -> Result<Vec<Item>, StoreError> {
        // DynamoDB refuses a batch that names one key twice.
        let once: BTreeSet<&ItemKey> = keys.into_iter().collect();
        let mut wanted: Vec<_> = once.into_iter().map(ItemKey::attributes).collect();
        let (mut items, all) = (Vec::new(), wanted.len());
        for call in 0..MAX_BATCHES {
            if wanted.is_empty() {
                return Ok(items);
            }
            if call > 0 {
                tokio::time::sleep(BETWEEN_BATCHES).await;
            }
            let asked = KeysAndAttributes::builder().set_keys(Some(std::mem::take(&mut wanted))).consistent_read(true);
            let malformed = |error: BuildError| StoreError::Malformed {
                operation: "BatchGetItem",
                context: format!("building the keys: {error}"),
            };
            let asked = asked.build().map_err(malformed)?;
            let got = self.client.batch_get_item().request_items(&self.tables.disputes, asked).send().await;
            let got = got.map_err(sdk("BatchGetItem"))?;
            items.extend(got.responses.unwrap_or_default().into_values().flatten());
            wanted.extend(got.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys));
        }
        if wanted.is_empty() {
            return Ok(items);
        }
        let context = format!("{} of {all} items still unprocessed after {MAX_BATCHES} calls", wanted.len());
        Err(StoreError::Unavailable { operation: "BatchGetItem", context })
    }

    /// At most `limit` entries of an index of the disputes table, and where the next ones begin, if
    /// there are any.
    pub(crate) async fn query_index(
        &self,
        index: &str,
        condition: &str,
        values: Item,
        limit: i32,
        from: Option<Item>,
        order: Order,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let query = self.client.query().table_name(&self.tables.disputes).index_name(index);
        let query = query.key_condition_expression(condition).set_expression_attribute_values(Some(values));
        let query = query.scan_index_forward(order == Order::OldestFirst);
        // Boxed, as the future of `transact`.
        let sending = Box::pin(query.limit(limit).set_exclusive_start_key(from).send());
        let page = sending.await.map_err(sdk("Query"))?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    /// The messages that a case got last, newest first: at most `limit`, in one page.
    pub(crate) async fn last_messages(&self, number: DisputeNumber, limit: i32) -> Result<Vec<Item>, StoreError> {
        let values = [(":pk", value(keys::dispute_partition(number))?), (":prefix", value(MESSAGES)?)];
        let query = self.client.query().table_name(&self.tables.disputes).consistent_read(true);
        let query = query.key_condition_expression("PK = :pk AND begins_with(SK, :prefix)");
        let query =
            query.set_expression_attribute_values(Some(values.map(|(name, value)| (name.to_owned(), value)).into()));
        let sending = Box::pin(query.scan_index_forward(false).limit(limit).send());
        Ok(sending.await.map_err(sdk("Query"))?.items.unwrap_or_default())
    }

    /// Every item of a partition of the disputes table, or those whose sort key begins with
    /// `prefix`, in the order of their sort keys.
    pub(crate) async fn partition(&self, pk: &str, prefix: Option<&str>) -> Result<Vec<Item>, StoreError> {
        match prefix {
            Some(prefix) => {
                let values = Item::from([(":prefix".to_owned(), value(prefix)?)]);
                self.query_partition(pk, " AND begins_with(SK, :prefix)", values).await
            }
            None => self.query_partition(pk, "", Item::new()).await,
        }
    }

    /// Every item of a partition of the disputes table whose sort key meets `condition`.
    pub(crate) async fn query_partition(
        &self,
        pk: &str,
        condition: &str,
        mut values: Item,
    ) -> Result<Vec<Item>, StoreError> {
        values.insert(":pk".to_owned(), value(pk)?);
        let (mut items, mut from) = (Vec::new(), None);
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.tables.disputes)
                .consistent_read(true)
                .key_condition_expression(format!("PK = :pk{condition}"))
                .set_expression_attribute_values(Some(values.clone()))
                .set_exclusive_start_key(from);
            let page = query.send().await.map_err(sdk("Query"))?;
            items.extend(page.items.unwrap_or_default());
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }
}
