//! What a journal shows, and how large an answer gets.

use recourse_dispute::claim::{FileId, MAX_FILES, ObjectId};
use recourse_dispute::ids::AccountId;
use recourse_dispute::lifecycle::{Closing, Stage, State};
use serde_json::{Value, json};

use super::*;
use crate::testing::{SINCE, add, chargeback, user_of};

/// What an answer of a function may have at most, in bytes, as Lambda counts them: the body is a
/// string within JSON.
const MAX_BYTES: usize = 6 * 1024 * 1024;

fn detail_json(record: &DisputeRecord) -> Value {
    serde_json::to_value(detail(record, &user_of("FBN"), SINCE).unwrap()).unwrap()
}

/// A file whose name is as long as one can be.
fn file(dispute: &Dispute) -> EvidenceFile {
    EvidenceFile {
        id: FileId::new(dispute.number, [0xab; 16]),
        object: ObjectId::new(dispute.number, [0xcd; 16]),
        name: "\u{1f9fe}".repeat(200),
        media: "application/pdf".to_owned(),
        size: 4_261_722,
        sha256: "0".repeat(64),
        at: SINCE,
    }
}

#[test]
fn evidence_is_listed_by_the_files_own_id_and_not_by_where_it_lies() {
    let mut record = chargeback("FBN", "GTB", "", Stage::First);
    record.dispute.claim.evidence = vec![file(&record.dispute)];
    let listed = json!([{
        "id": format!("551-{}", "ab".repeat(16)), "fileName": "\u{1f9fe}".repeat(200), "fileType": "application/pdf",
        "fileSize": 4_261_722, "addedOn": SINCE.iso8601()
    }]);
    assert_eq!(detail_json(&record)["evidence"], listed);
}

#[test]
fn the_longest_journal_of_the_costliest_letters_is_an_answer() {
    for character in ["\"", "\\", "\u{1f9fe}"] {
        let mut record = chargeback("FBN", "GTB", "AIRTEL", Stage::First);
        record.dispute.claim.evidence = vec![file(&record.dispute); MAX_FILES];
        let (note, name) = (character.repeat(2_000), format!("{}@GTB", "n".repeat(64)));
        for _ in 0..MAX_ENTRIES + 1 {
            add(&mut record, EventKind::Commented, Actor::Acquirer, &name, &note);
        }
        let body = json!({ "body": detail_json(&record).to_string() }).to_string();
        assert!(body.len() < MAX_BYTES, "{character}: {}", body.len());
    }
}

#[test]
fn what_was_said_is_not_pushed_out_by_updates() {
    let mut record = chargeback("FBN", "GTB", "", Stage::First);
    let journal = |record: &DisputeRecord| detail_json(record)["journal"].as_array().unwrap().clone();
    for n in 0..2 * MAX_ENTRIES {
        if n == MAX_ENTRIES / 2 {
            assert_eq!(journal(&record).len(), n + 1, "each update, as long as there is room");
            add(&mut record, EventKind::Commented, Actor::Issuer, "Some.User@FBN", "still here");
        }
        add(&mut record, EventKind::Did(Action::Update), Actor::Opener, "key", "amount");
    }
    let sent: Vec<_> = journal(&record).iter().map(|entry| entry["detail"].clone()).collect();
    assert_eq!(sent, ["Logged: Chargeback", "Details updated", "Comment: still here", "Details updated"]);
    assert_eq!(journal(&record)[3]["id"], record.dispute.version, "the last of them");
}

#[test]
fn why_the_desk_decided_is_told_and_who_is_not() {
    let mut record = chargeback("FBN", "GTB", "", Stage::Arbitration);
    record.dispute.state = State::Closed { closing: Closing::Merchant, stage: Stage::Arbitration };
    add(&mut record, EventKind::Did(Action::CloseForMerchant), Actor::Operator, "alice", "the receipt is good");
    let entry = &detail_json(&record)["journal"][1];
    assert_eq!(entry["detail"], "Declined: the receipt is good");
    assert_eq!(entry["addedBy"], "payment platform's dispute team");
}

#[test]
fn the_accounts_notes_and_its_keys_are_its_own() {
    let mut record = chargeback("FBN", "GTB", "DEMO", Stage::First);
    let moved = EventKind::Did(Action::Represent);
    add(&mut record, moved, Actor::Account, "iimm_prod_demo", "for us alone");
    add(&mut record, moved, Actor::Merchant, "Some.User@DEMO", "for everybody");
    let journal = |account: &str, domain: &str| {
        let caller = Caller { account: AccountId::parse(account).unwrap(), ..user_of(domain) };
        let detail = serde_json::to_value(detail(&record, &caller, SINCE).unwrap()).unwrap();
        let entry = |at: usize| json!([detail["journal"][at]["detail"], detail["journal"][at]["addedBy"]]);
        [entry(1), entry(2)]
    };
    let to_all = json!(["Chargeback: for everybody", "Some.User@DEMO"]);
    for domain in ["FBN", "GTB"] {
        assert_eq!(journal("acct_some", domain), [json!(["Chargeback", "merchant"]), to_all.clone()]);
    }
    assert_eq!(journal("acct_demo", "DEMO"), [json!(["Chargeback: for us alone", "merchant"]), to_all]);
}

#[test]
fn whatever_the_clock_does_time_ran_out() {
    for action in [Action::Expire, Action::CloseForCustomer] {
        let mut record = chargeback("FBN", "GTB", "", Stage::First);
        record.dispute.state = State::Closed { closing: Closing::Customer, stage: Stage::First };
        add(&mut record, EventKind::Did(action), Actor::Clock, "deadline", "nobody's");
        let entry = &detail_json(&record)["journal"][1];
        assert_eq!((&entry["detail"], &entry["addedBy"]), (&json!("Time ran out: Accepted"), &json!("scheduled end")));
    }
}
