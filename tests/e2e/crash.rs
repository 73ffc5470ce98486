//! Functions killed by SIGKILL at many different moments: a write is there as a whole or not at
//! all, and enqueued mails are sent in the end.
//!
//! What other tests of kills need besides is here, too.
//!
//! `KILLS` shortens it while one writes on it; it counts with 60.

mod report;
mod worker;

use std::sync::Arc;
use std::time::{Duration, Instant};

use recourse_local::lambda::{InstanceInfo, InstanceState};
use recourse_store::{DisputeRecord, MailState};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::harness::{CLIENT, HttpResponse, Stack, Transaction, until};
use crate::vendor_texts::{DUPLICATE, SUCCESS, about};

fn kills() -> u32 {
    std::env::var("KILLS").map_or(60, |kills| kills.parse().expect("KILLS must be a whole number"))
}

/// The processes of a function.
pub(crate) fn instances(stack: &Stack, function: &str) -> Vec<InstanceInfo> {
    stack.cloud().lambda.instances().into_iter().filter(|instance| instance.function == function).collect()
}

/// A process of a function that is at work.
pub(crate) fn busy(stack: &Stack, function: &str) -> Option<InstanceInfo> {
    instances(stack, function).into_iter().find(|instance| instance.state == InstanceState::Busy)
}

/// Whether a function has sent its write since the calls were last cleared.
pub(crate) fn writes(stack: &Stack, function: &str) -> bool {
    stack.dynamodb_calls(function).iter().any(|operation| operation == "TransactWriteItems")
}

/// What `look` finds. It looks every half a millisecond, and gives up after `limit`.
pub(crate) async fn within<T>(limit: Duration, look: impl Fn() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        let found = look();
        if found.is_some() || Instant::now() >= deadline {
            return found;
        }
        sleep(Duration::from_micros(500)).await;
    }
}

/// Starts a process of the report's function if there is none, with the client's key in its cache.
/// The answer needs no case.
pub(crate) async fn warm(stack: &Stack) {
    assert_eq!(stack.report(&CLIENT, &json!({ "refid": "no such reference" })).await.status, 400);
}

/// What a report has left that a kill may have hit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// Nothing: the kill came before the write.
    Nothing,
    /// A whole case, and nobody got an answer.
    WholeCase,
    /// A whole case: the kill came after the answer.
    Answered,
}

/// What a report has left, by its answer and by that to the same report, signed afresh. Panics for
/// any other answers.
pub(crate) fn left(transaction: &Transaction, first: &HttpResponse, again: &HttpResponse) -> Left {
    let (success, duplicate) = (about(SUCCESS, &transaction.refid), about(DUPLICATE, &transaction.refid));
    match first.status {
        500 if again.text == success => Left::Nothing,
        500 if again.text == duplicate => Left::WholeCase,
        200 if first.text == success && again.text == duplicate => Left::Answered,
        _ => panic!("{first:?}, and signed afresh {again:?}"),
    }
}

/// The only case of a transaction, when its mail is sent.
pub(crate) async fn mailed(stack: &Stack, transaction: &Transaction) -> DisputeRecord {
    until("its mail is sent", async || {
        let case = stack.dispute(&transaction.trxid).await;
        (case.mails[0].mail_state == MailState::Sent).then_some(case)
    })
    .await
}

/// Waits for another moment at each of `kills` kills, spread over the whole `duration`. Every
/// second kill falls into a quarter of it after `late`, where a kill does the most harm.
async fn moment(duration: Duration, kill: u32, kills: u32, late: impl Fn() -> bool) {
    if kill.is_multiple_of(2) {
        return sleep(duration * kill / kills).await;
    }
    within(duration * 4, || late().then_some(())).await;
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
