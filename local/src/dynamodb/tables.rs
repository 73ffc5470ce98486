//! The template's tables: created when they are not there, and swept of what has expired.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{EngineClient, EngineError};
use crate::template::Table;

/// A table whose items expire.
#[derive(Debug, Clone)]
pub(super) struct Expiring {
    table: String,
    attribute: String,
    /// The names of its key attributes.
    key: Vec<String>,
}

impl Expiring {
    /// `None` when nothing in `table` expires.
    pub(super) fn of(table: &Table) -> Option<Self> {
        let schema = table.create.get("KeySchema").and_then(Value::as_array);
        let name = |part: &Value| part.get("AttributeName").and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            table: table.name.clone(),
            attribute: table.ttl_attribute.clone()?,
            key: schema.into_iter().flatten().filter_map(name).collect(),
        })
    }
}

/// Creates `table` with its time to live, unless it exists, and waits until it can be used.
pub(super) async fn create(engine: &EngineClient, table: &Table) -> Result<(), EngineError> {
    match engine.call("CreateTable", &table.create).await {
        Err(EngineError::Refused { exception, .. }) if exception == "ResourceInUseException" => return Ok(()),
        Err(error) => return Err(error),
        Ok(_) => {}
    }
    while status(engine, &table.name).await? != "ACTIVE" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    if let Some(attribute) = &table.ttl_attribute {
        let ttl = json!({"AttributeName": attribute, "Enabled": true});
        engine.call("UpdateTimeToLive", &json!({"TableName": table.name, "TimeToLiveSpecification": ttl})).await?;
    }
    Ok(())
}

async fn status(engine: &EngineClient, table: &str) -> Result<String, EngineError> {
    let answer = engine.call("DescribeTable", &json!({"TableName": table})).await?;
    Ok(answer.pointer("/Table/TableStatus").and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// Deletes the items of `table` that expired before `now` (Unix seconds), and returns how many.
///
/// Each is deleted only if it still has expired then, so an item that was renewed meanwhile stays.
pub(super) async fn expire(engine: &EngineClient, table: &Expiring, now: u64) -> Result<usize, EngineError> {
    let condition = "#at < :now";
    let names = json!({"#at": table.attribute});
    let values = json!({":now": {"N": now.to_string()}});
    let mut scan = json!({
        "TableName": table.table, "ConsistentRead": true, "FilterExpression": condition,
        "ExpressionAttributeNames": names, "ExpressionAttributeValues": values,
    });
    let mut deleted = 0_usize;
    loop {
        let page = engine.call("Scan", &scan).await?;
        for item in page.get("Items").and_then(Value::as_array).into_iter().flatten() {
            let key: serde_json::Map<String, Value> =
                table.key.iter().filter_map(|name| Some((name.clone(), item.get(name)?.clone()))).collect();
            let delete = json!({
                "TableName": table.table, "Key": key, "ConditionExpression": condition,
                "ExpressionAttributeNames": names, "ExpressionAttributeValues": values,
            });
            match engine.call("DeleteItem", &delete).await {
                Ok(_) => deleted = deleted.saturating_add(1),
                Err(EngineError::Refused { exception, .. }) if exception == "ConditionalCheckFailedException" => {}
                Err(error) => return Err(error),
            }
        }
        let Some(next) = page.get("LastEvaluatedKey").filter(|key| !key.is_null()) else { return Ok(deleted) };
        if let Some(scan) = scan.as_object_mut() {
            scan.insert("ExclusiveStartKey".to_owned(), next.clone());
        }
    }
}
