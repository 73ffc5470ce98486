//! The other events: drafts and evidence, reminders, and support cases.

use super::receiver::{Receiver, Reply};
use super::{add, reported};
use crate::cli::{folder, recourse};
use crate::deadlines;
use crate::harness::{Stack, options, run, support_options, until};

async fn types(receiver: &Receiver, count: usize) -> Vec<String> {
    let mut events: Vec<_> = receiver.requests(count).await.iter().map(|request| request.event()).collect();
    events.sort_by_key(|event| event["sequence"].as_u64());
    events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_reminder_and_an_end_by_time_are_events() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let receiver = Receiver::start(|_| Reply::status(200)).await;
        add(&stack, folder.path(), "acct_platform", &receiver.url(), &[]).await;
        // They were opened before the endpoint was added, which counts and is not delivered.
        for days in [21, 19] {
            deadlines::opened(&stack, "GTB", days).await;
        }
        deadlines::sweep(&stack).await;
        let mut seen = types(&receiver, 3).await;
        seen.sort();
        assert_eq!(seen, ["dispute.deadline_approaching", "dispute.decided", "transaction.settled_by_dispute"]);
    });
}

#[test]
fn a_case_that_an_agent_takes_to_its_end_is_resolved() {
    run(async {
        let (stack, folder) = (Stack::start(support_options()).await, folder());
        let receiver = Receiver::start(|_| Reply::status(200)).await;
        add(&stack, folder.path(), "acct_demo", &receiver.url(), &["--events", "case.escalated,case.resolved"]).await;
        let transaction = reported(&stack).await;
        let number = stack.dispute(&transaction.trxid).await.dispute.number.case_id();
        for order in [&["case", "take", &number][..], &["case", "resolve", &number, "--for", "customer", "--why", "x"]]
        {
            let done = recourse(&stack, folder.path(), order).await;
            assert_eq!(done.code, 0, "{order:?}: {}{}", done.out, done.err);
        }
        let resolved = until("it is resolved", async || {
            let events = receiver.seen().into_iter().map(|request| request.event());
            events.into_iter().find(|event| event["type"] == "case.resolved")
        })
        .await;
        assert_eq!(resolved["data"]["case"]["state"], "resolved", "{resolved}");
        assert!(resolved["sequence"].as_u64() > Some(1));
    });
}
