//! The worker that sends mail, killed while it is at a mail.

use std::sync::Arc;
use std::time::Duration;

use recourse_local::lambda::InstanceState;
use recourse_store::{MailState, OutboxMail};
use tokio::time::sleep;

use super::{busy, instances, kills, median, moment, reported, reporting};
use crate::harness::{OUTBOX, Stack, Transaction, address, options, run, until};
use crate::raw;

/// The only mail of a transaction's only case.
async fn mail(stack: &Stack, transaction: &Transaction) -> OutboxMail {
    stack.dispute(&transaction.trxid).await.mails.remove(0)
}

/// How long the worker says that it worked on its last mail.
fn logged_duration(stack: &Stack) -> Duration {
    let line = stack.log().into_iter().rfind(|line| line.from == OUTBOX && line.text.contains("\"sent\"")).unwrap();
    let (_, after) = line.text.split_once("\"duration_ms\":").unwrap();
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    Duration::from_millis(digits.parse().unwrap())
}

/// Waits until no worker is at work, and none has been for a while, and the mail was tried.
async fn settled(stack: &Stack, transaction: &Transaction) -> OutboxMail {
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
            assert_eq!(reported(&stack, &transaction, &address()).await.status, 200);
            settled(&stack, &transaction).await;
            durations.push(logged_duration(&stack));
        }
        let duration = median(durations);

        let (kills, mut rounds) = (kills(), Vec::new());
        for kill in 0..kills {
            let (transaction, user) = (stack.transaction("acct_demo", "Succesful").await, address());
            let reported = reporting(&stack, &transaction, &user);
            // It may begin before the report's answer is there, and be done before we look.
            let worker = loop {
                match busy(&stack, OUTBOX) {
                    None if stack.mails_to(&user).is_empty() => sleep(Duration::from_micros(500)).await,
                    worker => break worker,
                }
            };
            moment(duration, kill, kills, || !stack.mails_to(&user).is_empty()).await;
            if let Some(worker) = worker {
                stack.cloud().lambda.kill(worker.pid);
            }
            assert_eq!(reported.await.unwrap().status, 200);
            let mail = settled(&stack, &transaction).await;
            rounds.push((transaction, stack.mails_to(&user).len(), mail, user));
        }

        // The leases of the dead run out.
        for (_, _, mail, _) in rounds.iter().filter(|(_, _, mail, _)| mail.mail_state == MailState::Sending) {
            raw::make_due(stack.cloud(), mail.id).await;
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
            assert_eq!(
                (mails, ended.attempts),
                (expected, killed.attempts + u32::from(killed.mail_state == MailState::Sending))
            );
        }
        println!(
            "{duration:.0?} a mail; of {kills}: {before} were killed between claim and SES, {after} between SES and note, {sent} besides"
        );
        assert!(before > 0, "some kills hit a mail at hand");
    });
}
