//! Functions killed by SIGKILL at many different moments: what they leave is nothing or whole, and what was promised is done in the end.
//!
//! `KILLS` shortens it while one writes on it; it counts with 60.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use recourse_local::lambda::{InstanceInfo, InstanceState, Kill};
use recourse_store::{Mail, MailState};
use serde_json::json;
use tokio::time::sleep;

use crate::harness::{CLIENT, OUTBOX, REPORT, Stack, Transaction, address, options, run, until};
use crate::raw;
use crate::seed::{DUPLICATE, SUCCESS, about};

fn kills() -> u32 {
    std::env::var("KILLS").map_or(60, |kills| kills.parse().expect("KILLS must be a whole number"))
}

fn instances(stack: &Stack, function: &str) -> Vec<InstanceInfo> {
    stack.cloud().lambda.instances().into_iter().filter(|instance| instance.function == function).collect()
}

fn busy(stack: &Stack, function: &str) -> Option<InstanceInfo> {
    instances(stack, function).into_iter().find(|instance| instance.state == InstanceState::Busy)
}

/// Waits for one of many moments, another one for each of `kills` kills: spread over the whole `duration` and a quarter more, and for
/// every second kill over half of it after `late`, the stretch in which a kill does the most harm and which is short.
async fn moment(duration: Duration, kill: u32, kills: u32, late: impl Fn() -> bool) {
    if kill.is_multiple_of(2) {
        return sleep(duration * 5 * kill / (4 * kills)).await;
    }
    let deadline = Instant::now() + duration * 4;
    while !late() && Instant::now() < deadline {
        sleep(Duration::from_micros(500)).await;
    }
    sleep(duration * kill / (2 * kills)).await;
}

/// The middle of several durations.
fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort();
    durations[durations.len() / 2]
}

async fn report(stack: &Stack, transaction: &Transaction, user: &str) -> (u16, String) {
    let answer = stack.report(&CLIENT, &json!({ "refid": transaction.refid, "user_email": [user] })).await;
    (answer.status, answer.text)
}

/// Starts an instance if there is none, with the client's key in its cache: the answer needs no case.
async fn warm(stack: &Stack) {
    assert_eq!(stack.report(&CLIENT, &json!({ "refid": "no such reference" })).await.status, 400);
}

#[test]
fn a_report_that_is_killed_leaves_nothing_or_a_whole_case() {
    run(async {
        let stack = Arc::new(Stack::start(options()).await);
        warm(&stack).await;
        let mut durations = Vec::new();
        for _ in 0..5 {
            let transaction = stack.transaction("acct_demo", "Succesful").await;
            let started = Instant::now();
            assert_eq!(report(&stack, &transaction, &address()).await.0, 200);
            durations.push(started.elapsed());
        }
        let duration = median(durations);
        let before = stack.items("DISPUTES_TABLE").await;

        let (kills, mut rounds) = (kills(), Vec::new());
        let (mut nothing, mut whole, mut survived) = (0, 0, 0);
        for kill in 0..kills {
            let (transaction, user) = (stack.transaction("acct_demo", "Succesful").await, address());
            warm(&stack).await;
            stack.cloud().dynamodb.clear_calls();
            let first = {
                let (stack, user) = (Arc::clone(&stack), user.clone());
                let body = json!({ "refid": transaction.refid, "user_email": [user] });
                tokio::spawn(async move { stack.report(&CLIENT, &body).await })
            };
            let written = || stack.dynamodb_calls(REPORT).iter().any(|operation| operation == "TransactWriteItems");
            moment(duration, kill, kills, written).await;
            if let Some(instance) = instances(&stack, REPORT).first() {
                assert_eq!(stack.cloud().lambda.kill(instance.pid), Kill::Sent);
            }
            let first = first.await.unwrap();
            let again = report(&stack, &transaction, &user).await;
            let (success, duplicate) = (about(SUCCESS, &transaction.refid), about(DUPLICATE, &transaction.refid));
            match (first.status, again) {
                (200, (200, text)) if first.text == success && text == duplicate => survived += 1,
                (500, (200, text)) if text == duplicate => whole += 1,
                (500, (200, text)) if text == success => nothing += 1,
                (_, again) => panic!("{first:?}, and signed afresh {again:?}"),
            }
            rounds.push((transaction, user));
        }
        println!("{duration:.0?} a report; of {kills}: {nothing} left nothing, {whole} a whole case, {survived} were answered before");
        assert!(nothing > 0 && whole > 0, "the kills hit before and after the write");

        let mut expected = BTreeSet::new();
        for (transaction, user) in &rounds {
            let case = until("its mail is sent", async || {
                let case = stack.dispute(&transaction.trxid).await;
                (case.mails[0].mail_state == MailState::Sent).then_some(case)
            })
            .await;
            assert_eq!(stack.mails_to(user).len(), 1);
            let (Transaction { trxid, refid, .. }, number) = (transaction, case.dispute.number);
            let (txn, dsp) = (format!("TXN#{trxid}"), format!("DSP#{number}"));
            let by_date = format!("{:015}#{:015}", case.dispute.opened_at.0, number.get());
            let keys = [
                (txn.clone(), "TXN".to_owned()),
                (txn.clone(), "LIVE".to_owned()),
                (txn, dsp.clone()),
                (format!("REF#acct_demo#{refid}"), "REF".to_owned()),
                (dsp.clone(), "DSP".to_owned()),
                (dsp.clone(), "EVT#0000000001".to_owned()),
                (dsp, "MAIL#0000000001".to_owned()),
                ("PTY#account#acct_demo".to_owned(), by_date),
            ];
            expected.extend(keys);
        }
        let after = stack.items("DISPUTES_TABLE").await;
        let new: BTreeSet<_> = after.into_keys().filter(|key| !before.contains_key(key)).collect();
        assert_eq!(new, expected);
    });
}

/// The only mail of a transaction's only case.
async fn mail(stack: &Stack, transaction: &Transaction) -> Mail {
    stack.dispute(&transaction.trxid).await.mails.remove(0)
}

/// Waits until no worker is at work, and none has been for a while, and the mail was tried.
async fn settled(stack: &Stack, transaction: &Transaction) -> Mail {
    let mut quiet = 0;
    until("the worker is done", async || {
        let working = instances(stack, OUTBOX).iter().any(|instance| instance.state != InstanceState::Idle);
        quiet = if working { 0 } else { quiet + 1 };
        let mail = if quiet < 10 { None } else { Some(mail(stack, transaction).await) };
        mail.filter(|mail| mail.mail_state != MailState::Pending)
    })
    .await
}

#[test]
fn a_worker_that_is_killed_sends_its_mail_in_the_end() {
    run(async {
        let stack = Arc::new(Stack::start(options()).await);
        let mut durations = Vec::new();
        for _ in 0..5 {
            let transaction = stack.transaction("acct_demo", "Succesful").await;
            assert_eq!(report(&stack, &transaction, &address()).await.0, 200);
            until("the worker begins", async || busy(&stack, OUTBOX)).await;
            let started = Instant::now();
            while busy(&stack, OUTBOX).is_some() {
                sleep(Duration::from_millis(1)).await;
            }
            durations.push(started.elapsed());
        }
        let duration = median(durations);

        let (kills, mut rounds) = (kills(), Vec::new());
        for kill in 0..kills {
            let (transaction, user) = (stack.transaction("acct_demo", "Succesful").await, address());
            assert_eq!(report(&stack, &transaction, &user).await.0, 200);
            let worker = loop {
                match busy(&stack, OUTBOX) {
                    Some(worker) => break worker,
                    None => sleep(Duration::from_millis(1)).await,
                }
            };
            moment(duration, kill, kills, || !stack.mails_to(&user).is_empty()).await;
            stack.cloud().lambda.kill(worker.pid);
            let mail = settled(&stack, &transaction).await;
            rounds.push((transaction, stack.mails_to(&user).len(), mail, user));
        }

        // The leases of the dead run out.
        let table = stack.cloud().environment().into_iter().find(|(name, _)| *name == "DISPUTES_TABLE").unwrap().1;
        let endpoint = stack.cloud().dynamodb.endpoint();
        for (_, _, mail, _) in rounds.iter().filter(|(_, _, mail, _)| mail.mail_state == MailState::Sending) {
            let key = (format!("DSP#{}", mail.id.number), format!("MAIL#{:010}", mail.id.version));
            raw::make_due(&endpoint, &table, &key, 0).await;
        }
        let (mut sent, mut before, mut after) = (0, 0, 0);
        for (transaction, accepted, killed, user) in &rounds {
            let ended = until("the sweep sends it", async || {
                let ended = mail(&stack, transaction).await;
                if ended.mail_state != MailState::Sent {
                    stack.cloud().run_schedule(OUTBOX).await.unwrap();
                }
                Some(ended).filter(|ended| ended.mail_state == MailState::Sent)
            })
            .await;
            let mails = stack.mails_to(user).len();
            match (killed.mail_state, accepted) {
                (MailState::Sent, 1) => sent += 1,
                (MailState::Sending, 0) => before += 1,
                (MailState::Sending, 1) => after += 1,
                (state, accepted) => panic!("{state:?} with {accepted} mails"),
            }
            // A second one only where SES had accepted and the note was not written.
            let expected = if killed.mail_state == MailState::Sending { accepted + 1 } else { 1 };
            assert_eq!((mails, ended.attempts), (expected, killed.attempts + u32::from(killed.mail_state == MailState::Sending)));
        }
        println!(
            "{duration:.0?} a mail; of {kills}: {before} were killed between claim and SES, {after} between SES and note, {sent} besides"
        );
        assert!(before > 0, "some kills hit a mail at hand");
    });
}
