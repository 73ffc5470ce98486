//! Requests that are one request (Connect contract, "Idempotence").

use std::collections::BTreeSet;
use std::sync::Arc;

use recourse_local::dynamodb::Fault;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{contact, is, pdf, text};
use crate::harness::{Connect, Stack, options, run, run_alone, shared, unique};

const TIMESTAMP: &str = "x-gcs-idempotence-request-timestamp";

#[test]
fn a_repeat_gets_the_first_answer_and_says_when_that_was() {
    run(async {
        let stack = shared().await;
        let payment = stack.transaction("acct_demo", "Succesful").await;
        let create = |body: &Value| Connect::create(&payment.trxid, body).idempotent("key 1");
        let first = stack.connect(create(&contact())).await;
        assert!(first.status == 201 && !first.headers.contains_key(TIMESTAMP), "{first:?}");
        let id = text(&first.json(), "/id").to_owned();
        let submitted = stack.connect(Connect::submit(&id).idempotent("key 1")).await;
        let uploaded_late = Connect::upload(&id, "a.pdf", "application/pdf", &pdf(100)).idempotent("key 1");
        is(&stack.connect(uploaded_late.clone()).await, 400, "310400200");
        // A rejection is not stored: the key is still unused. Later changes do not change the first
        // answer.
        let cancelled = stack.connect(Connect::cancel(&id).idempotent("key 1")).await;
        for (call, first) in [
            (create(&contact()), &first),
            (Connect::submit(&id).idempotent("key 1"), &submitted),
            (Connect::cancel(&id).idempotent("key 1"), &cancelled),
        ] {
            let again = stack.connect(call).await;
            assert_eq!((again.status, &again.text), (first.status, &first.text));
            assert_eq!(again.headers.get("location"), first.headers.get("location"));
            let at: u64 = again.headers[TIMESTAMP].to_str().unwrap().parse().unwrap();
            assert!(at.abs_diff(crate::harness::now() * 1000) < 300_000);
        }
        let mut other = contact();
        other["contactPerson"] = "Road Runner".into();
        for body in [other, json!({}), json!([])] {
            is(&stack.connect(create(&body)).await, 409, "310409002");
        }
        // The key is the path's and the merchant's: another payment's is another one.
        let payment = stack.transaction("acct_demo", "Succesful").await;
        assert_eq!(stack.connect(Connect::create(&payment.trxid, &contact()).idempotent("key 1")).await.status, 201);
        assert_eq!(stack.disputes(&payment.trxid).await.len(), 1);
    });
}

/// What is no good file was not the first request of a key either.
#[test]
fn an_upload_cannot_reuse_another_requests_key() {
    run(async {
        let stack = shared().await;
        let id = stack.draft().await;
        let upload = |name: &str, content: &[u8]| Connect::upload(&id, name, "application/pdf", content);
        let unused = upload("a.exe", &pdf(100));
        assert_eq!(stack.connect(unused.clone().idempotent("key")).await.status, 400);
        assert_eq!(stack.connect(upload("a.pdf", &pdf(100)).idempotent("key")).await.status, 201);
        for other in [unused, upload("a.pdf", b""), upload("a.pdf", &pdf(101))] {
            is(&stack.connect(other.idempotent("key")).await, 409, "310409002");
        }
    });
}

/// A start whose answer was lost is one start: the repeat gets the same file and the same address.
#[test]
fn a_start_is_repeated_by_its_key() {
    run(async {
        let stack = shared().await;
        let id = stack.draft().await;
        let start = Connect::start(&id, "a.pdf", "application/pdf", 1_000);
        let first = stack.connect(start.clone().idempotent("key")).await;
        assert!(first.status == 201 && !first.headers.contains_key(TIMESTAMP), "{first:?}");
        let again = stack.connect(start.clone().idempotent("key")).await;
        assert_eq!((again.status, &again.text), (201, &first.text));
        assert!(again.headers.contains_key(TIMESTAMP), "{again:?}");
        for other in [Connect::start(&id, "b.pdf", "application/pdf", 1_000), start.clone().json(&json!({}))] {
            is(&stack.connect(other.idempotent("key")).await, 409, "310409002");
        }
        let keyless = stack.connect(start.clone()).await;
        assert!(keyless.status == 201 && keyless.text != first.text, "{keyless:?}");
        // Many at once are one as well.
        let many = (0..8).map(|_| stack.connect(start.clone().idempotent("at once")));
        let answers: BTreeSet<_> = futures_util::future::join_all(many).await.into_iter().map(|a| a.text).collect();
        assert_eq!(answers.len(), 1, "{answers:?}");
        // The stored response is still returned.
        super::presigned::put(&stack, &again.json(), pdf(1_000)).await;
        let complete = Connect::complete(&id, text(&again.json(), "/fileId"));
        assert_eq!(stack.connect(complete).await.status, 200);
        // After submit a repeat is still one, and a new start is refused.
        assert_eq!(stack.connect(Connect::submit(&id)).await.status, 200);
        assert_eq!(stack.connect(start.clone().idempotent("key")).await.text, first.text);
        is(&stack.connect(start.idempotent("late")).await, 400, "310400200");
    });
}

/// Completing what is completed is answered by the record, and all the same by the key.
#[test]
fn a_completion_is_repeated_by_its_key() {
    run(async {
        let stack = shared().await;
        let id = stack.draft().await;
        let start = stack.connect(Connect::start(&id, "a.pdf", "application/pdf", 1_000)).await.json();
        super::presigned::put(&stack, &start, pdf(1_000)).await;
        let complete = Connect::complete(&id, text(&start, "/fileId"));
        let first = stack.connect(complete.clone().idempotent("key")).await;
        assert!(first.status == 200 && !first.headers.contains_key(TIMESTAMP), "{first:?}");
        let more = Connect::upload(&id, "b.pdf", "application/pdf", &pdf(100));
        assert_eq!(stack.connect(more).await.status, 201);
        let again = stack.connect(complete.clone().idempotent("key")).await;
        assert_eq!((again.status, &again.text), (200, &first.text));
        assert!(again.headers.contains_key(TIMESTAMP), "{again:?}");
        let remaining = "x-recourse-evidence-remaining";
        assert_eq!(again.headers[remaining], first.headers[remaining], "the first answer, as it was");
        is(&stack.connect(complete.clone().json(&json!({})).idempotent("key")).await, 409, "310409002");
        let keyless = stack.connect(complete).await;
        assert!(keyless.status == 200 && !keyless.headers.contains_key(TIMESTAMP), "{keyless:?}");
    });
}

/// A key is stored by its path, too, and a client may make the path as long as it likes.
#[test]
fn a_key_under_a_path_of_any_length_is_answered() {
    run(async {
        let stack = shared().await;
        for digits in [15, 3_000, 6_000] {
            let id = "1".repeat(digits);
            is(&stack.connect(Connect::submit(&id).idempotent("key")).await, 404, "310404001");
            is(&stack.connect(Connect::cancel(&id).idempotent("key")).await, 404, "310404001");
        }
    });
}

#[test]
fn a_key_has_a_form_and_is_signed() {
    run(async {
        let stack = shared().await;
        let id = stack.draft().await;
        for key in ["", &"k".repeat(41), "schlüssel"] {
            let answer = stack.connect(Connect::submit(&id).idempotent(key)).await;
            // HTTP headers are ASCII. Other text arrives as other bytes than were signed, or
            // unchanged.
            assert!([400, 403].contains(&answer.status), "{answer:?}");
        }
        let mut request = Connect::submit(&id).idempotent("one").request();
        request.headers_mut().insert("x-gcs-idempotence-key", "two".parse().unwrap());
        is(&stack.raw(request).await, 403, "9002");
        assert_eq!(stack.connect(Connect::submit(&id).idempotent(&"k".repeat(40))).await.status, 200);
    });
}

#[test]
fn of_twenty_at_once_all_get_the_one_answer() {
    run_alone(async {
        let stack = Arc::new(Stack::start(options()).await);
        for round in 0..5 {
            let payment = stack.transaction("acct_demo", "Succesful").await;
            let key = unique("key");
            let at_once = async |call: Connect| {
                let mut calls = JoinSet::new();
                for _ in 0..20 {
                    let (stack, call) = (Arc::clone(&stack), call.clone());
                    calls.spawn(async move { stack.connect(call).await });
                }
                let answers = calls.join_all().await;
                let different: BTreeSet<_> =
                    answers.iter().map(|answer| (answer.status, answer.text.clone())).collect();
                assert_eq!(different.len(), 1, "{different:?}");
                let first = answers.iter().filter(|answer| !answer.headers.contains_key(TIMESTAMP)).count();
                assert_eq!(first, 1, "one did it, and the others get its answer");
                answers[0].clone()
            };
            let created = at_once(Connect::create(&payment.trxid, &contact()).idempotent(&key)).await;
            assert_eq!(created.status, 201);
            let id = text(&created.json(), "/id").to_owned();
            let upload = Connect::upload(&id, "a.pdf", "application/pdf", &pdf(1_000)).idempotent(&key);
            assert_eq!(at_once(upload).await.status, 201);
            assert_eq!(stack.objects().len(), round + 1, "what the losers had written is gone");
            assert_eq!(at_once(Connect::submit(&id).idempotent(&key)).await.status, 200);
            assert_eq!(stack.dispute(&payment.trxid).await.dispute.version, 3);
        }
    });
}

/// DynamoDB's answer is lost, or the function dies: a repeat finds what was done, and no key stays
/// in progress.
#[test]
fn a_lost_answer_costs_nothing() {
    run(async {
        let stack = Stack::start(options()).await;
        let payment = stack.transaction("acct_demo", "Succesful").await;
        stack.draft().await;
        stack.cloud().dynamodb.set_fault_of("ConnectCreate", Fault::LoseAnswer { times: 1 });
        let create = Connect::create(&payment.trxid, &contact()).idempotent("key");
        let first = stack.connect(create.clone()).await;
        assert!(first.status == 201 && !first.headers.contains_key(TIMESTAMP), "{first:?}");
        let id = text(&first.json(), "/id").to_owned();
        // So many answers are lost that the function cannot know. The client gets an error, and its
        // repeat finds out.
        stack.cloud().dynamodb.set_fault_of("ConnectSubmit", Fault::LoseAnswer { times: 100 });
        let submit = Connect::submit(&id).idempotent("key");
        is(&stack.connect(submit.clone()).await, 500, "9999");
        stack.cloud().dynamodb.set_fault(Fault::None);
        let again = stack.connect(submit).await;
        assert_eq!((again.status, text(&again.json(), "/status")), (200, "CREATED"));
        assert!(again.headers.contains_key(TIMESTAMP));
        assert_eq!(stack.connect(create).await.text, first.text);
        assert_eq!(stack.dispute(&payment.trxid).await.dispute.version, 2);
    });
}

/// A path of any length is part of what a key is stored by.
#[test]
fn a_repeat_of_a_path_that_names_nothing_is_refused_as_the_first() {
    run(async {
        let stack = shared().await;
        let call = Connect::upload(&"9".repeat(3_000), "a.pdf", "application/pdf", &pdf(100));
        for call in [call.clone(), call.idempotent(&unique("key"))] {
            is(&stack.connect(call).await, 404, "310404001");
        }
    });
}
