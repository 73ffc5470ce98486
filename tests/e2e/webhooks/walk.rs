//! A whole chargeback, as a receiver gets it that fails half of its answers, while the workers are
//! killed and another endpoint hangs.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::receiver::{Receiver, Reply, Request};
use super::{add, deliveries, sweep_a_while};
use crate::arbiter::{FBN, GTB, code_of, log_of, paid};
use crate::cli::{folder, recourse};
use crate::crash::busy;
use crate::harness::{COUNTERS, Stack, WEBHOOKS, options, run, until};

pub(crate) const EVENTS: [&str; 7] = [
    "dispute.opened",
    "dispute.updated",
    "dispute.updated",
    "dispute.updated",
    "dispute.updated",
    "dispute.decided",
    "transaction.settled_by_dispute",
];

/// Logs a chargeback, takes it to arbitration, and has an operator decide it for the customer.
pub(crate) async fn chargeback(stack: &Stack) -> String {
    let (fbn, gtb) = (FBN.sign_in(stack).await, GTB.sign_in(stack).await);
    let code = code_of(&fbn.log(stack, &log_of(&paid(stack).await, "Chargeback")).await);
    for (user, action) in
        [(&gtb, "REPRESENTMENT"), (&fbn, "PRE_ARBITRATION"), (&gtb, "PRE_ARBITRATION_II"), (&fbn, "ARBITRATION")]
    {
        assert_eq!(user.put(stack, &code, action).await.status, 200, "{action}");
    }
    let folder = folder();
    let close = ["dispute", "close", &code, "--for", "customer", "--why", "the evidence is clear"];
    let closed = recourse(stack, folder.path(), &close).await;
    assert_eq!(closed.code, 0, "{}{}", closed.out, closed.err);
    code
}

/// Kills processes that are at work, until they are twelve: of `worker`, and a third of them of the
/// one that hands events out. `pauses` are how many milliseconds there are between two looks.
pub(crate) fn killing(stack: &Arc<Stack>, worker: &'static str, pauses: Range<u64>) -> JoinHandle<()> {
    let stack = Arc::clone(stack);
    tokio::spawn(async move {
        let (mut killed, spread) = (0, pauses.end - pauses.start);
        for moment in 0_u64.. {
            tokio::time::sleep(Duration::from_millis(pauses.start + moment * 37 % spread)).await;
            let worker = if moment % 3 == 0 { COUNTERS } else { worker };
            if let Some(instance) = busy(&stack, worker) {
                stack.cloud().lambda.kill(instance.pid);
                killed += 1;
            }
            if killed == 12 {
                return;
            }
        }
    })
}

/// The first successful deliveries, in the order in which they came, without repeats.
fn taken(requests: &[Request]) -> Vec<Request> {
    let mut known = HashSet::new();
    let taken = requests.iter().filter(|request| request.answered < 300 && request.answered > 0);
    taken.filter(|request| known.insert(request.id().to_owned())).cloned().collect()
}

/// Every event once after de-duplication, in order by sequence number, signed.
fn check(requests: &[Request], secret: &str) {
    let taken = taken(requests);
    let types: Vec<_> = taken.iter().map(|request| request.event()["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types, EVENTS);
    for (place, request) in (1..).zip(&taken) {
        let event = request.event();
        assert_eq!(event["sequence"], place, "{event}");
        assert_eq!(event["id"], request.id());
        assert_eq!((&event["version"], &event["environment"]), (&1.into(), &"production".into()));
    }
    for request in requests {
        assert!(request.is_signed_by(secret) && !request.body.contains('@'), "{request:?}");
        assert_eq!(request.header("content-type"), "application/json");
    }
    // What is sent again is the same, byte for byte.
    for request in requests {
        assert_eq!(requests.iter().find(|other| other.id() == request.id()).unwrap().body, request.body);
    }
}

#[test]
fn a_healthy_receiver_gets_a_chargeback_at_once_and_in_order() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let (platform, client, bank, foreign) = (
            Receiver::start(|_| Reply::status(200)).await,
            Receiver::start(|_| Reply::status(204)).await,
            Receiver::start(|_| Reply::status(200)).await,
            Receiver::start(|_| Reply::status(200)).await,
        );
        let hook = add(&stack, folder.path(), "acct_platform", &platform.url(), &[]).await;
        let own = add(&stack, folder.path(), "acct_demo", &client.url(), &[]).await;
        let some = ["--events", "dispute.decided,dispute.cancelled"];
        add(&stack, folder.path(), "acct_fbn", &bank.url(), &some).await;
        for other in ["acct_stranger", "acct_platform_staging"] {
            add(&stack, folder.path(), other, &foreign.url(), &[]).await;
        }
        chargeback(&stack).await;
        // No sweep runs: the stream alone brings them.
        check(&platform.requests(EVENTS.len()).await, &hook.secret);
        check(&client.requests(EVENTS.len()).await, &own.secret);
        let decided = bank.requests(1).await;
        assert_eq!(decided[0].event()["type"], "dispute.decided");
        assert_eq!(decided[0].event()["data"]["dispute"]["outcome"], "customer");
        assert!(decided[0].event()["data"]["transaction"].get("refid").is_none());
        assert!(platform.seen()[0].event()["data"]["transaction"].get("refid").is_some());
        assert_eq!(foreign.connections(), 0);
        let listed = deliveries(&stack, folder.path(), &own.id).await;
        assert_eq!(listed.len(), EVENTS.len());
        assert!(listed.iter().all(|delivery| delivery["state"] == "delivered"), "{listed:?}");
    });
}

#[test]
fn a_receiver_that_fails_half_of_its_answers_gets_each_event_once_and_in_order() {
    run(async {
        let (stack, folder) = (Arc::new(Stack::start(options()).await), folder());
        // Of each two answers one fails, in one of four ways.
        let flaky = Receiver::start(|place| match place % 8 {
            0 => Reply::status(500),
            2 => Reply::Close,
            4 => Reply::status(302),
            6 => Reply::Answer(503, vec![("retry-after", "3".to_owned())], "busy".to_owned()),
            _ => Reply::status(200),
        })
        .await;
        let hanging = Receiver::start(|_| Reply::Hang).await;
        let hook = add(&stack, folder.path(), "acct_platform", &flaky.url(), &[]).await;
        add(&stack, folder.path(), "acct_demo", &hanging.url(), &[]).await;

        let killing = killing(&stack, WEBHOOKS, 20..200);
        chargeback(&stack).await;
        let mut rounds = 0;
        while taken(&flaky.seen()).len() < EVENTS.len() {
            rounds += 1;
            assert!(rounds < 60, "{} of them were taken", taken(&flaky.seen()).len());
            // Past leases and retries, and never as far as the end of a schedule.
            stack.cloud().clock.advance(Duration::from_secs(400)).unwrap();
            sweep_a_while(&stack).await;
        }
        killing.abort();
        check(&flaky.seen(), &hook.secret);
        assert!(hanging.connections() > 0, "the other endpoint was tried");
        until("the worker stores the last one", async || {
            stack.cloud().clock.advance(Duration::from_secs(400)).unwrap();
            sweep_a_while(&stack).await;
            let listed = deliveries(&stack, folder.path(), &hook.id).await;
            listed.iter().all(|delivery| delivery["state"] == "delivered").then_some(())
        })
        .await;
        check(&flaky.seen(), &hook.secret);
    });
}

/// The endpoint that hangs costs each sweep one attempt, and the healthy one none of its time.
#[test]
fn a_slow_receiver_holds_up_no_other() {
    run(async {
        let (stack, folder) = (Stack::start(options()).await, folder());
        let (hanging, healthy) =
            (Receiver::start(|_| Reply::Hang).await, Receiver::start(|_| Reply::status(200)).await);
        let slow = add(&stack, folder.path(), "acct_demo", &hanging.url(), &[]).await;
        super::reported(&stack).await;
        hanging.requests(1).await;
        until("the endpoint is known to fail", async || {
            let listed = deliveries(&stack, folder.path(), &slow.id).await;
            (listed[0]["attempts"][0]["error"] == "late").then_some(())
        })
        .await;
        add(&stack, folder.path(), "acct_platform", &healthy.url(), &[]).await;
        let begun = std::time::Instant::now();
        for _ in 0..6 {
            super::reported(&stack).await;
        }
        healthy.requests(6).await;
        assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
        assert_eq!(hanging.connections(), 1, "the stream leaves it to the sweep");
    });
}
