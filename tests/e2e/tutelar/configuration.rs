//! An operator configures an account with the command line, which also prints a client's request.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::Command;

use super::samples::sample;
use super::{call, failure, id_of, least, success};
use crate::cli::{folder, recourse};
use crate::harness::{STRANGER, Stack, options, root, run};

#[test]
fn a_configuration_enables_the_update_call_at_once_and_is_recorded() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let theirs = stack.transaction("acct_stranger", "Succesful").await;
        let id = id_of(&call(&stack, &STRANGER, "POST", "create", &least(&theirs.trxid, "1003")).await);
        let update = async || call(&stack, &STRANGER, "PATCH", &format!("update/{id}"), &sample()).await;
        assert_eq!(update().await.text, failure("Please Update general configuration"));

        let none = recourse(&stack, folder.path(), &["config", "show", "acct_stranger"]).await;
        assert!(none.code == 2 && none.err.contains("has no configuration"), "{}", none.err);
        let example = root().join("cli/examples/configuration.json");
        let set = ["config", "set", "acct_stranger", example.to_str().unwrap(), "--why", "first", "--by", "alice"];
        let said = recourse(&stack, folder.path(), &set).await;
        assert_eq!((said.code, said.out.as_str()), (0, "acct_stranger  configured\n"), "{}", said.err);
        assert_eq!(update().await.text, success("Dispute Details updated successfully"));
        let again = recourse(&stack, folder.path(), &set).await;
        assert_eq!(
            (again.code, again.out.as_str()),
            (0, "acct_stranger  has this configuration already; nothing changed\n")
        );

        let shown = recourse(&stack, folder.path(), &["config", "show", "acct_stranger"]).await;
        let written: Value = serde_json::from_slice(&std::fs::read(&example).unwrap()).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&shown.out).unwrap(), written);
        let account = recourse(&stack, folder.path(), &["account", "show", "acct_stranger"]).await;
        assert!(
            account.out.contains("operator alice") && account.out.contains("set its configuration"),
            "{}",
            account.out
        );

        std::fs::write(folder.path().join("bad.json"), json!({"due_day": 3}).to_string()).unwrap();
        let bad = recourse(&stack, folder.path(), &["config", "set", "acct_stranger", "bad.json"]).await;
        assert!(bad.code == 2 && bad.err.contains("unknown field `due_day`"), "{}", bad.err);
        let nobody = recourse(&stack, folder.path(), &["config", "set", "acct_nobody", set[3]]).await;
        assert!(nobody.code == 2 && nobody.err.contains("there is no account acct_nobody"), "{}", nobody.err);

        let dispute = recourse(&stack, folder.path(), &["dispute", "show", &id]).await;
        let details = "  details       type dispute, reason 109, bank HDFC, to be resolved by ";
        assert!(
            dispute.out.contains(details) && dispute.out.contains("disputed      100.00 MYR of 1550.00 MYR"),
            "{}",
            dispute.out
        );
        assert!(!dispute.out.contains("johnson"), "{}", dispute.out);
    });
}

#[test]
fn the_api_accepts_the_request_that_the_command_line_prints() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let (_, id) = super::dispute(&stack).await;
        let path = format!("/api/v1/dispute/update/{id}");
        let line =
            recourse(&stack, folder.path(), &["sign", "PATCH", &path, "--data", r#"{"comments":"it's fine"}"#]).await;
        assert!(line.code == 0 && line.err.contains("carries the secret itself"), "{}{}", line.out, line.err);
        let sent = Command::new("sh").arg("-c").arg(&line.out).stdin(Stdio::null()).output().await.unwrap();
        assert_eq!(String::from_utf8(sent.stdout).unwrap(), success("Dispute Details updated successfully"));
        assert_eq!(super::view(&stack, &id).await["comments"], "it's fine");
    });
}
