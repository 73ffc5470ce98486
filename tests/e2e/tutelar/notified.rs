//! Who is notified of an action at this API: the same people as of that action at the Arbiter API.

use recourse_dispute::event::EventKind;
use recourse_dispute::lifecycle::Action;
use recourse_dispute::notification::EmailTemplate;
use serde_json::{Value, json};

use super::{create, id_here, id_of, put, update};
use crate::arbiter::{FBN, code_of, log_of, paid};
use crate::harness::{CLIENT, Stack, Transaction, address, options, run, shared};

/// The mails of a transaction's only dispute, with whom each is to.
async fn templates(stack: &Stack, transaction: &Transaction) -> Vec<(EmailTemplate, Vec<String>)> {
    let mails = stack.dispute(&transaction.trxid).await.mails.into_iter();
    let addresses = |notification: &recourse_dispute::notification::Notification| {
        let mut all: Vec<_> = notification.recipients.all().map(|address| address.as_str().to_owned()).collect();
        all.sort();
        all
    };
    mails.map(|mail| (mail.notification.template, addresses(&mail.notification))).collect()
}

#[test]
fn a_customers_mail_says_who_ended_the_report() {
    run(async {
        let stack = shared().await;
        let (transaction, user) = (stack.transaction("acct_demo", "Succesful").await, address());
        stack.report(&CLIENT, &json!({"trxid": transaction.trxid, "user_email": [user]})).await;
        let id = id_here(&stack, &transaction).await;
        assert_eq!(update(&stack, &id, &json!({"comments": "x"})).await.status, 200);
        assert_eq!(put(&stack, "merchant-loss", &id, &Value::Null).await.status, 200);
        let sent: Vec<_> = templates(&stack, &transaction).await.into_iter().map(|(template, _)| template).collect();
        assert_eq!(sent, [EmailTemplate::Received, EmailTemplate::CaseEndedForCustomer]);
        let last = stack.inbox(&user, 2).await.remove(1).text.unwrap();
        assert!(last.contains("The service that handled the payment recorded that it lost."), "{last}");
        assert!(!last.contains("We looked into"), "no operator decided it: {last}");
    });
}

#[test]
fn the_parties_and_the_account_are_notified_of_a_logged_dispute_and_of_its_end() {
    run(async {
        let stack = Stack::start(options()).await;
        let (fbn, transaction) = (FBN.sign_in(&stack).await, paid(&stack).await);
        code_of(&fbn.log(&stack, &log_of(&transaction, "Chargeback")).await);
        let id = id_here(&stack, &transaction).await;
        assert_eq!(update(&stack, &id, &json!({"comments": "a correction notifies nobody"})).await.status, 200);
        assert_eq!(put(&stack, "merchant-loss", &id, &json!({})).await.status, 200);
        let banks = vec!["disputes@fbn.example".to_owned(), "disputes@gtb.example".to_owned()];
        let account = vec!["disputes@demo-wallet.example".to_owned()];
        let expected = [
            (EmailTemplate::Logged, account),
            (EmailTemplate::Logged, banks.clone()),
            (EmailTemplate::Accepted, banks),
        ];
        assert_eq!(templates(&stack, &transaction).await, expected);
    });
}

#[test]
fn the_parties_are_notified_of_a_dispute_of_another_api_from_its_first_status_to_its_end() {
    run(async {
        let stack = Stack::start(options()).await;
        let transaction = paid(&stack).await;
        let id = id_of(&create(&stack, &transaction).await);
        for path in ["move-level", "merchant-won", "reopen", "merchant-loss"] {
            assert_eq!(put(&stack, path, &id, &json!({})).await.status, 200, "{path}");
        }
        let banks = vec!["disputes@fbn.example".to_owned(), "disputes@gtb.example".to_owned()];
        let expected = [
            EmailTemplate::Logged,
            EmailTemplate::Advanced,
            EmailTemplate::Declined,
            EmailTemplate::Reopened,
            EmailTemplate::Accepted,
        ];
        assert_eq!(templates(&stack, &transaction).await, expected.map(|template| (template, banks.clone())));
        // The mail says when the status that begins will end, as at the Arbiter API.
        let record = stack.dispute(&transaction.trxid).await;
        let moved = record.mails.iter().find(|mail| mail.notification.template == EmailTemplate::Advanced).unwrap();
        let snapshot = moved.notification.status.as_ref().unwrap();
        let since = record.events.iter().find(|event| event.kind == EventKind::Did(Action::MoveLevel));
        let ends_at = since.unwrap().at.plus(20 * 24 * 60 * 60 * 1000);
        assert_eq!((snapshot.status.as_deref(), snapshot.ends_at), (Some("Pre Arbitration"), Some(ends_at)));
    });
}

#[test]
fn nobody_is_notified_in_staging() {
    run(async {
        let stack = shared().await;
        let staging = stack.transaction("acct_staging", "Succesful").await;
        stack.report(&crate::harness::STAGING, &json!({"trxid": staging.trxid, "user_email": [address()]})).await;
        let path = format!("merchant-loss/{}", id_here(&stack, &staging).await);
        assert_eq!(super::call(&stack, &crate::harness::STAGING, "PUT", &path, &Value::Null).await.status, 200);
        assert_eq!(templates(&stack, &staging).await, []);
    });
}
