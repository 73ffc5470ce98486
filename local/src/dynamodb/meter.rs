//! What each caller used of DynamoDB: calls, bytes and capacity units.
//!
//! Calls and bytes are always counted. Capacity units are counted from [`Meter::start`] on. From
//! then on each request asks the engine for what it uses, and the caller gets the answer without
//! that. Both local engines count by DynamoDB's rules: a write is measured by the larger of the
//! item before and after it, an index by what changes in it, and a transaction costs double on
//! its tables and single on their indexes. What a refused request used is not counted, because
//! DynamoDB does not say it in an error.
//!
//! The engine names no partition. What a write adds to each of them is computed here: a stored item
//! counts one unit for each kilobyte that it has begun, and an item that is updated, deleted or
//! checked counts as one kilobyte. What a call read is divided evenly among the keys that it named.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use axum::body::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Request, Response};
use serde_json::{Map, Value};

use crate::lock::lock;
use crate::policy::dynamodb::{KeyNames, Schema, uses};
use crate::template::Table;

/// The operations that read.
const READS: [&str; 3] = ["BatchGetItem", "GetItem", "Query"];
/// The operations that write.
const WRITES: [&str; 4] = ["DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"];
/// The member of a request that asks what it uses.
const ASK: &str = "ReturnConsumedCapacity";
/// The member of an answer that says it.
const CONSUMED: &str = "ConsumedCapacity";
/// The digest of an answer's body, which is another one without [`CONSUMED`].
const DIGEST: &str = "x-amz-crc32";
/// Thousandths of a unit.
const UNIT: u64 = 1_000;

/// Capacity units, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// Of the tables.
    pub table: u64,
    /// Of their indexes.
    pub indexes: u64,
}

/// What one caller used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How many calls it made of each operation.
    pub calls: BTreeMap<String, u64>,
    /// Read units, or request units of a table that is billed by request.
    pub read: Units,
    /// Write units.
    pub written: Units,
    /// Write units by the partition that they went to, in thousandths: the value of a table's
    /// partition key, or an index's name, a colon and the value of its partition key.
    pub partitions: BTreeMap<String, u64>,
    /// Read units by the partition that they came from, likewise.
    pub read_partitions: BTreeMap<String, u64>,
    /// Bytes of the requests' bodies.
    pub sent: usize,
    /// Bytes of the answers' bodies.
    pub received: usize,
}

/// Counts for every caller.
#[derive(Debug)]
pub(super) struct Meter {
    /// Whether capacity units are counted.
    is_on: AtomicBool,
    /// By access key id.
    used: Mutex<BTreeMap<String, Usage>>,
    /// For the partitions that requests name.
    schema: Schema,
}

impl Usage {
    fn add(&mut self, operation: &str, other: Self) {
        *self.calls.entry(operation.to_owned()).or_default() += 1;
        for (own, more) in [(&mut self.read, other.read), (&mut self.written, other.written)] {
            own.table += more.table;
            own.indexes += more.indexes;
        }
        for (own, more) in
            [(&mut self.partitions, other.partitions), (&mut self.read_partitions, other.read_partitions)]
        {
            for (partition, units) in more {
                *own.entry(partition).or_default() += units;
            }
        }
        self.sent = self.sent.saturating_add(other.sent);
        self.received = self.received.saturating_add(other.received);
    }

    /// All capacity units, in thousandths.
    #[must_use]
    pub fn units(&self) -> u64 {
        self.read.table + self.read.indexes + self.written.table + self.written.indexes
    }
}

impl Meter {
    /// A meter for these tables, which does not count capacity units yet.
    pub(super) fn new(tables: &[Table]) -> Self {
        Self { is_on: AtomicBool::new(false), used: Mutex::default(), schema: Schema::of(tables) }
    }

    /// From now on capacity units are counted.
    pub(super) fn start(&self) {
        self.is_on.store(true, Ordering::Relaxed);
    }

    /// What each access key id used.
    pub(super) fn used(&self) -> MutexGuard<'_, BTreeMap<String, Usage>> {
        lock(&self.used)
    }

    fn counts_units(&self, operation: &str) -> bool {
        self.is_on.load(Ordering::Relaxed) && (READS.contains(&operation) || WRITES.contains(&operation))
    }

    /// The request as the engine gets it: it asks what it uses.
    pub(super) fn ask(&self, operation: &str, request: Request<Bytes>) -> Request<Bytes> {
        if !self.counts_units(operation) {
            return request;
        }
        let (mut head, body) = request.into_parts();
        match serde_json::from_slice::<Map<String, Value>>(&body) {
            Ok(mut members) if !members.contains_key(ASK) => {
                members.insert(ASK.to_owned(), "INDEXES".into());
                head.headers.remove(CONTENT_LENGTH);
                Request::from_parts(head, Value::Object(members).to_string().into())
            }
            _ => Request::from_parts(head, body),
        }
    }

    /// Counts a call with this body, and returns the answer as its caller gets it.
    pub(super) fn count(
        &self,
        access_key: &str,
        operation: &str,
        sent: &Bytes,
        answer: Response<Bytes>,
    ) -> Response<Bytes> {
        let (mut head, mut body) = answer.into_parts();
        let mut used = Usage { sent: sent.len(), ..Usage::default() };
        if self.counts_units(operation)
            && let Ok(mut members) = serde_json::from_slice::<Map<String, Value>>(&body)
            && let Some(consumed) = members.remove(CONSUMED)
        {
            let request: Map<String, Value> = serde_json::from_slice(sent).unwrap_or_default();
            if READS.contains(&operation) {
                used.read = units(&consumed);
                used.read_partitions = self.read_partitions(operation, sent, used.units());
            } else {
                used.written = units(&consumed);
                used.partitions = self.partitions(operation, &request);
            }
            if !request.contains_key(ASK) {
                head.headers.remove(CONTENT_LENGTH);
                head.headers.remove(DIGEST);
                body = Value::Object(members).to_string().into();
            }
        }
        used.received = body.len();
        self.used().entry(access_key.to_owned()).or_default().add(operation, used);
        Response::from_parts(head, body)
    }

    /// What a read of so many units took from each partition.
    fn read_partitions(&self, operation: &str, request: &[u8], units: u64) -> BTreeMap<String, u64> {
        let uses = uses(&self.schema, operation, request);
        let each = units.checked_div(u64::try_from(uses.len()).unwrap_or_default()).unwrap_or_default();
        let mut partitions = BTreeMap::new();
        for used in &uses {
            let Some((_, key)) = used.context.first() else { continue };
            let index = used.resource.split_once("/index/").map(|(_, index)| format!("{index}:")).unwrap_or_default();
            *partitions.entry(format!("{index}{key}")).or_default() += each;
        }
        partitions
    }

    /// What a write adds to each partition.
    fn partitions(&self, operation: &str, request: &Map<String, Value>) -> BTreeMap<String, u64> {
        let steps: Vec<(&Map<String, Value>, u64)> = match request.get("TransactItems") {
            Some(Value::Array(items)) if operation == "TransactWriteItems" => {
                let steps = items.iter().filter_map(|item| item.as_object()?.values().next()?.as_object());
                steps.map(|step| (step, 2)).collect()
            }
            _ => vec![(request, 1)],
        };
        let mut partitions = BTreeMap::new();
        for (step, factor) in steps {
            for (partition, units) in self.written(step, factor) {
                *partitions.entry(partition).or_default() += units;
            }
        }
        partitions
    }

    /// What one step adds, of a transaction or by itself. An index has no double price.
    fn written(&self, step: &Map<String, Value>, factor: u64) -> Vec<(String, u64)> {
        let table = step.get("TableName").and_then(Value::as_str).unwrap_or_default();
        let item = step.get("Item");
        let entry = |(index, keys): (Option<&str>, &KeyNames)| match (index, item) {
            (None, Some(item)) => Some((text(item, &keys.partition)?, factor * UNIT * kilobytes(item))),
            (None, None) => Some((text(step.get("Key")?, &keys.partition)?, factor * UNIT)),
            (Some(index), Some(item)) => {
                // An item without all keys of an index is not in it.
                item.get(keys.sort.as_ref()?)?;
                Some((format!("{index}:{}", text(item, &keys.partition)?), UNIT))
            }
            (Some(_), None) => None,
        };
        self.schema.of_table(table).filter_map(entry).collect()
    }
}

/// The value of an attribute that is a text or a number.
fn text(item: &Value, attribute: &str) -> Option<String> {
    item.get(attribute)?.as_object()?.values().next()?.as_str().map(str::to_owned)
}

/// How many kilobytes an item has begun, at least one.
fn kilobytes(item: &Value) -> u64 {
    let item: dynoxide::Item = serde_json::from_value(item.clone()).unwrap_or_default();
    u64::try_from(dynoxide::types::item_size(&item).div_ceil(1_024).max(1)).unwrap_or(u64::MAX)
}

/// What an answer says that its call used, of one table or of several.
fn units(consumed: &Value) -> Units {
    let tables = match consumed {
        Value::Array(tables) => tables.as_slice(),
        table => std::slice::from_ref(table),
    };
    tables.iter().fold(Units::default(), |sum, table| {
        let kinds = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"];
        let indexes = kinds.iter().filter_map(|kind| table.get(*kind)?.as_object());
        let indexes: u64 = indexes.flat_map(Map::values).map(capacity).sum();
        let table = capacity(table).saturating_sub(indexes);
        Units { table: sum.table + table, indexes: sum.indexes + indexes }
    })
}

/// The capacity units of a table, with its indexes, or of an index, in thousandths.
fn capacity(used: &Value) -> u64 {
    match used.get("CapacityUnits") {
        Some(Value::Number(units)) => thousandths(&units.to_string()),
        _ => 0,
    }
}

/// A number of units, as in `12.5`, in thousandths.
fn thousandths(units: &str) -> u64 {
    let (whole, fraction) = units.split_once('.').unwrap_or((units, ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    format!("{whole}{fraction}").parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn meter() -> Meter {
        let create = json!({
            "KeySchema": [
                { "AttributeName": "PK", "KeyType": "HASH" }, { "AttributeName": "SK", "KeyType": "RANGE" }
            ],
            "GlobalSecondaryIndexes": [{
                "IndexName": "due",
                "KeySchema": [
                    { "AttributeName": "shard", "KeyType": "HASH" }, { "AttributeName": "at", "KeyType": "RANGE" }
                ],
            }],
        });
        let (id, name) = ("T".to_owned(), "t".to_owned());
        let table = Table { id, name, create, ttl_attribute: None, has_stream: false, recoverable: false };
        let meter = Meter::new(&[table]);
        meter.start();
        meter
    }

    fn counted(operation: &str, request: &Value, answer: &Value) -> (Usage, Value) {
        let meter = meter();
        let answer = Response::builder().header(DIGEST, "1").body(Bytes::from(answer.to_string())).unwrap();
        let answer = meter.count("LOCALtests", operation, &Bytes::from(request.to_string()), answer);
        let body = serde_json::from_slice(answer.body()).unwrap();
        let used = meter.used().remove("LOCALtests").unwrap();
        assert_eq!(used.received, answer.body().len());
        (used, body)
    }

    #[test]
    fn units_are_read_in_thousandths() {
        for (text, expected) in [("0.5", 500), ("12", 12_000), ("3.25", 3_250), ("1.00049", 1_000), ("x", 0)] {
            assert_eq!(thousandths(text), expected, "{text}");
        }
    }

    #[test]
    fn the_engine_is_asked_and_the_caller_does_not_see_it() {
        let request = Request::new(Bytes::from(r#"{"TableName":"t"}"#));
        let asked = meter().ask("GetItem", request.clone());
        assert_eq!(asked.body(), r#"{"TableName":"t","ReturnConsumedCapacity":"INDEXES"}"#);
        assert_eq!(meter().ask("DescribeTable", request.clone()).body(), request.body());
        let consumed = json!({ "TableName": "t", "CapacityUnits": 0.5, "Table": { "CapacityUnits": 0.5 } });
        let sent = json!({ "TableName": "t" });
        let (used, seen) = counted("GetItem", &sent, &json!({ "Item": {}, "ConsumedCapacity": consumed }));
        assert_eq!(seen, json!({ "Item": {} }));
        assert_eq!((used.read, used.written), (Units { table: 500, indexes: 0 }, Units::default()));
        assert_eq!((used.calls, used.sent), (BTreeMap::from([("GetItem".to_owned(), 1)]), sent.to_string().len()));
    }

    #[test]
    fn who_asks_by_itself_gets_the_answer() {
        let sent = json!({ "TableName": "t", "ReturnConsumedCapacity": "TOTAL" });
        let request = Request::new(Bytes::from(sent.to_string()));
        assert_eq!(meter().ask("Query", request.clone()).body(), request.body());
        let answer = json!({ "ConsumedCapacity": { "TableName": "t", "CapacityUnits": 2.0 } });
        let (used, seen) = counted("Query", &sent, &answer);
        assert_eq!((used.read.table, seen), (2_000, answer));
    }

    #[test]
    fn a_transaction_costs_double_on_the_table_and_its_partitions_are_told_apart() {
        let long = "x".repeat(1_500);
        let put = |pk: &str| {
            json!({ "Put": { "TableName": "t", "Item": {
            "PK": { "S": pk }, "SK": { "S": "a" }, "text": { "S": long }, "shard": { "S": "7" }, "at": { "N": "1" },
        } } })
        };
        let check =
            json!({ "ConditionCheck": { "TableName": "t", "Key": { "PK": { "S": "b" }, "SK": { "S": "x" } } } });
        let sent = json!({ "TransactItems": [put("a"), put("b"), check] });
        let consumed = json!([{
            "TableName": "t", "CapacityUnits": 12.0, "Table": { "CapacityUnits": 10.0 },
            "GlobalSecondaryIndexes": { "due": { "CapacityUnits": 2.0 } },
        }]);
        let (used, _) = counted("TransactWriteItems", &sent, &json!({ "ConsumedCapacity": consumed }));
        assert_eq!(used.written, Units { table: 10_000, indexes: 2_000 });
        assert_eq!(used.units(), 12_000);
        let expected = [("a", 4_000), ("b", 6_000), ("due:7", 2_000)];
        assert_eq!(used.partitions, BTreeMap::from(expected.map(|(name, units)| (name.to_owned(), units))));
    }

    #[test]
    fn a_read_is_divided_among_the_keys_that_it_names() {
        let key = |pk: &str| json!({ "PK": { "S": pk }, "SK": { "S": "x" } });
        let sent = json!({ "RequestItems": { "t": { "Keys": [key("a"), key("b")] } } });
        let consumed = json!([{ "TableName": "t", "CapacityUnits": 3.0 }]);
        let (used, _) = counted("BatchGetItem", &sent, &json!({ "ConsumedCapacity": consumed }));
        let expected = ["a", "b"].map(|name| (name.to_owned(), 1_500));
        assert_eq!(used.read_partitions, BTreeMap::from(expected));
        let sent = json!({
            "TableName": "t", "IndexName": "due", "KeyConditionExpression": "shard = :shard",
            "ExpressionAttributeValues": { ":shard": { "S": "7" } },
        });
        let consumed = json!({
            "TableName": "t", "CapacityUnits": 0.5,
            "GlobalSecondaryIndexes": { "due": { "CapacityUnits": 0.5 } },
        });
        let (used, _) = counted("Query", &sent, &json!({ "ConsumedCapacity": consumed }));
        assert_eq!(used.read, Units { table: 0, indexes: 500 });
        assert_eq!(used.read_partitions, BTreeMap::from([("due:7".to_owned(), 500)]));
    }

    #[test]
    fn an_item_without_all_keys_of_an_index_is_not_in_it() {
        let item = json!({ "PK": { "S": "a" }, "SK": { "S": "a" }, "shard": { "S": "7" } });
        let sent = json!({ "TableName": "t", "Item": item });
        let consumed = json!({ "TableName": "t", "CapacityUnits": 1.0 });
        let (used, _) = counted("PutItem", &sent, &json!({ "ConsumedCapacity": consumed }));
        assert_eq!(used.partitions, BTreeMap::from([("a".to_owned(), 1_000)]));
    }
}
