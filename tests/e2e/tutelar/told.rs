//! Who hears of what is done at this door: whoever would hear of the same at the Arbiter door.

use recourse_dispute::lifecycle::{Action, Door};
use recourse_dispute::notice::Letter;
use serde_json::{Value, json};

use super::{dispute, id_here, put, update};
use crate::arbiter::{FBN, code_of, log_of, paid};
use crate::expire;
use crate::harness::{CLIENT, Stack, Transaction, address, options, run, shared};

/// The letters that a transaction's only dispute has promised, with whom each is to.
async fn letters(stack: &Stack, transaction: &Transaction) -> Vec<(Letter, Vec<String>)> {
    let mails = stack.dispute(&transaction.trxid).await.mails.into_iter();
    let addresses = |notice: &recourse_dispute::notice::Notice| {
        let mut all: Vec<_> = notice.recipients.all().map(|address| address.as_str().to_owned()).collect();
        all.sort();
        all
    };
    mails.map(|mail| (mail.notice.letter, addresses(&mail.notice))).collect()
}

#[test]
fn a_customer_hears_of_the_verdict_on_the_report_and_of_nothing_on_the_way() {
    run(async {
        let stack = shared().await;
        let (transaction, user) = (stack.transaction("acct_demo", "Succesful").await, address());
        stack.report(&CLIENT, &json!({"trxid": transaction.trxid, "user_email": [user]})).await;
        let id = id_here(&stack, &transaction).await;
        assert_eq!(update(&stack, &id, &json!({"comments": "x"})).await.status, 200);
        for path in ["merchant-won", "reopen", "merchant-loss"] {
            assert_eq!(put(&stack, path, &id, &Value::Null).await.status, 200, "{path}");
        }
        let told: Vec<_> = letters(&stack, &transaction).await.into_iter().map(|(letter, _)| letter).collect();
        assert_eq!(told, [Letter::Received, Letter::DecidedForMerchant, Letter::DecidedForCustomer]);
        assert_eq!(stack.inbox(&user, 3).await.len(), 3);
    });
}

#[test]
fn the_banks_of_a_logged_dispute_hear_of_every_step() {
    run(async {
        let stack = Stack::start(options()).await;
        let (fbn, transaction) = (FBN.sign_in(&stack).await, paid(&stack).await);
        code_of(&fbn.log(&stack, &log_of(&transaction, "Chargeback")).await);
        let id = id_here(&stack, &transaction).await;
        for path in ["move-level", "merchant-won", "reopen", "merchant-loss"] {
            assert_eq!(put(&stack, path, &id, &json!({})).await.status, 200, "{path}");
        }
        assert_eq!(update(&stack, &id, &json!({"comments": "a correction is told nobody"})).await.status, 200);
        let banks = vec!["disputes@fbn.example".to_owned(), "disputes@gtb.example".to_owned()];
        let expected = [Letter::Logged, Letter::Advanced, Letter::Declined, Letter::Advanced, Letter::Accepted];
        assert_eq!(letters(&stack, &transaction).await, expected.map(|letter| (letter, banks.clone())));
        // The letter says when the status that begins will end, as at the Arbiter door.
        let record = stack.dispute(&transaction.trxid).await;
        let moved = record.mails.iter().find(|mail| mail.notice.letter == Letter::Advanced).unwrap();
        let stand = moved.notice.stand.as_ref().unwrap();
        let since =
            record.events.iter().find(|event| event.what == recourse_dispute::dispute::What::Did(Action::MoveLevel));
        let ends_at = since.unwrap().at.plus(20 * 24 * 60 * 60 * 1000);
        assert_eq!((stand.status.as_deref(), stand.ends_at), (Some("Pre Arbitration"), Some(ends_at)));
    });
}

#[test]
fn the_parties_hear_of_the_way_of_what_came_through_another_door() {
    run(async {
        let stack = Stack::start(options()).await;
        let dispute = expire::opened_through(&stack, Door::Connect).await;
        let id = dispute.number.tutelar_id();
        for path in ["move-level", "merchant-won", "reopen"] {
            assert_eq!(put(&stack, path, &id, &json!({})).await.status, 200, "{path}");
        }
        let mails = stack.store().record_of(dispute.number).await.unwrap().unwrap().mails;
        let told: Vec<_> =
            mails.iter().map(|mail| (mail.notice.letter, mail.notice.recipients.to().as_str().to_owned())).collect();
        let own = dispute.recipients.unwrap().to().as_str().to_owned();
        let bank = "disputes@fbn.example".to_owned();
        assert_eq!(
            told,
            [(Letter::Advanced, bank.clone()), (Letter::DecidedForMerchant, own), (Letter::Advanced, bank)]
        );
        // Each call looks the parties up by itself, in one read.
        let calls = stack.dynamodb_calls("TutelarMoveLevel");
        assert_eq!(calls.iter().filter(|call| *call == "BatchGetItem").count(), 2, "{calls:?}");
    });
}

#[test]
fn nobody_is_told_what_the_merchant_does_to_its_own_dispute_and_nothing_in_staging() {
    run(async {
        let stack = Stack::start(options()).await;
        let (transaction, id) = dispute(&stack).await;
        for path in ["move-level", "merchant-won", "reopen", "merchant-loss"] {
            assert_eq!(put(&stack, path, &id, &json!({})).await.status, 200, "{path}");
        }
        assert_eq!(letters(&stack, &transaction).await, []);
        let staging = stack.transaction("acct_staging", "Succesful").await;
        stack.report(&crate::harness::STAGING, &json!({"trxid": staging.trxid, "user_email": [address()]})).await;
        let path = format!("merchant-won/{}", id_here(&stack, &staging).await);
        assert_eq!(super::call(&stack, &crate::harness::STAGING, "PUT", &path, &Value::Null).await.status, 200);
        assert_eq!(letters(&stack, &staging).await, []);
    });
}
