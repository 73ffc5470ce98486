use serde_json::{Value, json};

use super::super::timeline::tests::{OPENED, record};
use super::*;

fn others() -> Vec<DisputeNumber> {
    vec![DisputeNumber::try_from(29).unwrap()]
}

#[test]
fn a_dispute_is_shown_from_its_state_to_its_history() {
    let record = record();
    let view = View {
        record: &record,
        status: Some(Status::Succesful),
        active: None,
        others: &others(),
        support: None,
        now: OPENED,
    };
    let text = view.text(Addresses::Counted);
    let head: Vec<_> = text.lines().take(12).collect();
    assert_eq!(
        head,
        [
            "RC-0000008t  closed in the customer's favour, since 2026-01-16T02:01:00Z",
            "",
            "  also called   551, dispute_0000008t",
            "  opened        2026-01-16T02:00:00Z through the iimmpact API by acct_demo (production)",
            "  category      Inquiry, status Accepted",
            "  disputed      1550.00 NGN of 1550.00 NGN",
            "  transaction   50001, Succesful; refid 123456 of acct_demo; 2018-05-30T08:04:20Z",
            "  product       Steam Wallet 50",
            "  lock          none; 50001 has no active dispute",
            "  also about it RC-0000000T",
            "",
            "2026-01-16T02:00:00Z  opener iimm_prod_demo         opened; now live, first stage",
        ]
    );
    assert_eq!(text.lines().count(), 17);
}

#[test]
fn json_has_the_same_facts_and_no_address() {
    let record = record();
    let view = View { record: &record, status: None, active: None, others: &[], support: None, now: OPENED };
    let text = crate::output::json(&view.to_json(Addresses::Counted)).unwrap();
    assert!(!text.contains('@'));
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["case_id"], "RC-0000008t");
    assert_eq!(json["number"], 551);
    assert_eq!(json["state"], json!({"closed": {"closing": "customer", "stage": "first"}}));
    assert_eq!((&json["amount"], &json["currency"]), (&json!("1550.00"), &json!("NGN")));
    assert_eq!(json["transaction"]["status"], Value::Null);
    assert_eq!(
        (&json["status"], &json["due_to_respond"], &json["deadline"]),
        (&json!("Accepted"), &Value::Null, &Value::Null)
    );
    assert_eq!(json["timeline"][0]["event"], "opened");
    assert_eq!(json["timeline"][2]["by"], json!({"actor": "operator", "name": "alice"}));
    assert_eq!(json["timeline"][3]["mail_state"], "DEAD");
}

/// An operator finds evidence in the bucket by its key. Its file name is not shown, because it may
/// name the customer.
#[test]
fn evidence_is_shown_by_its_key_and_not_by_its_file_name() {
    let mut record = record();
    let file = json!({
        "id": format!("551-{}", "ab".repeat(16)), "object": format!("551-{}", "cd".repeat(16)), "name": "secret.pdf",
        "media": "application/pdf", "size": 4_261_722, "sha256": "ef".repeat(32), "at": 0,
    });
    record.dispute.claim.evidence = vec![serde_json::from_value(file).unwrap()];
    let view = View { record: &record, status: None, active: None, others: &[], support: None, now: OPENED };
    let key = format!("evidence/551-{}", "cd".repeat(16));
    let line = format!("  evidence      {key}, 4261722 bytes, application/pdf");
    assert!(view.text(Addresses::Counted).lines().any(|shown| shown == line));
    let text = crate::output::json(&view.to_json(Addresses::Shown)).unwrap();
    assert!(!text.contains("secret"));
    let json: Value = serde_json::from_str(&text).unwrap();
    let expected = json!([{
        "id": format!("551-{}", "ab".repeat(16)), "key": key, "media": "application/pdf", "size": 4_261_722,
        "sha256": "ef".repeat(32), "at": "1970-01-01T00:00:00Z",
    }]);
    assert_eq!(json["evidence"], expected);
}
