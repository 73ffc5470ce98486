//! What the pages of the console cost with a thousand cases and with a hundred thousand, in one
//! run: `make bench`. Two clouds run side by side and are called alternately, so that the machine's
//! other work affects both alike. Only the ratio of the two counts, and nothing here asserts it:
//! the tests of each page assert that it makes the same calls among few and among many.

use std::time::{Duration, Instant};

use recourse_dispute::channel::Channel;
use recourse_dispute::time::Day;
use serde_json::{Value, json};

use super::{PAGE, asked, hand_over, options};
use crate::deadlines::opened_through;
use crate::harness::{ConsoleClient, Stack, figure, run, until};
use crate::raw;
use crate::support::case::{Case, receive, reported_many};

/// How often each page is asked for; the median counts.
const ROUNDS: usize = 41;
/// How many live disputes of another API there are at least. A page reads up to 51 entries of each
/// of their eight partitions. With so many it reads as much of a small cloud as of a large one.
const FULL_PAGES: u64 = 500;
/// By which case each of sixteen is made, of those in [`many`]: a quarter waits for an agent, and
/// every fourth of those for Ben, a quarter for the customer, a quarter is resolved, a quarter new.
const KINDS: [usize; 16] = [0, 2, 3, 4, 0, 2, 3, 4, 0, 2, 3, 4, 1, 2, 3, 4];
/// How many partitions a list of cases has. As many numbers in a row have one kind, so a partition
/// has 62 cases or more of each state, also of a thousand, and a page reads up to 51.
const PARTITIONS: u64 = 4;
/// How many puts DynamoDB takes at once.
const BATCH: usize = 25;
/// The days over which the numbers are spread.
const DAYS: usize = 30;
/// The most lengths of time that a counter tells apart here.
const BUCKETS: u64 = 24;

/// A cloud with cases, and what its pages are asked for.
struct Many {
    stack: Stack,
    /// What searches are for.
    case: Case,
    amount: String,
}

/// An item with another number, and with the places in the indexes that the number has.
fn renumbered(item: &Value, number: u64, later: u64) -> Value {
    let mut item = item.clone();
    item["PK"] = json!({ "S": format!("DSP#{number}") });
    item["number"] = json!({ "N": number.to_string() });
    for (attribute, shards) in [("queue_shard", PARTITIONS), ("deadline_shard", 8)] {
        if let Some(shard) = item[attribute]["S"].as_str() {
            let state = shard.trim_end_matches(|c: char| c.is_ascii_digit());
            item[attribute] = json!({ "S": format!("{state}{}", number % shards) });
        }
    }
    for attribute in ["queue_due", "deadline_due"] {
        if let Some(due) = item[attribute]["N"].as_str().and_then(|due| due.parse::<u64>().ok()) {
            item[attribute] = json!({ "N": (due + later).to_string() });
        }
    }
    item
}

/// What is written in batches.
struct Puts<'a> {
    stack: &'a Stack,
    table: String,
    waiting: Vec<Value>,
}

impl Puts<'_> {
    async fn put(&mut self, item: Value) {
        self.waiting.push(json!({ "PutRequest": { "Item": item } }));
        if self.waiting.len() == BATCH {
            self.flush().await;
        }
    }

    async fn flush(&mut self) {
        let puts = std::mem::take(&mut self.waiting);
        if !puts.is_empty() {
            let request = json!({ "RequestItems": { self.table.as_str(): puts } });
            raw::call(&self.stack.cloud().dynamodb.endpoint(), "BatchWriteItem", &request).await;
        }
    }
}

/// A cloud with `size` cases, which are copies of a few, as [`KINDS`] says. All have one customer,
/// one amount and one day. There is a live dispute of another API for every ten of them, and no
/// fewer than [`FULL_PAGES`].
async fn many(size: u64) -> Many {
    let stack = Stack::start(options()).await;
    let mut cases = asked(&stack, 4).await;
    let carol = stack.sign_in("supervisor").await;
    let with_customer = "/console/queue?list=waiting_for_customer";
    for (case, to) in [(&cases[0], "nobody"), (&cases[1], "Ben")] {
        assert_eq!(hand_over(&carol, with_customer, &[case], to).await.status, 200);
    }
    receive(&stack, &cases[2].mail("It works now, thank you!"), "").await;
    assert_eq!(cases[2].state(&stack).await.0, "resolved");
    let new = reported_many(&stack, "voucher", 1).await.remove(0);
    let other = opened_through(&stack, Channel::Arbiter).await.number;
    let case = cases.remove(3);

    let items = until("the entries of the search are there", async || {
        let (endpoint, table) = (stack.cloud().dynamodb.endpoint(), raw::table(stack.cloud(), "DISPUTES_TABLE"));
        let items = raw::items(&endpoint, &table).await;
        let is_entered = items.keys().any(|(pk, sk)| pk.starts_with("FIND#email#") && sk.ends_with(&end_of(&case)));
        (is_entered && items.keys().any(|(pk, _)| pk.starts_with("NUM#"))).then_some(items)
    })
    .await;
    let of = |number: u64, sk: &str| items[&(format!("DSP#{number}"), sk.to_owned())].clone();
    let templates: Vec<(Value, Value)> = [&cases[0], &cases[1], &case, &cases[2], &new]
        .map(|case| (of(case.number.get(), "DSP"), of(case.number.get(), "SUP")))
        .into();
    let live = of(other.get(), "DSP");
    let is_searched = |pk: &str| ["FIND#email#", "FIND#amount#", "FIND#day#"].iter().any(|kind| pk.starts_with(kind));
    let end = end_of(&case);
    let found_by: Vec<_> = items.iter().filter(|((pk, sk), _)| is_searched(pk) && sk.ends_with(&end)).collect();
    let counters: Vec<_> = items.iter().filter(|((pk, _), _)| pk.starts_with("NUM#production#")).collect();

    let table = raw::table(stack.cloud(), "DISPUTES_TABLE");
    // No page reads the stream, and the local engine gets slower with every record in it.
    let streamless = json!({ "TableName": table, "StreamSpecification": { "StreamEnabled": false } });
    raw::call(&stack.cloud().dynamodb.endpoint(), "UpdateTable", &streamless).await;
    let (mut puts, started) = (Puts { stack: &stack, table, waiting: Vec::new() }, Instant::now());
    for n in 0..size {
        let number = 1_000_000 + n;
        let kind = KINDS[usize::try_from(n / PARTITIONS).unwrap() % KINDS.len()];
        let (dispute, support) = &templates[kind];
        puts.put(renumbered(dispute, number, n)).await;
        puts.put(renumbered(support, number, n)).await;
        for ((_, sk), entry) in &found_by {
            let at: u64 = sk.split('#').next().unwrap().parse().unwrap();
            let mut entry = Value::clone(entry);
            entry["SK"] = json!({ "S": format!("{:015}#{number:015}", at - n) });
            puts.put(entry).await;
        }
        if n % 10_000 == 9_999 {
            println!("{} of {size} cases after {:.1?}", n + 1, started.elapsed());
        }
    }
    for n in 0..FULL_PAGES.max(size / 10) {
        puts.put(renumbered(&live, 10_000_000 + n, n * 10)).await;
    }
    let mut days = vec![Day::of(stack.cloud().clock.now_millis())];
    while days.len() < DAYS {
        days.extend(days.last().and_then(|day| day.previous()));
    }
    let each = size / (DAYS as u64 * 4) + 1;
    for ((pk, sk), counter) in counters {
        let (_, named) = sk.split_once('#').unwrap();
        let partition = pk.trim_end_matches(|c: char| c.is_ascii_digit());
        for (day, shard) in days.iter().flat_map(|day| (0..4).map(move |shard| (day, shard))) {
            let mut counter = counter.clone();
            counter["PK"] = json!({ "S": format!("{partition}{shard}") });
            counter["SK"] = json!({ "S": format!("{day}#{named}") });
            for name in ["n_opened", "n_answered", "n_resolved"] {
                counter[name] = json!({ "N": each.to_string() });
            }
            for bucket in 0..each.min(BUCKETS) {
                for name in ["a", "r"] {
                    counter[format!("{name}_{bucket}")] = json!({ "N": (each / BUCKETS + 1).to_string() });
                }
            }
            puts.put(counter).await;
        }
    }
    puts.flush().await;
    println!("{size} cases after {:.1?}", started.elapsed());
    let amount = case.transaction.body["amount"].as_str().unwrap();
    let amount = format!("{} {amount}", case.transaction.body["currency"].as_str().unwrap());
    stack.cloud().dynamodb.measure_units();
    Many { stack, case, amount }
}

/// How the keys of a case's entries end.
fn end_of(case: &Case) -> String {
    format!("#{:015}", case.number.get())
}

/// A page, by what it is called.
struct Asked {
    what: &'static str,
    function: &'static str,
    /// What is read; or what is searched for, by the form.
    address: String,
    searched: Option<String>,
    /// How many cases it shows.
    rows: Option<usize>,
}

fn pages(many: &Many) -> Vec<Asked> {
    let read = |what, function, address: &str, rows| {
        let address = address.to_owned();
        Asked { what, function, address, searched: None, rows }
    };
    let queue = |what, query: &str| read(what, super::QUEUE, &format!("{PAGE}{query}"), Some(50));
    let search = |what, text: &str, rows| Asked {
        what,
        function: "ConsoleSearch",
        address: "/console/search".to_owned(),
        searched: Some(text.to_owned()),
        rows: Some(rows),
    };
    let today = Day::of(many.stack.cloud().clock.now_millis()).to_string();
    vec![
        queue("queue: waiting for an agent", ""),
        queue("queue: mine", "?list=mine"),
        queue("queue: with the customer", "?list=waiting_for_customer"),
        queue("queue: new", "?list=new"),
        queue("queue: resolved", "?list=resolved"),
        queue("queue: other APIs", "?list=disputes"),
        queue("queue: a filter by kind", "?list=waiting_for_customer&kind=voucher"),
        search("search: a case id", &many.case.id, 1),
        search("search: a refid", &many.case.transaction.refid, 1),
        search("search: a mail address", &many.case.user, 25),
        search("search: an amount", &many.amount, 25),
        search("search: a day", &today, 25),
        read("numbers: 30 days", "ConsoleNumbers", "/console/numbers", None),
    ]
}

/// What a page took: time, calls, capacity units, and bytes of HTML.
struct Cost {
    took: Duration,
    calls: usize,
    /// In thousandths.
    units: u64,
    bytes: usize,
}

async fn cost(many: &Many, browser: &ConsoleClient<'_>, csrf: &str, asked: &Asked) -> Cost {
    let dynamodb = &many.stack.cloud().dynamodb;
    dynamodb.clear_calls();
    let started = Instant::now();
    let mut page = match &asked.searched {
        Some(text) => browser.post(&asked.address, &[("csrf", csrf), ("q", text)]).await,
        None => browser.get(&asked.address).await,
    };
    if page.status == 303 {
        // What is not an address of a mailbox has an address of its own, and is searched for there.
        page = browser.get(page.location()).await;
    }
    let took = started.elapsed();
    // The use of the session is noted once a minute.
    let calls = many.stack.dynamodb_calls(asked.function).iter().filter(|call| *call != "UpdateItem").count();
    let units = dynamodb.units(asked.function);
    assert_eq!(page.status, 200, "{}: {page:?}", asked.what);
    if let Some(rows) = asked.rows {
        let shown = page.text.matches("<td><a href=\"/console/cases/").count();
        let shown = if shown == 0 { page.text.matches("href=\"/console/cases/").count() } else { shown };
        assert_eq!(shown, rows, "{}", asked.what);
    }
    Cost { took, calls, units, bytes: page.bytes.len() }
}

fn median(mut of: Vec<Cost>) -> Cost {
    of.sort_unstable_by_key(|cost| cost.took);
    let at = of.len() / 2;
    of.swap_remove(at)
}

#[test]
#[ignore = "a measurement: make bench PAGES=1"]
fn a_page_of_the_console_costs_the_same_at_a_hundred_thousand() {
    run(async {
        let sizes = [1_000, 100_000];
        let clouds = [many(sizes[0]).await, many(sizes[1]).await];
        let browsers = [clouds[0].stack.sign_in_as("Ben").await, clouds[1].stack.sign_in_as("Ben").await];
        let forms = [browsers[0].get("/console/search").await, browsers[1].get("/console/search").await];
        for (small, large) in pages(&clouds[0]).iter().zip(&pages(&clouds[1])) {
            let mut costs = [Vec::new(), Vec::new()];
            for _ in 0..ROUNDS {
                for (at, asked) in [small, large].into_iter().enumerate() {
                    costs[at].push(cost(&clouds[at], &browsers[at], forms[at].csrf(), asked).await);
                }
            }
            let [few, many] = costs.map(median);
            let ratio = many.took.as_secs_f64() / few.took.as_secs_f64();
            println!(
                "{}: {} and {} calls; {:.1} and {:.1} units, {:.2} times; {:.1?} and {:.1?}, {:.2} times; {} bytes",
                small.what,
                few.calls,
                many.calls,
                few.units as f64 / 1_000.0,
                many.units as f64 / 1_000.0,
                many.units as f64 / few.units as f64,
                few.took,
                many.took,
                ratio,
                many.bytes,
            );
            let name = format!("console, {}: 100,000 cases / 1,000", small.what);
            figure(&name, ratio, 1.1, &format!("{:.1?} / {:.1?}", many.took, few.took));
        }
    });
}
