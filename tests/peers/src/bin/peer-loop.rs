//! The two DynamoDB calls of a report in a bare loop: no signature, no rule, no log line.
//!
//! `ITEMS` names a file with the items that `iimmpact-report` wrote for one report, in DynamoDB's
//! own JSON. For each event this reads the same pointer and writes the same items under new keys,
//! in one `TransactWriteItems` with the same conditions. What it takes is what the SDK and DynamoDB
//! take.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use recourse_aws::{Aws, Service};
use serde_json::{Value, json};

type Item = HashMap<String, AttributeValue>;

/// What is written, as it was captured.
struct Captured {
    /// Each with its table.
    items: Vec<(String, Item)>,
    /// The dispute's number, the transaction's id and the nonce, which are in the items' keys.
    number: String,
    trxid: String,
    nonce: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = Aws::from_environment()?;
    let client = Client::new(&aws.config(Service::DynamoDb));
    let tables = [std::env::var("DISPUTES_TABLE")?, std::env::var("EPHEMERAL_TABLE")?];
    let captured = Captured::read(&std::fs::read_to_string(std::env::var("ITEMS")?)?, &tables)?;
    let (client, disputes, captured) = (&client, tables[0].as_str(), &captured);
    run(service_fn(
        move |event: LambdaEvent<Value>| async move { report(client, disputes, captured, &event.payload).await },
    ))
    .await
}

/// Makes the two calls.
async fn report(client: &Client, disputes: &str, captured: &Captured, event: &Value) -> Result<Value, Error> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).ok_or("the event is no report");
    let body: Value = serde_json::from_str(text("/body")?)?;
    let refid = body.get("refid").and_then(Value::as_str).ok_or("the body has no refid")?;
    let pointer = client
        .get_item()
        .table_name(disputes)
        .key("PK", AttributeValue::S(format!("REF#production#acct_demo#{refid}")))
        .key("SK", AttributeValue::S("REF".to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    let facts = pointer.item.as_ref().and_then(|item| item.get("facts")?.as_m().ok());
    let trxid = facts.and_then(|facts| facts.get("trxid")?.as_s().ok()).ok_or("the pointer leads nowhere")?;
    let number = number_like(&captured.number)?;
    let nonce = text("/headers/x-nonce")?;
    let renamed = [(&captured.number, number.as_str()), (&captured.trxid, trxid.as_str()), (&captured.nonce, nonce)];
    let status = ConditionCheck::builder()
        .table_name(disputes)
        .key("PK", AttributeValue::S(format!("TXN#production#{trxid}")))
        .key("SK", AttributeValue::S("TXN".to_owned()))
        .condition_expression("transaction_status = :status")
        .expression_attribute_values(":status", AttributeValue::S("Succesful".to_owned()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()?;
    let mut writes = vec![TransactWriteItem::builder().condition_check(status).build()];
    for (table, item) in &captured.items {
        let put = Put::builder()
            .table_name(table)
            .set_item(Some(under_new_keys(item, &renamed)))
            .condition_expression("attribute_not_exists(PK)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()?;
        writes.push(TransactWriteItem::builder().put(put).build());
    }
    client.transact_write_items().set_transact_items(Some(writes)).send().await?;
    Ok(json!({ "statusCode": 200, "headers": {}, "body": "{}", "isBase64Encoded": false }))
}

/// A random number with as many digits as this one.
fn number_like(digits: &str) -> Result<String, Error> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)?;
    let random = format!("{:020}", u64::from_le_bytes(bytes));
    // The last digits are the random ones, and a number begins with no zero.
    let tail: String = random.chars().rev().take(digits.len().saturating_sub(1)).collect();
    Ok(format!("9{tail}"))
}

/// A copy of an item, in whose key these texts are replaced.
fn under_new_keys(item: &Item, renamed: &[(&String, &str)]) -> Item {
    let mut copy = item.clone();
    for name in ["PK", "SK"] {
        if let Some(AttributeValue::S(key)) = copy.get_mut(name) {
            for (old, new) in renamed {
                *key = key.replace(old.as_str(), new);
            }
        }
    }
    copy
}

impl Captured {
    fn read(text: &str, tables: &[String; 2]) -> Result<Self, Error> {
        let captured: Value = serde_json::from_str(text)?;
        let mut items = Vec::new();
        for (name, table) in ["disputes", "ephemeral"].into_iter().zip(tables) {
            for item in captured.get(name).and_then(Value::as_array).into_iter().flatten() {
                items.push((table.clone(), members(item).ok_or("ITEMS has something that is no item")?));
            }
        }
        let part = |name: &str| captured.get(name).and_then(Value::as_str).map(str::to_owned);
        let missing = "ITEMS names no number, trxid and nonce";
        let (number, trxid) = part("number").zip(part("trxid")).ok_or(missing)?;
        Ok(Self { items, number, trxid, nonce: part("nonce").ok_or(missing)? })
    }
}

/// The members of an item or of a map, out of DynamoDB's own JSON.
fn members(json: &Value) -> Option<Item> {
    json.as_object()?.iter().map(|(name, value)| Some((name.clone(), attribute(value)?))).collect()
}

/// A value out of DynamoDB's own JSON; none of the items has sets or bytes.
fn attribute(json: &Value) -> Option<AttributeValue> {
    let (kind, value) = json.as_object()?.iter().next()?;
    Some(match kind.as_str() {
        "S" => AttributeValue::S(value.as_str()?.to_owned()),
        "N" => AttributeValue::N(value.as_str()?.to_owned()),
        "BOOL" => AttributeValue::Bool(value.as_bool()?),
        "NULL" => AttributeValue::Null(true),
        "M" => AttributeValue::M(members(value)?),
        "L" => AttributeValue::L(value.as_array()?.iter().map(attribute).collect::<Option<_>>()?),
        _ => return None,
    })
}
