//! Mails that did not go out, as an operator sees them and has them tried again.

use recourse_local::ses::SesFault;
use recourse_store::MailState;
use serde_json::{Value, json};

use crate::cli::{folder, recourse};
use crate::harness::{CLIENT, OUTBOX, Stack, Transaction, address, options, run, until};

/// Reports a new transaction, and waits until its mail is so.
async fn reported(stack: &Stack, state: MailState) -> (Transaction, String) {
    let transaction = stack.transaction("acct_demo", "Succesful").await;
    stack.report(&CLIENT, &json!({ "refid": transaction.refid, "user_email": [address()] })).await;
    let id = until("its mail is so", async || {
        let mail = stack.dispute(&transaction.trxid).await.mails.remove(0);
        (mail.mail_state == state && mail.attempts == 1).then(|| mail.id.to_string())
    })
    .await;
    (transaction, id)
}

/// What `outbox list` says of these, once the index says it: outbox id, state.
async fn listed(stack: &Stack, folder: &std::path::Path, arguments: &[&str], count: usize) -> Vec<(String, String)> {
    until(&format!("{count} mails are listed"), async || {
        let said = recourse(stack, folder, &[&["outbox", "list", "--json"], arguments].concat()).await;
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(!said.out.contains('@'), "{}", said.out);
        let mails: Vec<Value> = serde_json::from_str(&said.out).unwrap();
        let text = |mail: &Value, name: &str| mail[name].as_str().unwrap().to_owned();
        let mails: Vec<_> = mails.iter().map(|mail| (text(mail, "outbox_id"), text(mail, "mail_state"))).collect();
        (mails.len() == count).then_some(mails)
    })
    .await
}

#[test]
fn dead_mails_are_found_and_retried_and_the_retry_is_recorded() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let folder = folder.path();
        let said = recourse(&stack, folder, &["outbox", "list"]).await;
        assert_eq!((said.code, said.out.as_str()), (0, "no mail waits, is held back or was given up\n"));
        stack.cloud().ses.set_fault(SesFault::Rejected);
        let (one, first) = reported(&stack, MailState::Dead).await;
        let (two, second) = reported(&stack, MailState::Dead).await;
        stack.cloud().ses.set_fault(SesFault::Throttled);
        let (three, waiting) = reported(&stack, MailState::Pending).await;
        stack.cloud().ses.set_fault(SesFault::None);

        let dead = |id: &String| (id.clone(), "DEAD".to_owned());
        let pending = (waiting.clone(), "PENDING".to_owned());
        assert_eq!(listed(&stack, folder, &[], 3).await, [dead(&first), dead(&second), pending]);
        assert_eq!(listed(&stack, folder, &["--state", "dead"], 2).await, [dead(&first), dead(&second)]);
        let text = recourse(&stack, folder, &["outbox", "list", "--state", "dead"]).await.out;
        assert!(text.contains("SES refused it: MessageRejected") && text.lines().count() == 2, "{text}");

        let refused = recourse(&stack, folder, &["outbox", "redrive", &waiting]).await;
        assert!(refused.code == 2 && refused.err.contains("is PENDING"), "{}", refused.err);
        assert_eq!(recourse(&stack, folder, &["outbox", "redrive", "551-1"]).await.code, 2);
        let none = recourse(&stack, folder, &["outbox", "redrive", "--state", "dead", "--reason", "a cap"]).await;
        assert_eq!((none.code, none.out.as_str()), (0, "no mail matches; nothing changed\n"));
        let redrive = ["outbox", "redrive", &first, "--by", "bob", "--why", "the address was wrong"];
        let done = recourse(&stack, folder, &redrive).await;
        assert!(done.code == 0 && done.out.ends_with("waits to be sent; it was DEAD\n"), "{}{}", done.out, done.err);
        let all = ["outbox", "redrive", "--state", "dead", "--reason", "MessageRejected"];
        let done = recourse(&stack, folder, &all).await;
        assert!(
            done.code == 0 && done.out.contains(&second) && !done.out.contains(&waiting),
            "{}{}",
            done.out,
            done.err
        );

        until("the sweep sends them", async || {
            stack.cloud().run_schedule(OUTBOX).await.unwrap();
            let state = async |of: &Transaction| stack.dispute(&of.trxid).await.mails[0].mail_state;
            (state(&one).await == MailState::Sent && state(&two).await == MailState::Sent).then_some(())
        })
        .await;
        let mail = stack.dispute(&one.trxid).await.mails.remove(0);
        let redrive = &mail.redriven[0];
        assert_eq!((redrive.by.as_str(), redrive.why.as_deref()), ("bob", Some("the address was wrong")));
        assert_eq!(
            (redrive.was, redrive.reason.as_deref()),
            (MailState::Dead, Some("SES refused it: MessageRejected"))
        );
        assert_eq!((mail.attempts, stack.dispute(&two.trxid).await.mails[0].redriven[0].by.as_str()), (2, "tester"));
        assert_eq!(listed(&stack, folder, &["--state", "dead"], 0).await, []);
        let shown = recourse(&stack, folder, &["dispute", "show", "--trxid", &one.trxid]).await.out;
        assert!(shown.contains("by bob: it was dead; the address was wrong"), "{shown}");
        assert_eq!(stack.dispute(&three.trxid).await.mails[0].mail_state, MailState::Pending);
    });
}

#[test]
fn of_two_operators_at_once_one_succeeds_and_the_mail_is_sent_once() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        stack.cloud().ses.set_fault(SesFault::Rejected);
        let (transaction, id) = reported(&stack, MailState::Dead).await;
        stack.cloud().ses.set_fault(SesFault::None);
        let mail = stack.dispute(&transaction.trxid).await.mails.remove(0);
        let redrive = |name: &str, at: i64| recourse_store::AuditContext {
            by: recourse_dispute::event::PerformedBy {
                actor: recourse_dispute::lifecycle::Actor::Operator,
                name: name.to_owned(),
            },
            at: mail.changed_at.plus(at),
            why: None,
        };
        let (alice, bob) = (redrive("alice", 1), redrive("bob", 2));
        let (one, two) = tokio::join!(stack.store().redrive(&mail, &alice), stack.store().redrive(&mail, &bob));
        let waits =
            [one.unwrap(), two.unwrap()].into_iter().filter(|done| *done == recourse_store::RedriveOutcome::Waits);
        assert_eq!(waits.count(), 1);
        let late = recourse(&stack, folder.path(), &["outbox", "redrive", &id]).await;
        assert_eq!(late.code, 2, "{}", late.err);
        until("it is sent", async || {
            stack.cloud().run_schedule(OUTBOX).await.unwrap();
            let mail = stack.dispute(&transaction.trxid).await.mails.remove(0);
            (mail.mail_state == MailState::Sent).then_some(())
        })
        .await;
        assert_eq!(stack.dispute(&transaction.trxid).await.mails[0].redriven.len(), 1);
        assert_eq!(stack.cloud().ses.mails().len(), 1);
    });
}
