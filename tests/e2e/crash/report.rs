//! A report's function, killed between request and answer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use recourse_dispute::dispute::Dispute;
use recourse_local::Options;
use recourse_local::lambda::Kill;
use recourse_store::MailState;
use serde_json::json;

use super::{instances, kills, median, moment, reported, reporting};
use crate::harness::{CLIENT, REPORT, Stack, Transaction, address, options, options_at_once, run, until};
use crate::vendor_texts::{DUPLICATE, SUCCESS, about};

/// Starts an instance if there is none, with the client's key in its cache. The answer needs no
/// case.
async fn warm(stack: &Stack) {
    assert_eq!(stack.report(&CLIENT, &json!({ "refid": "no such reference" })).await.status, 400);
}

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
        let written = || stack.dynamodb_calls(REPORT).iter().any(|operation| operation == "TransactWriteItems");
        moment(duration, kill, kills, written).await;
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
        let (success, duplicate) = (about(SUCCESS, &transaction.refid), about(DUPLICATE, &transaction.refid));
        assert!(first.status == 500 || (first.status, &first.text) == (200, &success), "{first:?}");
        match (first.status, again.text) {
            (500, text) if text == success => nothing += 1,
            (500, text) if text == duplicate => whole += 1,
            (_, text) if text == duplicate => survived += 1,
            (_, text) => panic!("{first:?}, and signed afresh {text}"),
        }
        rounds.push((transaction, user));
    }
    println!(
        "{duration:.0?} a report; of {kills}: {nothing} left nothing, {whole} a whole case, {survived} were answered before"
    );
    assert!(nothing > 0 && whole > 0, "the kills hit before and after the write");

    let mut expected = BTreeSet::new();
    for (transaction, user) in &rounds {
        let case = until("its mail is sent", async || {
            let case = stack.dispute(&transaction.trxid).await;
            (case.mails[0].mail_state == MailState::Sent).then_some(case)
        })
        .await;
        assert_eq!(stack.mails_to(user).len(), 1);
        expected.extend(whole_case(transaction, &case.dispute));
    }
    let after = stack.items("DISPUTES_TABLE").await;
    // The ids of sent mails are noted besides.
    let is_new = |key: &(String, String)| !before.contains_key(key) && !key.0.starts_with("OUT#");
    let new: BTreeSet<_> = after.into_keys().filter(is_new).collect();
    assert_eq!(new, expected);
}
