//! Texts within items: finding and rewriting them.

use aws_sdk_dynamodb::types::AttributeValue;

use super::words::Words;
use crate::items::Item;
use crate::keys::{PK, SK};

/// Attributes, at any depth, that lead to other items or to objects, or that a worker claims by.
const LINKS: [&str; 18] = [
    PK,
    SK,
    "item",
    "schema",
    "write_token",
    "claimed_by",
    "outbox_shard",
    "deadline_shard",
    "trxid",
    "refid",
    "account",
    "opener",
    "captures",
    "capture",
    "reference",
    "object",
    "id",
    "mail",
];

/// A number of an item.
pub(super) fn number(item: &Item, name: &str) -> Option<i64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// What is at a path of an item.
pub(super) fn at<'a>(item: &'a mut Item, path: &[&str]) -> Option<&'a mut AttributeValue> {
    let (first, rest) = path.split_first()?;
    let found = item.get_mut(*first)?;
    match (rest, found) {
        ([], found) => Some(found),
        (rest, AttributeValue::M(inner)) => at(inner, rest),
        _ => None,
    }
}

/// Rewrites the text at a path, where there is one and `becomes` says so.
pub(super) fn write(item: &mut Item, path: &[&str], becomes: impl Fn(&str) -> Option<String>) {
    if let Some(found) = at(item, path) {
        each(found, &becomes);
    }
}

/// Rewrites a text, or each text of a list.
pub(super) fn each(found: &mut AttributeValue, becomes: &dyn Fn(&str) -> Option<String>) {
    match found {
        AttributeValue::S(text) => {
            if let Some(other) = becomes(text) {
                *text = other;
            }
        }
        AttributeValue::L(list) => list.iter_mut().for_each(|one| each(one, becomes)),
        _ => {}
    }
}

/// Rewrites the members of these names, in a map or in the maps of a list.
pub(super) fn each_named(found: &mut AttributeValue, names: &[&str], becomes: &dyn Fn(&str) -> Option<String>) {
    match found {
        AttributeValue::M(map) => names.iter().for_each(|name| write(map, &[*name], becomes)),
        AttributeValue::L(list) => list.iter_mut().for_each(|one| each_named(one, names, becomes)),
        _ => {}
    }
}

/// Rewrites every text of an item but links.
pub(super) fn each_text(item: &mut Item, becomes: &dyn Fn(&str) -> Option<String>) {
    for (_, value) in item.iter_mut().filter(|(name, _)| !LINKS.contains(&name.as_str())) {
        each_inner(value, becomes);
    }
}

fn each_inner(value: &mut AttributeValue, becomes: &dyn Fn(&str) -> Option<String>) {
    match value {
        AttributeValue::M(map) => each_text(map, becomes),
        AttributeValue::L(list) => list.iter_mut().for_each(|one| each_inner(one, becomes)),
        other => each(other, becomes),
    }
}

/// Whether a link of an item has the address, which then stays.
pub(super) fn links_have(item: &Item, words: &Words) -> bool {
    item.iter().any(|(name, value)| {
        let has = LINKS.contains(&name.as_str()) && any_text(value, &|text| words.has_address(text));
        has || value.as_m().is_ok_and(|inner| links_have(inner, words))
    })
}

/// Whether a text of an item has the address.
pub(super) fn any_has(item: &Item, words: &Words) -> bool {
    item.values().any(|value| any_text(value, &|text| words.has_address(text)))
}

fn any_text(value: &AttributeValue, is_it: &dyn Fn(&str) -> bool) -> bool {
    match value {
        AttributeValue::S(text) => is_it(text),
        AttributeValue::L(list) => list.iter().any(|one| any_text(one, is_it)),
        AttributeValue::M(map) => map.values().any(|one| any_text(one, is_it)),
        _ => false,
    }
}
