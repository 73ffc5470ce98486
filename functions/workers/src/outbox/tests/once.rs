//! That a mail goes out once, and where that cannot be, twice and never zero times.

use std::sync::Arc;

use recourse_signing::Secret;
use recourse_signing::reply::{self, ReplyRole};
use recourse_store::{MailId, MailState};

use super::*;
use crate::outbox::testing::{Fault, Reply, START, TIMEOUT_MS, batch, now, pass};
use crate::outbox::{BatchResponse, Limits, OutboxTrigger};

#[tokio::test]
async fn an_enqueued_mail_goes_out_once() {
    let bench = Bench::new().await;
    let id = bench.report(551, &["user@example.com", "second@example.com"]).await;
    let answer = bench.stream(&[id]).await;
    assert_eq!(answer, BatchResponse::default());
    let mails = bench.mails();
    let [mail] = mails.as_slice() else { panic!("{} mails", mails.len()) };
    assert_eq!(subject(mail), "[RC-0000008t] We received your report");
    assert_eq!(mail["Destination"]["ToAddresses"][0], "user@example.com");
    assert_eq!(mail["Destination"]["CcAddresses"][1], "account@client.example");
    assert_eq!(tag(mail), "551-1");

    let key = bench.another().sealer.derive(&bench.outbox.store, "reply-to").await.unwrap();
    let reply_to = mail["ReplyToAddresses"][0].as_str().unwrap();
    let token = reply_to.strip_prefix("cases+").unwrap().strip_suffix("@recourse.example").unwrap();
    assert_eq!(reply::open(&Secret::from_bytes(&key).unwrap(), token), Some((551, ReplyRole::Case)));

    let stored = bench.on_record(id).await;
    assert_eq!(
        (stored.mail_state, stored.message_id.as_deref(), stored.attempts),
        (MailState::Sent, Some("0100-0"), 1)
    );
    bench.stream(&[id, id]).await;
    pass(24 * HOUR_MS);
    bench.sweep().await;
    assert_eq!(bench.mails().len(), 1);

    // A party has another address to answer to.
    let reminder = bench.remind(551, now().plus(HOUR_MS)).await;
    bench.stream(&[reminder]).await;
    let mails = bench.mails();
    let reply_to = mails[1]["ReplyToAddresses"][0].as_str().unwrap();
    let token = reply_to.strip_prefix("cases+").unwrap().strip_suffix("@recourse.example").unwrap();
    assert_eq!(reply::open(&Secret::from_bytes(&key).unwrap(), token), Some((551, ReplyRole::Party)));
}

#[tokio::test]
async fn two_workers_at_once_send_each_mail_once() {
    let bench = Bench::new().await;
    let mut ids = Vec::new();
    for number in 1..=20 {
        ids.push(bench.report(number, &["user@example.com"]).await);
    }
    // SES takes its time, so that the workers really meet.
    bench.on_mail(|_| {
        Box::pin(async {
            tokio::task::yield_now().await;
            Reply::Takes
        })
    });
    let (second, third) = (bench.another(), bench.another());
    let deadline = now().plus(TIMEOUT_MS);
    let stream = batch(&ids);
    let (first, second, third) = tokio::join!(
        bench.outbox.handle(&stream, deadline),
        second.handle(&stream, deadline),
        third.handle(&OutboxTrigger::Sweep, deadline)
    );
    assert!(first.is_ok() && second.is_ok() && third.is_ok());
    let mut expected: Vec<_> = ids.iter().map(ToString::to_string).collect();
    expected.sort();
    assert_eq!(tags(&bench), expected);
}

#[tokio::test(start_paused = true)]
async fn a_crash_after_ses_accepted_sends_twice_and_never_zero_times() {
    let bench = Bench::new().await;
    let id = bench.report(551, &[]).await;
    // The note of the end is what never arrives, however often it is tried.
    bench.on_call(|_, body| if is_end(body) { Fault::Lost } else { Fault::None });
    bench.stream(&[id]).await;
    assert_eq!((bench.mails().len(), bench.on_record(id).await.mail_state), (1, MailState::Sending));
    bench.on_call(|_, _| Fault::None);
    pass(MINUTE_MS - 1);
    bench.sweep().await;
    assert_eq!(bench.mails().len(), 1, "the lease still holds");
    pass(1);
    bench.sweep().await;
    let stored = bench.on_record(id).await;
    assert_eq!((tags(&bench), stored.mail_state), (vec!["551-1".to_owned(), "551-1".to_owned()], MailState::Sent));
    assert_eq!((stored.message_id.as_deref(), stored.attempts), (Some("0100-1"), 2));
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_is_ours_and_counts_once() {
    let bench = Bench::with(Limits { of_account: 1, to_address: 500 }).await;
    let (one, two) = (bench.report(551, &[]).await, bench.report(552, &[]).await);
    let mut claims = 0;
    bench.on_call(move |_, body| {
        claims += usize::from(is_claim(body));
        if is_claim(body) && claims == 1 { Fault::AnswerLost } else { Fault::None }
    });
    bench.stream(&[one]).await;
    let stored = bench.on_record(one).await;
    assert_eq!((stored.mail_state, stored.attempts), (MailState::Sent, 1));
    bench.stream(&[two]).await;
    assert_eq!(bench.on_record(two).await.mail_state, MailState::Held, "the first mail was counted");
}

/// A result that could not be stored at once is stored before the lease ends, or the mail would go
/// out again.
#[tokio::test(start_paused = true)]
async fn that_a_mail_was_sent_is_noted_as_soon_as_the_store_is_back() {
    let bench = Bench::new().await;
    let id = bench.report(551, &[]).await;
    let mut lost = 0;
    bench.on_call(move |_, body| {
        lost += u32::from(is_end(body));
        if is_end(body) && lost <= 4 { Fault::Lost } else { Fault::None }
    });
    bench.stream(&[id]).await;
    assert_eq!(bench.on_record(id).await.mail_state, MailState::Sent);
    assert_eq!(bench.mails().len(), 1);
}

#[tokio::test]
async fn an_end_whose_answer_was_lost_is_written() {
    let bench = Bench::new().await;
    let id = bench.report(551, &[]).await;
    bench.on_call(|_, body| if is_end(body) { Fault::AnswerLost } else { Fault::None });
    bench.stream(&[id]).await;
    bench.on_call(|_, _| Fault::None);
    pass(2 * MINUTE_MS);
    bench.sweep().await;
    let stored = bench.on_record(id).await;
    assert_eq!((stored.mail_state, stored.message_id.as_deref()), (MailState::Sent, Some("0100-0")));
    assert_eq!(bench.mails().len(), 1);
}

/// Whether a call stores under which Message-ID a mail went out.
fn is_id(operation: &str, body: &Value) -> bool {
    operation == "PutItem" && body.to_string().contains("OUT#")
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_counts_as_sent_is_known_by_its_message_id() {
    let bench = Bench::new().await;
    let id = bench.report(551, &[]).await;
    let mut lost = 0;
    bench.on_call(move |operation, body| {
        lost += u32::from(is_id(operation, body));
        if is_id(operation, body) && lost <= 4 { Fault::Lost } else { Fault::None }
    });
    bench.stream(&[id]).await;
    assert_eq!(bench.on_record(id).await.mail_state, MailState::Sent);
    assert_eq!(bench.known_by("<0100-0@email.amazonses.com>").await, Some(id));
    assert_eq!(bench.known_by("<0100-0@eu-west-1.amazonses.com>").await, None);
}

#[tokio::test(start_paused = true)]
async fn a_mail_whose_id_cannot_be_stored_counts_as_sent_all_the_same() {
    let bench = Bench::new().await;
    let id = bench.report(551, &[]).await;
    bench.on_call(|operation, body| if is_id(operation, body) { Fault::Lost } else { Fault::None });
    bench.stream(&[id]).await;
    let stored = bench.on_record(id).await;
    assert_eq!((stored.mail_state, bench.mails().len()), (MailState::Sent, 1));
    assert_eq!(bench.known_by("0100-0@email.amazonses.com").await, None);
    assert!(!bench.lines("the Message-ID of a mail could not be stored").is_empty());
}

#[tokio::test]
async fn a_worker_whose_lease_ended_while_sending_changes_nothing() {
    let bench = Bench::new().await;
    let id = bench.report(551, &[]).await;
    let other = bench.another();
    bench.on_mail(move |nth| {
        let other = Arc::clone(&other);
        Box::pin(async move {
            if nth == 0 {
                pass(MINUTE_MS);
                other.handle(&OutboxTrigger::Sweep, now().plus(TIMEOUT_MS)).await.unwrap();
                return Reply::Says { code: "MessageRejected", message: "Illegal address: account@client.example" };
            }
            Reply::Takes
        })
    });
    bench.stream(&[id]).await;
    let stored = bench.on_record(id).await;
    assert_eq!(
        (stored.mail_state, stored.message_id.as_deref(), stored.reason),
        (MailState::Sent, Some("0100-1"), None)
    );
    assert_eq!(bench.lines("the lease ended before").len(), 1);
}

#[tokio::test]
async fn sending_does_not_begin_when_the_lease_is_nearly_over() {
    let bench = Bench::new().await;
    let id = bench.report(551, &[]).await;
    bench.on_call(|operation, _| {
        if operation == "Query" && now() == START {
            pass(50_000);
        }
        Fault::None
    });
    bench.stream(&[id]).await;
    assert_eq!((bench.mails().len(), bench.on_record(id).await.mail_state), (0, MailState::Pending));
    pass(MINUTE_MS);
    bench.sweep().await;
    assert_eq!((bench.mails().len(), bench.on_record(id).await.mail_state), (1, MailState::Sent));
}

#[tokio::test]
async fn a_mail_that_is_not_there_is_nobodys() {
    let bench = Bench::new().await;
    let id = MailId {
        number: 999.try_into().unwrap(),
        version: 1,
        audience: recourse_dispute::notification::Audience::Case,
    };
    assert_eq!(bench.stream(&[id]).await, BatchResponse::default());
    assert!(bench.outbox.store.record_of(id.number).await.unwrap().is_none());
}
