use recourse_dispute::channel::Channel;
use recourse_dispute::ids::DomainCode;
use recourse_dispute::lifecycle::{Category, Closing, Stage};
use recourse_dispute::text::Private;
use recourse_dispute::transaction::Party;
use serde_json::json;

use super::*;
use crate::testing::{OPENED, dispute};

fn bank(code: &str) -> Party {
    Party { code: DomainCode::parse(code).unwrap(), name: code.to_owned(), reference: None, category: None }
}

/// A chargeback between two banks that has twenty days.
fn chargeback() -> Dispute {
    let mut dispute = dispute();
    dispute.channel = Channel::Connect;
    dispute.category = Category::Chargeback;
    dispute.facts.parties.issuer = Some(bank("FBN"));
    dispute.facts.parties.acquirer = Some(bank("GTB"));
    dispute.claim.message = Some("never \u{202e}delivered\nat all".to_owned());
    dispute.details.reason_code = Some("13.1".to_owned());
    dispute.details.comments = Some(Private::new("a secret"));
    dispute.deadline = Some(Deadline {
        ends_at: OPENED.plus(20 * DAY_MS),
        remind_at: Some(OPENED.plus(18 * DAY_MS)),
        on_expiry: OnExpiry::AgainstPartyDue,
    });
    dispute
}

fn lines(dispute: &Dispute, active: Option<DisputeNumber>, now: UnixMillis) -> Vec<String> {
    let rows = Decisive::of(dispute, active, now).rows(dispute);
    rows.into_iter().map(|(name, fact)| format!("  {name:<14}{fact}")).collect()
}

#[test]
fn the_party_due_to_respond_its_deadline_and_the_expiry_are_shown() {
    let dispute = chargeback();
    assert_eq!(
        lines(&dispute, Some(dispute.number), OPENED.plus(HOUR_MS)),
        [
            "  to respond    acquirer GTB",
            "  deadline      2026-02-05T02:00:00Z, in 19 days; reminder 2026-02-03T02:00:00Z",
            "  on expiry     closed in the customer's favour",
            r#"  reason        13.1, "never \u{202e}delivered\nat all""#,
            "  lock          active: no other dispute of 50001 can be opened",
        ]
    );
    let json = serde_json::to_value(Decisive::of(&dispute, Some(dispute.number), OPENED)).unwrap();
    assert_eq!(json["due_to_respond"], json!({"side": "respondent", "actor": "acquirer", "name": "GTB"}));
    assert_eq!(
        json["deadline"],
        json!({
            "ends_at": "2026-02-05T02:00:00Z", "remind_at": "2026-02-03T02:00:00Z", "rule": "against_party_due",
            "state_on_expiry": {"closed": {"closing": "customer", "stage": "first"}},
        })
    );
    assert_eq!(json["reason"], json!({"code": "13.1", "message": "never \u{202e}delivered\nat all"}));
    assert_eq!(json["lock"], json!({"of_this_dispute": "active", "active_dispute": "RC-0000008t"}));
}

#[test]
fn each_state_has_its_party_and_its_expiry() {
    let mut dispute = chargeback();
    for (state, to_respond, on_expiry) in [
        (State::Draft, "its opener acct_demo", "cancelled"),
        (State::Live(Stage::First), "acquirer GTB", "closed in the customer's favour"),
        (State::Live(Stage::Representment), "issuer FBN", "closed in the merchant's favour"),
        (State::Live(Stage::PreArbitration), "acquirer GTB", "closed in the customer's favour"),
    ] {
        dispute.state = state;
        let lines = lines(&dispute, None, OPENED);
        assert_eq!(lines[0], format!("  to respond    {to_respond}"), "{state:?}");
        assert_eq!(lines[2], format!("  on expiry     {on_expiry}"), "{state:?}");
    }
    dispute.state = State::Live(Stage::Arbitration);
    dispute.deadline =
        dispute.deadline.map(|deadline| Deadline { on_expiry: OnExpiry::Stay, remind_at: None, ..deadline });
    let lines = lines(&dispute, Some(dispute.number), OPENED.plus(21 * DAY_MS));
    assert_eq!(lines[0], "  to respond    an operator");
    assert_eq!(lines[1], "  deadline      2026-02-05T02:00:00Z, 24 hours ago");
    assert_eq!(lines[2], "  on expiry     nothing: its status stays");
}

#[test]
fn a_report_has_no_deadline_and_a_closed_dispute_no_party_due_to_respond() {
    let mut dispute = dispute();
    let report = lines(&dispute, Some(dispute.number), OPENED);
    assert_eq!(report[0], "  to respond    operators (the transaction's account acct_demo may concede)");
    assert_eq!(report[1], "  deadline      none: an operator decides a report of this API");
    dispute.facts.parties.acquirer = Some(bank("GTB"));
    let report = lines(&dispute, Some(dispute.number), OPENED);
    assert_eq!(report[0], "  to respond    operators (the acquirer GTB may accept or refuse)");
    let json = serde_json::to_value(Decisive::of(&dispute, None, OPENED)).unwrap();
    assert_eq!(json["due_to_respond"], json!({"side": "operator", "actor": "operator", "name": null}));
    dispute.state = State::Closed { closing: Closing::Merchant, stage: Stage::First };
    assert_eq!(lines(&dispute, None, OPENED), ["  lock          none; 50001 has no active dispute"]);
}

#[test]
fn the_lock_is_that_of_the_transaction() {
    let mut dispute = chargeback();
    let other = DisputeNumber::try_from(29).ok();
    let lock = |dispute: &Dispute, active| lines(dispute, active, OPENED).pop().unwrap();
    assert!(lock(&dispute, other).contains("missing: the active dispute of 50001 is RC-0000000T. Report"));
    dispute.state = State::Draft;
    assert_eq!(
        lock(&dispute, other),
        "  lock          draft: acct_demo can open no second draft; the active dispute of 50001 is RC-0000000T"
    );
    dispute.state = State::Closed { closing: Closing::Customer, stage: Stage::First };
    assert_eq!(lock(&dispute, other), "  lock          none; the active dispute of 50001 is RC-0000000T");
}
