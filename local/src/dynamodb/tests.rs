//! What callers see of the front: an engine's answers, the count of their calls, and the faults.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::*;

fn table() -> Table {
    Table {
        id: "EphemeralTable".to_owned(),
        name: "recourse-ephemeral".to_owned(),
        create: json!({
            "TableName": "recourse-ephemeral", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
        }),
        ttl_attribute: Some("expires_at".to_owned()),
        has_stream: false,
        recoverable: false,
    }
}

async fn started(data: Option<&Path>) -> (DynamoDb, EngineClient) {
    let db = DynamoDb::start(&Engine::Embedded, data, &[table()]).await.unwrap();
    let caller = EngineClient::new(db.endpoint().trim_start_matches("http://").to_owned());
    (db, caller)
}

async fn put(caller: &EngineClient, pk: &str, expires_at: u64) -> Result<Value, EngineError> {
    let item = json!({"PK": {"S": pk}, "expires_at": {"N": expires_at.to_string()}});
    caller.call("PutItem", &json!({"TableName": "recourse-ephemeral", "Item": item})).await
}

/// A transaction that puts `pk` and one more item.
async fn transact(caller: &EngineClient, pk: &str) -> Result<Value, EngineError> {
    let put = |pk: String| json!({"Put": {"TableName": "recourse-ephemeral", "Item": {"PK": {"S": pk}}}});
    let items = json!([put(pk.to_owned()), put(format!("{pk}-2"))]);
    caller.call("TransactWriteItems", &json!({"TransactItems": items})).await
}

async fn keys(caller: &EngineClient) -> Vec<String> {
    let answer = caller.call("Scan", &json!({"TableName": "recourse-ephemeral"})).await.unwrap();
    let items = answer["Items"].as_array().unwrap();
    let mut keys: Vec<String> = items.iter().map(|i| i["PK"]["S"].as_str().unwrap().to_owned()).collect();
    keys.sort();
    keys
}

fn refusal(result: Result<Value, EngineError>) -> (String, Value) {
    match result {
        Err(EngineError::Refused { exception, answer, .. }) => (exception, serde_json::from_str(&answer).unwrap()),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn calls_are_counted_and_say_who_made_them() {
    let (db, caller) = started(None).await;
    assert_eq!(db.calls(), [], "creating the tables is not counted");
    put(&caller, "a", 1).await.unwrap();
    assert_eq!(keys(&caller).await, ["a"]);
    let call = |operation: &str| Call { operation: operation.to_owned(), access_key: "LOCAL".to_owned() };
    assert_eq!(db.calls(), [call("PutItem"), call("Scan")]);
    db.clear_calls();
    assert_eq!(db.calls(), []);
    db.stop().await;
    assert!(matches!(put(&caller, "b", 1).await, Err(EngineError::Silent { .. })));
}

/// The caller's access key id is `LOCAL`, that of a function without a name.
#[tokio::test]
async fn what_a_caller_uses_is_what_the_engine_says_and_the_answer_does_not_have_it() {
    let (db, caller) = started(None).await;
    put(&caller, "uncounted", 1).await.unwrap();
    assert_eq!((db.units(""), db.usage("").calls["PutItem"]), (0, 1));
    db.measure_units();
    db.clear_calls();
    let answer = put(&caller, "a", 1).await.unwrap();
    assert_eq!((answer, db.usage("").written), (json!({}), Units { table: 1_000, indexes: 0 }));
    db.clear_calls();
    // A token that was used costs nothing here, and an item of a transaction costs double.
    for _ in 0..2 {
        create(&caller, "b", "token").await.unwrap();
    }
    let used = db.usage("");
    assert_eq!((used.calls["TransactWriteItems"], used.written), (2, Units { table: 2_000, indexes: 0 }));
    assert_eq!(used.partitions, std::collections::BTreeMap::from([("b".to_owned(), 2_000)]));
    db.clear_calls();
    let key = json!({"TableName": "recourse-ephemeral", "Key": {"PK": {"S": "a"}}});
    caller.call("GetItem", &key).await.unwrap();
    let used = db.usage("");
    // Half a unit, as the read may be stale.
    assert_eq!((used.read, used.written), (Units { table: 500, indexes: 0 }, Units::default()));
    assert_eq!((used.sent, db.answered("") > 0), (key.to_string().len(), true));
}

#[tokio::test]
async fn out_of_reach_closes_without_doing() {
    let (db, caller) = started(None).await;
    put(&caller, "before", 1).await.unwrap();
    db.set_fault(Fault::Unreachable);
    assert!(matches!(put(&caller, "during", 1).await, Err(EngineError::Silent { .. })));
    db.set_fault(Fault::None);
    assert_eq!(keys(&caller).await, ["before"]);
}

#[tokio::test]
async fn a_hang_never_answers_and_does_nothing() {
    let (db, caller) = started(None).await;
    db.set_fault(Fault::Hang);
    assert!(timeout(Duration::from_millis(200), put(&caller, "during", 1)).await.is_err());
    db.set_fault(Fault::None);
    assert_eq!(keys(&caller).await, [""; 0]);
}

#[tokio::test]
async fn a_server_error_is_an_answer_and_does_nothing() {
    let (db, caller) = started(None).await;
    db.set_fault(Fault::ServerError);
    assert_eq!(refusal(put(&caller, "during", 1).await).0, "InternalServerError");
    db.set_fault(Fault::None);
    assert_eq!(keys(&caller).await, [""; 0]);
}

#[tokio::test]
async fn a_lost_answer_is_lost_after_the_transaction_is_done() {
    let (db, caller) = started(None).await;
    db.set_fault(Fault::LoseAnswer { times: 1 });
    assert!(matches!(transact(&caller, "a").await, Err(EngineError::Silent { .. })));
    assert_eq!(keys(&caller).await, ["a", "a-2"]);
    transact(&caller, "b").await.unwrap();
}

/// A transaction with a token that puts `pk`, which must not be there.
async fn create(caller: &EngineClient, pk: &str, token: &str) -> Result<Value, EngineError> {
    let item = json!({"TableName": "recourse-ephemeral", "Item": {"PK": {"S": pk}},
        "ConditionExpression": "attribute_not_exists(PK)"});
    let input = json!({"TransactItems": [{"Put": item}], "ClientRequestToken": token});
    caller.call("TransactWriteItems", &input).await
}

#[tokio::test]
async fn a_transaction_is_carried_out_once_for_each_token() {
    let (db, caller) = started(None).await;
    db.set_fault(Fault::LoseAnswer { times: 1 });
    assert!(matches!(create(&caller, "a", "first").await, Err(EngineError::Silent { .. })));
    create(&caller, "a", "first").await.unwrap();
    assert_eq!(refusal(create(&caller, "a", "second").await).0, "TransactionCanceledException");
    assert_eq!(refusal(create(&caller, "b", "first").await).0, "IdempotentParameterMismatchException");
    // What failed was not carried out, so its token is free.
    create(&caller, "c", "second").await.unwrap();
    let both = tokio::join!(create(&caller, "d", "third"), create(&caller, "d", "third"));
    assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
    assert_eq!(keys(&caller).await, ["a", "c", "d"]);
}

#[tokio::test]
async fn a_conflict_cancels_with_a_reason_for_each_item() {
    let (db, caller) = started(None).await;
    db.set_fault(Fault::Conflict { times: 1 });
    put(&caller, "single", 1).await.unwrap();
    let (exception, answer) = refusal(transact(&caller, "a").await);
    assert_eq!(exception, "TransactionCanceledException");
    let codes: Vec<&str> =
        answer["CancellationReasons"].as_array().unwrap().iter().map(|r| r["Code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["TransactionConflict", "None"]);
    assert_eq!(keys(&caller).await, ["single"]);
    transact(&caller, "a").await.unwrap();
}

#[tokio::test]
async fn a_throttle_strikes_every_operation_as_often_as_it_says() {
    let (db, caller) = started(None).await;
    db.set_fault(Fault::Throttle { times: 2 });
    assert_eq!(refusal(put(&caller, "a", 1).await).0, "ThrottlingException");
    let (exception, answer) = refusal(transact(&caller, "a").await);
    assert_eq!(
        (exception.as_str(), &answer["CancellationReasons"][0]["Code"]),
        ("TransactionCanceledException", &json!("ThrottlingError"))
    );
    assert_eq!(keys(&caller).await, [""; 0]);
}

#[tokio::test]
async fn only_what_has_expired_by_then_is_deleted() {
    let (db, caller) = started(None).await;
    for (pk, expires_at) in [("past", 999), ("now", 1_000), ("future", 1_001)] {
        put(&caller, pk, expires_at).await.unwrap();
    }
    transact(&caller, "without").await.unwrap();
    assert_eq!(db.expire(1_000).await.unwrap(), 1);
    assert_eq!(keys(&caller).await, ["future", "now", "without", "without-2"]);
}

#[tokio::test]
async fn a_data_folder_stores_the_items_and_the_tables() {
    let folder = tempfile::tempdir().unwrap();
    let (db, caller) = started(Some(folder.path())).await;
    put(&caller, "stays", 1).await.unwrap();
    db.stop().await;
    let (_db, caller) = started(Some(folder.path())).await;
    assert_eq!(keys(&caller).await, ["stays"]);
}

#[tokio::test]
async fn a_start_names_what_dynamodb_local_lacks() {
    let engine = Engine::DynamoDbLocal { dir: "/nowhere".into() };
    let error = DynamoDb::start(&engine, None, &[]).await.unwrap_err().to_string();
    assert!(error.contains("DynamoDBLocal.jar is not in /nowhere"), "{error}");
    let error = DynamoDb::start(&engine, Some(Path::new("/tmp")), &[]).await.unwrap_err().to_string();
    assert!(error.contains("runs in memory here"), "{error}");
}
