use recourse_dispute::lifecycle::{Action, Category, Closing, Stage, State};

use super::super::timeline::tests::{OPENED, dispute};
use super::*;

#[test]
fn a_decision_prints_the_state_before_and_after_and_its_mails() {
    let before = dispute();
    let now = OPENED.plus(60_000);
    let change =
        before.decided(Action::CloseForMerchant, "alice".into(), "redeemed by the customer".into(), now).unwrap();
    assert_eq!(
        confirmation(&before, &change),
        "RC-0000008t  closed in the merchant's favour\n  before  live, first stage, since 2026-01-16T02:00:00Z\n  by      operator alice\n  \
         why     redeemed by the customer\n  mail    \"The case was decided in the merchant's favour\" to 2"
    );
    let mut silent = before;
    silent.recipients = None;
    let change = silent.decided(Action::CloseForMerchant, "alice".into(), "x".into(), now).unwrap();
    assert!(confirmation(&silent, &change).ends_with("mail    none: nobody gets mail about this dispute"));
}

#[test]
fn a_refused_decision_says_why_and_what_would_be_right() {
    let mut dispute = dispute();
    dispute.state = State::Closed { closing: Closing::Merchant, stage: Stage::First };
    let text = not_open(&dispute, Side::Customer).text;
    assert!(
        text.starts_with(
            "RC-0000008t is closed in the merchant's favour since 2026-01-16T02:00:00Z. Only a live dispute"
        ),
        "{text}"
    );
    dispute.state = State::Draft;
    dispute.category = Category::Chargeback;
    let text = not_open(&dispute, Side::Customer).text;
    assert!(text.contains("is a draft since") && text.contains("once acct_demo has submitted it"), "{text}");
}
