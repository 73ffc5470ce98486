//! The outbox has two readers at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::sent;
use crate::harness::{CLIENT, OUTBOX, Stack, address, options, run};

/// The stream and the schedule are two readers of one outbox, and a schedule may come twice.
#[test]
fn many_sweeps_beside_the_stream_send_each_mail_once() {
    run(async {
        let stack = Arc::new(Stack::start(options()).await);
        let sweeping = Arc::new(AtomicBool::new(true));
        let sweepers: Vec<_> = (0..4)
            .map(|_| {
                let (stack, sweeping) = (Arc::clone(&stack), Arc::clone(&sweeping));
                tokio::spawn(async move {
                    while sweeping.load(Ordering::Relaxed) {
                        stack.cloud().run_schedule(OUTBOX).await.unwrap();
                    }
                })
            })
            .collect();
        let mut cases = Vec::new();
        for _ in 0..20 {
            let (user, transaction) = (address(), stack.transaction("acct_demo", "Succesful").await);
            stack.report(&CLIENT, &json!({"refid": transaction.refid, "user_email": [user]})).await;
            stack.upsert(&transaction.later("Refund", 1)).await;
            cases.push((user, transaction));
        }
        for (_, transaction) in &cases {
            sent(&stack, transaction, 2).await;
        }
        sweeping.store(false, Ordering::Relaxed);
        for sweeper in sweepers {
            sweeper.await.unwrap();
        }
        for (user, transaction) in &cases {
            let mails = stack.mails_to(user);
            assert_eq!(mails.len(), 2, "{}", transaction.trxid);
            // The second sweep may have looked while the first mail was being sent. It never sends
            // before the first.
            assert_eq!(stack.dispute(&transaction.trxid).await.mails[0].attempts, 1);
            assert!(
                mails[1].subject.ends_with("] The payment was refunded: the case is closed"),
                "{}",
                mails[1].subject
            );
        }
    });
}
