//! What a first page costs with a thousand disputes and with a hundred thousand, in one run: `make
//! bench`. Two clouds run side by side and are called alternately, so that the machine's other work
//! affects both alike. Only the ratio of the two counts, and no ordinary test asserts it.

use std::time::{Duration, Instant};

use serde_json::json;

use super::bank::{FBN, User, log_of, paid};
use crate::harness::{Stack, figure, options, run};
use crate::raw;

/// How often each page is asked for; the median counts.
const ROUNDS: usize = 101;
/// How many puts DynamoDB takes at once.
const BATCH: u64 = 25;

/// A cloud whose one bank has `size` disputes. Each is a copy of one that was logged, a second
/// older than the one before.
async fn stack_with(size: u64) -> (Stack, User) {
    let stack = Stack::start(options()).await;
    let user = FBN.sign_in(&stack).await;
    let mut log = log_of(&paid(&stack).await, "Refund");
    log["comment"] = "the one that all others are copies of".into();
    let logged = user.log(&stack, &log).await.json();
    let items = stack.items("DISPUTES_TABLE").await;
    let dispute = &items[&(format!("DSP#{}", logged["id"]), "DSP".to_owned())];
    let line = items.iter().find(|((pk, _), _)| pk == "PTY#domain#production#FBN").unwrap().1;
    let newest: u64 = line["opened_at"]["N"].as_str().unwrap().parse().unwrap();

    let endpoint = stack.cloud().dynamodb.endpoint();
    let table = stack.cloud().environment().into_iter().find(|(name, _)| *name == "DISPUTES_TABLE").unwrap().1;
    // No page reads the stream, and the local engine gets slower with every record in it.
    let streamless = json!({ "TableName": table, "StreamSpecification": { "StreamEnabled": false } });
    raw::call(&endpoint, "UpdateTable", &streamless).await;
    let started = Instant::now();
    for from in (1..size).step_by(usize::try_from(BATCH).unwrap()) {
        let (mut disputes, mut lines) = (Vec::new(), Vec::new());
        for n in from..(from + BATCH).min(size) {
            let (number, at) = (1_000_000 + n, newest - n * 1_000);
            let mut copy = dispute.clone();
            copy["PK"] = json!({ "S": format!("DSP#{number}") });
            copy["number"] = json!({ "N": number.to_string() });
            copy["opened_at"] = json!({ "N": at.to_string() });
            disputes.push(json!({ "PutRequest": { "Item": copy } }));
            let mut copy = line.clone();
            copy["SK"] = json!({ "S": format!("{at:015}#{number:015}") });
            copy["number"] = json!({ "N": number.to_string() });
            copy["opened_at"] = json!({ "N": at.to_string() });
            lines.push(json!({ "PutRequest": { "Item": copy } }));
        }
        for puts in [disputes, lines] {
            raw::call(&endpoint, "BatchWriteItem", &json!({ "RequestItems": { table.as_str(): puts } })).await;
        }
        if from % 10_000 == 1 {
            println!("{from} of {size} disputes after {:.1?}", started.elapsed());
        }
    }
    (stack, user)
}

async fn page(stack: &Stack, user: &User, query: &str) -> Duration {
    let started = Instant::now();
    let answer = user.get(stack, query).await;
    let took = started.elapsed();
    assert_eq!((answer.status, answer.json()["content"].as_array().unwrap().len()), (200, 100), "{query}");
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[test]
#[ignore = "a measurement: make bench PAGES=1"]
fn a_first_page_costs_the_same_at_a_hundred_thousand() {
    run(async {
        let stacks = [stack_with(1_000).await, stack_with(100_000).await];
        let before = time::OffsetDateTime::now_utc() - time::Duration::seconds(600);
        let from = before.format(&time::macros::format_description!("[year]-[month]-[day]%20[hour]:[minute]:[second]"));
        let queries = [
            ("unfiltered", "/disputes".to_owned()),
            ("by status", "/disputes?status=Refund".to_owned()),
            ("by date and bank", format!("/disputes?createdStartDate={}&issuerCode=FBN", from.unwrap())),
        ];
        for (what, query) in &queries {
            let mut times = [Vec::new(), Vec::new()];
            for _ in 0..ROUNDS {
                for ((stack, user), times) in stacks.iter().zip(&mut times) {
                    times.push(page(stack, user, query).await);
                }
            }
            let [thousand, hundred_thousand] = times.map(median);
            let ratio = hundred_thousand.as_secs_f64() / thousand.as_secs_f64();
            println!(
                "first page {what}: {thousand:.1?} with 1,000 disputes, {hundred_thousand:.1?} with 100,000: {ratio:.2} times"
            );
            let name = format!("first page {what}: 100,000 disputes / 1,000");
            figure(&name, ratio, 1.1, &format!("{hundred_thousand:.1?} / {thousand:.1?}"));
        }
    });
}
