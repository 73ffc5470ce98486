//! A report's function, killed between request and answer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use recourse_dispute::dispute::Dispute;
use recourse_local::Options;
use recourse_local::lambda::Kill;

use super::{Left, instances, kills, left, mailed, median, moment, reported, reporting, warm, writes};
use crate::harness::{REPORT, Stack, Transaction, address, options, options_at_once, run};

/// The keys of a whole case, its transaction's among them.
fn whole_case(transaction: &Transaction, dispute: &Dispute) -> [(String, String); 8] {
    let (Transaction { trxid, refid, .. }, number) = (transaction, dispute.number);
    let (txn, dsp) = (format!("TXN#production#{trxid}"), format!("DSP#{number}"));
    let by_date = format!("{:015}#{:015}", dispute.opened_at.0, number.get());
    [
        (txn.clone(), "TXN".to_owned()),
        (txn.clone(), "LIVE".to_owned()),
        (txn, dsp.clone()),
        (format!("REF#production#acct_demo#{refid}"), "REF".to_owned()),
        (dsp.clone(), "DSP".to_owned()),
        (dsp.clone(), "EVT#0000000001".to_owned()),
        (dsp, "MAIL#0000000001".to_owned()),
        ("PTY#account#acct_demo".to_owned(), by_date),
    ]
}

#[test]
fn a_killed_report_leaves_a_whole_case_or_nothing() {
    run(killed_reports(options(), kills()));
}

#[test]
fn so_does_one_in_a_process_that_takes_several() {
    run(killed_reports(options_at_once(8), kills().div_ceil(2)));
}

async fn killed_reports(options: Options, kills: u32) {
    let stack = Arc::new(Stack::start(options).await);
    warm(&stack).await;
    let mut durations = Vec::new();
    for _ in 0..5 {
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let started = Instant::now();
        assert_eq!(reported(&stack, &transaction, &address()).await.status, 200);
        durations.push(started.elapsed());
    }
    let duration = median(durations);
    let before = stack.items("DISPUTES_TABLE").await;

    let mut rounds = Vec::new();
    let (mut nothing, mut whole, mut survived) = (0, 0, 0);
    for kill in 0..kills {
        let (transaction, user) = (stack.transaction("acct_demo", "Succesful").await, address());
        warm(&stack).await;
        stack.cloud().dynamodb.clear_calls();
        let first = reporting(&stack, &transaction, &user);
        moment(duration, kill, kills, || writes(&stack, REPORT)).await;
        if let Some(instance) = instances(&stack, REPORT).first() {
            assert_eq!(stack.cloud().lambda.kill(instance.pid), Kill::Sent);
        }
        let first = first.await.unwrap();
        let mut again = reported(&stack, &transaction, &user).await;
        if (first.status, again.status) == (200, 500) {
            // The kill came after the answer, when the next request was on its way to the
            // instance.
            again = reported(&stack, &transaction, &user).await;
        }
        match left(&transaction, &first, &again) {
            Left::Nothing => nothing += 1,
            Left::WholeCase => whole += 1,
            Left::Answered => survived += 1,
        }
        rounds.push((transaction, user));
    }
    println!(
        "{duration:.0?} a report; of {kills}: {nothing} left nothing, {whole} a whole case, {survived} were answered before"
    );
    assert!(nothing > 0 && whole > 0, "the kills hit before and after the write");

    let mut expected = BTreeSet::new();
    for (transaction, user) in &rounds {
        let case = mailed(&stack, transaction).await;
        assert_eq!(stack.mails_to(user).len(), 1);
        expected.extend(whole_case(transaction, &case.dispute));
    }
    let after = stack.items("DISPUTES_TABLE").await;
    // The ids of sent mails are noted besides.
    let is_new = |key: &(String, String)| !before.contains_key(key) && !key.0.starts_with("OUT#");
    let new: BTreeSet<_> = after.into_keys().filter(is_new).collect();
    assert_eq!(new, expected);
}
