//! The workers of the support process, killed by SIGKILL at many different moments: a mail is on
//! record once, a case has one order, and comes to its end.
//!
//! `KILLS` says how often; with `FULL=1` it is as often as in `crash`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use recourse_local::lambda::InstanceInfo;
use recourse_store::Direction;
use serde_json::json;
use tokio::time::sleep;

use super::case::{Case, all_mailed, and, later, provider_says, receive, reported_many, unhurried};
use super::eml::photo;
use super::exactly_once::event;
use crate::crash::{busy, within};
use crate::harness::{DEADLINES, INBOUND, Stack, run, until};

fn kills() -> usize {
    let by_default = if std::env::var("FULL").is_ok_and(|full| full == "1") { 60 } else { 12 };
    std::env::var("KILLS").map_or(by_default, |kills| kills.parse().expect("KILLS must be a whole number"))
}

/// A process of a function, when it is at work.
async fn at_work(stack: &Stack, function: &str) -> Option<InstanceInfo> {
    within(Duration::from_secs(2), || busy(stack, function)).await
}

/// Fails unless the thread of a case has one order, and each mail that came in once.
async fn is_whole(stack: &Stack, case: &Case, texts: &[&str]) {
    let record = case.record(stack).await;
    let places: Vec<u64> = record.messages.iter().map(|message| message.seq).collect();
    assert_eq!(places, (1..=places.len() as u64).collect::<Vec<_>>(), "{}", case.id);
    assert!(record.messages.windows(2).all(|pair| pair[0].at < pair[1].at), "{:?}", record.messages);
    let inward = record.messages.iter().filter(|message| message.direction == Direction::In);
    let mut found: Vec<_> = inward.map(|message| message.text.as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, texts, "{}", case.id);
    let versions: Vec<u64> = record.history.iter().map(|event| event.version).collect();
    assert!(versions.is_sorted_by(|one, next| one < next), "{versions:?}");
    let mut subjects = case.subjects(stack);
    let sent = subjects.len();
    subjects.sort_unstable();
    subjects.dedup();
    assert_eq!(subjects.len(), sent, "no mail went out twice: {subjects:?}");
}

#[test]
fn a_killed_worker_inbound_records_each_mail_once() {
    run(async {
        let stack = Arc::new(Stack::start(unhurried()).await);
        let kills = kills();
        let cases = reported_many(&stack, "voucher", kills + 1).await;
        stack.sweep().await;
        // One that is not killed says how long it takes.
        let mail = |case: &Case| case.mail("Here it is.").file("voucher.png", "image/png", &photo());
        receive(&stack, &mail(&cases[kills]), "").await;
        let started = Instant::now();
        receive(&stack, &cases[kills].mail("Once more."), "").await;
        let duration = started.elapsed();

        let (mut objects, mut hit) = (Vec::new(), 0);
        for (kill, case) in cases.iter().take(kills).enumerate() {
            objects.push(stack.receive(&mail(case).bytes(), "").await.unwrap());
            if let Some(instance) = at_work(&stack, INBOUND).await {
                sleep(duration * u32::try_from(kill).unwrap() / u32::try_from(kills).unwrap()).await;
                stack.cloud().lambda.kill(instance.pid);
                hit += 1;
            }
        }
        for (case, object) in cases.iter().zip(&objects) {
            let since = Instant::now();
            until("the mail is on record", async || {
                let done = stack.store().inbound_outcome(object).await.unwrap();
                // The bus gives up after the third attempt; then the event is replayed by hand.
                if done.is_none() && since.elapsed() > Duration::from_secs(8) {
                    let _ = stack.cloud().lambda.invoke(INBOUND, event(object)).await;
                }
                done
            })
            .await;
            is_whole(&stack, case, &["Here it is."]).await;
            case.is(&stack, "waiting_for_provider", "provider_asked").await;
            let evidence = case.record(&stack).await.record.dispute.claim.evidence;
            assert_eq!(evidence.len(), 1, "{}: {evidence:?}", case.id);
        }
        println!("{duration:.0?} a mail; of {kills}, {hit} were killed at work");
        assert!(hit > 0, "some kills hit a mail at hand");
    });
}

#[test]
fn a_killed_worker_deadlines_brings_each_case_to_its_end() {
    run(async {
        let limits =
            r#"{"provider":86400,"provider_retry":60,"provider_retry_max":60,"decision_retry":60,"mail_interval":1}"#;
        let stack = Arc::new(Stack::start(and(unhurried(), "SupportTimeLimits", limits)).await);
        let kills = kills();
        let cases = reported_many(&stack, "topup", kills).await;
        for case in &cases {
            provider_says(&stack, case, &json!({ "state": "delivered", "reference": "REF-1" })).await;
        }
        let mut hit = 0;
        for kill in 0..kills {
            let sweeping = Arc::clone(&stack);
            let sweeping = tokio::spawn(async move {
                let _ = sweeping.cloud().run_schedule(DEADLINES).await;
            });
            if let Some(instance) = at_work(&stack, DEADLINES).await {
                // A sweep of few cases takes some tens of milliseconds.
                sleep(Duration::from_millis((kill * 150 / kills) as u64)).await;
                stack.cloud().lambda.kill(instance.pid);
                hit += 1;
            }
            sweeping.await.unwrap();
            // A claim of the dead ends with its lease.
            stack.cloud().clock.advance(Duration::from_secs(46)).unwrap();
        }
        for _ in 0..6 {
            later(&stack, 61).await;
        }
        all_mailed(&stack, &cases).await;
        for case in &cases {
            case.is(&stack, "answered", "provider_delivered").await;
            is_whole(&stack, case, &[]).await;
        }
        println!("of {kills} sweeps, {hit} were killed");
        assert!(hit > 0, "some kills hit a sweep");
    });
}
