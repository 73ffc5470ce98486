//! What the caps hold back.

use recourse_store::{MailId, MailState};
use serde_json::json;

use super::*;
use crate::outbox::Limits;
use crate::outbox::testing::{Fault, Reply, now, pass};

#[tokio::test]
async fn a_cap_leaves_out_the_address_and_holds_back_what_an_account_causes_until_the_next_day() {
    let bench = Bench::with(Limits { of_account: 3, to_address: 2 }).await;
    let mut states = Vec::new();
    for (number, given) in [(1, "a@x.example"), (2, "A@X.example"), (3, "a@x.example"), (4, "b@x.example")] {
        let id = bench.report(number, &[given]).await;
        bench.stream(&[id]).await;
        let stored = bench.on_record(id).await;
        let capped: Vec<_> = stored.capped().iter().map(|address| address.as_str().to_owned()).collect();
        states.push((stored.mail_state, stored.reason.unwrap_or_default(), capped.join(" ")));
    }
    let account = "the account's cases caused 3 mails today, which is the cap of an account".to_owned();
    let sent = |capped: &str| (MailState::Sent, String::new(), capped.to_owned());
    assert_eq!(states, [sent(""), sent(""), sent("a@x.example"), (MailState::Held, account, String::new())]);
    let third = &bench.mails()[2]["Destination"];
    assert_eq!((&third["ToAddresses"][0], &third["CcAddresses"][0]), (&json!("account@client.example"), &Value::Null));
    let [capped] = bench.lines("alarm=mail_capped").try_into().unwrap();
    assert!(capped.contains("RC-00000003") && capped.contains("which is the cap of an address"), "{capped}");
    let [held] = bench.lines("alarm=mail_held").try_into().unwrap();
    assert!(held.contains("RC-00000004"), "{held}");
    pass(24 * HOUR_MS);
    bench.sweep().await;
    assert_eq!(bench.mails().len(), 3, "what is held back stays back");
    let next_day = bench.report(5, &["a@x.example"]).await;
    bench.stream(&[next_day]).await;
    let stored = bench.on_record(next_day).await;
    assert_eq!((stored.mail_state, stored.capped().len()), (MailState::Sent, 0));
}

/// Nobody knows whether it was taken back, and it is not taken back twice: that would let one too
/// many through.
#[tokio::test]
async fn what_does_not_go_out_is_taken_off_a_cap_once() {
    let bench = Bench::with(Limits { of_account: 100, to_address: 2 }).await;
    let first = bench.report(1, &["user@example.com"]).await;
    bench.stream(&[first]).await;
    bench.ses(Reply::Says { code: "MessageRejected", message: "Illegal address: account@client.example" });
    bench.on_call(|operation, body| {
        let is_given_back = operation == "UpdateItem" && body.to_string().contains(":less");
        if is_given_back { Fault::AnswerLost } else { Fault::None }
    });
    let refused = bench.report(2, &["user@example.com"]).await;
    bench.stream(&[refused]).await;
    assert_eq!(bench.on_record(refused).await.mail_state, MailState::Dead);
    bench.ses(Reply::Takes);
    for (number, capped) in [(3, 0), (4, 1)] {
        let id = bench.report(number, &["user@example.com"]).await;
        bench.stream(&[id]).await;
        assert_eq!(bench.on_record(id).await.capped().len(), capped);
    }
}

#[tokio::test]
async fn an_accounts_own_address_is_under_the_accounts_cap_alone() {
    let bench = Bench::with(Limits { of_account: 5, to_address: 1 }).await;
    for number in 1..=5 {
        let id = bench.report(number, &[]).await;
        bench.stream(&[id]).await;
        assert_eq!(bench.on_record(id).await.mail_state, MailState::Sent);
    }
}

#[tokio::test]
async fn an_opener_cannot_use_up_the_caps_of_the_parties_mails() {
    let bench = Bench::with(Limits { of_account: 1, to_address: 1 }).await;
    let first = bench.report(1, &[]).await;
    bench.stream(&[first]).await;
    let reminder = bench.remind(1, now().plus(HOUR_MS)).await;
    let second = bench.report(2, &[]).await;
    bench.stream(&[reminder, second]).await;
    let state = async |id| bench.on_record(id).await.mail_state;
    let states = [state(first).await, state(reminder).await, state(second).await];
    assert_eq!(states, [MailState::Sent, MailState::Sent, MailState::Held]);
}

#[tokio::test]
async fn a_mail_counts_under_its_caps_once_however_often_it_is_tried() {
    let bench = Bench::with(Limits { of_account: 1, to_address: 1 }).await;
    let id = bench.report(551, &["user@example.com"]).await;
    bench.ses(Reply::Refuses { status: 503, code: "ServiceUnavailable" });
    bench.stream(&[id]).await;
    pass(MINUTE_MS);
    bench.sweep().await;
    bench.ses(Reply::Takes);
    pass(2 * MINUTE_MS);
    bench.sweep().await;
    assert_eq!(bench.on_record(id).await.mail_state, MailState::Sent);
}

#[tokio::test]
async fn one_address_at_its_cap_keeps_nobody_else_from_the_mail() {
    let bench = Bench::with(Limits { of_account: 20, to_address: 1 }).await;
    let (first, second) =
        (bench.report(1, &["a@x.example"]).await, bench.report(2, &["a@x.example", "b@x.example"]).await);
    bench.stream(&[first]).await;
    bench.stream(&[second]).await;
    let sent = &bench.mails()[1]["Destination"];
    assert_eq!(
        (&sent["ToAddresses"], &sent["CcAddresses"]),
        (&json!(["b@x.example"]), &json!(["account@client.example"]))
    );
}

#[tokio::test]
async fn a_mail_that_failed_before_it_was_counted_is_counted_when_it_is_tried_again() {
    let bench = Bench::with(Limits { of_account: 1, to_address: 1 }).await;
    let (one, two) = (bench.report(551, &["a@x.example"]).await, bench.report(552, &["b@x.example"]).await);
    bench.on_call(|operation, _| if operation == "BatchGetItem" { Fault::Lost } else { Fault::None });
    bench.stream(&[one]).await;
    assert_eq!((bench.on_record(one).await.mail_state, bench.on_record(one).await.counted), (MailState::Pending, None));
    bench.on_call(|_, _| Fault::None);
    pass(MINUTE_MS);
    bench.stream(&[one]).await;
    bench.stream(&[two]).await;
    let states = [bench.on_record(one).await.mail_state, bench.on_record(two).await.mail_state];
    assert_eq!(states, [MailState::Sent, MailState::Held]);
}

/// Reports, has SES say that it is busy, and lets some time pass.
async fn delayed(bench: &Bench, number: u64, millis: i64) -> MailId {
    let id = bench.report(number, &["a@x.example"]).await;
    bench.ses(Reply::Refuses { status: 503, code: "ServiceUnavailable" });
    bench.stream(&[id]).await;
    assert!(bench.on_record(id).await.counted.is_some());
    pass(millis);
    id
}

#[tokio::test]
async fn what_does_not_go_out_does_not_count() {
    let bench = Bench::with(Limits { of_account: 1, to_address: 1 }).await;
    let refused = Reply::Says { code: "MessageRejected", message: "Illegal address: account@client.example" };
    let one = delayed(&bench, 1, MINUTE_MS).await;
    bench.ses(refused);
    bench.sweep().await;
    let stored = bench.on_record(one).await;
    assert_eq!((stored.mail_state, stored.counted), (MailState::Dead, None));
    let two = delayed(&bench, 2, 24 * HOUR_MS).await;
    // What is given up on the next day gives back what it took on its own.
    bench.ses(Reply::Takes);
    let three = bench.report(3, &["a@x.example"]).await;
    bench.stream(&[three]).await;
    bench.ses(refused);
    bench.sweep().await;
    bench.ses(Reply::Takes);
    let four = bench.report(4, &["a@x.example"]).await;
    bench.stream(&[four]).await;
    let mut states = Vec::new();
    for id in [two, three, four] {
        states.push(bench.on_record(id).await.mail_state);
    }
    assert_eq!(states, [MailState::Dead, MailState::Sent, MailState::Held]);
}

#[tokio::test]
async fn counts_that_could_not_be_finished_are_given_back() {
    let bench = Bench::with(Limits { of_account: 1, to_address: 1 }).await;
    let id = bench.report(551, &["a@x.example", "b@x.example"]).await;
    bench.on_call(|_, body| {
        let counts = body["UpdateExpression"].as_str().is_some_and(|update| update.contains(":one"));
        let key = body["Key"]["PK"]["S"].as_str().unwrap_or_default();
        // The digest of the one begins with c, of the other with d: that one cannot be counted.
        if counts && key.starts_with("CAP#mails-to-address#") && key > "CAP#mails-to-address#d" {
            Fault::Lost
        } else {
            Fault::None
        }
    });
    bench.stream(&[id]).await;
    let stored = bench.on_record(id).await;
    assert_eq!((stored.mail_state, stored.counted), (MailState::Pending, None));
    bench.on_call(|_, _| Fault::None);
    pass(MINUTE_MS);
    bench.sweep().await;
    let stored = bench.on_record(id).await;
    assert_eq!((stored.mail_state, stored.capped().len()), (MailState::Sent, 0));
}
