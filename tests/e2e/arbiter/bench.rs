//! What a first page costs with a thousand disputes and with a hundred thousand, in one run: `make bench`. Only the ratio of the two counts, and no
//! ordinary test asserts it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::bank::{FBN, User, log_of, paid};
use crate::harness::{Stack, options, run};
use crate::raw;

/// How often each page is asked for; the median counts.
const ROUNDS: usize = 41;
/// How many puts DynamoDB takes at once.
const BATCH: u64 = 25;

/// Disputes `from` to `to`, each a second older than the one before, as copies of one that was logged.
async fn load(stack: &Stack, dispute: &Value, line: &Value, range: std::ops::Range<u64>) {
    let endpoint = stack.cloud().dynamodb.endpoint();
    let table = stack.cloud().environment().into_iter().find(|(name, _)| *name == "DISPUTES_TABLE").unwrap().1;
    let created: u64 = line["opened_at"]["N"].as_str().unwrap().parse().unwrap();
    for from in range.clone().step_by(usize::try_from(BATCH).unwrap()) {
        let (mut disputes, mut lines) = (Vec::new(), Vec::new());
        for n in from..(from + BATCH).min(range.end) {
            let (number, at) = (1_000_000 + n, created - n * 1_000);
            let mut copy = dispute.clone();
            copy["PK"] = json!({ "S": format!("DSP#{number}") });
            copy["number"] = json!({ "N": number.to_string() });
            copy["opened_at"] = json!({ "N": at.to_string() });
            // The workers of the stream have no part in this.
            copy["item"] = json!({ "S": "bench" });
            disputes.push(json!({ "PutRequest": { "Item": copy } }));
            let mut copy = line.clone();
            copy["SK"] = json!({ "S": format!("{at:015}#{number:015}") });
            copy["number"] = json!({ "N": number.to_string() });
            copy["opened_at"] = json!({ "N": at.to_string() });
            lines.push(json!({ "PutRequest": { "Item": copy } }));
        }
        for puts in [disputes, lines] {
            let input = json!({ "RequestItems": { table.as_str(): puts } });
            raw::call(&endpoint, "BatchWriteItem", &input).await;
        }
    }
}

async fn median(stack: &Stack, user: &User, query: &str) -> Duration {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let answer = user.get(stack, query).await;
        times.push(started.elapsed());
        assert_eq!((answer.status, answer.json()["content"].as_array().unwrap().len()), (200, 100), "{query}");
    }
    times.sort_unstable();
    times[ROUNDS / 2]
}

#[test]
#[ignore = "a measurement: make bench"]
fn a_first_page_costs_the_same_at_a_hundred_thousand() {
    run(async {
        let stack = Stack::start(options()).await;
        let user = FBN.sign_in(&stack).await;
        let mut log = log_of(&paid(&stack).await, "Refund");
        log["comment"] = "the one that all others are copies of".into();
        let logged = user.log(&stack, &log).await.json();
        let items = stack.items("DISPUTES_TABLE").await;
        let dispute = items[&(format!("DSP#{}", logged["id"]), "DSP".to_owned())].clone();
        let line = items.iter().find(|((pk, _), _)| pk == "PTY#domain#FBN").unwrap().1.clone();
        let newest = time::OffsetDateTime::now_utc() - time::Duration::seconds(200);
        let from = newest.format(&time::macros::format_description!("[year]-[month]-[day]%20[hour]:[minute]:[second]"));
        let queries = [
            ("unfiltered", "/disputes".to_owned()),
            ("by status", "/disputes?status=Refund".to_owned()),
            ("by date and bank", format!("/disputes?createdStartDate={}&issuerCode=FBN", from.unwrap())),
        ];
        let mut before = Vec::new();
        for (size, range) in [("a thousand", 1..1_000), ("a hundred thousand", 1_000..100_000)] {
            let started = Instant::now();
            load(&stack, &dispute, &line, range).await;
            println!("{size} loaded in {:.1?}", started.elapsed());
            for (nth, (what, query)) in queries.iter().enumerate() {
                median(&stack, &user, query).await;
                let took = median(&stack, &user, query).await;
                match before.get(nth) {
                    None => before.push(took),
                    Some(first) => println!(
                        "{what}: {:.2} times what it takes with a thousand",
                        took.as_secs_f64() / Duration::as_secs_f64(first)
                    ),
                }
            }
        }
    });
}
