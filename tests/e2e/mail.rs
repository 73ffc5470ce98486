//! The mails of a case: to whom, saying what, and once.

mod sweeps;

use recourse_dispute::number::DisputeNumber;
use recourse_local::ses::AcceptedMail;
use recourse_store::MailState;
use serde_json::json;

use crate::harness::{CLIENT, OUTBOX, Stack, Transaction, address, run, shared, until};
use crate::vendor_texts::{REFUNDED, about};

const ACCOUNT: &str = "disputes@demo-wallet.example";

fn header<'a>(mail: &'a AcceptedMail, name: &str) -> Option<&'a str> {
    let mut values = mail.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let value = values.next();
    assert_eq!(values.next(), None, "{name} is there twice");
    value.map(String::as_str)
}

/// What holds of every mail that we send.
#[track_caller]
fn is_well_made(mail: &AcceptedMail, case: &str) {
    assert_eq!(mail.from, "\"Recourse\" <cases@recourse.example>");
    let [reply_to] = mail.reply_to.as_slice() else { panic!("{:?}", mail.reply_to) };
    let token = reply_to.strip_prefix("cases+").and_then(|rest| rest.strip_suffix("@recourse.example")).unwrap();
    assert!(token.len() == 26 && token.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')), "{token}");
    assert_eq!(header(mail, "Auto-Submitted"), Some("auto-generated"));
    let lines = [&mail.from, &mail.subject].into_iter().chain(&mail.to).chain(&mail.cc).chain(&mail.reply_to);
    for line in lines.chain(mail.headers.iter().flat_map(|(name, value)| [name, value])) {
        assert!(!line.contains(['\r', '\n']), "{line:?}");
    }
    assert!(mail.bcc.is_empty());
    assert!(mail.subject.contains(&format!("[{case}]")), "{}", mail.subject);
    let (text, html) = (mail.text.as_ref().unwrap(), mail.html.as_ref().unwrap());
    assert!(text.contains(case) && html.contains(case));
    assert!(text.contains("support@recourse.example") && html.contains("support@recourse.example"));
    assert!(html.starts_with("<!DOCTYPE html>") && !html.contains("{{") && !text.contains("{{"));
}

/// A transaction with a case that its mail has gone out for.
async fn reported(stack: &Stack, user: &str) -> (Transaction, AcceptedMail) {
    let transaction = stack.transaction("acct_demo", "Succesful").await;
    stack.report(&CLIENT, &json!({"refid": transaction.refid, "user_email": [user]})).await;
    sent(stack, &transaction, 1).await;
    let mail = stack.inbox(user, 1).await.remove(0);
    (transaction, mail)
}

/// Waits until all mails of a transaction's case are on record as sent, and are as many.
async fn sent(stack: &Stack, transaction: &Transaction, count: usize) -> DisputeNumber {
    until("the mails are sent", async || {
        let case = stack.dispute(&transaction.trxid).await;
        let all = case.mails.len() == count && case.mails.iter().all(|mail| mail.mail_state == MailState::Sent);
        all.then_some(case.dispute.number)
    })
    .await
}

#[test]
fn one_mail_with_the_user_in_to_and_the_account_in_cc() {
    run(async {
        let stack = shared().await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let (user, second, third) = (address(), address(), address());
        let report = json!({"refid": transaction.refid, "user_email": [user, second, user, third]});
        stack.report(&CLIENT, &report).await;
        let case = sent(&stack, &transaction, 1).await.case_id();
        // Neither a duplicate nor the sweep makes it two.
        stack.report(&CLIENT, &report).await;
        stack.cloud().run_schedule(OUTBOX).await.unwrap();
        let mails = stack.inbox(&user, 1).await;
        let [mail] = mails.as_slice() else { panic!("{mails:?}") };

        assert_eq!((&mail.to, &mail.cc), (&vec![user], &vec![second, third, ACCOUNT.to_owned()]));
        is_well_made(mail, &case);
        assert_eq!(mail.subject, format!("[{case}] We received your report"));
        assert_eq!((header(mail, "In-Reply-To"), header(mail, "References")), (None, None));
        for body in [mail.text.as_ref().unwrap(), mail.html.as_ref().unwrap()] {
            for fact in ["Steam Wallet 50", "MYR 1,550.00", transaction.refid.as_str(), "What happens next"] {
                assert!(body.contains(fact), "{fact}: {body}");
            }
        }
        let record = stack.dispute(&transaction.trxid).await;
        assert_eq!(record.mails[0].message_id.as_deref(), Some(mail.message_id.as_str()));
        assert_eq!(record.mails[0].attempts, 1);
        let tag = record.mails[0].id.to_string();
        assert!(mail.tags.contains(&("outbox_id".to_owned(), tag)), "{:?}", mail.tags);
    });
}

#[test]
fn without_addresses_the_account_itself_is_in_to() {
    run(async {
        let stack = shared().await;
        for given in [json!(null), json!([]), json!([ACCOUNT])] {
            let transaction = stack.transaction("acct_demo", "Succesful").await;
            stack.report(&CLIENT, &json!({"refid": transaction.refid, "user_email": given})).await;
            let case = sent(&stack, &transaction, 1).await.case_id();
            let mails = stack.cloud().ses.mails();
            let mail = mails.iter().find(|mail| mail.subject.contains(&case)).unwrap();
            assert_eq!((mail.to.as_slice(), mail.cc.len()), ([ACCOUNT.to_owned()].as_slice(), 0));
            is_well_made(mail, &case);
        }
    });
}

#[test]
fn fifty_recipients_and_a_domain_of_another_script() {
    run(async {
        let stack = shared().await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let mut given = vec![format!("{}@bücher.example", crate::harness::unique("kunde"))];
        given.extend((0..48).map(|_| address()));
        stack.report(&CLIENT, &json!({"refid": transaction.refid, "user_email": given})).await;
        sent(&stack, &transaction, 1).await;
        let to = given[0].replace("bücher", "xn--bcher-kva");
        let mails = stack.inbox(&to, 1).await;
        assert_eq!((mails[0].to.len(), mails[0].cc.len()), (1, 49));
        assert_eq!(mails[0].cc.last().map(String::as_str), Some(ACCOUNT));
    });
}

#[test]
fn nothing_that_a_caller_sends_is_in_a_header_or_unescaped_in_the_html() {
    run(async {
        let stack = shared().await;
        let mut transaction = Transaction::new("acct_demo", "Succesful");
        transaction.refid = "<b>\"Re: & $1</b> 例え".to_owned();
        transaction.body["refid"] = transaction.refid.as_str().into();
        transaction.body["product"] = "<script src='//evil.example'>".into();
        stack.upsert(&transaction.body).await;
        let user = address();
        stack.report(&CLIENT, &json!({"refid": transaction.refid, "user_email": [user]})).await;
        let case = sent(&stack, &transaction, 1).await.case_id();
        let mail = stack.inbox(&user, 1).await.remove(0);
        is_well_made(&mail, &case);
        assert_eq!(mail.subject, format!("[{case}] We received your report"));
        let (text, html) = (mail.text.unwrap(), mail.html.unwrap());
        assert!(text.contains(&transaction.refid) && text.contains("<script src='//evil.example'>"));
        assert!(!html.contains("<script") && !html.contains("<b>") && html.contains("script src="), "{html}");
        assert!(mail.headers.iter().all(|(_, value)| value.is_ascii()));
    });
}

#[test]
fn a_second_mail_when_the_platform_ends_the_transaction() {
    run(async {
        let stack = shared().await;
        for (status, title) in [
            ("Refund", "The payment was refunded: the case is closed"),
            ("Failed", "The payment did not go through: the case is closed"),
        ] {
            let user = address();
            let (transaction, first) = reported(&stack, &user).await;
            stack.upsert(&transaction.later(status, 1)).await;
            let case = sent(&stack, &transaction, 2).await.case_id();
            let mails = stack.inbox(&user, 2).await;
            let [_, second] = mails.as_slice() else { panic!("{mails:?}") };

            is_well_made(second, &case);
            assert_eq!((&second.to, &second.cc), (&first.to, &first.cc));
            assert_eq!(second.reply_to, first.reply_to);
            // The subject says what happened, after the case id.
            assert_eq!(second.subject, format!("[{case}] {title}"));
            let first_id = format!("<{}@email.amazonses.com>", first.message_id);
            assert_eq!(header(second, "In-Reply-To"), Some(first_id.as_str()));
            assert_eq!(header(second, "References"), Some(first_id.as_str()));
            assert!(second.text.as_ref().is_some_and(|text| text.contains(title)));
            assert!(second.html.as_ref().is_some_and(|html| html.contains(title)));

            let again = stack.report(&CLIENT, &json!({"refid": transaction.refid, "user_email": [user]})).await;
            assert_eq!(again.text, about(REFUNDED, &transaction.refid));
            stack.cloud().run_schedule(OUTBOX).await.unwrap();
            assert_eq!(stack.mails_to(&user).len(), 2);
        }
    });
}

#[test]
fn a_transaction_that_ends_without_a_case_causes_no_mail() {
    run(async {
        let stack = shared().await;
        let quiet = stack.transaction("acct_demo", "Succesful").await;
        stack.upsert(&quiet.later("Refund", 1)).await;
        let (_, witness) = reported(&stack, &address()).await;
        stack.cloud().run_schedule(OUTBOX).await.unwrap();
        assert!(stack.cloud().ses.mails().iter().any(|mail| mail.message_id == witness.message_id));
        for mail in stack.cloud().ses.mails() {
            let text = mail.text.unwrap();
            assert!(!text.contains(&format!("Reference: {}\n", quiet.refid)), "{text}");
        }
    });
}
