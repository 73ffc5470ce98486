//! Keys that the command line makes, used at the APIs: a new key is valid, two active ones work
//! side by side, and a revoked one is unknown.
//!
//! Functions cache a credential for 60 seconds, which is tested in `shared/edge`. These tests end
//! the instances instead of waiting: new instances have cached nothing.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::{CommandOutput, folder, recourse};
use crate::harness::{Call, DemoKey, HttpResponse, PLATFORM, Stack, Transaction, address, options, run, until};
use crate::vendor_texts::{DUPLICATE, SUCCESS, about};

/// Runs a command, which has to succeed.
async fn done(stack: &Stack, folder: &Path, arguments: &[&str]) -> String {
    let CommandOutput { code, out, err } = recourse(stack, folder, arguments).await;
    assert_eq!(code, 0, "{arguments:?}: {out}{err}");
    out
}

/// Makes an account with the command line.
async fn account(stack: &Stack, folder: &Path, id: &str, environment: &str) {
    let mail = format!("{id}@wallet.example");
    done(stack, folder, &["account", "create", id, "--name", id, "--email", &mail, "--environment", environment]).await;
}

/// Makes a key with the command line and reads it from the output, where it is printed once. It is
/// never freed while the test process runs.
async fn key(stack: &Stack, folder: &Path, account: &str, role: &str) -> DemoKey {
    let out = done(stack, folder, &["key", "create", account, "--role", role]).await;
    let value = |name: &str| {
        let line = out.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{out}"));
        &*line.to_owned().leak()
    };
    DemoKey { id: value("RECOURSE_KEY="), secret: value("RECOURSE_SECRET=") }
}

/// Ends every instance of every function, with all that these remember.
async fn forget(stack: &Stack) {
    let lambda = &stack.cloud().lambda;
    let old: Vec<_> = lambda.instances().iter().map(|instance| instance.pid).collect();
    for pid in &old {
        lambda.kill(*pid);
    }
    until("the instances end", async || {
        (!lambda.instances().iter().any(|instance| old.contains(&instance.pid))).then_some(())
    })
    .await;
}

/// What a key gets that was never made.
async fn unknown(stack: &Stack, body: &Value) -> HttpResponse {
    let nobody = DemoKey { id: "iimm_prod_000000000000000000000000", ..PLATFORM };
    let answer = stack.report(&nobody, body).await.without_ids();
    assert_eq!((answer.status, &answer.json()["error"]), (401, &json!("invalid_credentials")));
    answer
}

#[test]
fn a_client_rotates_its_key_and_the_old_one_is_answered_as_an_unknown_one() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let folder = folder.path();
        account(&stack, folder, "acct_new", "production").await;
        let old = key(&stack, folder, "acct_new", "client").await;
        let transaction = stack.transaction("acct_new", "Succesful").await;
        let user = address();
        let report = json!({"refid": transaction.refid, "user_email": [user]});
        assert_eq!(stack.report(&old, &report).await.text, about(SUCCESS, &transaction.refid));
        assert_eq!(stack.inbox(&user, 1).await[0].cc, ["acct_new@wallet.example"]);

        let new = key(&stack, folder, "acct_new", "client").await;
        for live in [&old, &new] {
            assert_eq!(stack.report(live, &report).await.text, about(DUPLICATE, &transaction.refid), "{}", live.id);
        }
        done(&stack, folder, &["key", "revoke", old.id, "--why", "rotated"]).await;
        forget(&stack).await;
        assert_eq!(stack.report(&old, &report).await.without_ids(), unknown(&stack, &report).await);
        assert_eq!(stack.report(&new, &report).await.text, about(DUPLICATE, &transaction.refid));
        let shown = done(&stack, folder, &["account", "show", "acct_new"]).await;
        for what in ["created the account", &format!("revoked the key {}", old.id), "operator tester", "rotated"] {
            assert!(shown.contains(what), "{shown}");
        }
        for secret in [old.secret, new.secret] {
            assert!(!shown.contains(secret) && !stack.log().iter().any(|line| line.text.contains(secret)));
        }
    });
}

#[test]
fn a_suspended_account_is_answered_as_an_unknown_one_at_every_api_until_it_is_resumed() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let folder = folder.path();
        account(&stack, folder, "acct_ops", "production").await;
        let client = key(&stack, folder, "acct_ops", "client").await;
        let platform = key(&stack, folder, "acct_ops", "platform").await;
        let transaction = stack.transaction("acct_ops", "Succesful").await;
        let report = json!({"refid": transaction.refid});
        let get = || Call::get(&platform, &transaction.trxid);
        assert_eq!(stack.report(&client, &report).await.text, about(SUCCESS, &transaction.refid));
        assert_eq!(stack.send(&get()).await.status, 200);

        done(&stack, folder, &["account", "suspend", "acct_ops"]).await;
        forget(&stack).await;
        let unknown = unknown(&stack, &report).await;
        assert_eq!(stack.report(&client, &report).await.without_ids(), unknown);
        assert_eq!(stack.send(&get()).await.without_ids(), unknown);
        assert_eq!(stack.send(&Call::get(&PLATFORM, &transaction.trxid)).await.status, 200, "others are let in");

        // Rejections are not cached, so this needs no waiting.
        done(&stack, folder, &["account", "resume", "acct_ops"]).await;
        assert_eq!(stack.report(&client, &report).await.text, about(DUPLICATE, &transaction.refid));
        assert_eq!(stack.send(&get()).await.status, 200);
    });
}

#[test]
fn a_key_is_good_for_its_role_and_environment_alone() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let folder = folder.path();
        account(&stack, folder, "acct_dev", "staging").await;
        let client = key(&stack, folder, "acct_dev", "client").await;
        let platform = key(&stack, folder, "acct_dev", "platform").await;
        let transaction = Transaction::new("acct_dev", "Succesful");
        assert_eq!(
            stack.send(&Call::put(&PLATFORM, &transaction.body)).await.status,
            400,
            "staging is not production's"
        );
        assert_eq!(stack.send(&Call::put(&platform, &transaction.body)).await.status, 201);
        assert!(client.id.starts_with("iimm_dev_") && platform.id.starts_with("plat_"));
        let user = address();
        let report = json!({"refid": transaction.refid, "user_email": [user]});
        assert_eq!(stack.send(&Call::get(&client, &transaction.trxid)).await.status, 403);
        assert_eq!(stack.report(&platform, &report).await.status, 403);
        assert_eq!(stack.report(&client, &report).await.text, about(SUCCESS, &transaction.refid));
        assert!(stack.dispute(&transaction.trxid).await.mails.is_empty(), "staging sends no mail");
    });
}
