//! What the caps hold back.

use recourse_store::MailState;

use super::*;
use crate::outbox::Limits;
use crate::outbox::testing::{Reply, pass};

#[tokio::test]
async fn a_cap_holds_back_what_is_above_it_until_the_next_day() {
    let bench = Bench::with(Limits { of_account: 3, to_address: 2 }).await;
    let mut states = Vec::new();
    for (number, given) in [(1, "a@x.example"), (2, "a@x.example"), (3, "a@x.example"), (4, "b@x.example")] {
        let id = bench.report(number, &[given]).await;
        bench.stream(&[id]).await;
        let kept = bench.on_record(id).await;
        states.push((kept.mail_state, kept.reason.unwrap_or_default()));
    }
    let (address, account) = (
        "an address of the mail got 2 mails today, which is the cap of an address".to_owned(),
        "the account's cases caused 3 mails today, which is the cap of an account".to_owned(),
    );
    let sent = || (MailState::Sent, String::new());
    assert_eq!(states, [sent(), sent(), (MailState::Held, address), (MailState::Held, account)]);
    let alarms = bench.lines("alarm=mail_held");
    assert!(alarms.len() == 2 && alarms[0].contains("RC-00000003"), "{alarms:?}");
    pass(24 * HOUR_MS);
    bench.sweep().await;
    assert_eq!(bench.mails().len(), 2, "what is held back stays back");
    let next_day = bench.report(5, &["a@x.example"]).await;
    bench.stream(&[next_day]).await;
    assert_eq!(bench.on_record(next_day).await.mail_state, MailState::Sent);
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
