//! A change of an item that holds only while the item is as it was read.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::Store;
use crate::error::{StoreError, updated};
use crate::items::{Item, text};
use crate::keys::{ItemKey, PK, SK};

/// An attribute that differs; `None` where there is none.
#[derive(Clone, Debug)]
struct Differs {
    name: String,
    before: Option<AttributeValue>,
    after: Option<AttributeValue>,
}

/// A change of an item.
#[derive(Clone, Debug)]
pub(crate) struct ItemChange {
    pub(crate) key: ItemKey,
    /// The item as it will be.
    pub(crate) after: Item,
    /// The attributes that differ.
    changed: Vec<Differs>,
    /// Attributes that have to be as they were, besides.
    same: Vec<(String, AttributeValue)>,
}

/// A condition with the names and the values in it.
#[derive(Debug, Default)]
pub(crate) struct Condition {
    pub(crate) text: String,
    pub(crate) names: HashMap<String, String>,
    pub(crate) values: Item,
}

impl ItemChange {
    /// What becomes of an item; `None` where nothing does. The attributes of `pinned` have to be as
    /// they were too, where the item has them.
    pub(crate) fn between(before: &Item, after: Item, pinned: &[&str]) -> Option<Self> {
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let differs = |name: &&String| before.get(*name) != after.get(*name);
        let of = |name: &String| Differs {
            name: name.clone(),
            before: before.get(name).cloned(),
            after: after.get(name).cloned(),
        };
        let changed: Vec<_> = names.into_iter().filter(differs).map(of).collect();
        if changed.is_empty() {
            return None;
        }
        let part = |name| text(before, name).unwrap_or_default().to_owned();
        let key = ItemKey { pk: part(PK), sk: part(SK) };
        let same = pinned.iter().filter_map(|name| Some(((*name).to_owned(), before.get(*name)?.clone()))).collect();
        Some(Self { key, after, changed, same })
    }

    /// That the item is as it was read.
    pub(crate) fn condition(&self) -> Condition {
        let (mut condition, mut parts) = (Condition::default(), Vec::new());
        for (place, differs) in self.changed.iter().enumerate() {
            condition.names.insert(format!("#c{place}"), differs.name.clone());
            match &differs.before {
                Some(before) => {
                    condition.values.insert(format!(":b{place}"), before.clone());
                    parts.push(format!("#c{place} = :b{place}"));
                }
                None => parts.push(format!("attribute_not_exists(#c{place})")),
            }
        }
        for (place, (name, same)) in self.same.iter().enumerate() {
            condition.names.insert(format!("#s{place}"), name.clone());
            condition.values.insert(format!(":s{place}"), same.clone());
            parts.push(format!("#s{place} = :s{place}"));
        }
        condition.text = parts.join(" AND ");
        condition
    }
}

impl Store {
    /// Writes a change of single attributes; `false` where the item is not as it was read.
    pub(crate) async fn write_change(&self, change: &ItemChange) -> Result<bool, StoreError> {
        let Condition { text: condition, names, mut values } = change.condition();
        let (mut set, mut remove) = (Vec::new(), Vec::new());
        for (place, differs) in change.changed.iter().enumerate() {
            match &differs.after {
                Some(after) => {
                    values.insert(format!(":a{place}"), after.clone());
                    set.push(format!("#c{place} = :a{place}"));
                }
                None => remove.push(format!("#c{place}")),
            }
        }
        let parts = [("SET ", set), ("REMOVE ", remove)].into_iter().filter(|(_, parts)| !parts.is_empty());
        let update: Vec<_> = parts.map(|(word, parts)| format!("{word}{}", parts.join(", "))).collect();
        let sent = self
            .client
            .update_item()
            .table_name(&self.tables.disputes)
            .set_key(Some(change.key.attributes()))
            .update_expression(update.join(" "))
            .condition_expression(condition)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values).filter(|values| !values.is_empty()));
        updated(sent.send().await)
    }
}
