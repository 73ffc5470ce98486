//! Items as they are stored: a key, the kind of item, a schema version, and the content.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::keys::{ItemKey, PK, SK};

/// An item as DynamoDB takes and gives it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The version of the form that this release writes; a later release reads every earlier one.
const SCHEMA: u32 = 1;

/// How many attributes an item has besides the fields of its body: the four of [`keyed`], the write
/// token, and those of an index. A map that has room for them is not built anew for them.
const BESIDES: usize = 8;

/// An item of the kind `item` at `key` that holds `body`'s fields.
pub(crate) fn item(key: &ItemKey, item: &str, body: &impl Serialize) -> Result<Item, StoreError> {
    Ok(keyed(key, item, fields(body)?))
}

/// The fields of a body as attributes.
pub(crate) fn fields(body: &impl Serialize) -> Result<Item, StoreError> {
    let fields = match serde_dynamo::to_attribute_value(body)? {
        serde_dynamo::AttributeValue::M(fields) => fields,
        _ => return Err(StoreError::Malformed { operation: "serialize", context: "a body without fields".to_owned() }),
    };
    // `serde_dynamo::to_item` would build the map once more on the way.
    let mut attributes = Item::with_capacity(fields.len().saturating_add(BESIDES));
    attributes.extend(fields.into_iter().map(|(name, value)| (name, value.into())));
    Ok(attributes)
}

/// The item of the kind `item` at `key` that has these attributes besides.
pub(crate) fn keyed(key: &ItemKey, item: &str, mut attributes: Item) -> Item {
    attributes.insert(PK.to_owned(), AttributeValue::S(key.pk.clone()));
    attributes.insert(SK.to_owned(), AttributeValue::S(key.sk.clone()));
    attributes.insert("item".to_owned(), AttributeValue::S(item.to_owned()));
    attributes.insert("schema".to_owned(), AttributeValue::N(SCHEMA.to_string()));
    attributes
}

/// Reads what an item holds.
///
/// # Errors
/// [`StoreError::Unreadable`] names the item's key.
pub(crate) fn body<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    let part = |name| text(&item, name).unwrap_or("?").to_owned();
    let key = ItemKey { pk: part(PK), sk: part(SK) }.to_string();
    serde_dynamo::from_item(item).map_err(|source| StoreError::Unreadable { key, source })
}

/// A value for an expression.
pub(crate) fn value(value: impl Serialize) -> Result<AttributeValue, StoreError> {
    Ok(serde_dynamo::to_attribute_value(value)?)
}

/// A text attribute of an item, if it has it.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
}
