//! Many clients at once, through the gateway: one opens the case, all others get the documented
//! duplicate, and none gets a 5xx.
//!
//! `ROUNDS` shortens it while one writes on it; it counts with 200.

use std::sync::Arc;
use std::time::{Duration, Instant};

use recourse_dispute::lifecycle::{Closing, Stage, State};
use recourse_local::Options;
use recourse_store::MailState;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{
    CLIENT, Call, HttpResponse, OUTBOX, PLATFORM, Stack, Transaction, address, options, options_at_once, run_alone,
    until,
};
use crate::vendor_texts::{DUPLICATE, REFUNDED, SUCCESS, about};

const CLIENTS: usize = 64;

fn rounds() -> usize {
    std::env::var("ROUNDS").map_or(200, |rounds| rounds.parse().expect("ROUNDS must be a whole number"))
}

/// A transaction that succeeded for each round, and an address for its mail.
pub(crate) async fn prepare(stack: &Stack, rounds: usize) -> Vec<(Transaction, String)> {
    let transactions: Vec<_> = (0..rounds).map(|_| Transaction::new("acct_demo", "Succesful")).collect();
    for some in transactions.chunks(50) {
        let sent: Vec<Value> = some.iter().map(|transaction| transaction.body.clone()).collect();
        let answer = stack.send(&Call::import(&PLATFORM, &sent)).await;
        assert!(answer.text.matches("\"created\"").count() == some.len(), "{answer:?}");
    }
    transactions.into_iter().map(|transaction| (transaction, address())).collect()
}

/// Reports about one transaction, all at once, half of them by each of its names.
fn reports(stack: &Arc<Stack>, count: usize, transaction: &Transaction, user: &str) -> JoinSet<HttpResponse> {
    let mut reports = JoinSet::new();
    for n in 0..count {
        let (name, value) = if n % 2 == 0 { ("trxid", &transaction.trxid) } else { ("refid", &transaction.refid) };
        let (stack, body) = (Arc::clone(stack), json!({ name: value, "user_email": [user] }));
        reports.spawn(async move { stack.report(&CLIENT, &body).await });
    }
    reports
}

/// The answers that no race should end in, and what the functions say of them.
fn odd(stack: &Stack, answers: &[HttpResponse]) -> String {
    let odd: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    let faults: Vec<_> = stack.log().into_iter().filter(|line| line.text.contains("\"fault\"")).collect();
    format!("{odd:?} {faults:?}")
}

#[test]
fn of_64_clients_at_once_one_opens_the_case() {
    run_alone(one_of_64(options(), rounds()));
}

/// The same with eight requests at once in each process.
#[test]
fn of_64_clients_at_eight_processes_one_opens_the_case() {
    run_alone(one_of_64(options_at_once(8), rounds().div_ceil(5)));
}

async fn one_of_64(options: Options, rounds: usize) {
    let stack = Arc::new(Stack::start(options).await);
    let races = prepare(&stack, rounds).await;
    // So many processes take a while to start, which is no part of any round.
    let warm = Instant::now();
    reports(&stack, CLIENTS, &Transaction::new("acct_demo", "Succesful"), &address()).join_all().await;
    let (warm, started) = (warm.elapsed(), Instant::now());
    let mut slowest = Duration::ZERO;
    for (transaction, user) in &races {
        let round = Instant::now();
        let answers = reports(&stack, CLIENTS, transaction, user).join_all().await;
        slowest = slowest.max(round.elapsed());
        let like = |example| {
            let text = about(example, &transaction.refid);
            answers.iter().filter(|answer| answer.status == 200 && answer.text == text).count()
        };
        assert_eq!((like(SUCCESS), like(DUPLICATE)), (1, CLIENTS - 1), "{}", odd(&stack, &answers));
    }
    let (count, raced) = (races.len(), started.elapsed());
    for (_, user) in &races {
        stack.inbox(user, 1).await;
    }
    stack.cloud().run_schedule(OUTBOX).await.unwrap();
    for (transaction, user) in &races {
        assert_eq!(stack.mails_to(user).len(), 1, "one case, one mail");
        let case = stack.dispute(&transaction.trxid).await;
        assert_eq!((case.dispute.version, case.events.len(), case.mails.len()), (1, 1, 1));
        assert_eq!(case.mails[0].mail_state, MailState::Sent);
    }
    let mean = raced / u32::try_from(count).unwrap().max(1);
    println!(
        "{count} rounds in {raced:.1?}, {mean:.0?} each, the slowest {slowest:.0?}; warm after {warm:.1?}; all in {:.1?}",
        started.elapsed()
    );
}

#[test]
fn a_refund_in_the_middle_of_reports_leaves_no_active_dispute() {
    run_alone(refund_among_reports(options(), rounds().div_ceil(4)));
}

#[test]
fn a_refund_in_the_middle_of_reports_in_one_process_leaves_no_active_dispute() {
    run_alone(refund_among_reports(options_at_once(16), rounds().div_ceil(20)));
}

async fn refund_among_reports(options: Options, rounds: usize) {
    let stack = Arc::new(Stack::start(options).await);
    let races = prepare(&stack, rounds).await;
    reports(&stack, 16, &Transaction::new("acct_demo", "Succesful"), &address()).join_all().await;
    let (mut opened, started) = (0, Instant::now());
    for (round, (transaction, user)) in (0_u64..).zip(&races) {
        let reports = reports(&stack, 15, transaction, user);
        // Another place among them each round.
        tokio::time::sleep(Duration::from_millis(round % 10 * 10)).await;
        assert_eq!(stack.upsert(&transaction.later("Refund", 1)).await.status, 200);
        let answers = reports.join_all().await;
        let like = |example| {
            let text = about(example, &transaction.refid);
            answers.iter().filter(|answer| answer.status == 200 && answer.text == text).count()
        };
        let (success, duplicate, refunded) = (like(SUCCESS), like(DUPLICATE), like(REFUNDED));
        assert_eq!(success + duplicate + refunded, 15, "{}", odd(&stack, &answers));
        assert!(success == 1 || (success, duplicate) == (0, 0), "{success} {duplicate} {refunded}");

        let cases = stack.disputes(&transaction.trxid).await;
        assert_eq!(cases.len(), success);
        for case in cases {
            assert_eq!(case.dispute.state, State::Closed { closing: Closing::Refunded, stage: Stage::First });
            assert_eq!((case.dispute.version, case.events.len(), case.mails.len()), (2, 2, 2));
        }
        let after = stack.report(&CLIENT, &json!({ "refid": transaction.refid })).await;
        assert_eq!(after.text, about(REFUNDED, &transaction.refid));
        opened += success;
    }
    println!("{} rounds in {:.1?}, {opened} with a case", races.len(), started.elapsed());
    until("every mail is sent", async || {
        let mails = races.iter().map(|(_, user)| stack.mails_to(user).len()).sum::<usize>();
        (mails >= 2 * opened).then_some(())
    })
    .await;
}
