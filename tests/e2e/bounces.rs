//! Mail that bounces: from SES's mailbox simulator through its event, the bus and the worker to the
//! marked address, the case's record and the account.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::notification::{Audience, EmailTemplate};
use recourse_local::ses::AcceptedMail;
use recourse_store::{DeliveryFeedback, DisputeRecord, MailState, Undelivered};
use serde_json::{Value, json};

use crate::arbiter::bank::{FBN, log_of, paid};
use crate::cli::{folder, recourse};
use crate::harness::{
    CLIENT, DemoKey, FEEDBACK, OUTBOX, Stack, Transaction, address, options, run, shared, simulator, unique, until,
};

const ACCOUNT: &str = "disputes@demo-wallet.example";

/// Reports a new transaction for these addresses.
async fn reported(stack: &Stack, key: &DemoKey, account: &str, given: &[&str]) -> Transaction {
    let transaction = stack.transaction(account, "Succesful").await;
    let answer = stack.report(key, &json!({ "refid": transaction.refid, "user_email": given })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    transaction
}

/// The case of a transaction once it has as many mails, all at their end.
async fn settled(stack: &Stack, transaction: &Transaction, mails: usize) -> DisputeRecord {
    until(&format!("{mails} mails are at their end"), async || {
        let case = stack.dispute(&transaction.trxid).await;
        let ended = |state| matches!(state, MailState::Sent | MailState::Held | MailState::Dead);
        (case.mails.len() == mails && case.mails.iter().all(|mail| ended(mail.mail_state))).then_some(case)
    })
    .await
}

/// The mails of a case, as SES took them.
fn sent(stack: &Stack, case: &DisputeRecord) -> Vec<AcceptedMail> {
    let number = case.dispute.number.case_id();
    stack.cloud().ses.mails().into_iter().filter(|mail| mail.subject.contains(&number)).collect()
}

/// Whether an address is mailed.
async fn is_mailed(stack: &Stack, address: &str) -> bool {
    let record = stack.store().address_record(&MailAddress::parse(address).unwrap()).await.unwrap();
    record.is_none_or(|record| record.mark.is_none())
}

/// SES's report that the first mail of a case came back from these addresses.
fn bounce(case: &DisputeRecord, addresses: &[&str]) -> Value {
    let recipients: Vec<_> = addresses.iter().map(|address| json!({ "emailAddress": address })).collect();
    json!({
        "source": "aws.ses", "detail-type": "Email Bounced",
        "detail": {
            "eventType": "Bounce", "mail": { "tags": { "outbox_id": [case.mails[0].id.to_string()] } },
            "bounce": { "bounceType": "Permanent", "timestamp": "2026-01-16T02:00:00Z", "bouncedRecipients": recipients },
        },
    })
}

/// Calls the worker with an event, which it has to take.
async fn hand(stack: &Stack, event: &Value) {
    stack.cloud().lambda.invoke(FEEDBACK, event.to_string().into_bytes()).await.unwrap();
}

#[test]
fn an_address_that_bounces_gets_no_second_mail_and_its_account_is_notified_once() {
    run(async {
        let (stack, folder) = (shared().await, folder());
        let user = simulator("bounce");
        let first = reported(&stack, &CLIENT, "acct_demo", &[&user]).await;
        let case = settled(&stack, &first, 2).await;
        let [DeliveryFeedback { mail, address, kind: Undelivered::Bounce, detail, .. }] = case.feedback.as_slice()
        else {
            panic!("{:?}", case.feedback)
        };
        assert_eq!(
            (*mail, address.as_str(), detail.as_deref()),
            (case.mails[0].id, user.as_str(), Some("General 5.1.1"))
        );
        let undeliverable =
            case.mails.iter().find(|mail| mail.notification.template == EmailTemplate::Undeliverable).unwrap();
        let mails = sent(&stack, &case);
        let [received, notification] = mails.as_slice() else { panic!("{mails:?}") };
        assert_eq!(
            (&received.to, &received.simulated),
            (&vec![user.clone()], &vec![(user.clone(), "bounced".to_owned())])
        );
        assert_eq!((&notification.to[..], notification.cc.len()), (&[ACCOUNT.to_owned()][..], 0));
        assert!(
            notification.subject.ends_with("We could not deliver mail about your case"),
            "{}",
            notification.subject
        );
        assert!(notification.text.as_ref().unwrap().contains(&format!("Address: {user}\n")));
        assert_eq!(Some(notification.message_id.as_str()), undeliverable.message_id.as_deref());

        let second = reported(&stack, &CLIENT, "acct_demo", &[&user]).await;
        let again = settled(&stack, &second, 1).await;
        assert_eq!((again.mails[0].mail_state, &again.mails[0].left_out), (MailState::Sent, &vec![address.clone()]));
        let mails = sent(&stack, &again);
        assert_eq!((mails.len(), &mails[0].to[..], mails[0].cc.len()), (1, &[ACCOUNT.to_owned()][..], 0));
        assert_eq!(stack.mails_to(&user).len(), 1);
        assert!(again.feedback.is_empty());

        // A second mail of the first case, too: to whoever is left.
        stack.upsert(&first.later("Refund", 1)).await;
        assert_eq!(settled(&stack, &first, 3).await.mails.iter().filter(|mail| !mail.left_out.is_empty()).count(), 1);
        assert_eq!(stack.mails_to(&user).len(), 1);

        for (trxid, words) in [(&first.trxid, "bounced at an address"), (&second.trxid, "left out 1 of them")] {
            let shown = recourse(&stack, folder.path(), &["dispute", "show", "--trxid", trxid]).await;
            assert!(
                shown.code == 0 && shown.out.contains(words) && !shown.out.contains('@'),
                "{}{}",
                shown.out,
                shown.err
            );
        }
        assert!(
            stack
                .get("/inbox")
                .await
                .text
                .contains(&format!("<span class=\"tag bad\" title=\"{user}\">bounced</span>"))
        );
    });
}

#[test]
fn a_complaint_and_a_suppressed_address_mark_and_a_soft_bounce_does_not() {
    run(async {
        let stack = shared().await;
        for (what, kind, detail) in [
            ("complaint", Undelivered::Complaint, "abuse"),
            ("suppressionlist", Undelivered::Bounce, "Suppressed 5.1.1"),
        ] {
            let (user, other) = (simulator(what), address());
            let transaction = reported(&stack, &CLIENT, "acct_demo", &[&user, &other]).await;
            let case = settled(&stack, &transaction, 2).await;
            assert_eq!((case.feedback[0].kind, case.feedback[0].detail.as_deref()), (kind, Some(detail)));
            assert!(!is_mailed(&stack, &user).await && is_mailed(&stack, &other).await);
            // The next one of the addresses takes its place in To.
            let next = reported(&stack, &CLIENT, "acct_demo", &[&user, &other]).await;
            let next = settled(&stack, &next, 1).await;
            let mails = sent(&stack, &next);
            assert_eq!((&mails[0].to, &mails[0].cc), (&vec![other], &vec![ACCOUNT.to_owned()]));
        }
        for what in ["ooto", "success"] {
            let user = simulator(what);
            let transaction = reported(&stack, &CLIENT, "acct_demo", &[&user]).await;
            let case = settled(&stack, &transaction, 1).await;
            let number = case.dispute.number.case_id();
            if what == "ooto" {
                until("the worker has seen it", async || {
                    let seen = |line: &str| line.contains("\"not_for_good\"");
                    stack.log().iter().any(|line| line.from == FEEDBACK && seen(&line.text)).then_some(())
                })
                .await;
            }
            assert!(is_mailed(&stack, &user).await, "{number}");
            assert_eq!(stack.dispute(&transaction.trxid).await.mails.len(), 1);
        }
    });
}

#[test]
fn the_same_event_again_and_events_in_any_order_change_nothing() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let user = simulator("bounce");
        let transaction = reported(&stack, &CLIENT, "acct_demo", &[&user]).await;
        let case = settled(&stack, &transaction, 2).await;
        let before = stack.items("DISPUTES_TABLE").await;
        let upper = user.replacen("bounce", "Bounce", 1);
        for event in [
            bounce(&case, &[&user]),
            bounce(&case, &[&upper, &user]),
            bounce(&case, &["somebody@else.example"]),
            bounce(&case, &[]),
        ] {
            hand(&stack, &event).await;
        }
        let mut unknown = bounce(&case, &[&user]);
        unknown["detail"]["mail"]["tags"]["outbox_id"] = json!(["551-1"]);
        hand(&stack, &unknown).await;
        let at_once = bounce(&case, &[&user]);
        tokio::join!(hand(&stack, &at_once), hand(&stack, &at_once), hand(&stack, &at_once));
        assert_eq!(stack.items("DISPUTES_TABLE").await, before);

        // An operator clears the mark. Neither the same event again nor an older one that arrives
        // late marks the address again.
        let late = reported(&stack, &CLIENT, "acct_demo", &[&user]).await;
        let late = settled(&stack, &late, 1).await;
        let folder = folder.path();
        let shown = recourse(&stack, folder, &["address", "show", &user]).await;
        assert!(shown.out.starts_with("not mailed: a mail bounced at "), "{}{}", shown.out, shown.err);
        let cleared =
            recourse(&stack, folder, &["address", "clear", &user, "--why", "it was full", "--by", "bob"]).await;
        assert_eq!(cleared.code, 0, "{}", cleared.err);
        hand(&stack, &bounce(&case, &[&user])).await;
        assert!(is_mailed(&stack, &user).await);
        hand(&stack, &bounce(&late, &[&user])).await;
        assert!(is_mailed(&stack, &user).await);
        let late = stack.store().record_of(late.dispute.number).await.unwrap().unwrap();
        assert_eq!((late.feedback.len(), late.mails.len()), (1, 1), "on record, and the account is not notified");
        let shown = recourse(&stack, folder, &["address", "show", &user, "--json"]).await;
        let shown: Value = serde_json::from_str(&shown.out).unwrap();
        let history: Vec<_> = shown["history"].as_array().unwrap().iter().map(|entry| &entry["change"]).collect();
        assert_eq!((&shown["mailed"], history), (&json!(true), vec![&json!("marked"), &json!("cleared")]));
        assert_eq!((&shown["history"][1]["by"], &shown["history"][1]["why"]), (&json!("bob"), &json!("it was full")));
        let again = recourse(&stack, folder, &["address", "clear", &user]).await;
        assert_eq!((again.code, again.out.as_str()), (0, "the address is not marked; nothing changed\n"));

        // Bounces of another case mark it again, and its account is notified once for that case.
        let next = reported(&stack, &CLIENT, "acct_demo", &[&user]).await;
        settled(&stack, &next, 2).await;
        assert!(!is_mailed(&stack, &user).await);
        // No key names the address, and no item of the mark does.
        for ((pk, sk), item) in stack.items("DISPUTES_TABLE").await {
            assert!(!pk.contains('@') && !sk.contains('@'), "{pk} {sk}");
            assert!(!pk.starts_with("ADDR#") || !item.to_string().contains('@'), "{item}");
        }
        let alarms = stack.log().into_iter().filter(|line| line.from == OUTBOX && line.text.contains("\"alarm\""));
        assert_eq!(alarms.count(), 0);
    });
}

#[test]
fn many_bounces_of_one_address_at_once_mark_it_once_and_notify_once_a_case() {
    run(async {
        let stack = Stack::start(options()).await;
        let user = address();
        let mut cases = Vec::new();
        for _ in 0..4 {
            let transaction = reported(&stack, &CLIENT, "acct_demo", &[&user]).await;
            cases.push((settled(&stack, &transaction, 1).await, transaction));
        }
        let events: Vec<_> =
            cases.iter().flat_map(|(case, _)| std::iter::repeat_n(bounce(case, &[&user]), 3)).collect();
        let calls = events.iter().map(|event| {
            let (lambda, event) = (stack.cloud().lambda.clone(), event.to_string().into_bytes());
            tokio::spawn(async move { lambda.invoke(FEEDBACK, event).await })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap().unwrap();
        }
        for (_, transaction) in &cases {
            let case = settled(&stack, transaction, 2).await;
            assert_eq!(case.feedback.len(), 1);
        }
        let record = stack.store().address_record(&MailAddress::parse(&user).unwrap()).await.unwrap().unwrap();
        assert_eq!((record.mark.is_some(), record.history.len()), (true, 1));
    });
}

#[test]
fn the_accounts_own_address_bounces_without_a_loop_and_then_nobody_is_left() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let folder = folder.path();
        let (id, mail) = (unique("acct_gone"), simulator("bounce"));
        let create = ["account", "create", &id, "--name", "Gone", "--email", &mail, "--environment", "production"];
        assert_eq!(recourse(&stack, folder, &create).await.code, 0);
        let out = recourse(&stack, folder, &["key", "create", &id, "--role", "client"]).await.out;
        let value = |name: &str| &*out.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned().leak();
        let key = DemoKey { id: value("RECOURSE_KEY="), secret: value("RECOURSE_SECRET=") };

        let first = reported(&stack, &key, &id, &[]).await;
        until("the address is marked", async || (!is_mailed(&stack, &mail).await).then_some(())).await;
        let case = settled(&stack, &first, 1).await;
        assert_eq!((case.feedback.len(), sent(&stack, &case).len()), (1, 1), "and no mail about it");

        let second = reported(&stack, &key, &id, &[]).await;
        let case = settled(&stack, &second, 1).await;
        let reason = "nobody is left to send it to: mail to each of its addresses came back or was called spam";
        assert_eq!((case.mails[0].mail_state, case.mails[0].reason.as_deref()), (MailState::Held, Some(reason)));
        assert!(sent(&stack, &case).is_empty());
        let alarm = stack.log().into_iter().find(|line| line.text.contains("\"mail_held\"")).unwrap();
        assert!(alarm.text.contains(&case.dispute.number.case_id()) && !alarm.text.contains('@'), "{alarm:?}");

        // The address of the account's user bounces. The account is to be notified, and its own
        // address bounces, too. That is held as well, and causes no further mail.
        let third = reported(&stack, &key, &id, &[&simulator("bounce")]).await;
        let case = settled(&stack, &third, 2).await;
        assert_eq!(case.mails.iter().filter(|mail| mail.mail_state == MailState::Held).count(), 1);
        assert_eq!(stack.mails_to(&mail).len(), 1);

        // Freed, and tried again.
        assert_eq!(recourse(&stack, folder, &["address", "clear", &mail]).await.code, 0);
        let held = stack.dispute(&second.trxid).await.mails[0].id.to_string();
        let redriven = recourse(&stack, folder, &["outbox", "redrive", &held, "--why", "it takes mail again"]).await;
        assert_eq!(redriven.code, 0, "{}{}", redriven.out, redriven.err);
        stack.cloud().run_schedule(OUTBOX).await.unwrap();
        let case = settled(&stack, &second, 1).await;
        assert_eq!((case.mails[0].mail_state, case.mails[0].redriven.len()), (MailState::Sent, 1));
    });
}

/// The bank that logged a dispute did not name the other bank's address, and is not notified of its
/// bounce.
#[test]
fn a_bounce_of_a_registered_address_notifies_that_account_alone() {
    run(async {
        let stack = Stack::start(options()).await;
        let transaction = paid(&stack).await;
        FBN.sign_in(&stack).await.log(&stack, &log_of(&transaction, "Chargeback")).await;
        let mut case = settled(&stack, &transaction, 2).await;
        case.mails.retain(|mail| mail.notification.audience == Audience::Parties);
        let banks = ["disputes@gtb.example", "disputes@fbn.example"];
        for bank in banks {
            hand(&stack, &bounce(&case, &[bank])).await;
            assert!(!is_mailed(&stack, bank).await, "{bank}");
        }
        let case = stack.dispute(&transaction.trxid).await;
        assert_eq!((case.feedback.len(), case.mails.len()), (2, 2), "nobody is notified of it");
    });
}

#[test]
fn the_check_costs_one_call_a_mail() {
    run(async {
        let stack = Stack::start(options()).await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let given: Vec<_> = (0..49).map(|_| address()).collect();
        stack.report(&CLIENT, &json!({ "refid": transaction.refid, "user_email": given })).await;
        settled(&stack, &transaction, 1).await;
        let calls = stack.dynamodb_calls(OUTBOX);
        assert_eq!(calls.iter().filter(|call| *call == "BatchGetItem").count(), 1, "{calls:?}");
    });
}
