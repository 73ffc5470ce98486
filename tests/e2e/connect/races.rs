//! Many at once: no limit is exceeded, no file is added after submit, and a loser leaves nothing
//! behind.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use recourse_local::Options;
use tokio::task::JoinSet;

use super::{code, contact, is, pdf, text};
use crate::harness::{Connect, HttpResponse, Stack, options, options_at_once, run_alone, until};

/// Sends all of these at once.
async fn at_once(stack: &Arc<Stack>, calls: Vec<Connect>) -> Vec<HttpResponse> {
    let mut sent = JoinSet::new();
    for call in calls {
        let stack = Arc::clone(stack);
        sent.spawn(async move { stack.connect(call).await });
    }
    let answers = sent.join_all().await;
    let faults: Vec<_> = stack.log().into_iter().filter(|line| line.text.contains("\"fault\"")).collect();
    assert!(answers.iter().all(|answer| answer.status < 500), "{faults:?}");
    answers
}

/// The files that a dispute has on record are the objects of its own in the bucket.
async fn whole(stack: &Stack, id: &str) -> usize {
    let shown = stack.connect(Connect::get(id)).await.json();
    let files = shown["disputeOutput"]["files"].as_array().unwrap().clone();
    let recorded = stack.evidence(id).await.into_iter();
    let recorded: BTreeSet<_> = recorded.map(|file| format!("evidence/{}", file.object)).collect();
    let own = format!("evidence/{id}-");
    let objects: BTreeSet<_> = stack.objects().into_iter().filter(|key| key.starts_with(&own)).collect();
    assert_eq!(recorded, objects);
    files.len()
}

#[test]
fn twenty_uploads_at_once_never_pass_a_limit() {
    run_alone(uploads(options()));
}

#[test]
fn twenty_uploads_in_three_processes_never_pass_a_limit() {
    run_alone(uploads(options_at_once(8)));
}

async fn uploads(options: Options) {
    let stack = Arc::new(Stack::start(options).await);
    // By number: ten of twenty.
    let id = stack.draft().await;
    let uploads = (0..20).map(|_| Connect::upload(&id, "a.pdf", "application/pdf", &pdf(1_000))).collect();
    let answers = at_once(&stack, uploads).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 10, "{answers:?}");
    answers.iter().filter(|answer| answer.status != 201).for_each(|answer| is(answer, 400, "310400003"));
    assert_eq!(whole(&stack, &id).await, 10);
    // By bytes: three of 1,000 fit into the last 3,500.
    let id = stack.draft().await;
    let largest = 5 * 1024 * 1024;
    for size in [largest, largest, largest, largest, largest - 3_500] {
        let start = stack.connect(Connect::start(&id, "a.pdf", "application/pdf", size)).await.json();
        super::presigned::put(&stack, &start, pdf(size)).await;
        assert_eq!(stack.connect(Connect::complete(&id, text(&start, "/fileId"))).await.status, 200);
    }
    let uploads = (0..20).map(|_| Connect::upload(&id, "a.pdf", "application/pdf", &pdf(1_000))).collect();
    let answers = at_once(&stack, uploads).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 3, "{answers:?}");
    answers.iter().filter(|answer| answer.status != 201).for_each(|answer| is(answer, 400, "310400003"));
    assert_eq!(whole(&stack, &id).await, 8);
}

/// Five files are about to be recorded: one before the submit, three race with it, and one comes
/// after it.
#[test]
fn a_file_that_lost_against_submit_leaves_nothing() {
    run_alone(async {
        let stack = Arc::new(Stack::start(options()).await);
        let s3 = &stack.cloud().s3;
        let written = || s3.calls().iter().filter(|call| call.key.starts_with("evidence/")).count();
        let mut in_time = Vec::new();
        for round in 0..12 {
            let id = stack.draft().await;
            let before = written();
            s3.hold("evidence/");
            let mut uploads = JoinSet::new();
            for _ in 0..5 {
                let (stack, upload) =
                    (Arc::clone(&stack), Connect::upload(&id, "a.pdf", "application/pdf", &pdf(50_000)));
                uploads.spawn(async move { stack.connect(upload).await });
            }
            until("five that wait", async || (written() == before + 5).then_some(())).await;
            s3.let_through(1);
            assert_eq!(uploads.join_next().await.unwrap().unwrap().status, 201);
            let end = if round % 3 == 2 { Connect::cancel(&id) } else { Connect::submit(&id) };
            let race = async {
                tokio::time::sleep(Duration::from_micros(200 * round)).await;
                s3.let_through(3);
            };
            let (ended, ()) = tokio::join!(stack.connect(end), race);
            assert_eq!(ended.status, 200, "{ended:?}");
            s3.let_through(1);
            let answers = uploads.join_all().await;
            answers.iter().filter(|answer| answer.status != 201).for_each(|answer| is(answer, 400, "310400200"));
            let recorded = 1 + answers.iter().filter(|answer| answer.status == 201).count();
            assert!(recorded < 5, "a file came after the end: {answers:?}");
            let frozen = ended.json()["disputeOutput"]["files"].as_array().unwrap().len();
            assert_eq!((whole(&stack, &id).await, frozen), (recorded, recorded), "what was frozen is what there is");
            in_time.push(recorded);
        }
        println!("of five in time: {in_time:?}");
    });
}

#[test]
fn of_twenty_completions_one_counts() {
    run_alone(completions(options()));
}

#[test]
fn of_twenty_completions_in_three_processes_one_counts() {
    run_alone(completions(options_at_once(8)));
}

async fn completions(options: Options) {
    let stack = Arc::new(Stack::start(options).await);
    for _ in 0..3 {
        let id = stack.draft().await;
        let start = stack.connect(Connect::start(&id, "a.pdf", "application/pdf", 10_000)).await.json();
        super::presigned::put(&stack, &start, pdf(10_000)).await;
        let file = text(&start, "/fileId");
        let answers = at_once(&stack, vec![Connect::complete(&id, file); 20]).await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
        assert_eq!(whole(&stack, &id).await, 1);
        assert_eq!(stack.connect(Connect::file(file)).await.bytes, pdf(10_000));
        assert_eq!(stack.objects().iter().filter(|key| key.starts_with("unfinished/")).count(), 0);
    }
}

/// Several completions have each read other bytes and are about to write them when the first one is
/// recorded and the dispute is submitted.
#[test]
fn no_later_completion_changes_what_was_submitted() {
    run_alone(async {
        let stack = Arc::new(Stack::start(options()).await);
        let id = stack.draft().await;
        let start = stack.connect(Connect::start(&id, "a.pdf", "application/pdf", 10_000)).await.json();
        let file = text(&start, "/fileId").to_owned();
        let s3 = &stack.cloud().s3;
        let written = || s3.calls().iter().filter(|call| call.key.starts_with("evidence/")).count();
        s3.hold("evidence/");
        let mut completions = JoinSet::new();
        for last in 1..=4 {
            let mut content = pdf(10_000);
            content[9_999] = last;
            super::presigned::put(&stack, &start, content).await;
            let (stack, complete) = (Arc::clone(&stack), Connect::complete(&id, &file));
            completions.spawn(async move { stack.connect(complete).await });
            until("one more that waits", async || (written() == usize::from(last)).then_some(())).await;
        }
        s3.let_through(1);
        assert_eq!(completions.join_next().await.unwrap().unwrap().status, 200);
        assert_eq!(stack.connect(Connect::submit(&id)).await.status, 200);
        let before = stack.connect(Connect::file(&file)).await;
        assert_eq!((before.status, before.bytes.len()), (200, 10_000));
        s3.let_through(100);
        for late in completions.join_all().await {
            assert_eq!((late.status, text(&late.json(), "/fileId")), (200, file.as_str()), "{late:?}");
        }
        let after = stack.connect(Connect::file(&file)).await;
        assert!(after.status == 200 && after.bytes == before.bytes, "evidence changed after submit");
        assert_eq!(whole(&stack, &id).await, 1);
    });
}

#[test]
fn of_twenty_creations_at_once_one_succeeds() {
    run_alone(creations(options()));
}

#[test]
fn of_twenty_creations_in_three_processes_one_succeeds() {
    run_alone(creations(options_at_once(8)));
}

async fn creations(options: Options) {
    let stack = Arc::new(Stack::start(options).await);
    for _ in 0..5 {
        let payment = stack.transaction("acct_demo", "Succesful").await;
        let answers = at_once(&stack, vec![Connect::create(&payment.trxid, &contact()); 20]).await;
        let created: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
        let [created] = created.as_slice() else { panic!("{answers:?}") };
        let id = text(&created.json(), "/id").to_owned();
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!(code(answer), (409, "310409001".to_owned()));
            assert!(text(&answer.json(), "/errors/0/message").contains(&id));
        }
        let ends = at_once(&stack, [vec![Connect::cancel(&id); 5], vec![Connect::submit(&id); 5]].concat()).await;
        assert!(ends.iter().all(|answer| answer.status == 200 || code(answer).1 == "310400200"), "{ends:?}");
        assert_eq!(text(&stack.connect(Connect::get(&id)).await.json(), "/status"), "CANCELLED");
    }
}
