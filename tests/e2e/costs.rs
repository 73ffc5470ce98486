//! What one typical call of every endpoint uses, and one item of work of every worker, against
//! `tests/costs.tsv`: a figure that is worse by more than three percent fails.
//!
//! The local cloud counts at the wire. Everything is done three times, and the round that used
//! least counts: the first one of a function starts it, and what functions remember for a minute
//! may end within any round. Ids have one length, so that bytes are the same in every run, but
//! for the digits of a dispute's number, which is drawn at random.
//!
//! `make costs` writes the file anew, and the tables of docs/cost.md. With the official DynamoDB
//! Local nothing is compared: the file has the figures of the embedded engine.

mod console;
mod endpoints;
mod hooks;
mod workers;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use recourse_capacity::costs::{self, RECORD, Row};
use recourse_local::Options;
use recourse_local::dynamodb::Engine;
use recourse_local::lambda::InstanceState;
use serde_json::json;

use crate::harness::{CLIENT, Call, HttpResponse, PLATFORM, Stack, Transaction, engine, root, run, until};
use crate::support::case::unhurried;
use crate::{event_bus, ingest};

/// How often each call is made.
const ROUNDS: usize = 3;
/// The indexes, whose partitions are named by them.
const INDEXES: [&str; 6] = ["outbox", "unsent", "deadlines", "queue", "owners", "deliveries"];
/// What the ids of the event bus begin with. All events of an environment wait under one of them,
/// and a webhook endpoint has the events of its account.
const BUS_ID: &str = "bus_";
/// Kinds of partition keys whose second part belongs to the kind.
const TWO_PARTS: [&str; 3] = ["PTY", "FIND", "CAP"];

/// Counts, and stores a row for each call.
struct Counter<'a> {
    stack: &'a Stack,
    rows: Vec<Row>,
}

/// A cloud in which every function has something to do: events go to a bus, too, and a queue is
/// read. The bus gets nothing before its worker's first sweep.
fn everything() -> Options {
    let mut options = unhurried();
    for (name, value) in [("EventBus", event_bus::EVENT_BUS), ("IngestAccount", ingest::ACCOUNT)] {
        options.parameters.insert(name.to_owned(), value.to_owned());
    }
    options
}

/// A number that is new in this process, with six digits.
fn number() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{:06}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A customer's address.
fn customer() -> String {
    format!("costs-{}@customer.example", number())
}

/// A transaction of `acct_demo` that has not been sent yet.
fn unsent() -> Transaction {
    let number = number();
    let Transaction { mut body, .. } = Transaction::new("acct_demo", "Succesful");
    let (trxid, refid) = (format!("costs-trx-{number}"), format!("costs-ref-{number}"));
    (body["trxid"], body["refid"]) = (trxid.as_str().into(), refid.as_str().into());
    Transaction { trxid, refid, body }
}

/// A transaction between the demo's banks, with a reference and a capture, that has not been sent.
fn unsent_of_banks() -> Transaction {
    let mut transaction = unsent();
    transaction.body["currency"] = "NGN".into();
    transaction.body["parties"] = json!({
        "issuer": { "code": "FBN", "name": "FIRST BANK OF NIGERIA" },
        "acquirer": { "code": "GTB", "name": "GUARANTY TRUST BANK" }
    });
    transaction.body["details"] = json!({
        "type": "BillPayment", "reference": format!("costs-reference-{}", number()),
        "captures": [format!("costs-capture-{}", number())],
    });
    transaction
}

/// Signs and sends, with a nonce of one length.
async fn send(stack: &Stack, call: Call) -> HttpResponse {
    stack.send(&Call { nonce: format!("costs-nonce-{}", number()), ..call }).await
}

/// Sends a transaction to the Platform API.
async fn sent(stack: &Stack, transaction: Transaction) -> Transaction {
    is(&send(stack, Call::put(&PLATFORM, &transaction.body)).await, 201);
    transaction
}

/// Reports a transaction for a customer, whose address is returned.
async fn report(stack: &Stack, transaction: &Transaction) -> String {
    let user = customer();
    let body = json!({ "refid": transaction.refid, "user_email": [user] });
    let answer = send(stack, Call::report(&CLIENT, &body)).await;
    is(&answer, 200);
    assert_eq!(answer.json()["data"]["status"], "Success", "{answer:?}");
    user
}

#[track_caller]
fn is(answer: &HttpResponse, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
}

/// The kind of a partition, as tests/costs.tsv names it.
fn kind(partition: &str) -> String {
    if let Some((index, value)) = partition.split_once(':').filter(|(index, _)| INDEXES.contains(index)) {
        return format!("index:{index}{}", if value.starts_with(BUS_ID) { "#bus" } else { "" });
    }
    let mut parts = partition.split('#');
    let first = parts.next().unwrap_or_default();
    match parts.next() {
        Some(id) if first == "HOOK" && id.starts_with(BUS_ID) => "HOOK#bus".to_owned(),
        Some(second) if TWO_PARTS.contains(&first) => format!("{first}#{second}"),
        _ => first.to_owned(),
    }
}

impl Counter<'_> {
    /// Makes one call of an endpoint. `prepare` may call any other function.
    async fn call<T>(&mut self, function: &str, call: &str, prepare: impl AsyncFnMut() -> T, act: impl AsyncFnMut(T)) {
        self.work(&[(function, call)], prepare, act).await;
    }

    /// Does something that several functions have a part in. A row is a function and a call.
    async fn work<T>(
        &mut self,
        rows: &[(&str, &str)],
        mut prepare: impl AsyncFnMut() -> T,
        mut act: impl AsyncFnMut(T),
    ) {
        let mut rounds: Vec<Vec<Row>> = Vec::new();
        for _ in 0..ROUNDS {
            let prepared = prepare().await;
            self.calm().await;
            self.stack.cloud().dynamodb.clear_calls();
            let before: Vec<Row> = rows.iter().map(|(function, call)| self.used(function, call)).collect();
            act(prepared).await;
            self.calm().await;
            let after = rows.iter().map(|(function, call)| self.used(function, call));
            rounds.push(after.zip(&before).map(|(after, before)| since(after, before)).collect());
        }
        for place in 0..rows.len() {
            let rows = rounds.iter().map(|round| &round[place]);
            self.rows.push(rows.min_by_key(|row| size(row)).unwrap().clone());
        }
    }

    /// Returns when no function runs, no event is under way and no stream has anything to read.
    async fn calm(&self) {
        let cloud = self.stack.cloud();
        let mut seen = None;
        until("nothing is under way", async || {
            let runs = cloud.lambda.instances().iter().any(|instance| instance.state != InstanceState::Idle);
            let rests = !runs && cloud.bus.under_way() == 0 && cloud.dynamodb.streams_are_read();
            // One after the other, so something may have gone from one to the next meanwhile. All
            // of it asks DynamoDB, so nothing did if nothing was asked until the next look.
            let now = rests.then(|| cloud.dynamodb.calls().len());
            let is_calm = now.is_some() && now == seen;
            seen = now;
            is_calm.then_some(())
        })
        .await;
    }

    /// What a function used of DynamoDB since the calls were cleared, and of the others ever.
    fn used(&self, function: &str, call: &str) -> Row {
        let cloud = self.stack.cloud();
        let used = cloud.dynamodb.usage(function);
        let key = format!("LOCAL{function}");
        let objects: Vec<_> = cloud.s3.calls().into_iter().filter(|call| call.access_key == key).collect();
        let reads = |operation: &str| operation.starts_with("Get") || operation.starts_with("Head");
        // A deletion is free.
        let writes = |operation: &str| !reads(operation) && !operation.starts_with("Delete");
        let count = |is: &dyn Fn(&str) -> bool| {
            u64::try_from(objects.iter().filter(|call| is(&call.operation)).count()).unwrap()
        };
        let events = cloud.eventbridge.events().iter().filter(|event| event.access_key == key).count();
        Row {
            function: function.to_owned(),
            call: call.to_owned(),
            operations: used.calls,
            read: used.read.table,
            read_indexes: used.read.indexes,
            write: used.written.table,
            write_indexes: used.written.indexes,
            sent: u64::try_from(used.sent).unwrap(),
            received: u64::try_from(used.received).unwrap(),
            kms: cloud.kms.calls_of(function),
            s3_read: count(&reads),
            s3_write: count(&writes),
            ses: cloud.ses.calls_of(function),
            events: u64::try_from(events).unwrap(),
            partitions: fullest(used.partitions),
            read_partitions: fullest(used.read_partitions),
        }
    }
}

/// By kind, the units of the fullest partition.
fn fullest(partitions: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let mut kinds = BTreeMap::new();
    for (partition, units) in partitions {
        let most = kinds.entry(kind(&partition)).or_insert(units);
        *most = units.max(*most);
    }
    kinds
}

/// Without what the other services had been asked before.
fn since(after: Row, before: &Row) -> Row {
    Row {
        kms: after.kms - before.kms,
        s3_read: after.s3_read - before.s3_read,
        s3_write: after.s3_write - before.s3_write,
        ses: after.ses - before.ses,
        events: after.events - before.events,
        ..after
    }
}

/// By which a round used least.
fn size(row: &Row) -> [u64; 4] {
    let units = row.read + row.read_indexes + row.write + row.write_indexes;
    [row.calls(), units, row.kms + row.s3_read + row.s3_write + row.ses + row.events, row.sent + row.received]
}

#[test]
fn no_function_uses_more_than_is_committed() {
    if engine() != Engine::Embedded {
        return;
    }
    run(async {
        let stack = Stack::start(everything()).await;
        stack.cloud().dynamodb.measure_units();
        let mut counter = Counter { stack: &stack, rows: Vec::new() };
        endpoints::count(&mut counter).await;
        workers::count(&mut counter).await;
        console::count(&mut counter).await;
        hooks::count(&mut counter).await;
        let mut counted = counter.rows;
        let functions: Vec<String> = stack.cloud().template.functions.iter().map(|it| it.id.clone()).collect();
        let place = |row: &Row| functions.iter().position(|function| *function == row.function);
        counted.sort_by_key(|row| (place(row), row.call.clone()));
        let path = root().join("tests/costs.tsv");
        if std::env::var_os("RECORD").is_some() {
            std::fs::write(path, costs::print(&counted)).unwrap();
            return;
        }
        let committed = std::fs::read_to_string(&path).unwrap();
        let committed = costs::parse(&committed).unwrap_or_else(|error| panic!("tests/costs.tsv: {error}"));
        let wrong = costs::compared(&committed, &counted, &functions);
        assert!(
            wrong.is_empty(),
            "{}\nIf it has to be so, `{RECORD}` writes tests/costs.tsv and the tables of docs/cost.md anew.",
            wrong.join("\n")
        );
    });
}

#[test]
fn a_partition_is_named_by_its_kind() {
    for (partition, expected) in [
        ("TXN#production#a:b", "TXN"),
        ("PTY#account#acct_demo", "PTY#account"),
        ("FIND#day#production#2026-01-16", "FIND#day"),
        ("CFG##sealing", "CFG"),
        ("LIST#webhooks", "LIST"),
        ("HOOK#we_0f1e2d3c4b5a69788796a5b4", "HOOK"),
        ("HOOK#bus_production", "HOOK#bus"),
        ("CHAOS#key#iimm_dev_demo/slow", "CHAOS"),
        ("ERASE#0f1e2d3c", "ERASE"),
        ("deadlines:3", "index:deadlines"),
        ("deliveries:we_0f1e2d3c4b5a69788796a5b4", "index:deliveries"),
        ("deliveries:bus_production", "index:deliveries#bus"),
    ] {
        assert_eq!(kind(partition), expected);
    }
}
