//! What is read of an event, and what is not believed.

use recourse_dispute::addresses::MailAddress;
use recourse_dispute::time::UnixMillis;
use recourse_store::Undelivered;
use serde_json::{Value, json};

use super::*;

fn bounce() -> Value {
    json!({
        "version": "0", "id": "1", "detail-type": "Email Bounced", "source": "aws.ses",
        "detail": {
            "eventType": "Bounce",
            "bounce": {
                "bounceType": "Permanent", "bounceSubType": "General", "timestamp": "2026-01-16T02:00:00.123Z",
                "bouncedRecipients": [
                    { "emailAddress": "User <User@Example.com>", "status": "5.1.1", "diagnosticCode": "smtp; 550 user@example.com" },
                    { "emailAddress": "second@example.com" },
                ],
            },
            "mail": { "tags": { "outbox_id": ["551-1"], "ses:configuration-set": ["x"] } },
        },
    })
}

/// The bounce with `value` put at `pointer`.
fn with(pointer: &str, value: Value) -> Value {
    let mut event = bounce();
    *event.pointer_mut(pointer).unwrap() = value;
    event
}

fn report(event: &Value) -> Report {
    match SesEvent::read(event) {
        Ok(SesEvent::Report(report)) => report,
        other => panic!("{other:?}"),
    }
}

fn address(text: &str) -> MailAddress {
    MailAddress::parse(text).unwrap()
}

#[test]
fn a_hard_bounce_names_mail_time_and_addresses() {
    let report = report(&bounce());
    assert_eq!((report.mail.to_string().as_str(), report.kind), ("551-1", Undelivered::Bounce));
    assert_eq!(report.at, UnixMillis(1_768_528_800_123));
    assert_eq!(
        report.detail.as_deref(),
        Some("General 5.1.1"),
        "and nothing of the diagnosis, which can hold addresses"
    );
    assert!(report.names(&address("user@example.com")) && report.names(&address("USER@example.com")));
    assert!(report.names(&address("second@example.com")) && !report.names(&address("third@example.com")));
}

#[test]
fn a_complaint_is_one_unless_it_says_that_it_is_no_spam() {
    let complaint = |kind: &str| {
        let detail = json!({
            "eventType": "Complaint", "mail": { "tags": { "outbox_id": ["551-1"] } },
            "complaint": {
                "timestamp": "2026-01-16T02:00:00Z", "complaintFeedbackType": kind, "complaintSubType": null,
                "complainedRecipients": [{ "emailAddress": "user@example.com" }],
            },
        });
        with("/detail", detail)
    };
    let abuse = report(&complaint("abuse"));
    assert_eq!((abuse.kind, abuse.detail.as_deref()), (Undelivered::Complaint, Some("abuse")));
    assert_eq!(SesEvent::read(&complaint("not-spam")), Ok(SesEvent::Nothing("not_spam")));
}

#[test]
fn what_is_not_for_good_or_foreign_is_nothing() {
    for kind in ["Transient", "Undetermined", "permanent"] {
        assert_eq!(
            SesEvent::read(&with("/detail/bounce/bounceType", kind.into())),
            Ok(SesEvent::Nothing("not_for_good"))
        );
    }
    assert_eq!(SesEvent::read(&with("/detail/eventType", "Delivery".into())), Ok(SesEvent::Nothing("another_event")));
    for tag in [json!([]), json!("551-1"), json!(["551"]), json!(["-1-1"]), json!(["551-1; x"]), json!(null)] {
        assert_eq!(SesEvent::read(&with("/detail/mail/tags/outbox_id", tag)), Ok(SesEvent::Nothing("foreign")));
    }
}

#[test]
fn what_is_no_event_of_ses_is_refused() {
    for event in [
        json!(null),
        json!([]),
        json!({ "Records": [] }),
        json!({ "detail": bounce()["detail"] }),
        with("/source", "recourse".into()),
        with("/detail", json!(7)),
        with("/detail/bounce/timestamp", json!("soon")),
        with("/detail/bounce/bouncedRecipients", json!("user@example.com")),
    ] {
        assert_eq!(SesEvent::read(&event), Err(UnknownEvent), "{event}");
    }
    let hostile = with("/detail/bounce/bounceSubType", json!("x\r\nuser@example.com"));
    assert_eq!(report(&hostile).detail.as_deref(), Some("5.1.1"));
}
