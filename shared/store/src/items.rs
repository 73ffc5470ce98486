//! Items as they are stored: a key, what kind of item it is, a schema version, and the thing itself.

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

/// An item of the kind `item` at `key` that holds `body`'s fields.
pub(crate) fn item(key: &ItemKey, item: &str, body: &impl Serialize) -> Result<Item, StoreError> {
    let mut attributes: Item = serde_dynamo::to_item(body)?;
    attributes.insert(PK.to_owned(), AttributeValue::S(key.pk.clone()));
    attributes.insert(SK.to_owned(), AttributeValue::S(key.sk.clone()));
    attributes.insert("item".to_owned(), AttributeValue::S(item.to_owned()));
    attributes.insert("schema".to_owned(), AttributeValue::N(SCHEMA.to_string()));
    Ok(attributes)
}

/// The thing that an item holds.
pub(crate) fn body<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    Ok(serde_dynamo::from_item(item)?)
}

/// A value for an expression.
pub(crate) fn value(value: impl Serialize) -> Result<AttributeValue, StoreError> {
    Ok(serde_dynamo::to_attribute_value(value)?)
}

/// A text attribute of an item, if it has it.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
