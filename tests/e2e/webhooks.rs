//! Webhooks: what receivers get of real disputes, whatever they and the workers do.

mod addresses;
mod cases;
mod endpoints;
mod guide;
pub(crate) mod receiver;
pub(crate) mod walk;

use std::path::Path;

use serde_json::Value;

use crate::cli::{CommandOutput, folder, recourse};
use crate::harness::{CLIENT, Stack, Transaction, WEBHOOKS, address, until};
use receiver::{Receiver, Reply};

/// An endpoint with its secret.
pub(crate) struct Hook {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// Runs `recourse webhook`; the command must succeed.
pub(crate) async fn command(stack: &Stack, folder: &Path, arguments: &[&str]) -> String {
    let CommandOutput { code, out, err } = recourse(stack, folder, &[&["webhook"], arguments].concat()).await;
    assert_eq!(code, 0, "{arguments:?}: {out}{err}");
    out
}

/// The value of a line `NAME=value`.
pub(crate) fn line<'a>(out: &'a str, name: &str) -> &'a str {
    out.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap_or_else(|| panic!("{name}: {out}"))
}

pub(crate) async fn add(stack: &Stack, folder: &Path, account: &str, url: &str, more: &[&str]) -> Hook {
    let out = command(stack, folder, &[&["add", account, url], more].concat()).await;
    Hook { id: line(&out, "WEBHOOK_ID").to_owned(), secret: line(&out, "WEBHOOK_SECRET").to_owned() }
}

/// The deliveries to an endpoint, the newest first.
pub(crate) async fn deliveries(stack: &Stack, folder: &Path, id: &str) -> Vec<Value> {
    let out = command(stack, folder, &["deliveries", id, "--json"]).await;
    serde_json::from_str(&out).unwrap()
}

pub(crate) async fn sweep(stack: &Stack) {
    stack.cloud().run_schedule(WEBHOOKS).await.unwrap();
}

/// Begins a sweep and waits a few seconds for it. It goes on after that, while an endpoint hangs.
pub(crate) async fn sweep_a_while(stack: &Stack) {
    let sweep = stack.cloud().run_schedule(WEBHOOKS);
    let _ = tokio::time::timeout(std::time::Duration::from_secs(4), sweep).await;
}

/// Reports a transaction, which opens a dispute.
pub(crate) async fn reported(stack: &Stack) -> Transaction {
    let transaction = stack.transaction("acct_demo", "Succesful").await;
    let body = serde_json::json!({ "refid": transaction.refid, "user_email": [address()] });
    assert_eq!(stack.report(&CLIENT, &body).await.status, 200);
    transaction
}

/// Everything that the worker is for, at least once.
pub(crate) async fn everything(stack: &Stack) {
    let folder = folder();
    let (good, gone) = (Receiver::start(|_| Reply::status(204)).await, Receiver::start(|_| Reply::status(410)).await);
    let hook = add(stack, folder.path(), "acct_demo", &good.url(), &[]).await;
    // The account of an endpoint that gets everything is asked for its keys.
    let all = Receiver::start(|_| Reply::status(204)).await;
    let of_platform = add(stack, folder.path(), "acct_platform", &all.url(), &[]).await;
    // The second event waits for the first, and is looked at before it is sent.
    let transaction = reported(stack).await;
    stack.upsert(&transaction.later("Refund", 1)).await;
    good.requests(2).await;
    all.requests(1).await;
    let disabled = add(stack, folder.path(), "acct_demo", &gone.url(), &[]).await;
    reported(stack).await;
    let state = async |id: &str| {
        let out = command(stack, folder.path(), &["list", "acct_demo", "--json"]).await;
        let all: Vec<Value> = serde_json::from_str(&out).unwrap();
        all.into_iter().find(|endpoint| endpoint["id"] == id).unwrap()
    };
    until("it is disabled", async || (state(&disabled.id).await["state"] == "disabled").then_some(())).await;
    // Noting that an endpoint fails, and that it works again.
    good.reply(|_| Reply::status(500));
    reported(stack).await;
    until("it fails", async || (!state(&hook.id).await["failing_since"].is_null()).then_some(())).await;
    good.reply(|_| Reply::status(200));
    until("it works", async || {
        sweep(stack).await;
        state(&hook.id).await["failing_since"].is_null().then_some(())
    })
    .await;
    for id in [&hook.id, &disabled.id, &of_platform.id] {
        recourse(stack, folder.path(), &["webhook", "disable", id]).await;
    }
}
