//! What is tried again, what is given up, and what is said of it.

use recourse_dispute::time::UnixMillis;
use recourse_store::{MailId, MailState};

use super::*;
use crate::outbox::BatchResponse;
use crate::outbox::testing::{Reply, START, now, pass};

#[tokio::test]
async fn what_ses_does_not_take_is_tried_again_ever_later() {
    let bench = Bench::new().await;
    let id = bench.report(551, &[]).await;
    bench.ses(Reply::Refuses { status: 429, code: "TooManyRequestsException" });
    bench.stream(&[id]).await;
    for (attempts, wait) in [(1, 1), (2, 2), (3, 4), (4, 8)] {
        let stored = bench.on_record(id).await;
        assert_eq!((stored.mail_state, stored.attempts), (MailState::Pending, attempts));
        assert_eq!(stored.reason.as_deref(), Some("TooManyRequestsException"));
        pass(wait * MINUTE_MS - 1);
        bench.sweep().await;
        bench.stream(&[id]).await;
        assert_eq!(bench.mails().len(), usize::try_from(attempts).unwrap(), "not due yet");
        pass(1);
        bench.sweep().await;
    }
    bench.ses(Reply::Takes);
    pass(HOUR_MS);
    bench.sweep().await;
    let stored = bench.on_record(id).await;
    assert_eq!((stored.mail_state, stored.reason), (MailState::Sent, None));
    assert_eq!(bench.lines("alarm"), Vec::<String>::new());
}

#[tokio::test]
async fn what_ses_may_have_taken_is_sent_again_a_few_times_at_most() {
    let bench = Bench::new().await;
    let id = bench.report(551, &[]).await;
    bench.ses(Reply::Garbles);
    bench.stream(&[id]).await;
    let stored = bench.on_record(id).await;
    assert_eq!((stored.mail_state, stored.attempts_since_redrive, stored.unanswered), (MailState::Pending, 1, 1));
    pass(10 * MINUTE_MS - 1);
    bench.sweep().await;
    assert_eq!(bench.mails().len(), 1, "not due yet");
    while now() < START.plus(15 * HOUR_MS) {
        pass(10 * MINUTE_MS);
        bench.sweep().await;
    }
    pass(90 * HOUR_MS);
    bench.sweep().await;
    assert_eq!(bench.mails().len(), 5);
    let stored = bench.on_record(id).await;
    let reason = "SES answered 200 and no code, 5 times; it may have gone out each time";
    assert_eq!((stored.mail_state, stored.reason.as_deref()), (MailState::Dead, Some(reason)));
    assert!(stored.counted.is_some(), "it counts under its caps");
    assert_eq!(bench.lines("alarm=mail_dead").len(), 1);
    // One that it does not take is tried after a minute, however often the mail has waited for
    // others.
    let other = bench.report(552, &[]).await;
    bench.ses(Reply::Refuses { status: 429, code: "TooManyRequestsException" });
    bench.stream(&[other]).await;
    let stored = bench.on_record(other).await;
    assert_eq!((stored.attempts_since_redrive, stored.unanswered), (1, 0));
}

/// However long SES did not take it: nobody is asked to act on what is over.
#[tokio::test]
async fn a_reminder_is_not_sent_after_what_it_reminds_of() {
    let bench = Bench::new().await;
    let mut reminders = Vec::new();
    for (number, ends) in [(1, HOUR_MS), (2, 9 * HOUR_MS), (3, 9 * HOUR_MS)] {
        let first = bench.report(number, &[]).await;
        bench.stream(&[first]).await;
        reminders.push(bench.remind(number, now().plus(ends)).await);
    }
    bench.ses(Reply::Refuses { status: 503, code: "ServiceUnavailable" });
    bench.stream(&reminders).await;
    let third = bench.refund(3).await;
    bench.ses(Reply::Takes);
    pass(2 * HOUR_MS);
    bench.sweep().await;
    let mut ends = Vec::new();
    for reminder in reminders {
        ends.push(bench.on_record(reminder).await.mail_state);
    }
    assert_eq!(ends, [MailState::Dead, MailState::Sent, MailState::Dead]);
    let dead = bench.outbox.store.indexed(MailState::Dead, UnixMillis(i64::MAX), 10).await.unwrap();
    assert!(dead.is_empty(), "nobody need look at them: {dead:?}");
    assert_eq!(bench.lines("alarm"), Vec::<String>::new());
    let closed = MailId { version: 3, ..third };
    assert_eq!(bench.on_record(closed).await.mail_state, MailState::Sent, "the mail about the end goes out");
}

/// A mail that tells how the case ended is about what happened, and goes out.
#[tokio::test]
async fn a_question_about_a_closed_dispute_is_not_sent() {
    let bench = Bench::new().await;
    let first = bench.report(551, &[]).await;
    bench.stream(&[first]).await;
    let question = bench.support_mail(551, true).await;
    let fact = bench.support_mail(551, false).await;
    let end = bench.refund(551).await;
    bench.stream(&[question, fact, end]).await;
    let question = bench.on_record(question).await;
    assert_eq!(question.mail_state, MailState::Dead);
    assert_eq!(question.reason.as_deref(), Some("what it asks is over: the dispute is closed"));
    for sent in [fact, end] {
        assert_eq!(bench.on_record(sent).await.mail_state, MailState::Sent);
    }
    let dead = bench.outbox.store.indexed(MailState::Dead, UnixMillis(i64::MAX), 10).await.unwrap();
    assert!(dead.is_empty() && bench.lines("alarm").is_empty(), "nobody need look at it");
    // While the dispute is open it goes out.
    let open = bench.report(552, &[]).await;
    let question = bench.support_mail(552, true).await;
    bench.stream(&[open, question]).await;
    assert_eq!(bench.on_record(question).await.mail_state, MailState::Sent);
}

#[tokio::test]
async fn after_48_hours_a_mail_is_given_up_with_a_reason_and_an_alarm() {
    let bench = Bench::new().await;
    let id = bench.report(551, &["user@example.com"]).await;
    bench.ses(Reply::Refuses { status: 400, code: "SendingPausedException" });
    bench.stream(&[id]).await;
    while now() < START.plus(48 * HOUR_MS) {
        pass(HOUR_MS);
        bench.sweep().await;
    }
    assert_eq!(bench.on_record(id).await.mail_state, MailState::Pending, "after 48 hours to the millisecond");
    pass(HOUR_MS);
    bench.sweep().await;
    let stored = bench.on_record(id).await;
    let reason = "not sent within 48 hours, at last because: SendingPausedException";
    assert_eq!((stored.mail_state, stored.reason.as_deref()), (MailState::Dead, Some(reason)));
    let [alarm] = bench.lines("alarm=mail_dead").try_into().unwrap();
    assert!(alarm.starts_with("ERROR") && alarm.contains("RC-0000008t") && alarm.contains(reason), "{alarm}");
    let handed = bench.mails().len();
    pass(24 * HOUR_MS);
    bench.sweep().await;
    assert_eq!(bench.mails().len(), handed);
}

#[tokio::test]
async fn a_mail_that_nobody_could_try_for_days_is_tried_before_it_is_given_up() {
    let bench = Bench::new().await;
    let id = bench.report(551, &[]).await;
    pass(90 * HOUR_MS);
    bench.sweep().await;
    assert_eq!(bench.on_record(id).await.mail_state, MailState::Sent);
}

#[tokio::test]
async fn a_recipient_that_ses_refuses_has_the_mail_given_up_at_once() {
    let bench = Bench::new().await;
    let (bad, good) = (bench.report(551, &[]).await, bench.report(552, &[]).await);
    bench.on_mail(|nth| {
        let refusal = Reply::Says { code: "MessageRejected", message: "Illegal address: account@client.example" };
        Box::pin(async move { if nth == 0 { refusal } else { Reply::Takes } })
    });
    bench.stream(&[bad, good]).await;
    let stored = bench.on_record(bad).await;
    assert_eq!(
        (stored.mail_state, stored.reason.as_deref()),
        (MailState::Dead, Some("SES refused it: MessageRejected"))
    );
    assert_eq!(bench.lines("alarm=mail_dead").len(), 1);
    assert_eq!(bench.on_record(good).await.mail_state, MailState::Sent);
}

/// A header that SES does not take is in every mail. To give them up would lose all of them before
/// anybody has seen the alarm.
#[tokio::test]
async fn what_would_stop_every_mail_is_retried_and_alarmed() {
    let bench = Bench::new().await;
    for (number, code, message) in [
        (551, "BadRequestException", "Header In-Reply-To is not allowed"),
        (552, "BadRequestException", "Illegal address: cases@recourse.example"),
        (553, "SendingPausedException", "Sending is paused"),
        (554, "NotFoundException", "no configuration set"),
        (555, "AccessDeniedException", "not authorized"),
    ] {
        let id = bench.report(number, &["user@example.com"]).await;
        bench.ses(Reply::Says { code, message });
        bench.stream(&[id]).await;
        let stored = bench.on_record(id).await;
        assert_eq!((stored.mail_state, stored.reason.as_deref()), (MailState::Pending, Some(code)), "{message}");
        let alarms = bench.lines("alarm=mail_blocked");
        assert!(alarms.last().is_some_and(|line| line.contains(&format!("outbox_id={id}"))), "{alarms:?}");
    }
    bench.ses(Reply::Takes);
    pass(MINUTE_MS);
    bench.sweep().await;
    assert_eq!(tags(&bench).len(), 10, "each was tried again once");
    assert_eq!(bench.lines("outcome=sent").len(), 5);
    assert_eq!(bench.lines("alarm=mail_dead"), Vec::<String>::new());
}

#[tokio::test]
async fn a_mail_that_cannot_be_read_raises_an_alarm_and_holds_up_no_other() {
    let bench = Bench::new().await;
    let (bad, good) = (bench.report(1, &[]).await, bench.report(2, &[]).await);
    bench.spoil(bad);
    assert_eq!(bench.stream(&[bad, good]).await, BatchResponse::default());
    assert_eq!(tags(&bench), ["2-1"]);
    assert_eq!(bench.lines("alarm=mail_unreadable").len(), 1);
    pass(MINUTE_MS);
    bench.sweep().await;
    assert_eq!(bench.lines("alarm=mail_unreadable").len(), 2);
}

#[tokio::test]
async fn nor_does_it_hold_up_the_others_of_its_case() {
    let bench = Bench::new().await;
    let bad = bench.report(1, &[]).await;
    let good = bench.refund(1).await;
    bench.spoil(bad);
    bench.stream(&[bad, good]).await;
    assert_eq!(tags(&bench), ["1-2"]);
    let record = bench.outbox.store.record_of(good.number).await.unwrap().unwrap();
    assert_eq!((record.mails.len(), record.unread), (1, vec!["MAIL#0000000001".to_owned()]));
}

#[tokio::test]
async fn each_mail_and_each_call_has_its_line_and_no_line_an_address() {
    let bench = Bench::new().await;
    let (one, two) = (bench.report(551, &["user@example.com"]).await, bench.report(552, &["user@example.com"]).await);
    bench.on_mail(|nth| Box::pin(async move { if nth == 0 { Reply::Takes } else { Reply::Panics } }));
    bench.stream(&[one, two]).await;
    assert_eq!(bench.lines("message=mail").len(), 2);
    let [sent] = bench.lines("outcome=sent").try_into().unwrap();
    for field in ["INFO", "outbox_id=551-1", "dispute=RC-0000008t", "attempts=1", "duration_ms=0"] {
        assert!(sent.contains(field), "{field} in {sent}");
    }
    let [call] = bench.lines("message=outbox").try_into().unwrap();
    for field in ["call=stream", "sent=1", "later=1", "dead=0", "left=0", "unreached=0"] {
        assert!(call.contains(field), "{field} in {call}");
    }
    assert_eq!(bench.lines("@"), Vec::<String>::new());
}
