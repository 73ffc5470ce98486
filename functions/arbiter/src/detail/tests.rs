//! What a journal tells, and how large an answer gets.

use recourse_dispute::lifecycle::{Closing, Stage, State};
use serde_json::json;

use super::*;
use crate::testing::{SINCE, add, chargeback, user_of};

/// What an answer of a function may have at most, in bytes, as Lambda counts them: the body is a string within JSON.
const MOST_BYTES: usize = 6 * 1024 * 1024;

fn printed(record: &Record) -> Value {
    serde_json::to_value(detail(record, &user_of("FBN"), SINCE).unwrap()).unwrap()
}

#[test]
fn the_longest_journal_of_the_costliest_letters_is_an_answer() {
    for letter in ["\"", "\\", "\u{1f9fe}"] {
        let mut record = chargeback("FBN", "GTB", "AIRTEL", Stage::First);
        let (note, name) = (letter.repeat(2_000), format!("{}@GTB", "n".repeat(64)));
        for _ in 0..MOST_ENTRIES + 1 {
            add(&mut record, What::Commented, Actor::Acquirer, &name, &note);
        }
        let body = json!({ "body": printed(&record).to_string() }).to_string();
        assert!(body.len() < MOST_BYTES, "{letter}: {}", body.len());
    }
}

#[test]
fn what_was_said_is_not_pushed_out_by_updates() {
    let mut record = chargeback("FBN", "GTB", "", Stage::First);
    let journal = |record: &Record| printed(record)["journal"].as_array().unwrap().clone();
    for n in 0..2 * MOST_ENTRIES {
        if n == MOST_ENTRIES / 2 {
            assert_eq!(journal(&record).len(), n + 1, "each update, as long as there is room");
            add(&mut record, What::Commented, Actor::Issuer, "Some.User@FBN", "still here");
        }
        add(&mut record, What::Did(Action::Update), Actor::Opener, "key", "amount");
    }
    let told: Vec<_> = journal(&record).iter().map(|entry| entry["detail"].clone()).collect();
    assert_eq!(told, ["Logged: Chargeback", "Details updated", "Comment: still here", "Details updated"]);
    assert_eq!(journal(&record)[3]["id"], record.dispute.version, "the last of them");
}

#[test]
fn why_the_desk_decided_is_told_and_who_is_not() {
    let mut record = chargeback("FBN", "GTB", "", Stage::Arbitration);
    record.dispute.state = State::Closed { closing: Closing::Merchant, stage: Stage::Arbitration };
    add(&mut record, What::Did(Action::CloseForMerchant), Actor::Operator, "alice", "the receipt is good");
    let entry = &printed(&record)["journal"][1];
    assert_eq!(entry["detail"], "Declined: the receipt is good");
    assert_eq!(entry["addedBy"], "dispute desk");
}

#[test]
fn whatever_the_clock_does_time_ran_out() {
    for action in [Action::Expire, Action::CloseForCustomer] {
        let mut record = chargeback("FBN", "GTB", "", Stage::First);
        record.dispute.state = State::Closed { closing: Closing::Customer, stage: Stage::First };
        add(&mut record, What::Did(action), Actor::Clock, "deadline", "nobody's");
        let entry = &printed(&record)["journal"][1];
        assert_eq!((&entry["detail"], &entry["addedBy"]), (&json!("Time ran out: Accepted"), &json!("scheduled end")));
    }
}
