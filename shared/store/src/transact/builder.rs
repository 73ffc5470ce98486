//! A transaction being put together: each write with its condition, and what it guards.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use crate::error::StoreError;
use crate::items::Item;
use crate::{Store, keys};

/// What a step of a transaction guards. Earlier steps outrank later ones when several are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteItem {
    Nonce,
    Idempotence,
    Draft,
    Transaction,
    ActiveLock,
    Dispute,
    Credential,
    Account,
    Pointer(&'static str),
    Record,
}

/// A transaction being put together, in the order of rank.
#[derive(Debug, Default)]
pub(crate) struct TransactionBuilder(pub(super) Vec<(WriteItem, TransactWriteItem)>);

impl TransactionBuilder {
    /// Puts an item where none of that key is.
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
        let put = Put::builder()
            .table_name(store.table_of(which))
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(malformed)?;
        self.0.push((which, TransactWriteItem::builder().put(put).build()));
        Ok(())
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
        let names = if names.is_empty() { None } else { Some(names) };
        let update = Update::builder()
            .table_name(store.table_of(which))
            .set_key(Some(key.attributes()))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(malformed)?;
        self.0.push((which, TransactWriteItem::builder().update(update).build()));
        Ok(())
    }

    /// Takes an item away where the condition holds.
    pub(crate) fn delete(
        &mut self,
        store: &Store,
        which: WriteItem,
        key: &keys::ItemKey,
        condition: &str,
        values: Item,
    ) -> Result<(), StoreError> {
        let delete = Delete::builder()
            .table_name(store.table_of(which))
            .set_key(Some(key.attributes()))
            .condition_expression(condition)
            .set_expression_attribute_values(some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(malformed)?;
        self.0.push((which, TransactWriteItem::builder().delete(delete).build()));
        Ok(())
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
        let check = ConditionCheck::builder()
            .table_name(store.table_of(which))
            .set_key(Some(key.attributes()))
            .condition_expression(condition)
            .set_expression_attribute_values(some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(malformed)?;
        self.0.push((which, TransactWriteItem::builder().condition_check(check).build()));
        Ok(())
    }
}

fn some(values: Item) -> Option<Item> {
    if values.is_empty() { None } else { Some(values) }
}

fn malformed(error: impl std::error::Error) -> StoreError {
    StoreError::Broken(format!("a transaction was put together wrong: {error}"))
}

impl Store {
    fn table_of(&self, which: WriteItem) -> &str {
        match which {
            WriteItem::Nonce | WriteItem::Idempotence => &self.tables.ephemeral,
            WriteItem::Draft
            | WriteItem::Transaction
            | WriteItem::ActiveLock
            | WriteItem::Dispute
            | WriteItem::Credential
            | WriteItem::Account
            | WriteItem::Pointer(_)
            | WriteItem::Record => &self.tables.disputes,
        }
    }
}
