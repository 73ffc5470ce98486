//! 64 requests at once in one process, as on Lambda Managed Instances: each gets its own answer and
//! its own log line, and a kill leaves of each a whole case or nothing.
//!
//! The races and the kills of other tests run that way, too: `race`, `crash`, `arbiter::race` and
//! `connect::races`. That a panic or a timeout of one leaves the others is tested in
//! `recourse-runtime` and in the local cloud.

use std::sync::Arc;
use std::time::Duration;

use recourse_local::lambda::Kill;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::crash::{Left, instances, left, mailed, warm, within, writes};
use crate::harness::{
    CLIENT, Call, DemoKey, HttpResponse, REPORT, STAGING, STRANGER, Stack, Transaction, address, options_at_once,
    run_alone,
};
use crate::race::prepare;
use crate::request_ids::line;
use crate::vendor_texts::{INVALID, SUCCESS, about, bytes};

const CLIENTS: usize = 64;
/// How often a process is killed with 64 reports in it.
const KILLS: usize = 4;

/// What a client sends, and what its own answer and log line say.
struct Case {
    call: Call,
    status: u16,
    text: String,
    outcome: &'static str,
    key: &'static str,
    account: Option<&'static str>,
    /// The transaction whose dispute the line names.
    trxid: Option<String>,
}

const KINDS: usize = 5;

/// A case of each kind in turn, with payloads of its own.
async fn case(stack: &Stack, n: usize) -> Case {
    let accepted = async |key: &DemoKey, account: &'static str| {
        let transaction = stack.transaction(account, "Succesful").await;
        let call = Call::report(key, &json!({ "refid": transaction.refid, "user_email": [address()] }));
        let (text, trxid) = (about(SUCCESS, &transaction.refid), Some(transaction.trxid));
        Case { call, status: 200, text, outcome: "created", key: key.id, account: Some(account), trxid }
    };
    match n % KINDS {
        0 => accepted(&CLIENT, "acct_demo").await,
        1 => accepted(&STRANGER, "acct_stranger").await,
        // Refused before anything is read of a transaction. The key is named, and no account.
        2 => Case {
            call: Call { timestamp: "1000000000".to_owned(), ..Call::report(&CLIENT, &json!({ "refid": "late" })) },
            status: 401,
            text: String::new(),
            outcome: "stale_timestamp",
            key: CLIENT.id,
            account: None,
            trxid: None,
        },
        3 => Case {
            call: Call::report(&CLIENT, &json!({ "refid": "no such reference" })),
            status: 400,
            text: bytes(INVALID),
            outcome: "invalid",
            key: CLIENT.id,
            account: Some("acct_demo"),
            trxid: None,
        },
        // It waits for five seconds while the others are answered.
        _ => Case {
            call: Call::report(&STAGING, &json!({ "refid": "sim-slow" })),
            status: 200,
            text: about(SUCCESS, "sim-slow"),
            outcome: "created",
            key: STAGING.id,
            account: Some("acct_staging"),
            trxid: None,
        },
    }
}

/// Checks an answer and its log line. Returns how many DynamoDB calls the line counts.
async fn check(stack: &Stack, case: &Case, answer: &HttpResponse) -> Value {
    assert_eq!(answer.status, case.status, "{answer:?}");
    if !case.text.is_empty() {
        assert_eq!(answer.text, case.text);
    }
    let line = line(stack, answer).await;
    let named = ["outcome", "key", "account"].map(|name| line.get(name).and_then(Value::as_str));
    assert_eq!((named, &line["status"]), ([Some(case.outcome), Some(case.key), case.account], &json!(case.status)));
    if let Some(trxid) = &case.trxid {
        assert_eq!(line["dispute"], stack.dispute(trxid).await.dispute.number.case_id());
    }
    line["dynamodb_calls"].clone()
}

/// Sends all of these at once. The answers are in the order of the calls.
async fn send_all(stack: &Arc<Stack>, calls: Vec<Call>) -> Vec<HttpResponse> {
    let mut sent = JoinSet::new();
    for (n, call) in calls.into_iter().enumerate() {
        let stack = Arc::clone(stack);
        sent.spawn(async move { (n, stack.send(&call).await) });
    }
    let mut answers = sent.join_all().await;
    answers.sort_by_key(|(n, _)| *n);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[test]
fn sixty_four_requests_in_one_process_do_not_mix() {
    run_alone(async {
        let stack = Arc::new(Stack::start(options_at_once(CLIENTS)).await);
        let mut cases = Vec::new();
        for n in 0..CLIENTS {
            cases.push(case(&stack, n).await);
        }
        // The first request of each key fills the caches, for a minute.
        for call in [case(&stack, 0).await.call, case(&stack, 1).await.call] {
            assert_eq!(stack.send(&call).await.status, 200);
        }
        assert_eq!(stack.report(&STAGING, &json!({ "refid": "sim-success" })).await.status, 200);
        let mut alone = Vec::new();
        for kind in 0..KINDS {
            let case = case(&stack, kind).await;
            let answer = stack.send(&case.call).await;
            alone.push(check(&stack, &case, &answer).await);
        }

        let answers = send_all(&stack, cases.iter().map(|case| case.call.clone()).collect()).await;
        assert_eq!(instances(&stack, REPORT).len(), 1, "all of them in one process");
        for (n, answer) in answers.iter().enumerate() {
            let calls = check(&stack, &cases[n], answer).await;
            assert_eq!(calls, alone[n % KINDS], "as many calls as alone: {answer:?}");
        }
        for line in stack.log().iter().filter(|line| line.from == REPORT) {
            assert!(serde_json::from_str::<Value>(&line.text).is_ok_and(|line| line.is_object()), "{line:?}");
        }
    });
}

#[test]
fn a_kill_of_64_reports_leaves_of_each_a_whole_case_or_nothing() {
    run_alone(async {
        let stack = Arc::new(Stack::start(options_at_once(CLIENTS)).await);
        let mut interrupted = 0;
        for _ in 0..KILLS {
            let reports = prepare(&stack, CLIENTS).await;
            let call = |(of, user): &(Transaction, String)| {
                Call::report(&CLIENT, &json!({ "refid": of.refid, "user_email": [user] }))
            };
            let calls = || -> Vec<Call> { reports.iter().map(call).collect() };
            warm(&stack).await;
            stack.cloud().dynamodb.clear_calls();
            let killing = async {
                within(Duration::from_secs(10), || writes(&stack, REPORT).then_some(())).await;
                for process in instances(&stack, REPORT) {
                    assert_eq!(stack.cloud().lambda.kill(process.pid), Kill::Sent);
                }
            };
            let (firsts, ()) = tokio::join!(send_all(&stack, calls()), killing);
            let mut repeats = send_all(&stack, calls()).await;
            // The kill may come after the answers, when the next requests are on their way.
            if repeats.iter().any(|again| again.status == 500) && firsts.iter().all(|first| first.status == 200) {
                repeats = send_all(&stack, calls()).await;
            }
            for (((of, user), first), again) in reports.iter().zip(&firsts).zip(&repeats) {
                interrupted += usize::from(left(of, first, again) != Left::Answered);
                stack.inbox(user, 1).await;
                let case = mailed(&stack, of).await;
                assert_eq!((case.dispute.version, case.events.len(), case.mails.len()), (1, 1, 1));
                assert_eq!(stack.mails_to(user).len(), 1, "one case, one mail");
            }
        }
        println!("{KILLS} kills interrupted {interrupted} reports");
        assert!(interrupted > 0, "a kill hit reports that were under way");
    });
}
