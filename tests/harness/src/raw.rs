//! DynamoDB's API without an SDK, for what the store does not offer: creating tables, reading every
//! item, making a mail due.

use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use http::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use recourse_local::Cloud;
use recourse_store::MailId;
use serde_json::{Value, json};

/// Items in DynamoDB's own JSON, by their keys.
pub type Items = BTreeMap<(String, String), Value>;

/// Both engines require a signature and check none.
const AUTHORIZATION: &str =
    "AWS4-HMAC-SHA256 Credential=LOCALtests/20200101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";

/// Calls `operation` at `endpoint`, which has to succeed.
pub async fn call(endpoint: &str, operation: &str, input: &Value) -> Value {
    let request = Request::post(endpoint)
        .header("content-type", "application/x-amz-json-1.0")
        .header("authorization", AUTHORIZATION)
        .header("x-amz-date", "20200101T000000Z")
        .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
        .body(Body::from(input.to_string()))
        .unwrap();
    let answer = Client::builder(TokioExecutor::new()).build_http().request(request).await.unwrap();
    let status = answer.status();
    let body = to_bytes(Body::new(answer.into_body()), usize::MAX).await.unwrap();
    assert!(status.is_success(), "{operation}: {status} {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap()
}

/// Creates a table and waits until it can be used.
pub async fn create_table(endpoint: &str, create: &Value) {
    call(endpoint, "CreateTable", create).await;
    let name = json!({ "TableName": create["TableName"] });
    while call(endpoint, "DescribeTable", &name).await["Table"]["TableStatus"] != "ACTIVE" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Every item of a table.
pub async fn items(endpoint: &str, table: &str) -> Items {
    let mut scan = json!({ "TableName": table, "ConsistentRead": true });
    let mut items = Items::new();
    loop {
        let page = call(endpoint, "Scan", &scan).await;
        for item in page["Items"].as_array().unwrap() {
            let part = |name: &str| item[name]["S"].as_str().unwrap().to_owned();
            items.insert((part("PK"), part("SK")), item.clone());
        }
        match page.get("LastEvaluatedKey").filter(|key| !key.is_null()) {
            Some(key) => scan["ExclusiveStartKey"] = key.clone(),
            None => return items,
        }
    }
}

/// Makes a pending mail due, as if its wait or its lease were over.
pub async fn make_due(cloud: &Cloud, mail: MailId) {
    let update = json!({
        "TableName": table(cloud, "DISPUTES_TABLE"),
        "Key": { "PK": { "S": format!("DSP#{}", mail.number) }, "SK": { "S": format!("MAIL#{:010}", mail.version) } },
        "UpdateExpression": "SET outbox_due = :past", "ConditionExpression": "attribute_exists(outbox_due)",
        "ExpressionAttributeValues": { ":past": { "N": "0" } },
    });
    call(&cloud.dynamodb.endpoint(), "UpdateItem", &update).await;
}

/// The table whose name functions read from `variable`.
pub fn table(cloud: &Cloud, variable: &str) -> String {
    cloud.environment().into_iter().find(|(name, _)| *name == variable).unwrap().1
}
