//! Functions killed by SIGKILL at many different moments: a write is there as a whole or not at
//! all, and enqueued mails are sent in the end.
//!
//! `KILLS` shortens it while one writes on it; it counts with 60.

mod report;
mod worker;

use std::sync::Arc;
use std::time::{Duration, Instant};

use recourse_local::lambda::InstanceInfo;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::harness::{CLIENT, HttpResponse, Stack, Transaction};

fn kills() -> u32 {
    std::env::var("KILLS").map_or(60, |kills| kills.parse().expect("KILLS must be a whole number"))
}

/// The processes of a function.
fn instances(stack: &Stack, function: &str) -> Vec<InstanceInfo> {
    stack.cloud().lambda.instances().into_iter().filter(|instance| instance.function == function).collect()
}

/// Waits for another moment at each of `kills` kills, spread over the whole `duration`. Every
/// second kill falls into a quarter of it after `late`, where a kill does the most harm.
/// a quarter of it after `late`, where the stretch in which a kill does the most harm begins.
async fn moment(duration: Duration, kill: u32, kills: u32, late: impl Fn() -> bool) {
    if kill.is_multiple_of(2) {
        return sleep(duration * kill / kills).await;
    }
    let deadline = Instant::now() + duration * 4;
    while !late() && Instant::now() < deadline {
        sleep(Duration::from_micros(500)).await;
    }
    sleep(duration * kill / (4 * kills)).await;
}

/// The middle of several durations.
fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort();
    durations[durations.len() / 2]
}

/// Reports a transaction, while the caller does something else.
fn reporting(stack: &Arc<Stack>, transaction: &Transaction, user: &str) -> JoinHandle<HttpResponse> {
    let (stack, body) = (Arc::clone(stack), json!({ "refid": transaction.refid, "user_email": [user] }));
    tokio::spawn(async move { stack.report(&CLIENT, &body).await })
}

/// Reports a transaction.
async fn reported(stack: &Arc<Stack>, transaction: &Transaction, user: &str) -> HttpResponse {
    reporting(stack, transaction, user).await.unwrap()
}
