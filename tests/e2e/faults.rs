//! Services that cannot be reached: a 503 in the API's own form and in time, nothing half done, and
//! everything works once they are back.

use std::time::{Duration, Instant};

use recourse_local::dynamodb::Fault;
use recourse_local::ses::SesFault;
use recourse_store::MailState;
use serde_json::json;

use crate::crash::{instances, warm};
use crate::harness::{CLIENT, Call, HttpResponse, OUTBOX, PLATFORM, REPORT, Stack, address, options, run, until};
use crate::raw;
use crate::vendor_texts::{DUPLICATE, SUCCESS, about};

/// API Gateway waits for 30 seconds, and a function may run for 15. The answer has to come before
/// either.
const IN_TIME: Duration = Duration::from_secs(14);

/// A 503 in the form of both APIs: a message and nothing else.
#[track_caller]
fn is_unavailable(answer: &HttpResponse, since: Instant) {
    assert!(since.elapsed() < IN_TIME, "after {:?}", since.elapsed());
    assert_eq!(
        (answer.status, &answer.headers["content-type"]),
        (503, &"application/json".parse().unwrap()),
        "{answer:?}"
    );
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    assert!(
        body["message"].as_str().unwrap().contains("temporarily unavailable"),
        "of the API, not of the gateway: {body}"
    );
}

/// Both tables, as they are.
async fn tables(stack: &Stack) -> [raw::Items; 2] {
    [stack.items("DISPUTES_TABLE").await, stack.items("EPHEMERAL_TABLE").await]
}

#[test]
fn without_dynamodb_it_is_503_in_time_and_nothing_is_half_done() {
    run(async {
        let stack = Stack::start(options()).await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let (user, other) = (address(), stack.transaction("acct_demo", "Accepted").await);
        // Warm: the key is in the cache, so that the first call that fails is the transaction's.
        warm(&stack).await;
        let before = tables(&stack).await;
        let report = Call::report(&CLIENT, &json!({ "refid": transaction.refid, "user_email": [user] }));
        for fault in [Fault::Unreachable, Fault::ServerError, Fault::Hang, Fault::Throttle { times: u32::MAX }] {
            stack.cloud().dynamodb.set_fault(fault);
            let since = Instant::now();
            let update = Call::put(&PLATFORM, &other.later("Succesful", 1));
            let (reported, sent) = tokio::join!(stack.send(&report), stack.send(&update));
            is_unavailable(&reported, since);
            is_unavailable(&sent, since);
            stack.cloud().dynamodb.set_fault(Fault::None);
            assert_eq!(tables(&stack).await, before, "{fault:?}");
        }
        assert_eq!(stack.send(&report).await.text, about(SUCCESS, &transaction.refid), "the very same request");
        assert_eq!(stack.inbox(&user, 1).await.len(), 1);
        assert_eq!(stack.upsert(&other.later("Succesful", 1)).await.status, 200);
    });
}

#[test]
fn a_write_whose_answers_are_all_lost_is_a_503_and_a_whole_case() {
    run(async {
        let stack = Stack::start(options()).await;
        let (transaction, user) = (stack.transaction("acct_demo", "Succesful").await, address());
        let report = Call::report(&CLIENT, &json!({ "refid": transaction.refid, "user_email": [user] }));
        stack.cloud().dynamodb.set_fault_of(REPORT, Fault::LoseAnswer { times: 3 });
        let since = Instant::now();
        is_unavailable(&stack.send(&report).await, since);
        let replayed = stack.send(&report).await;
        assert_eq!((replayed.status, &replayed.json()["error"]), (401, &"replayed_nonce".into()));
        let afresh = stack.report(&CLIENT, &json!({ "refid": transaction.refid })).await;
        assert_eq!(afresh.text, about(DUPLICATE, &transaction.refid));
        assert_eq!(stack.inbox(&user, 1).await.len(), 1);
        assert_eq!(stack.dispute(&transaction.trxid).await.events.len(), 1);
    });
}

#[test]
fn a_client_does_not_notice_a_lost_answer_or_a_conflict() {
    run(async {
        let stack = Stack::start(options()).await;
        for fault in [Fault::LoseAnswer { times: 1 }, Fault::Conflict { times: 6 }, Fault::Throttle { times: 2 }] {
            let (transaction, user) = (stack.transaction("acct_demo", "Succesful").await, address());
            warm(&stack).await;
            stack.cloud().dynamodb.set_fault_of(REPORT, fault);
            let answer = stack.report(&CLIENT, &json!({ "refid": transaction.refid, "user_email": [user] })).await;
            assert_eq!((answer.status, answer.text), (200, about(SUCCESS, &transaction.refid)), "{fault:?}");
            stack.cloud().dynamodb.set_fault(Fault::None);
            assert_eq!(stack.inbox(&user, 1).await.len(), 1);
            assert_eq!(stack.dispute(&transaction.trxid).await.dispute.version, 1);
        }
    });
}

#[test]
fn a_function_that_starts_without_dynamodb_answers_and_goes_on_when_it_is_back() {
    run(async {
        let stack = Stack::start(options()).await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let report = Call::report(&CLIENT, &json!({ "refid": transaction.refid }));
        for fault in [Fault::Hang, Fault::Unreachable] {
            stack.cloud().dynamodb.set_fault(fault);
            is_unavailable(&stack.send(&report).await, Instant::now());
        }
        let pids = || -> Vec<u32> { instances(&stack, REPORT).iter().map(|instance| instance.pid).collect() };
        let since = pids();
        stack.cloud().dynamodb.set_fault(Fault::None);
        assert_eq!(stack.send(&report).await.text, about(SUCCESS, &transaction.refid));
        assert_eq!(pids(), since, "the same process");
    });
}

#[test]
fn a_function_that_starts_without_kms_answers_503_and_writes_nothing() {
    run(async {
        let stack = Stack::start(options()).await;
        let transaction = stack.transaction("acct_demo", "Succesful").await;
        let before = tables(&stack).await;
        stack.cloud().kms.clone().stop().await;
        for _ in 0..2 {
            let since = Instant::now();
            is_unavailable(&stack.report(&CLIENT, &json!({ "refid": transaction.refid })).await, since);
        }
        assert_eq!(tables(&stack).await, before);
        // A function that has unwrapped the data key already needs no KMS.
        assert_eq!(stack.send(&Call::get(&PLATFORM, &transaction.trxid)).await.status, 503, "a cold one");
        assert_eq!(stack.upsert(&transaction.later("Succesful", 1)).await.status, 200, "a warm one");
    });
}

#[test]
fn without_ses_the_report_is_accepted_and_its_mail_waits_for_the_sweep() {
    run(async {
        let stack = Stack::start(options()).await;
        for fault in [SesFault::Unreachable, SesFault::Hang, SesFault::ServerError, SesFault::Throttled] {
            let (transaction, user) = (stack.transaction("acct_demo", "Succesful").await, address());
            stack.cloud().ses.set_fault(fault);
            let since = Instant::now();
            let answer = stack.report(&CLIENT, &json!({ "refid": transaction.refid, "user_email": [user] })).await;
            assert_eq!((answer.status, answer.text), (200, about(SUCCESS, &transaction.refid)), "{fault:?}");
            assert!(since.elapsed() < Duration::from_secs(5), "SES is no part of it: {:?}", since.elapsed());
            let waiting = until("the first attempt is over", async || {
                let mail = stack.dispute(&transaction.trxid).await.mails.remove(0);
                (mail.mail_state == MailState::Pending && mail.attempts == 1).then_some(mail)
            })
            .await;
            assert!(waiting.reason.is_some(), "{fault:?}");
            assert!(stack.mails_to(&user).is_empty());

            stack.cloud().ses.set_fault(SesFault::None);
            stack.cloud().run_schedule(OUTBOX).await.unwrap();
            assert!(stack.mails_to(&user).is_empty(), "its time has not come");
            raw::make_due(stack.cloud(), waiting.id).await;
            let sent = until("the sweep sends it", async || {
                stack.cloud().run_schedule(OUTBOX).await.unwrap();
                let mail = stack.dispute(&transaction.trxid).await.mails.remove(0);
                (mail.mail_state == MailState::Sent).then_some(mail)
            })
            .await;
            assert_eq!((sent.attempts, sent.reason, stack.mails_to(&user).len()), (2, None, 1), "{fault:?}");
        }
    });
}
