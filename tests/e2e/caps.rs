//! Caps on mail: a mail that a cap holds back is in the case's record with its reason, raises an
//! alarm, and is not sent.

use recourse_store::MailState;
use serde_json::json;

use crate::harness::{CLIENT, OUTBOX, STRANGER, Stack, Transaction, address, options, run, shared, until};
use crate::vendor_texts::{SUCCESS, about};

/// A stack in which one parameter of the template is another one.
async fn with(parameter: &str, value: &str) -> Stack {
    let mut options = options();
    options.parameters.insert(parameter.to_owned(), value.to_owned());
    Stack::start(options).await
}

/// Reports a new transaction, which is always accepted, and waits until its mail is sent or
/// dropped.
async fn reported(stack: &Stack, user: &str) -> (Transaction, recourse_store::OutboxMail) {
    let transaction = stack.transaction("acct_demo", "Succesful").await;
    let answer = stack.report(&CLIENT, &json!({ "refid": transaction.refid, "user_email": [user] })).await;
    assert_eq!(answer.text, about(SUCCESS, &transaction.refid));
    let mail = until("its mail has come to its end", async || {
        let mail = stack.dispute(&transaction.trxid).await.mails.remove(0);
        matches!(mail.mail_state, MailState::Sent | MailState::Held | MailState::Dead).then_some(mail)
    });
    let mail = mail.await;
    (transaction, mail)
}

/// The alarms in the worker's log.
fn alarms(stack: &Stack) -> Vec<String> {
    let lines = stack.log().into_iter().filter(|line| line.from == OUTBOX && line.text.contains("\"alarm\""));
    lines.map(|line| line.text).collect()
}

#[test]
fn an_address_at_its_cap_is_left_out_and_the_others_get_the_mail() {
    run(async {
        let stack = with("MailsPerRecipientPerDay", "1").await;
        let (user, other) = (address(), address());
        assert_eq!(reported(&stack, &user).await.1.mail_state, MailState::Sent);
        assert!(alarms(&stack).is_empty(), "{:?}", alarms(&stack));
        // The same mailbox in another spelling.
        let (transaction, mail) = reported(&stack, &user.to_uppercase()).await;
        assert_eq!((mail.mail_state, mail.capped().len()), (MailState::Sent, 1));
        assert_eq!(
            reported(&stack, &other).await.1.capped(),
            [],
            "the account's own address is in all of them and has no such cap"
        );
        stack.cloud().run_schedule(OUTBOX).await.unwrap();
        assert_eq!((stack.mails_to(&user).len(), stack.mails_to(&other).len()), (1, 1));
        assert_eq!(stack.mails_to("disputes@demo-wallet.example").len(), 1, "in To where nobody else is left");

        let alarms = alarms(&stack);
        assert_eq!(alarms.len(), 1, "{alarms:?}");
        let case = stack.dispute(&transaction.trxid).await.dispute.number.case_id();
        assert!(alarms[0].contains("mail_capped") && alarms[0].contains(&case), "{alarms:?}");
        assert!(!alarms[0].contains('@'), "and names nobody");
        for ((pk, sk), _) in stack.items("EPHEMERAL_TABLE").await {
            assert!(!pk.contains('@') && !sk.contains('@'), "{pk} {sk}");
        }
    });
}

#[test]
fn one_report_is_one_mail_to_a_mailbox_however_often_it_names_it() {
    run(async {
        let stack = shared().await;
        let (user, transaction) = (address(), stack.transaction("acct_demo", "Succesful").await);
        let given =
            [user.clone(), user.to_uppercase(), user.replacen('u', "U", 1), "Disputes@demo-wallet.example".into()];
        stack.report(&CLIENT, &json!({ "refid": transaction.refid, "user_email": given })).await;
        let mail = stack.inbox(&user, 1).await.remove(0);
        assert_eq!((mail.to, mail.cc), (vec![user], vec!["disputes@demo-wallet.example".to_owned()]));
    });
}

#[test]
fn the_second_mail_of_an_account_is_held() {
    run(async {
        let stack = with("MailsPerAccountPerDay", "1").await;
        assert_eq!(reported(&stack, &address()).await.1.mail_state, MailState::Sent);
        let user = address();
        let (_, held) = reported(&stack, &user).await;
        let reason = "the account's cases caused 1 mails today, which is the cap of an account";
        assert_eq!((held.mail_state, held.reason.as_deref()), (MailState::Held, Some(reason)));
        assert!(stack.mails_to(&user).is_empty());
        assert_eq!(alarms(&stack).len(), 1);

        let other = stack.transaction("acct_stranger", "Succesful").await;
        stack.report(&STRANGER, &json!({ "refid": other.refid, "user_email": [user] })).await;
        stack.inbox(&user, 1).await;
    });
}
