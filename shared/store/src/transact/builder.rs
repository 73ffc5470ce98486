//! Building a transaction: each write with its condition, and which item it is about.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use crate::error::StoreError;
use crate::item_change::{Condition, ItemChange};
use crate::items::Item;
use crate::{Store, keys};

/// Which item a write of a transaction is about. Where several conditions fail, the one of the
/// earliest write is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteItem {
    Nonce,
    Idempotence,
    Link,
    Session,
    Delivery,
    Faults,
    Received,
    Draft,
    Transaction,
    ActiveLock,
    Dispute,
    Support,
    Credential,
    Account,
    Pointer(&'static str),
    Record,
}

/// The writes of a transaction that is being built, in the order of rank.
#[derive(Debug, Default)]
pub(crate) struct TransactionBuilder(pub(super) Vec<(WriteItem, TransactWriteItem)>);

/// Adds one of the SDK's four kinds of writes with its condition. DynamoDB answers a condition that
/// failed with the item as it is stored.
macro_rules! push {
    ($builder:ident, $kind:ident($write:expr), $store:ident, $which:ident, $condition:ident, $values:ident) => {{
        let write = $write
            .table_name($store.table_of($which))
            .condition_expression($condition)
            .set_expression_attribute_values(some($values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| malformed($which, &error))?;
        $builder.0.push(($which, TransactWriteItem::builder().$kind(write).build()));
        Ok(())
    }};
}

impl TransactionBuilder {
    /// The writes alone.
    pub(crate) fn into_writes(self) -> Vec<TransactWriteItem> {
        self.0.into_iter().map(|(_, write)| write).collect()
    }

    /// Puts an item, on condition that its key is free.
    pub(crate) fn create(&mut self, store: &Store, which: WriteItem, item: Item) -> Result<(), StoreError> {
        self.put(store, which, item, "attribute_not_exists(PK)", Item::new())
    }

    /// Puts an item where the condition holds.
    pub(crate) fn put(
        &mut self,
        store: &Store,
        which: WriteItem,
        item: Item,
        condition: &str,
        values: Item,
    ) -> Result<(), StoreError> {
        push!(self, put(Put::builder().set_item(Some(item))), store, which, condition, values)
    }

    /// Puts an item in the place of what was read, where that is still as it was.
    pub(crate) fn replace(&mut self, store: &Store, which: WriteItem, change: &ItemChange) -> Result<(), StoreError> {
        let Condition { text: condition, names, values } = change.condition();
        let put = Put::builder().set_item(Some(change.after.clone())).set_expression_attribute_names(Some(names));
        push!(self, put(put), store, which, condition, values)
    }

    /// Changes attributes of an item where the condition holds.
    pub(crate) fn update(
        &mut self,
        store: &Store,
        which: WriteItem,
        key: &keys::ItemKey,
        update: &str,
        condition: &str,
        values: Item,
    ) -> Result<(), StoreError> {
        // These are among DynamoDB's reserved words; a name that is not used would be refused.
        let used = |name: &&str| [update, condition].iter().any(|text| text.contains(&format!("#{name}")));
        let names: HashMap<String, String> =
            ["item", "schema"].into_iter().filter(used).map(|name| (format!("#{name}"), name.to_owned())).collect();
        let write = Update::builder()
            .set_key(Some(key.attributes()))
            .update_expression(update)
            .set_expression_attribute_names(if names.is_empty() { None } else { Some(names) });
        push!(self, update(write), store, which, condition, values)
    }

    /// Deletes an item where the condition holds.
    pub(crate) fn delete(
        &mut self,
        store: &Store,
        which: WriteItem,
        key: &keys::ItemKey,
        condition: &str,
        values: Item,
    ) -> Result<(), StoreError> {
        let write = Delete::builder().set_key(Some(key.attributes()));
        push!(self, delete(write), store, which, condition, values)
    }

    /// Adds the writes of another one after its own.
    pub(crate) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Demands that the condition holds, and changes nothing.
    pub(crate) fn check(
        &mut self,
        store: &Store,
        which: WriteItem,
        key: &keys::ItemKey,
        condition: &str,
        values: Item,
    ) -> Result<(), StoreError> {
        let write = ConditionCheck::builder().set_key(Some(key.attributes()));
        push!(self, condition_check(write), store, which, condition, values)
    }
}

fn some(values: Item) -> Option<Item> {
    if values.is_empty() { None } else { Some(values) }
}

fn malformed(which: WriteItem, error: &impl std::error::Error) -> StoreError {
    StoreError::Malformed {
        operation: "TransactWriteItems",
        context: format!("building the write of {which:?}: {error}"),
    }
}

impl Store {
    fn table_of(&self, which: WriteItem) -> &str {
        match which {
            WriteItem::Nonce
            | WriteItem::Idempotence
            | WriteItem::Link
            | WriteItem::Session
            | WriteItem::Delivery
            | WriteItem::Faults => &self.tables.ephemeral,
            WriteItem::Received
            | WriteItem::Draft
            | WriteItem::Transaction
            | WriteItem::ActiveLock
            | WriteItem::Dispute
            | WriteItem::Support
            | WriteItem::Credential
            | WriteItem::Account
            | WriteItem::Pointer(_)
            | WriteItem::Record => &self.tables.disputes,
        }
    }
}
