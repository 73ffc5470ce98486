//! Transactions that come by the queue: they are stored as the Platform API stores them, whatever
//! order they come in and whoever is killed meanwhile.

mod bench;
mod events;

use std::collections::BTreeMap;

use http::Request;
use recourse_dispute::event::EventKind;
use recourse_dispute::lifecycle::Action;
use recourse_local::Options;
use recourse_local::dynamodb::Fault;
use recourse_local::sqs::QueueDepth;
use serde_json::{Value, json};

use crate::cli::{folder, recourse};
use crate::crash::busy;
use crate::harness::{CLIENT, Call, INGEST, PLATFORM, Stack, Transaction, options, run, unique, until};
use crate::policy::transaction;
use crate::raw;

/// The account that the messages of the queue speak for.
pub(crate) const ACCOUNT: &str = "acct_platform";
const QUEUE: &str = "IngestQueue";
const FAILURES: &str = "IngestFailureQueue";
/// How often a message is received before it is in the failure queue (template.yaml).
const RECEIVES: usize = 5;

/// A cloud whose queue is read.
fn with_queue() -> Options {
    let mut options = options();
    options.parameters.insert("IngestAccount".to_owned(), ACCOUNT.to_owned());
    options
}

/// Calls SQS, as the platform's SDK does.
async fn sqs(stack: &Stack, operation: &str, input: &Value) -> Value {
    let request = Request::post(stack.cloud().sqs.endpoint())
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("AmazonSQS.{operation}"))
        .header("authorization", "AWS4-HMAC-SHA256 Credential=LOCALtests/20200101/us-east-1/sqs/aws4_request")
        .body(input.to_string().into_bytes());
    let answer = stack.to(request.unwrap()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Sends messages with these bodies, up to ten in a call.
pub(crate) async fn send(stack: &Stack, bodies: &[String]) {
    for bodies in bodies.chunks(10) {
        let entry = |(id, body): (usize, &String)| json!({ "Id": id.to_string(), "MessageBody": body });
        let entries: Vec<Value> = bodies.iter().enumerate().map(entry).collect();
        let batch = json!({ "QueueUrl": stack.cloud().sqs.queue_url(QUEUE), "Entries": entries });
        let answer = sqs(stack, "SendMessageBatch", &batch).await;
        assert_eq!(answer["Failed"], json!([]), "{answer}");
    }
}

/// Sends each of these transactions in a message of its own.
async fn send_each(stack: &Stack, transactions: &[Value]) {
    send(stack, &transactions.iter().map(Value::to_string).collect::<Vec<_>>()).await;
}

/// The lines that the worker wrote about its batches.
fn batches(stack: &Stack) -> Vec<Value> {
    let lines = stack.log().into_iter().filter(|line| line.from == INGEST);
    let lines = lines.filter_map(|line| serde_json::from_str::<Value>(&line.text).ok());
    lines.filter(|line| line["message"] == "ingest").collect()
}

/// Waits until all messages are stored, and none is in the failure queue.
pub(crate) async fn stored(stack: &Stack) {
    until("the queue is empty", async || (stack.cloud().sqs.depth(QUEUE) == QueueDepth::default()).then_some(())).await;
    assert_eq!(stack.cloud().sqs.depth(FAILURES), QueueDepth::default());
}

/// Lets what is in flight come again, and waits until the worker had it.
async fn comes_again(stack: &Stack) {
    let before = batches(stack).len();
    stack.cloud().sqs.end_visibility(QUEUE);
    until("the messages come again", async || (batches(stack).len() > before).then_some(())).await;
}

/// Waits until so many messages are in the failure queue, which a message is after its receives.
async fn failed(stack: &Stack, count: usize) {
    until("the messages were received once", async || {
        (stack.cloud().sqs.depth(QUEUE) == QueueDepth { visible: 0, in_flight: count }).then_some(())
    })
    .await;
    until("the worker had them", async || {
        let failed: u64 = batches(stack).iter().filter_map(|line| line["failed_messages"].as_u64()).sum();
        (failed >= u64::try_from(count).unwrap()).then_some(())
    })
    .await;
    for _ in 1..RECEIVES {
        comes_again(stack).await;
    }
    until("the messages are in the failure queue", async || {
        stack.cloud().sqs.end_visibility(QUEUE);
        (stack.cloud().sqs.depth(FAILURES).visible == count).then_some(())
    })
    .await;
    assert_eq!(stack.cloud().sqs.depth(QUEUE), QueueDepth::default());
}

/// What the Platform API shows of a transaction; `None` where it is not known.
async fn known(stack: &Stack, trxid: &str) -> Option<Value> {
    let answer = stack.send(&Call::get(&PLATFORM, trxid)).await;
    (answer.status == 200).then(|| answer.json())
}

/// Makes the worker do everything that it is for, at least once.
pub(crate) async fn everything(stack: &Stack) {
    let (disputed, quiet) = (transaction(), transaction());
    send_each(stack, &[disputed.body.clone(), quiet.body.clone()]).await;
    stored(stack).await;
    let answer = stack.report(&CLIENT, &json!({ "refid": disputed.refid })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    send_each(stack, &[disputed.later("Refund", 1), quiet.later("Refund", 1)]).await;
    stored(stack).await;
    assert!(!stack.dispute(&disputed.trxid).await.dispute.state.is_open());
}

#[test]
fn a_message_is_one_transaction_or_what_post_takes_and_is_stored_as_the_api_stores_it() {
    run(async {
        let stack = Stack::start(with_queue()).await;
        let alone = transaction();
        let listed: Vec<Value> = (0..3).map(|_| transaction().body).collect();
        send(&stack, &[alone.body.to_string(), json!({ "transactions": listed }).to_string()]).await;
        stored(&stack).await;
        for sent in listed.iter().chain([&alone.body]) {
            let known = known(&stack, sent["trxid"].as_str().unwrap()).await.unwrap();
            for member in ["trxid", "account", "refid", "status", "amount", "currency", "updated_at", "parties"] {
                assert_eq!(known[member], sent[member], "{member}");
            }
            assert_eq!(known["details"]["reference"], sent["details"]["reference"]);
        }
        // A transaction of the queue can be disputed, and its end closes the dispute, in the name
        // of the queue's account.
        stack.report(&CLIENT, &json!({ "refid": alone.refid })).await;
        send_each(&stack, &[alone.later("Refund", 1)]).await;
        stored(&stack).await;
        let case = stack.dispute(&alone.trxid).await;
        let [_, closed] = case.events.as_slice() else { panic!("{:?}", case.events) };
        assert_eq!((closed.kind, closed.by.name.as_str()), (EventKind::Did(Action::Refund), ACCOUNT));
        let created: u64 = batches(&stack).iter().filter_map(|line| line["created"].as_u64()).sum();
        assert_eq!(created, 4);
    });
}

/// The cost is the reason for the queue: one read and one write for many new transactions.
#[test]
fn new_transactions_of_a_batch_are_created_together() {
    run(async {
        let stack = Stack::start(with_queue()).await;
        let listed: Vec<Value> = (0..50).map(|_| Transaction::new("acct_demo", "Succesful").body).collect();
        send(&stack, &[json!({ "transactions": listed }).to_string()]).await;
        stored(&stack).await;
        let lines = batches(&stack);
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        // The platform's account, the client's account, the read of all and the write of all.
        assert_eq!((&line["created"], &line["dynamodb_calls"]), (&json!(50), &json!(4)), "{line}");
    });
}

/// A read for each transaction of an account that does not exist would use up the batch's time.
#[test]
fn an_account_is_read_once_however_many_transactions_name_it() {
    run(async {
        let stack = Stack::start(with_queue()).await;
        let unknown = (0..50).map(|_| Transaction::new("acct_nobody", "Succesful").body);
        let good = (0..2).map(|_| Transaction::new("acct_demo", "Succesful").body);
        let listed: Vec<Value> = unknown.chain(good).collect();
        send(&stack, &[json!({ "transactions": listed }).to_string()]).await;
        let line = until("the worker gives it back", async || batches(&stack).pop()).await;
        assert_eq!((&line["created"], &line["refused"]), (&json!(2), &json!(50)), "{line}");
        // The platform's account, the two accounts, the read of all and the write of all.
        assert_eq!(line["dynamodb_calls"], json!(5), "{line}");
    });
}

/// An item that no release wrote, stored as an account. It can never be read.
#[test]
fn an_account_that_cannot_be_read_holds_up_its_own_transactions_alone() {
    run(async {
        let stack = Stack::start(with_queue()).await;
        let key = json!({ "S": "ACC#acct_spoiled" });
        let item = json!({ "PK": key, "SK": key, "item": { "S": "nothing" } });
        let put = json!({ "TableName": raw::table(stack.cloud(), "DISPUTES_TABLE"), "Item": item });
        raw::call(&stack.cloud().dynamodb.endpoint(), "PutItem", &put).await;
        let (spoiled, good) =
            (Transaction::new("acct_spoiled", "Succesful"), Transaction::new("acct_demo", "Succesful"));
        send(&stack, &[json!({ "transactions": [spoiled.body, good.body] }).to_string()]).await;
        let line = until("the worker gives it back", async || batches(&stack).pop()).await;
        assert_eq!((&line["created"], &line["failed"], &line["refused"]), (&json!(1), &json!(1), &json!(0)), "{line}");
        assert_eq!(line["failed_messages"], json!(1), "{line}");
        assert!(known(&stack, &good.trxid).await.is_some());
    });
}

#[test]
fn a_message_that_is_refused_ends_in_the_failure_queue_and_the_others_are_stored() {
    run(async {
        let stack = Stack::start(with_queue()).await;
        let before = stack.transaction("acct_demo", "Succesful").await;
        let mut contradicting = before.later("Succesful", 9);
        contradicting["amount"] = json!("1.00");
        let mut unknown = Transaction::new("acct_demo", "Succesful").body;
        unknown["4111111111111111"] = json!("jane@example.com");
        let (good, beside) = (Transaction::new("acct_demo", "Succesful"), Transaction::new("acct_demo", "Succesful"));
        let refused = [
            "no JSON, but 4111111111111111".to_owned(),
            unknown.to_string(),
            contradicting.to_string(),
            Transaction::new("acct_staging", "Succesful").body.to_string(),
            Transaction::new("acct_nobody", "Succesful").body.to_string(),
            json!({ "transactions": [beside.body, 7] }).to_string(),
        ];
        send(&stack, &[&refused[..], &[good.body.to_string()]].concat()).await;
        failed(&stack, refused.len()).await;
        for stored in [&good, &beside] {
            assert!(known(&stack, &stored.trxid).await.is_some(), "{}", stored.trxid);
        }
        assert_eq!(known(&stack, &before.trxid).await.unwrap()["amount"], "1550.00");
        let mut bodies = stack.cloud().sqs.bodies(FAILURES);
        bodies.sort();
        let mut expected = refused.to_vec();
        expected.sort();
        assert_eq!(bodies, expected, "as they were sent");

        // The log says why, and has nothing of what was sent.
        let log: Vec<_> = stack.log().into_iter().filter(|line| line.from == INGEST).map(|line| line.text).collect();
        for reason in [
            "body must be a JSON object.",
            "(another member) is not a field of a transaction.",
            "amount is another one than before, and never changes.",
            "account must be an account of your key's environment.",
        ] {
            assert!(log.iter().any(|line| line.contains(reason)), "{reason}: {log:#?}");
        }
        // Also where the store refuses it, the line says which transaction of the message it is.
        let contradicts = log.iter().find(|line| line.contains("amount is another one than before")).unwrap();
        assert!(contradicts.contains(r#""entry":0"#), "{contradicts}");
        for secret in ["4111111111111111", "jane@", &good.trxid, &before.refid] {
            assert!(log.iter().all(|line| !line.contains(secret)), "{secret}: {log:#?}");
        }
    });
}

#[test]
fn redrive_brings_back_what_could_not_be_stored() {
    run(async {
        let (stack, folder) = (Stack::start(with_queue()).await, folder());
        let empty = recourse(&stack, folder.path(), &["ingest", "redrive"]).await;
        assert_eq!((empty.code, empty.out.as_str()), (0, "no message waits in the failure queue; nothing changed\n"));
        let early = Transaction::new("acct_late", "Succesful");
        send_each(&stack, std::slice::from_ref(&early.body)).await;
        failed(&stack, 1).await;
        let status = recourse(&stack, folder.path(), &["ingest", "status"]).await;
        assert_eq!(status.out, "waiting 0, in flight 0, in the failure queue 1\n", "{}", status.err);
        let create = ["account", "create", "acct_late", "--name", "Late", "--email", "late@wallet.example"];
        let created = recourse(&stack, folder.path(), &[&create[..], &["--environment", "production"]].concat()).await;
        assert_eq!(created.code, 0, "{}{}", created.out, created.err);
        let redriven = recourse(&stack, folder.path(), &["ingest", "redrive"]).await;
        assert_eq!((redriven.code, redriven.out.as_str()), (0, "sent to the queue again: 1\n"), "{}", redriven.err);
        stored(&stack).await;
        assert!(known(&stack, &early.trxid).await.is_some());
    });
}

#[test]
fn the_command_line_sends_a_file() {
    run(async {
        let (stack, folder) = (Stack::start(with_queue()).await, folder());
        let transactions: Vec<Value> = (0..120).map(|_| Transaction::new("acct_demo", "Succesful").body).collect();
        let lines: Vec<String> = transactions.iter().map(Value::to_string).collect();
        std::fs::write(folder.path().join("t.jsonl"), format!("{}\n\nnonsense\n", lines.join("\n"))).unwrap();
        let sent = recourse(&stack, folder.path(), &["ingest", "send", "t.jsonl", "--json"]).await;
        let counts: Value = serde_json::from_str(&sent.out).unwrap();
        assert_eq!((sent.code, counts), (1, json!({ "sent": 120, "messages": 2, "invalid": 1 })), "{}", sent.err);
        assert!(sent.err.contains("line 122 is no JSON object"), "{}", sent.err);
        stored(&stack).await;
        for sent in [&transactions[0], &transactions[119]] {
            assert!(known(&stack, sent["trxid"].as_str().unwrap()).await.is_some());
        }
    });
}

#[test]
fn duplicates_and_updates_out_of_order_change_nothing() {
    run(async {
        let stack = Stack::start(with_queue()).await;
        let transactions: Vec<Transaction> = (0..6).map(|_| Transaction::new("acct_demo", "Accepted")).collect();
        let mut bodies = Vec::new();
        for (first, transaction) in transactions.iter().enumerate() {
            let updates = [
                transaction.later("Processing", 1),
                transaction.later("Succesful", 2),
                transaction.later("Refund", 3),
                transaction.body.clone(),
            ];
            bodies.extend([0, 2, 1, 3, 2].map(|step| updates[(first + step) % updates.len()].clone()));
        }
        send_each(&stack, &bodies).await;
        send(&stack, &[json!({ "transactions": bodies }).to_string()]).await;
        stored(&stack).await;
        for transaction in &transactions {
            let known = known(&stack, &transaction.trxid).await.unwrap();
            assert_eq!((&known["status"], &known["updated_at"]), (&json!("Refund"), &json!("2026-01-16T02:01:03Z")));
        }
    });
}

#[test]
fn what_a_worker_was_at_when_it_was_killed_comes_again() {
    run(async {
        let stack = Stack::start(with_queue()).await;
        let transactions: Vec<Value> = (0..60).map(|_| Transaction::new("acct_demo", "Succesful").body).collect();
        // All of its calls of DynamoDB hang, so the worker is at its batch for as long as it takes.
        stack.cloud().dynamodb.set_fault_of(INGEST, Fault::Hang);
        send_each(&stack, &transactions).await;
        let worker = until("a worker is at a batch", async || busy(&stack, INGEST)).await;
        stack.cloud().lambda.kill(worker.pid);
        stack.cloud().dynamodb.set_fault(Fault::None);
        until("all are stored", async || {
            let depth = stack.cloud().sqs.depth(QUEUE);
            if depth.visible == 0 && depth.in_flight > 0 && busy(&stack, INGEST).is_none() {
                comes_again(&stack).await;
            }
            (depth == QueueDepth::default()).then_some(())
        })
        .await;
        assert_eq!(stack.cloud().sqs.depth(FAILURES), QueueDepth::default());
        for sent in &transactions {
            assert!(known(&stack, sent["trxid"].as_str().unwrap()).await.is_some());
        }
    });
}

#[test]
fn without_dynamodb_nothing_is_lost() {
    run(async {
        let stack = Stack::start(with_queue()).await;
        let transaction = Transaction::new("acct_demo", "Succesful");
        stack.cloud().dynamodb.set_fault_of(INGEST, Fault::Unreachable);
        send_each(&stack, std::slice::from_ref(&transaction.body)).await;
        let line = until("the worker gives it back", async || batches(&stack).pop()).await;
        assert_eq!((&line["failed_messages"], &line["refused"]), (&json!(1), &json!(0)), "{line}");
        stack.cloud().dynamodb.set_fault(Fault::None);
        comes_again(&stack).await;
        stored(&stack).await;
        assert!(known(&stack, &transaction.trxid).await.is_some());
    });
}

/// Both workers get the same transactions, in other orders.
#[test]
fn workers_at_once_store_each_transaction_once() {
    run(async {
        let stack = Stack::start(with_queue()).await;
        let transactions: Vec<Transaction> = (0..40).map(|_| transaction()).collect();
        let updates: Vec<Value> = transactions.iter().map(|transaction| transaction.later("Processing", 1)).collect();
        let bodies = transactions.iter().map(|transaction| transaction.body.clone());
        let mut bodies: Vec<Value> = bodies.chain(updates).collect();
        send_each(&stack, &bodies).await;
        bodies.reverse();
        send_each(&stack, &bodies).await;
        stored(&stack).await;
        let mut statuses = BTreeMap::new();
        for transaction in &transactions {
            let known = known(&stack, &transaction.trxid).await.unwrap();
            *statuses.entry(known["status"].to_string()).or_insert(0) += 1;
        }
        // A final status never goes back, so which one counts depends on which came first.
        assert_eq!(statuses.values().sum::<i32>(), 40, "{statuses:?}");
        let created: u64 = batches(&stack).iter().filter_map(|line| line["created"].as_u64()).sum();
        assert_eq!(created, 40, "each was created once");
    });
}

#[test]
fn a_suspended_account_stores_nothing_and_loses_nothing() {
    run(async {
        let (stack, folder) = (Stack::start(with_queue()).await, folder());
        let suspend = ["account", "suspend", ACCOUNT, "--why", "a test"];
        assert_eq!(recourse(&stack, folder.path(), &suspend).await.code, 0);
        let transaction = Transaction::new("acct_demo", "Succesful");
        send_each(&stack, std::slice::from_ref(&transaction.body)).await;
        let line = until("the worker gives it back", async || batches(&stack).pop()).await;
        assert_eq!((&line["failed_messages"], &line["created"]), (&json!(1), &json!(0)), "{line}");
        let resume = ["account", "resume", ACCOUNT, "--why", "a test"];
        assert_eq!(recourse(&stack, folder.path(), &resume).await.code, 0);
        comes_again(&stack).await;
        stored(&stack).await;
        assert!(known(&stack, &transaction.trxid).await.is_some());
    });
}

/// Without the parameter nobody reads the queue.
#[test]
fn without_an_account_the_queue_is_not_read() {
    run(async {
        let stack = Stack::start(options()).await;
        let body = json!({ "trxid": unique("trx") }).to_string();
        send(&stack, &[body]).await;
        let ingest = stack.cloud().template.functions.iter().find(|function| function.id == INGEST).unwrap();
        assert!(ingest.queues.is_empty());
        assert_eq!(stack.cloud().sqs.depth(QUEUE), QueueDepth { visible: 1, in_flight: 0 });
    });
}
