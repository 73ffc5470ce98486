//! What a DynamoDB request uses: for each item an action on a table or an index, with the item's
//! partition key.
//!
//! A transaction has no action of its own. Each of its steps has one (`Put` needs
//! `dynamodb:PutItem`). A batch of reads needs `dynamodb:BatchGetItem` for each of its keys. A
//! query's partition key is read from its key condition; on an index it is the index's. A
//! description of a table names no item.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Use;
use crate::template::policy::LEADING_KEYS;
use crate::template::{ACCOUNT, REGION, Table};

/// The keys of each table and of each of its indexes.
#[derive(Debug)]
pub(crate) struct Schema(BTreeMap<(String, Option<String>), KeyNames>);

/// The names of the key attributes of a table or of an index.
#[derive(Debug)]
pub(crate) struct KeyNames {
    pub(crate) partition: String,
    pub(crate) sort: Option<String>,
}

type Attributes<'a> = BTreeMap<String, &'a RawValue>;

/// A request about one table, or a step of a transaction.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Request<'a> {
    table_name: String,
    index_name: Option<String>,
    #[serde(borrow)]
    key: Attributes<'a>,
    #[serde(borrow)]
    item: Attributes<'a>,
    key_condition_expression: String,
    expression_attribute_names: BTreeMap<String, String>,
    #[serde(borrow)]
    expression_attribute_values: Attributes<'a>,
}

#[derive(Deserialize)]
struct Transaction<'a> {
    #[serde(borrow, rename = "TransactItems")]
    items: Vec<TransactionItem<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch<'a> {
    #[serde(borrow)]
    request_items: BTreeMap<String, Keys<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Keys<'a> {
    #[serde(borrow)]
    keys: Vec<Attributes<'a>>,
}

#[derive(Deserialize)]
enum TransactionItem<'a> {
    #[serde(borrow)]
    Put(Request<'a>),
    #[serde(borrow)]
    Update(Request<'a>),
    #[serde(borrow)]
    Delete(Request<'a>),
    #[serde(borrow)]
    ConditionCheck(Request<'a>),
}

/// The uses of a request. One that is not understood is a use of an action that no policy can name.
pub(crate) fn uses(schema: &Schema, operation: &str, body: &[u8]) -> Vec<Use> {
    let understood = match operation {
        "TransactWriteItems" => transaction(schema, body),
        "BatchGetItem" => batch(schema, body),
        "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "Query" => {
            let request = serde_json::from_slice::<Request<'_>>(body).ok();
            request.and_then(|request| Some(vec![request.used(schema, operation)?]))
        }
        "DescribeTable" | "DescribeTimeToLive" | "DescribeContinuousBackups" => {
            let request = serde_json::from_slice::<Request<'_>>(body).ok();
            request.map(|request| vec![request.described(operation)])
        }
        _ => None,
    };
    understood.unwrap_or_else(|| {
        let table = serde_json::from_slice::<Request<'_>>(body).unwrap_or_default().table_name;
        let action = format!("dynamodb:{operation} (not understood by local/src/policy/dynamodb.rs)");
        vec![Use { action, resource: arn(&table, None), context: Vec::new() }]
    })
}

fn transaction(schema: &Schema, body: &[u8]) -> Option<Vec<Use>> {
    let transaction: Transaction<'_> = serde_json::from_slice(body).ok()?;
    let used = |item: &TransactionItem<'_>| match item {
        TransactionItem::Put(request) => request.used(schema, "PutItem"),
        TransactionItem::Update(request) => request.used(schema, "UpdateItem"),
        TransactionItem::Delete(request) => request.used(schema, "DeleteItem"),
        TransactionItem::ConditionCheck(request) => request.used(schema, "ConditionCheckItem"),
    };
    transaction.items.iter().map(used).collect()
}

/// A batch reads each of its items by itself.
fn batch(schema: &Schema, body: &[u8]) -> Option<Vec<Use>> {
    let batch: Batch<'_> = serde_json::from_slice(body).ok()?;
    let requests = batch.request_items.into_iter().flat_map(|(table, asked)| {
        let of = move |key| Request { table_name: table.clone(), key, ..Request::default() };
        asked.keys.into_iter().map(of)
    });
    requests.map(|request| request.used(schema, "BatchGetItem")).collect()
}

impl Request<'_> {
    fn used(&self, schema: &Schema, action: &str) -> Option<Use> {
        let partition_key = &schema.0.get(&(self.table_name.clone(), self.index_name.clone()))?.partition;
        let value = match action {
            "Query" => self.queried(partition_key)?,
            "PutItem" => self.item.get(partition_key)?,
            _ => self.key.get(partition_key)?,
        };
        Some(Use {
            action: format!("dynamodb:{action}"),
            resource: arn(&self.table_name, self.index_name.as_deref()),
            context: vec![(LEADING_KEYS.to_owned(), scalar(value)?)],
        })
    }

    /// A description is of a table as a whole and names no item.
    fn described(&self, action: &str) -> Use {
        Use { action: format!("dynamodb:{action}"), resource: arn(&self.table_name, None), context: Vec::new() }
    }

    /// The partition key that the key condition demands: `PK = :pk`, by itself or between `AND`s.
    fn queried(&self, partition_key: &str) -> Option<&RawValue> {
        self.key_condition_expression.split(" AND ").find_map(|condition| {
            let (name, value) = condition.trim_matches([' ', '(', ')']).split_once('=')?;
            let name = self.expression_attribute_names.get(name.trim()).map_or(name.trim(), String::as_str);
            let value = self.expression_attribute_values.get(value.trim()).copied();
            value.filter(|_| name == partition_key)
        })
    }
}

/// The text of a key's value, `{"S": ..}`, `{"N": ..}` or `{"B": ..}`.
fn scalar(value: &RawValue) -> Option<String> {
    serde_json::from_str::<BTreeMap<String, String>>(value.get()).ok()?.into_values().next()
}

fn arn(table: &str, index: Option<&str>) -> String {
    let table = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}");
    index.map_or(table.clone(), |index| format!("{table}/index/{index}"))
}

impl Schema {
    /// The keys of these tables.
    pub(crate) fn of(tables: &[Table]) -> Self {
        let key = |described: &serde_json::Value, kind: &str| {
            let keys = described.get("KeySchema")?.as_array()?;
            let key = keys.iter().find(|key| key.get("KeyType").is_some_and(|known| known == kind))?;
            key.get("AttributeName")?.as_str().map(str::to_owned)
        };
        let keys = |described: &serde_json::Value| {
            Some(KeyNames { partition: key(described, "HASH")?, sort: key(described, "RANGE") })
        };
        let mut schema = BTreeMap::new();
        for table in tables {
            let indexes = table.create.get("GlobalSecondaryIndexes").and_then(serde_json::Value::as_array);
            for described in std::iter::once(&table.create).chain(indexes.into_iter().flatten()) {
                let index = described.get("IndexName").and_then(serde_json::Value::as_str).map(str::to_owned);
                schema.extend(keys(described).map(|keys| ((table.name.clone(), index), keys)));
            }
        }
        Self(schema)
    }

    /// The keys of a table, and those of each of its indexes with the index's name.
    pub(crate) fn of_table(&self, name: &str) -> impl Iterator<Item = (Option<&str>, &KeyNames)> {
        let of_table = self.0.iter().filter(move |((table, _), _)| table == name);
        of_table.map(|((_, index), keys)| (index.as_deref(), keys))
    }
}
