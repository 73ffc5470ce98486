use recourse_dispute::addresses::MailAddress;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::event::HistoryEntry;
use recourse_dispute::event::PerformedBy;
use recourse_dispute::lifecycle::{Action, Actor};
use recourse_dispute::time::UnixMillis;
use recourse_store::{Counted, DeliveryFeedback, DisputeRecord, MailId, MailState, Undelivered};

use super::*;

/// The dispute that `recourse-operations` tests with.
#[path = "../../../../shared/operations/src/testing.rs"]
mod testing;

pub(in crate::dispute) use testing::OPENED;
pub(crate) use testing::dispute;

fn mail(dispute: &Dispute, event: &HistoryEntry, at: UnixMillis) -> OutboxMail {
    let notification = dispute.notifications(event, None).remove(0);
    OutboxMail {
        id: MailId { number: dispute.number, version: dispute.version, audience: notification.audience },
        notification,
        mail_state: MailState::Sent,
        enqueued_at: at,
        attempts: 1,
        attempts_since_redrive: 0,
        unanswered: 0,
        changed_at: at.plus(1_250),
        message_id: Some("0100-x".into()),
        reason: None,
        left_out: Vec::new(),
        counted: None,
        redriven: Vec::new(),
    }
}

/// Opened with a mail, then decided with another, which was given up.
pub(in crate::dispute) fn record() -> DisputeRecord {
    let before = dispute();
    let opened = before.opened(PerformedBy { actor: Actor::Opener, name: "iimm_prod_demo".into() });
    let decided = before
        .decided(
            Action::CloseForCustomer,
            "alice".into(),
            "the code was used\u{1b}[2J twice".into(),
            OPENED.plus(60_500),
        )
        .unwrap();
    let mut second = mail(&decided.dispute, &decided.event, OPENED.plus(60_500));
    second.mail_state = MailState::Dead;
    second.reason = Some("the address does not exist".into());
    DisputeRecord {
        mails: vec![mail(&before, &opened, OPENED), second],
        events: vec![opened, decided.event],
        dispute: decided.dispute,
        feedback: Vec::new(),
        unread: Vec::new(),
    }
}

fn lines(addresses: Addresses) -> Vec<String> {
    timeline(&record()).into_iter().flat_map(|moment| super::lines(moment, addresses)).collect()
}

#[test]
fn events_and_mails_are_one_timeline() {
    assert_eq!(
        lines(Addresses::Counted),
        [
            "2026-01-16T02:00:00Z  opener iimm_prod_demo         opened; now live, first stage",
            "2026-01-16T02:00:00Z  mail                          \"We received your report\" to 2: sent at 2026-01-16T02:00:01Z, attempts 1",
            "2026-01-16T02:01:00Z  operator alice                decided in the customer's favour; now closed in the customer's favour",
            "                      the code was used\\u{1b}[2J twice",
            "2026-01-16T02:01:00Z  mail                          \"The case was decided in the customer's favour\" to 2: dead at 2026-01-16T02:01:01Z, attempts 1",
            "                      the address does not exist",
        ]
    );
}

#[test]
fn addresses_are_printed_only_when_asked_for() {
    let json = |addresses| {
        let record = record();
        serde_json::to_string(
            &timeline(&record).into_iter().map(|moment| to_json(moment, addresses)).collect::<Vec<_>>(),
        )
        .unwrap()
    };
    assert!(!lines(Addresses::Counted).join("\n").contains('@'));
    assert!(!json(Addresses::Counted).contains('@'));
    let shown = "                      user@example.com, disputes@demo-wallet.example".to_owned();
    assert_eq!(lines(Addresses::Shown).iter().filter(|line| **line == shown).count(), 2);
    assert!(json(Addresses::Shown).contains(r#""addresses":["user@example.com","disputes@demo-wallet.example"]"#));
}

#[test]
fn entries_are_ordered_by_time_and_not_by_where_they_are_stored() {
    let mut record = record();
    record.events.reverse();
    record.mails.reverse();
    let ordered: Vec<_> =
        timeline(&record).into_iter().flat_map(|moment| super::lines(moment, Addresses::Counted)).collect();
    assert_eq!(ordered, lines(Addresses::Counted));
}

#[test]
fn bounces_left_out_addresses_and_retries_are_shown() {
    let mut record = record();
    let (mail, address) = (record.mails[0].id, MailAddress::parse("user@example.com").unwrap());
    let (kind, at, detail) = (Undelivered::Bounce, OPENED.plus(2_000), Some("General 5.1.1".to_owned()));
    record.feedback.push(DeliveryFeedback { mail, address: address.clone(), kind, at, detail });
    record.mails[0].left_out.push(address.clone());
    record.mails[0].counted =
        Some(Counted { at: OPENED, addresses: Vec::new(), capped: vec![address.clone(), address] });
    let (by, why, reason) = ("bob".to_owned(), Some("the cap is higher now".to_owned()), Some("a cap".to_owned()));
    record.mails[1].redriven.push(Redriven { at: OPENED, by, why, was: MailState::Held, reason });
    let sent = |addresses| {
        timeline(&record).into_iter().flat_map(|moment| super::lines(moment, addresses)).collect::<Vec<_>>()
    };
    let lines = sent(Addresses::Counted);
    assert_eq!(
        lines[4],
        "2026-01-16T02:00:02Z  SES                           mail 551-1 bounced at an address, which gets no more mail (General 5.1.1)"
    );
    assert!(
        lines[2].ends_with("left out 1 of them: earlier mail to such an address bounced or was reported as spam"),
        "{lines:?}"
    );
    assert!(
        lines[3].ends_with("left out 2 of them: such an address got as many mails that day as one may get"),
        "{lines:?}"
    );
    assert!(lines.iter().any(|line| line.ends_with("by bob: it was held; the cap is higher now")), "{lines:?}");
    assert!(!lines.join("").contains('@'));
    assert!(sent(Addresses::Shown).contains(&format!("{:22}user@example.com", "")));
}
