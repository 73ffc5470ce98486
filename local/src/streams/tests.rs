//! The mapping over a real engine, with a function that a test plays.

use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::time::{Instant, timeout};

use super::*;
use crate::dynamodb::{Engine, EngineClient};
use crate::template::Table;

const TABLE: &str = "recourse-disputes";
const POLL: Duration = Duration::from_millis(5);

fn table() -> Table {
    Table {
        id: "DisputesTable".to_owned(),
        name: TABLE.to_owned(),
        create: json!({
            "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
        }),
        ttl_attribute: None,
        has_stream: true,
        recoverable: false,
    }
}

fn source(batch_size: usize, max_retries: u32) -> StreamSource {
    StreamSource {
        table: TABLE.to_owned(),
        batch_size,
        patterns: vec![json!({"eventName": ["INSERT"], "dynamodb": {"NewImage": {"item": {"S": ["mail"]}}}})],
        max_retries: Some(max_retries),
        partial_batch: true,
        bisect: false,
    }
}

async fn database(data: Option<&Path>) -> (DynamoDb, EngineClient) {
    let db = DynamoDb::start(&Engine::Embedded, data, &[table()]).await.unwrap();
    let caller = EngineClient::new(db.endpoint().trim_start_matches("http://").to_owned());
    (db, caller)
}

async fn put(caller: &EngineClient, pk: &str, item: &str) {
    let item = json!({"PK": {"S": pk}, "item": {"S": item}});
    caller.call("PutItem", &json!({"TableName": TABLE, "Item": item})).await.unwrap();
}

/// What the function was called with.
type Events = Arc<Mutex<Vec<Value>>>;

/// Starts a mapping whose function notes each event and answers what `answer` makes of it.
async fn pump<R>(db: &DynamoDb, source: &StreamSource, log: &LogSink, answer: R) -> (Pump, Events)
where
    R: Fn(usize, &[Value]) -> Result<Value, StreamError> + Send + Sync + Copy + 'static,
{
    let events = Events::default();
    let noted = Arc::clone(&events);
    let invoke = move |payload: Vec<u8>| {
        let event: Value = serde_json::from_slice(&payload).unwrap();
        let records = event["Records"].as_array().unwrap().clone();
        let mut noted = noted.lock().unwrap();
        let result = answer(noted.len(), &records).map(|a| a.to_string().into_bytes());
        noted.push(event);
        async move { result }
    };
    (Pump::start(db, source, "WorkerOutbox", POLL, log.clone(), invoke).await.unwrap(), events)
}

/// The keys of each event, once there are `count` events.
async fn keys(events: &Events, count: usize) -> Vec<Vec<String>> {
    let deadline = Instant::now() + Duration::from_secs(10);
    while events.lock().unwrap().len() < count {
        assert!(Instant::now() < deadline, "{count} events expected, there are {:?}", events.lock().unwrap());
        sleep(POLL).await;
    }
    let pk = |record: &Value| record["dynamodb"]["Keys"]["PK"]["S"].as_str().unwrap().to_owned();
    events.lock().unwrap().iter().map(|e| e["Records"].as_array().unwrap().iter().map(pk).collect()).collect()
}

#[tokio::test]
async fn records_that_pass_the_filter_arrive_in_order_and_in_batches() {
    let (db, caller) = database(None).await;
    for (pk, item) in [("1", "mail"), ("2", "dispute"), ("3", "mail"), ("1", "mail"), ("4", "mail")] {
        put(&caller, pk, item).await;
    }
    let (pump, events) =
        pump(&db, &source(2, 3), &LogSink::buffered(), |_, _| Ok(json!({"batchItemFailures": []}))).await;
    assert_eq!(keys(&events, 2).await, [vec!["1", "3"], vec!["4"]], "a changed item is not an INSERT");
    let record = events.lock().unwrap()[0]["Records"][0].clone();
    assert_eq!(record["eventSource"], "aws:dynamodb");
    assert_eq!(record["dynamodb"]["NewImage"], json!({"PK": {"S": "1"}, "item": {"S": "mail"}}));
    assert_eq!(record["dynamodb"]["StreamViewType"], "NEW_IMAGE");
    assert!(
        record["dynamodb"]["SequenceNumber"].is_string()
            && record["dynamodb"]["ApproximateCreationDateTime"].is_number()
    );
    put(&caller, "5", "mail").await;
    assert_eq!(keys(&events, 3).await[2], ["5"]);
    assert!(db.calls().iter().all(|call| call.operation == "PutItem"), "reading the stream is not counted");
    pump.stop().await;
}

#[tokio::test]
async fn a_reported_failure_is_tried_again_from_there() {
    let (db, caller) = database(None).await;
    for pk in ["1", "2", "3"] {
        put(&caller, pk, "mail").await;
    }
    let log = LogSink::buffered();
    let (_pump, events) = pump(&db, &source(10, 3), &log, |call, records| {
        let second = sequence_number(&records[if call == 0 { 1 } else { 0 }]).to_owned();
        Ok(if call == 0 { json!({"batchItemFailures": [{"itemIdentifier": second}]}) } else { Value::Null })
    })
    .await;
    assert_eq!(keys(&events, 2).await, [vec!["1", "2", "3"], vec!["2", "3"]]);
    assert_eq!(log.lines(), []);
}

#[tokio::test]
async fn attempts_end_the_log_says_so_and_the_stream_goes_on() {
    let (db, caller) = database(None).await;
    put(&caller, "1", "mail").await;
    let log = LogSink::buffered();
    let fails_three_times =
        |call, _: &[Value]| if call < 3 { Err(StreamError::Failed("it fell over".to_owned())) } else { Ok(json!({})) };
    let (_pump, events) = pump(&db, &source(10, 2), &log, fails_three_times).await;
    keys(&events, 3).await;
    put(&caller, "2", "mail").await;
    assert_eq!(keys(&events, 4).await, [["1"], ["1"], ["1"], ["2"]]);
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].text.contains("gave up 1 records") && lines[0].text.ends_with("3 attempts: it fell over"),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_batch_that_does_not_reach_the_function_is_no_attempt() {
    let (db, caller) = database(None).await;
    put(&caller, "1", "mail").await;
    let log = LogSink::buffered();
    let throttled =
        |call, _: &[Value]| if call < 4 { Err(StreamError::NotReached("429".to_owned())) } else { Ok(Value::Null) };
    let (_pump, events) = pump(&db, &source(10, 0), &log, throttled).await;
    assert_eq!(keys(&events, 5).await.len(), 5);
    assert_eq!(log.lines(), []);
}

#[tokio::test]
async fn a_new_run_on_the_same_data_goes_on_where_the_last_one_ended() {
    let folder = tempfile::tempdir().unwrap();
    let (db, caller) = database(Some(folder.path())).await;
    put(&caller, "1", "mail").await;
    let (first, events) = pump(&db, &source(10, 0), &LogSink::buffered(), |_, _| Ok(Value::Null)).await;
    assert_eq!(keys(&events, 1).await, [["1"]]);
    let place = folder.path().join(format!("stream-WorkerOutbox-{TABLE}.json"));
    let noted = async {
        while !place.exists() {
            sleep(POLL).await;
        }
    };
    timeout(Duration::from_secs(10), noted).await.unwrap();
    first.stop().await;
    db.stop().await;

    let (db, caller) = database(Some(folder.path())).await;
    put(&caller, "2", "mail").await;
    let (_second, events) = pump(&db, &source(10, 0), &LogSink::buffered(), |_, _| Ok(Value::Null)).await;
    assert_eq!(keys(&events, 1).await, [["2"]]);
}

#[tokio::test]
async fn a_batch_that_fails_as_a_whole_is_halved_until_only_the_bad_record_is_given_up() {
    let (db, caller) = database(None).await;
    for pk in ["1", "2", "3", "4"] {
        put(&caller, pk, "mail").await;
    }
    let log = LogSink::buffered();
    let source = StreamSource { bisect: true, ..source(10, 1) };
    let (_pump, events) = pump(&db, &source, &log, |_, records| {
        let bad = records.iter().any(|record| record["dynamodb"]["Keys"]["PK"]["S"] == "3");
        if bad { Err(StreamError::Failed("a crash".to_owned())) } else { Ok(Value::Null) }
    })
    .await;
    let expected: [&[&str]; 6] = [&["1", "2", "3", "4"], &["1", "2"], &["3", "4"], &["3"], &["3"], &["4"]];
    assert_eq!(keys(&events, 6).await, expected);
    let [line] = &log.lines()[..] else { panic!("{:?}", log.lines()) };
    assert!(line.text.contains("gave up 1 records") && line.text.contains("after 2 attempts: a crash"), "{line:?}");
}

#[tokio::test]
async fn a_table_without_a_stream_and_a_filter_that_is_not_understood_are_refused() {
    let (db, _) = database(None).await;
    let start = |source: StreamSource| {
        let db = db.clone();
        async move {
            Pump::start(&db, &source, "F", POLL, LogSink::buffered(), |_| async { Ok(Vec::new()) })
                .await
                .unwrap_err()
                .to_string()
        }
    };
    let error = start(StreamSource { table: "recourse-ephemeral".to_owned(), ..source(1, 1) }).await;
    assert!(error.contains("recourse-ephemeral has no stream"), "{error}");
    let error = start(StreamSource { patterns: vec![json!({"a": [{"numeric": [">", 1]}]})], ..source(1, 1) }).await;
    assert!(error.contains("FilterCriteria of F") && error.contains("numeric"), "{error}");
}

/// The sequence numbers of all records that the engine still has of the stream.
async fn left(db: &DynamoDb) -> Vec<String> {
    let call = async |operation: &str, input: Value| db.engine().stream_call(operation, &input).await.unwrap();
    let arn = call("ListStreams", json!({"TableName": TABLE})).await["Streams"][0]["StreamArn"].clone();
    let shard =
        call("DescribeStream", json!({"StreamArn": arn})).await["StreamDescription"]["Shards"][0]["ShardId"].clone();
    let from = json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
    let iterator = call("GetShardIterator", from).await["ShardIterator"].clone();
    let records = call("GetRecords", json!({"ShardIterator": iterator, "Limit": 1000})).await["Records"].clone();
    records.as_array().unwrap().iter().map(|record| sequence_number(record).to_owned()).collect()
}

#[tokio::test]
async fn records_that_every_reader_has_passed_are_gone_and_the_stream_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    for data in [None, Some(folder.path())] {
        let (db, caller) = database(data).await;
        for reader in ["WorkerOutbox", "WorkerCounters"] {
            db.progress().expect(TABLE, reader);
        }
        for pk in 0..20 {
            put(&caller, &pk.to_string(), "mail").await;
        }
        let all = left(&db).await;
        assert_eq!(all.len(), 20);
        let (_pump, events) = pump(&db, &source(100, 0), &LogSink::buffered(), |_, _| Ok(Value::Null)).await;
        keys(&events, 1).await;
        sleep(20 * POLL).await;
        assert_eq!(left(&db).await, all, "the other reader has not passed them");
        db.progress().passed(TABLE, "WorkerCounters", &all[11]);
        let trimmed = async |count: usize| {
            while left(&db).await.len() != count {
                sleep(POLL).await
            }
        };
        timeout(Duration::from_secs(10), trimmed(9)).await.unwrap();
        db.progress().passed(TABLE, "WorkerCounters", &all[19]);
        timeout(Duration::from_secs(10), trimmed(1)).await.unwrap();
        // The last one stays, so that sequence numbers go on from it.
        assert_eq!(left(&db).await, all[19..]);
        put(&caller, "new", "mail").await;
        assert_eq!(keys(&events, 2).await[1], ["new"]);
        assert!(left(&db).await.last() > all.last());
        db.stop().await;
    }
}

#[tokio::test]
async fn a_stream_that_nothing_is_written_to_is_left_alone() {
    let (db, caller) = database(None).await;
    put(&caller, "1", "mail").await;
    let (_pump, events) = pump(&db, &source(10, 0), &LogSink::buffered(), |_, _| Ok(Value::Null)).await;
    keys(&events, 1).await;
    sleep(AWAKE + 10 * POLL).await;
    let before = Instant::now();
    put(&caller, "2", "mail").await;
    assert_eq!(keys(&events, 2).await[1], ["2"], "a write wakes the reader");
    assert!(before.elapsed() < ASLEEP, "{:?}", before.elapsed());
}
