//! The transactions that a platform key may send: those of existing accounts in the key's
//! environment.

use serde_json::json;

use super::{errors, known, put};
use crate::harness::{Call, DemoKey, PLATFORM, PLATFORM_STAGING, Stack, Transaction, options, run, shared};

#[test]
fn an_unknown_account_and_one_of_the_other_environment_get_the_same_answer() {
    run(async {
        let stack = shared().await;
        for (key, accounts) in
            [(PLATFORM, ["acct_demmo", "acct_staging"]), (PLATFORM_STAGING, ["acct_stagging", "acct_demo"])]
        {
            let transaction = Transaction::new("acct_demo", "Succesful");
            let mut answers = Vec::new();
            for account in accounts {
                let mut update = transaction.body.clone();
                update["account"] = account.into();
                let answer = stack.send(&Call::put(&key, &update)).await;
                assert_eq!(errors(&answer, 400), ["account"]);
                let results = stack.send(&Call::import(&key, &[update])).await.json();
                assert_eq!(
                    results["results"],
                    json!([{ "trxid": transaction.trxid, "status": "invalid", "errors": answer.json()["errors"] }])
                );
                answers.push(answer.text);
            }
            assert_eq!(answers[0], answers[1]);
            // Nothing is written, so trxid and refid are free for the right account.
            assert_eq!(put(&stack, &transaction.body).await.status, 201);
        }
    });
}

#[test]
fn a_key_neither_changes_nor_reads_the_other_environment() {
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

/// Whatever a key asks about the other environment has the answer and the cost of what is not
/// there: the first time and later, and also once the other environment's own key has asked.
#[test]
fn an_item_of_the_other_environment_costs_as_much_as_a_missing_one() {
    run(async {
        let stack = Stack::start(options()).await;
        let (production, staging) =
            (Transaction::new("acct_demo", "Succesful"), Transaction::new("acct_staging", "Succesful"));
        // Each function has read the keys before anything is counted.
        for key in [PLATFORM, PLATFORM_STAGING] {
            stack.send(&Call::put(&key, &json!({ "trxid": "unknown" }))).await;
            stack.send(&Call::import(&key, &[])).await;
            stack.send(&Call::get(&key, "unknown")).await;
        }
        let asked = async |function: &str, call: Call| {
            stack.cloud().dynamodb.clear_calls();
            (stack.send(&call).await.without_ids(), stack.dynamodb_calls(function))
        };
        // A transaction is read with what belongs to it. A key of staging takes a step of its
        // script of faults before.
        let calls = |key: &DemoKey, last: [&str; 2]| {
            let script = (key.id == PLATFORM_STAGING.id).then_some("UpdateItem");
            script.into_iter().chain(last).map(str::to_owned).collect::<Vec<_>>()
        };
        for is_told in [false, true] {
            if is_told {
                for (key, own) in [(PLATFORM, &production), (PLATFORM_STAGING, &staging)] {
                    assert_eq!(stack.send(&Call::put(&key, &own.body)).await.status, 201);
                    assert_eq!(stack.send(&Call::import(&key, std::slice::from_ref(&own.body))).await.status, 200);
                }
            }
            for (key, theirs) in [(PLATFORM_STAGING, &production), (PLATFORM, &staging)] {
                let (both, looked) = (calls(&key, ["PutItem", "GetItem"]), calls(&key, ["PutItem", "Query"]));
                let mut nobodys = theirs.body.clone();
                nobodys["account"] = "acct_nobody".into();
                for _ in 0..3 {
                    let nothing = asked("PlatformPut", Call::put(&key, &nobodys)).await;
                    assert_eq!((nothing.0.status, nothing.1.as_slice()), (400, both.as_slice()));
                    assert_eq!(asked("PlatformPut", Call::put(&key, &theirs.body)).await, nothing);
                    let nothing = asked("PlatformImport", Call::import(&key, &[nobodys.clone()])).await;
                    assert_eq!((nothing.0.status, nothing.1.as_slice()), (200, both.as_slice()));
                    assert_eq!(
                        asked("PlatformImport", Call::import(&key, std::slice::from_ref(&theirs.body))).await,
                        nothing
                    );
                    let nothing = asked("PlatformGet", Call::get(&key, "unknown")).await;
                    assert_eq!((nothing.0.status, nothing.1.as_slice()), (404, looked.as_slice()));
                    assert_eq!(asked("PlatformGet", Call::get(&key, &theirs.trxid)).await, nothing);
                }
            }
        }
        // A name that the other environment has is as free as one that nobody has.
        for (key, own, theirs) in [(PLATFORM_STAGING, "acct_staging", &production), (PLATFORM, "acct_demo", &staging)] {
            let free = asked("PlatformPut", Call::put(&key, &Transaction::new(own, "Succesful").body)).await;
            let mut same = theirs.body.clone();
            same["account"] = own.into();
            let same = asked("PlatformPut", Call::put(&key, &same)).await;
            assert_eq!((same.0.status, same.1), (201, free.1));
        }
    });
}
