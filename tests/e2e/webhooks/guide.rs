//! The receiver in Rust of docs/webhooks.md. Those in Python and Node.js are run by
//! `make test-clients`.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use super::{add, reported};
use crate::cli::folder;
use crate::harness::{Stack, binaries, options, root, run, until};

#[test]
fn the_receiver_in_rust_of_the_guide_gets_the_events() {
    run(async {
        let guide = std::fs::read_to_string(root().join("docs/webhooks.md")).unwrap();
        let (_, shown) = guide.split_once("```rust\n").unwrap();
        let whole = std::fs::read_to_string(root().join("local/examples/webhook_receiver.rs")).unwrap();
        assert!(whole.contains(shown.split_once("```").unwrap().0), "the guide has what runs here");

        let (stack, folder) = (Stack::start(options()).await, folder());
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let hook = add(&stack, folder.path(), "acct_demo", &format!("http://127.0.0.1:{port}/"), &[]).await;
        let mut receiver = Command::new(binaries().join("examples/webhook_receiver"));
        receiver.env("PORT", port.to_string()).env("WEBHOOK_SECRET", &hook.secret);
        let mut receiver = receiver.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(receiver.stdout.take().unwrap()).lines();
        until("it listens", async || TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
        let transaction = reported(&stack).await;
        stack.upsert(&transaction.later("Refund", 1)).await;
        for line in [r#"1 "dispute.opened""#, r#"2 "dispute.decided""#] {
            assert_eq!(lines.next_line().await.unwrap().as_deref(), Some(line));
        }
    });
}
