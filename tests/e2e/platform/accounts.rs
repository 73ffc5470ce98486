//! Whose transactions a platform key speaks of: accounts that are there, of the key's own environment.

use serde_json::json;

use super::{errors, known, put};
use crate::harness::{Call, PLATFORM, PLATFORM_STAGING, Transaction, run, shared};

#[test]
fn an_account_that_is_not_there_and_one_of_the_other_environment_are_refused_alike() {
    run(async {
        let stack = shared().await;
        for (key, accounts) in
            [(PLATFORM, ["acct_demmo", "acct_staging"]), (PLATFORM_STAGING, ["acct_stagging", "acct_demo"])]
        {
            let transaction = Transaction::new("acct_demo", "Succesful");
            let mut answers = Vec::new();
            for account in accounts {
                let mut word = transaction.told.clone();
                word["account"] = account.into();
                let answer = stack.send(&Call::put(&key, &word)).await;
                assert_eq!(errors(&answer, 400), ["account"]);
                let results = stack.send(&Call::import(&key, &[word])).await.json();
                assert_eq!(
                    results["results"],
                    json!([{ "trxid": transaction.trxid, "status": "invalid", "errors": answer.json()["errors"] }])
                );
                answers.push(answer.text);
            }
            assert_eq!(answers[0], answers[1]);
            // Nothing is written, so trxid and refid are free for the right account.
            assert_eq!(put(&stack, &transaction.told).await.status, 201);
        }
    });
}

#[test]
fn a_key_neither_changes_nor_reads_what_is_the_other_environments() {
    run(async {
        let stack = shared().await;
        let production = stack.transaction("acct_demo", "Succesful").await;
        let staging = stack.transaction("acct_staging", "Succesful").await;
        for (key, theirs) in [(PLATFORM_STAGING, &production), (PLATFORM, &staging)] {
            assert_eq!(errors(&stack.send(&Call::put(&key, &theirs.later("Refund", 1))).await, 400), ["account"]);
            let unknown = stack.send(&Call::get(&key, "unknown")).await.without_ids();
            assert_eq!(stack.send(&Call::get(&key, &theirs.trxid)).await.without_ids(), unknown);
        }
        assert_eq!(known(&stack, &production.trxid).await["status"], "Succesful");
        let staging = stack.send(&Call::get(&PLATFORM_STAGING, &staging.trxid)).await;
        assert_eq!((staging.status, &staging.json()["status"]), (200, &json!("Succesful")));
    });
}
