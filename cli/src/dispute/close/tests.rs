use recourse_dispute::lifecycle::{Category, Closing, Stage, State};

use super::super::timeline::tests::{OPENED, dispute};
use super::*;

fn close(by: Option<&str>) -> Close {
    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        close: Close,
    }
    let words = ["close", "1", "--for", "customer", "--why", "x"].into_iter();
    let words = words.chain(by.map(|by| ["--by", by]).into_iter().flatten());
    <Line as clap::Parser>::parse_from(words).close
}

#[test]
fn a_reason_is_one_line_of_at_most_500_characters() {
    assert_eq!(why("  the code was used twice ").unwrap(), "the code was used twice");
    assert!(why(&"é".repeat(500)).is_ok());
    for text in ["", "  ", "a\nb", "a\u{7}", &"x".repeat(501)] {
        assert_eq!(why(text).unwrap_err(), "must be 1 to 500 printable characters on one line", "{text:?}");
    }
}

#[test]
fn the_operator_is_who_is_named_or_the_user() {
    assert_eq!(close(Some("bob")).operator(Some("alice".into())).unwrap(), "bob");
    assert_eq!(close(None).operator(Some("alice".into())).unwrap(), "alice");
    for user in [None, Some(String::new())] {
        assert!(close(None).operator(user).unwrap_err().text.contains("--by NAME"));
    }
}

#[test]
fn shows_what_it_was_what_it_is_and_whom_it_tells() {
    let before = dispute();
    let now = OPENED.plus(60_000);
    let change =
        before.decided(Action::CloseForMerchant, "alice".into(), "redeemed by the customer".into(), now).unwrap();
    assert_eq!(
        confirmation(&before, &change),
        "RC-0000008t  closed for the merchant\n  before  live, first stage, since 2026-01-16T02:00:00Z\n  by      operator alice\n  \
         why     redeemed by the customer\n  mail    \"decided for the merchant\" to 2"
    );
    let mut silent = before;
    silent.recipients = None;
    let change = silent.decided(Action::CloseForMerchant, "alice".into(), "x".into(), now).unwrap();
    assert!(confirmation(&silent, &change).ends_with("mail    none: nobody gets mail of this dispute"));
}

#[test]
fn says_why_it_is_not_open_and_what_would_be() {
    let mut dispute = dispute();
    dispute.state = State::Closed { closing: Closing::Merchant, stage: Stage::First };
    let text = not_open(&dispute, Side::Customer).text;
    assert!(
        text.starts_with("RC-0000008t is closed for the merchant since 2026-01-16T02:00:00Z. Only a live dispute"),
        "{text}"
    );
    dispute.state = State::Draft;
    dispute.category = Category::Chargeback;
    let text = not_open(&dispute, Side::Customer).text;
    assert!(text.contains("is a draft since") && text.contains("once acct_demo has submitted it"), "{text}");
}
