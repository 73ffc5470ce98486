//! Many mails at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use recourse_dispute::notification::ThreadEntry;
use recourse_store::{MailId, MailState};

use super::*;
use crate::outbox::testing::{Fault, Reply, START, TIMEOUT_MS, now, pass};
use crate::outbox::{BatchResponse, OutboxTrigger};

fn failures(answer: &BatchResponse) -> Vec<&str> {
    answer.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect()
}

#[tokio::test]
async fn a_panic_over_one_mail_leaves_the_others_alone() {
    let bench = Bench::new().await;
    let mut ids = Vec::new();
    for number in 1..=10 {
        ids.push(bench.report(number, &[]).await);
    }
    bench.on_mail(|nth| Box::pin(async move { if nth == 2 { Reply::Panics } else { Reply::Takes } }));
    assert_eq!(bench.stream(&ids).await, BatchResponse::default());
    let mut states = Vec::new();
    for id in &ids {
        states.push(bench.on_record(*id).await.mail_state);
    }
    assert_eq!(states.iter().filter(|state| **state == MailState::Sent).count(), 9);
    assert_eq!(states.iter().filter(|state| **state == MailState::Pending).count(), 1);
    pass(MINUTE_MS);
    bench.sweep().await;
    for id in ids {
        assert_eq!(bench.on_record(id).await.mail_state, MailState::Sent);
    }
}

#[tokio::test]
async fn a_panic_outside_of_sending_leaves_the_others_alone_too() {
    let bench = Bench::new().await;
    let (bad, good) = (bench.report(1, &[]).await, bench.report(2, &[]).await);
    bench.on_call(|_, body| {
        let bad = is_claim(body) && body["Key"]["PK"]["S"] == "DSP#1";
        if bad { Fault::Panics } else { Fault::None }
    });
    bench.stream(&[bad, good]).await;
    assert_eq!(bench.lines("panicked outside").len(), 1);
    assert_eq!(tags(&bench), ["2-1"]);
}

#[tokio::test]
async fn records_whose_mail_could_not_be_reached_are_asked_for_again() {
    let bench = Bench::new().await;
    let ids = [bench.report(1, &[]).await, bench.report(2, &[]).await, bench.report(3, &[]).await];
    bench.on_call(|_, body| if body["Key"]["PK"]["S"] == "DSP#2" { Fault::Lost } else { Fault::None });
    assert_eq!(failures(&bench.stream(&ids).await), ["1"]);
    assert_eq!(tags(&bench), ["1-1", "3-1"]);
    bench.on_call(|_, _| Fault::Lost);
    assert_eq!(failures(&bench.stream(&ids).await), ["0", "1", "2"]);
    assert!(
        bench.outbox.handle(&OutboxTrigger::Sweep, now().plus(TIMEOUT_MS)).await.is_err(),
        "a sweep that read nothing is none"
    );
    assert_eq!(bench.lines("call=sweep").last().map(|line| line.contains(" sweeps=0")), Some(true));
    bench.on_call(|_, _| Fault::None);
    assert_eq!(failures(&bench.stream(&ids).await), Vec::<&str>::new());
    assert_eq!(tags(&bench), ["1-1", "2-1", "3-1"]);
}

#[tokio::test]
async fn the_mails_of_a_case_thread_on_each_other_even_when_they_wait_together() {
    let bench = Bench::new().await;
    let first = bench.report(551, &["user@example.com"]).await;
    let second = bench.refund(551).await;
    bench.stream(&[second, first]).await;
    let mails = bench.mails();
    assert_eq!(mails.iter().map(tag).collect::<Vec<_>>(), ["551-1", "551-2"]);
    assert_eq!(header(&mails[0], "References"), None);
    assert_eq!(subject(&mails[1]), "[RC-0000008t] The payment was refunded: the case is closed");
    assert_eq!(header(&mails[1], "References"), Some("<0100-0@email.amazonses.com>"));
    assert!(mails[1].to_string().contains("The payment was refunded. So we closed the case."));
}

#[tokio::test]
async fn a_mail_waits_for_the_earlier_ones_of_its_case() {
    let bench = Bench::new().await;
    let first = bench.report(551, &[]).await;
    bench.ses(Reply::Refuses { status: 503, code: "ServiceUnavailable" });
    bench.sweep().await;
    bench.ses(Reply::Takes);
    let second = bench.refund(551).await;
    bench.stream(&[second]).await;
    let waits = bench.on_record(second).await;
    let reason = "an earlier mail of the case has not gone out yet";
    assert_eq!((waits.mail_state, waits.reason.as_deref(), waits.counted), (MailState::Pending, Some(reason), None));
    assert_eq!(bench.mails().len(), 1, "only the refused attempt");
    pass(MINUTE_MS);
    bench.sweep().await;
    let mails = bench.mails();
    assert_eq!(mails.iter().map(tag).collect::<Vec<_>>(), ["551-1", "551-1", "551-2"]);
    assert_eq!(subject(&mails[1]), "[RC-0000008t] We received your report");
    assert_eq!(subject(&mails[2]), "[RC-0000008t] The payment was refunded: the case is closed");
    assert_eq!(header(&mails[2], "In-Reply-To"), Some("<0100-1@email.amazonses.com>"));
    let thread = bench.outbox.store.thread(MailId { version: 3, ..first }).await.unwrap();
    let id = |entry: &ThreadEntry| match entry {
        ThreadEntry::Sent { message_id, .. } | ThreadEntry::Received { message_id, .. } => message_id.clone(),
    };
    let ids: Vec<_> = thread.earlier.iter().map(id).collect();
    assert_eq!(
        (ids, thread.ahead),
        (vec!["0100-1".to_owned(), "0100-2".to_owned()], vec![]),
        "in the order in which they went out"
    );
    assert_eq!(bench.lines("alarm"), Vec::<String>::new());
}

#[tokio::test]
async fn a_mail_waits_for_none_that_ended_and_not_beyond_its_time() {
    let bench = Bench::new().await;
    bench.report(551, &[]).await;
    bench.ses(Reply::Says { code: "MessageRejected", message: "Illegal address: account@client.example" });
    bench.sweep().await;
    bench.ses(Reply::Takes);
    let second = bench.refund(551).await;
    bench.stream(&[second]).await;
    assert_eq!(bench.on_record(second).await.mail_state, MailState::Sent, "the first one is given up");
    assert_eq!(subject(&bench.mails()[1]), "[RC-0000008t] The payment was refunded: the case is closed");

    // The first one cannot be claimed in all that time, so it does not end either.
    bench.report(552, &[]).await;
    let second = bench.refund(552).await;
    bench.on_call(|_, body| {
        let first =
            is_claim(body) && body["Key"]["PK"]["S"] == "DSP#552" && body["Key"]["SK"]["S"] == "MAIL#0000000001";
        if first { Fault::Lost } else { Fault::None }
    });
    bench.stream(&[second]).await;
    for _ in 0..49 {
        assert_eq!(bench.on_record(second).await.mail_state, MailState::Pending);
        pass(HOUR_MS);
        bench.sweep().await;
    }
    assert_eq!(bench.on_record(second).await.mail_state, MailState::Sent);
}

#[tokio::test]
async fn a_sweep_does_all_that_is_due_a_few_at_a_time() {
    let bench = Bench::new().await;
    for number in 1..=60 {
        // All in one shard of the index, more than one page of it.
        bench.report(number * 8, &[]).await;
    }
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    bench.on_mail(move |_| {
        let (running, most) = (Arc::clone(&running), Arc::clone(&most));
        Box::pin(async move {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
            running.fetch_sub(1, Ordering::SeqCst);
            Reply::Takes
        })
    });
    bench.sweep().await;
    assert_eq!(bench.mails().len(), 60);
    assert_eq!(seen.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn no_mail_is_begun_in_the_second_half_of_the_time() {
    let bench = Bench::new().await;
    for number in 1..=20 {
        bench.report(number, &[]).await;
    }
    bench.on_mail(|_| {
        Box::pin(async {
            pass(4000);
            Reply::Takes
        })
    });
    bench.sweep().await;
    let already_started = bench.mails().len();
    assert!(
        (8..=11).contains(&already_started),
        "{already_started} mails of four seconds each in half of sixty, four at a time"
    );
    let [call] = bench.lines("message=outbox").try_into().unwrap();
    assert!(call.contains(&format!("left={} ", 20 - already_started)), "{call}");
    bench.ses(Reply::Takes);
    bench.sweep().await;
    assert_eq!(bench.mails().len(), 20);
}

/// The age of the oldest waiting mail, as the last sweep's line has it.
fn unsent_ms(bench: &Bench) -> i64 {
    let line = bench.lines("call=sweep").pop().unwrap();
    line.split(" unsent_ms=").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn every_sweep_tells_how_long_the_oldest_mail_waits_also_between_its_tries() {
    let bench = Bench::new().await;
    bench.sweep().await;
    assert_eq!(unsent_ms(&bench), 0, "nothing waits");
    bench.ses(Reply::Refuses { status: 429, code: "TooManyRequestsException" });
    bench.report(1, &[]).await;
    bench.sweep().await;
    for minute in 1..=70 {
        pass(MINUTE_MS);
        if minute == 30 {
            bench.report(2, &[]).await;
        }
        bench.sweep().await;
        assert_eq!(unsent_ms(&bench), minute * MINUTE_MS, "since it was enqueued, whenever it is tried");
    }
    assert_eq!(now(), START.plus(70 * MINUTE_MS));
    bench.ses(Reply::Takes);
    pass(HOUR_MS);
    bench.sweep().await;
    assert_eq!(unsent_ms(&bench), 0, "all are sent");
}
