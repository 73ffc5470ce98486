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
/// token, and those of an index. A map with room for them need not grow.
const EXTRA_ATTRIBUTES: usize = 8;

/// An item of the kind `item` at `key` that holds `body`'s fields.
pub(crate) fn item(key: &ItemKey, item: &str, body: &impl Serialize) -> Result<Item, StoreError> {
    Ok(keyed(key, item, fields(body)?))
}

/// The fields of a body as attributes.
pub(crate) fn fields(body: &impl Serialize) -> Result<Item, StoreError> {
    // Not `serde_dynamo::to_item`, which makes one map more on its way, and leaves no room in it.
    let serde_dynamo::AttributeValue::M(fields) = serde_dynamo::to_attribute_value(body)? else {
        let context = "the body of an item has no fields".to_owned();
        return Err(StoreError::Malformed { operation: "serialize", context });
    };
    let mut attributes = Item::with_capacity(fields.len().saturating_add(EXTRA_ATTRIBUTES));
    attributes.extend(fields.into_iter().map(|(name, value)| (name, value.into())));
    Ok(attributes)
}

/// The item of the kind `item` at `key` with these attributes.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_has_its_key_its_kind_its_schema_and_the_fields_of_its_body() {
        let key = ItemKey { pk: "DSP#551".to_owned(), sk: "DSP".to_owned() };
        let stored = item(&key, "dispute", &json!({ "number": 551, "note": null, "tags": ["a"] })).unwrap();
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let expected = Item::from([
            ("PK".to_owned(), text("DSP#551")),
            ("SK".to_owned(), text("DSP")),
            ("item".to_owned(), text("dispute")),
            ("schema".to_owned(), AttributeValue::N("1".to_owned())),
            ("number".to_owned(), AttributeValue::N("551".to_owned())),
            ("note".to_owned(), AttributeValue::Null(true)),
            ("tags".to_owned(), AttributeValue::L(vec![text("a")])),
        ]);
        assert_eq!(stored, expected);
    }

    #[test]
    fn a_body_without_fields_is_an_error() {
        for body in [json!(7), json!("text"), json!(["a"]), json!(null)] {
            assert!(matches!(fields(&body), Err(StoreError::Malformed { operation: "serialize", .. })), "{body}");
        }
    }
}
