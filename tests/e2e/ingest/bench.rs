//! How many transactions a second come in by the queue, and how many by one call after the other:
//! `make bench`. Both are stored by the same functions on the same machine, in turns, so that its
//! other work affects both alike. Only the ratio counts.

use std::time::{Duration, Instant};

use recourse_local::sqs::QueueDepth;
use serde_json::{Value, json};

use super::{QUEUE, known, send, with_queue};
use crate::harness::{Call, PLATFORM, Stack, Transaction, run};
use crate::raw;

/// How many rounds there are; the median counts.
const ROUNDS: usize = 5;
/// How many transactions come by the queue in a round, and how many by calls.
const BY_QUEUE: usize = 6_000;
const BY_CALLS: usize = 300;
/// How many transactions a message has, so that there is a batch for each worker.
const IN_A_MESSAGE: usize = 10;
/// How often the queue is looked at.
const LOOK: Duration = Duration::from_millis(5);

fn transactions(count: usize) -> Vec<Value> {
    (0..count).map(|_| Transaction::new("acct_demo", "Succesful").body).collect()
}

/// Transactions a second.
fn rate(count: usize, time: Duration) -> u128 {
    (count as u128 * 1_000_000) / time.as_micros().max(1)
}

/// From the first message that is sent to the last transaction that is stored.
async fn by_queue(stack: &Stack) -> u128 {
    let sent = transactions(BY_QUEUE);
    let bodies: Vec<String> =
        sent.chunks(IN_A_MESSAGE).map(|chunk| json!({ "transactions": chunk }).to_string()).collect();
    let started = Instant::now();
    send(stack, &bodies).await;
    while stack.cloud().sqs.depth(QUEUE) != QueueDepth::default() {
        tokio::time::sleep(LOOK).await;
    }
    let time = started.elapsed();
    assert!(known(stack, sent[BY_QUEUE - 1]["trxid"].as_str().unwrap()).await.is_some());
    rate(BY_QUEUE, time)
}

/// One `PUT` after the other, each after the answer to the one before.
async fn by_calls(stack: &Stack) -> u128 {
    let sent = transactions(BY_CALLS);
    let started = Instant::now();
    for transaction in &sent {
        assert_eq!(stack.send(&Call::put(&PLATFORM, transaction)).await.status, 201);
    }
    rate(BY_CALLS, started.elapsed())
}

fn median(mut rates: Vec<u128>) -> u128 {
    rates.sort_unstable();
    rates[rates.len() / 2]
}

#[test]
#[ignore = "takes a minute, and measures this machine: make bench PAGES=1"]
fn by_the_queue_more_transactions_come_in_than_one_by_one() {
    run(async {
        let stack = Stack::start(with_queue()).await;
        // No transaction is in the stream's filter, and the local engine gets slower with every
        // record in it.
        let table = raw::table(stack.cloud(), "DISPUTES_TABLE");
        let streamless = json!({ "TableName": table, "StreamSpecification": { "StreamEnabled": false } });
        raw::call(&stack.cloud().dynamodb.endpoint(), "UpdateTable", &streamless).await;
        by_calls(&stack).await;
        by_queue(&stack).await;
        let (mut queue, mut calls) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            calls.push(by_calls(&stack).await);
            queue.push(by_queue(&stack).await);
        }
        let (queue, calls) = (median(queue), median(calls));
        let tenths = queue * 10 / calls.max(1);
        println!(
            "by the queue {queue} transactions a second, one by one {calls}: ratio {}.{}",
            tenths / 10,
            tenths % 10
        );
    });
}
