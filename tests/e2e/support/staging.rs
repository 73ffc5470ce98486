//! Nothing of the support process at staging accounts, and nothing where it is switched off.

use serde_json::json;

use super::case::{ACCOUNT, and, unhurried};
use crate::harness::{CLIENT, OUTBOX, STAGING, Stack, address, run};

#[test]
fn a_case_of_a_staging_account_has_no_support_process() {
    run(async {
        let stack = Stack::start(unhurried()).await;
        let transaction = stack.transaction("acct_staging", "Succesful").await;
        let report = json!({ "refid": transaction.refid, "user_email": [address()] });
        assert_eq!(stack.report(&STAGING, &report).await.status, 200);
        for _ in 0..3 {
            stack.sweep().await;
            stack.cloud().run_schedule(OUTBOX).await.unwrap();
        }
        let number = stack.dispute(&transaction.trxid).await.dispute.number;
        let record = stack.store().case_record(number).await.unwrap().unwrap();
        assert!(record.case.is_none() && record.history.is_empty() && record.messages.is_empty(), "{record:?}");
        assert!(record.record.mails.is_empty());
        assert!(stack.cloud().ses.mails().is_empty());
        assert!(stack.items("DISPUTES_TABLE").await.keys().all(|(_, sk)| sk != "SUP"), "no item of a case");
    });
}

#[test]
fn where_the_process_is_off_a_report_is_one_mail() {
    run(async {
        let stack = Stack::start(and(unhurried(), "SupportProcess", "off")).await;
        let (user, transaction) = (address(), stack.transaction("acct_demo", "Succesful").await);
        stack.report(&CLIENT, &json!({ "refid": transaction.refid, "user_email": [user] })).await;
        let first = stack.inbox(&user, 1).await.remove(0);
        for _ in 0..2 {
            stack.sweep().await;
        }
        assert_eq!(stack.mails_to(&user).len(), 1);
        // Its replies are stored all the same.
        let mail = super::eml::Eml::new(&user, &first.reply_to[0], "Re: my report", "It works now.");
        super::case::receive(&stack, &mail, "").await;
        let record = stack.dispute(&transaction.trxid).await;
        let case = stack.store().case_record(record.dispute.number).await.unwrap().unwrap();
        assert!(record.dispute.state.is_open(), "and they close nothing");
        assert_eq!((case.messages.len(), case.messages[0].text.as_str()), (1, "It works now."));
        assert!(case.case.unwrap().support.is_none());
        assert!(stack.mails_to(ACCOUNT).is_empty());
    });
}

/// Where no mail comes in, nobody is asked what could not be answered.
#[test]
fn without_inbound_mail_the_automation_asks_nothing_and_hands_the_case_to_a_person() {
    run(async {
        let stack = Stack::start(and(unhurried(), "InboundMail", "off")).await;
        let case = super::case::voucher_case(&stack).await;
        case.is(&stack, "waiting_for_agent", "playbook_escalated").await;
        super::case::mailed(&stack, case.number).await;
        let subjects = case.subjects(&stack);
        assert!(!subjects.iter().any(|subject| subject.contains("Please send us")), "{subjects:?}");
    });
}
