//! A worker that cannot process an item reports it, and processes the items behind it.

use recourse_dispute::lifecycle::Closing;
use serde_json::{Value, json};

use crate::harness::{COUNTERS, DEADLINES, OUTBOX, Stack, options, run, until};
use crate::{deadlines, raw};

/// The lines of metrics that a worker has logged so far.
fn lines(stack: &Stack, function: &str, message: &str) -> Vec<Value> {
    let lines = stack.log().into_iter().filter(|line| line.from == function);
    let lines = lines.filter_map(|line| serde_json::from_str::<Value>(&line.text).ok());
    lines.filter(|line| line["message"] == *message).collect()
}

/// Puts an item that no release can read in place of a dispute, with `more` attributes.
async fn spoiled(stack: &Stack, number: u64, more: &Value) {
    let mut item = json!({ "PK": { "S": format!("DSP#{number}") }, "SK": { "S": "DSP" } });
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let put = json!({ "TableName": raw::table(stack.cloud(), "DISPUTES_TABLE"), "Item": item });
    raw::call(&stack.cloud().dynamodb.endpoint(), "PutItem", &put).await;
}

/// A record of the stream that says that a dispute changed.
fn changed(number: u64) -> Vec<u8> {
    let keys = json!({ "PK": { "S": format!("DSP#{number}") }, "SK": { "S": "DSP" } });
    json!({ "Records": [{ "dynamodb": { "Keys": keys, "SequenceNumber": "1" } }] }).to_string().into_bytes()
}

#[test]
fn without_its_table_no_worker_reports_success() {
    run(async {
        let mut options = options();
        options.parameters.insert("ProtectTables".to_owned(), "false".to_owned());
        let stack = Stack::start(options).await;
        let cloud = stack.cloud();
        for function in [DEADLINES, OUTBOX] {
            cloud.run_schedule(function).await.unwrap();
        }
        let table = json!({ "TableName": raw::table(cloud, "DISPUTES_TABLE") });
        raw::call(&cloud.dynamodb.endpoint(), "DeleteTable", &table).await;
        for function in [DEADLINES, OUTBOX] {
            assert!(cloud.run_schedule(function).await.is_err(), "{function}");
        }
        assert!(cloud.lambda.invoke(COUNTERS, changed(551)).await.is_err(), "and the stream keeps the record");
        for (function, message) in [(DEADLINES, "deadlines"), (OUTBOX, "outbox")] {
            let sweeps = lines(&stack, function, message).into_iter().filter(|line| !line["sweeps"].is_null());
            let sweeps: Vec<_> = sweeps.map(|line| line["sweeps"].clone()).collect();
            assert!(sweeps.first() == Some(&json!(1)) && sweeps.last() == Some(&json!(0)), "{function}: {sweeps:?}");
        }
    });
}

/// More of them than a page takes, in each shard, and all of them due for longer.
#[test]
fn disputes_that_cannot_be_processed_do_not_block_later_ones() {
    run(async {
        let stack = Stack::start(options()).await;
        for number in 0..8 * 30_u64 {
            let due = json!({
                "deadline_shard": { "S": (number % 8).to_string() },
                "deadline_due": { "N": (1 + number).to_string() },
            });
            spoiled(&stack, 5_000_000 + number, &due).await;
        }
        let dispute = deadlines::opened(&stack, "GTB", 21).await;
        deadlines::sweep(&stack).await;
        let ended = stack.store().dispute(dispute.number).await.unwrap().unwrap();
        assert_eq!(ended.state.closing(), Some(Closing::Customer));
        let line = lines(&stack, DEADLINES, "deadlines").pop().unwrap();
        assert_eq!((&line["failed"], &line["ended"], &line["sweeps"]), (&json!(240), &json!(1), &json!(1)), "{line}");
        assert!(line["late_ms"].as_u64().unwrap() > 900_000, "which is what the alarm watches: {line}");
    });
}

#[test]
fn a_dispute_that_cannot_be_counted_is_reported_and_the_next_one_is_counted() {
    run(async {
        let stack = Stack::start(options()).await;
        spoiled(&stack, 6_000_000, &json!({ "item": { "S": "dispute" } })).await;
        let dispute = deadlines::opened(&stack, "GTB", 1).await;
        until("the unreadable one is reported", async || {
            let sent = lines(&stack, COUNTERS, "counters").into_iter().map(|line| line["uncounted"].as_u64().unwrap());
            (sent.sum::<u64>() == 1).then_some(())
        })
        .await;
        until("the other one is counted", async || {
            let counted = (format!("DSP#{}", dispute.number), "CNT".to_owned());
            let table = raw::table(stack.cloud(), "DISPUTES_TABLE");
            raw::items(&stack.cloud().dynamodb.endpoint(), &table).await.contains_key(&counted).then_some(())
        })
        .await;
        assert!(stack.log().iter().any(|line| line.text.contains("a dispute was not counted")));
        assert_eq!(
            lines(&stack, COUNTERS, "counters").iter().map(|line| line["failed"].as_u64().unwrap()).sum::<u64>(),
            0
        );
    });
}
