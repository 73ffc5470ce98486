//! Who may do what, when.

use recourse_dispute::channels::arbiter::arbiter_status;
use recourse_dispute::lifecycle::{Category, Stage};

use super::*;
use crate::testing::{SINCE, add, chargeback, user_of};

const DAY: i64 = 24 * 60 * 60 * 1000;

fn names(record: &DisputeRecord, domain: &str) -> Vec<&'static str> {
    available_actions(record, &user_of(domain), SINCE).iter().map(|status_action| status_action.name).collect()
}

#[test]
fn accept_leads_to_accepted_and_decline_and_withdraw_to_declined() {
    for stage in Stage::ALL {
        for (issuer, acquirer) in [("FBN", "GTB"), ("FBN", "FBN")] {
            let record = chargeback(issuer, acquirer, "", stage);
            for domain in [issuer, acquirer] {
                let caller = user_of(domain);
                for status_action in available_actions(&record, &caller, SINCE) {
                    let ends = match status_action.name {
                        "ACCEPT" => Some("Accepted"),
                        "DECLINE" | "WITHDRAW" => Some("Declined"),
                        _ => None,
                    };
                    let done = status_action.apply(&record.dispute, &caller, None, SINCE).unwrap().dispute;
                    let status = arbiter_status(done.state, Category::Chargeback);
                    assert_eq!(ends.is_some(), !done.state.is_open(), "{stage:?} {}", status_action.name);
                    assert!(ends.is_none() || ends == status, "{stage:?} {}: {status:?}", status_action.name);
                }
            }
        }
    }
}

#[test]
fn a_bank_on_both_sides_ends_an_arbitration_either_way() {
    assert_eq!(names(&chargeback("FBN", "FBN", "", Stage::Arbitration), "FBN"), ["ACCEPT", "WITHDRAW", "COMMENT"]);
    assert_eq!(names(&chargeback("FBN", "GTB", "", Stage::Arbitration), "FBN"), ["WITHDRAW", "COMMENT"]);
    assert_eq!(names(&chargeback("FBN", "GTB", "", Stage::Arbitration), "GTB"), ["ACCEPT", "COMMENT"]);
}

#[test]
fn of_the_merchants_side_acts_who_manages_the_dispute() {
    let answers = ["ACCEPT", "DECLINE", "REPRESENTMENT", "COMMENT"];
    for (acquirer, merchant, merchant_disputant, who) in [
        ("GTB", "AIRTEL", false, "GTB"),
        ("GTB", "AIRTEL", true, "AIRTEL"),
        ("GTB", "", true, "GTB"),
        ("", "AIRTEL", false, "AIRTEL"),
    ] {
        let mut record = chargeback("FBN", acquirer, merchant, Stage::First);
        record.dispute.facts.details.merchant_disputant = merchant_disputant;
        assert_eq!(names(&record, who), answers);
        for other in ["FBN", acquirer, merchant].into_iter().filter(|other| !other.is_empty() && *other != who) {
            assert_eq!(names(&record, other), ["COMMENT"], "{other} beside {who}");
        }
        assert!(names(&record, "OTHER").is_empty());
    }
}

#[test]
fn once_the_end_has_come_there_is_no_step_but_something_to_say() {
    let record = chargeback("FBN", "GTB", "", Stage::First);
    let at = |millis| available_actions(&record, &user_of("GTB"), SINCE.plus(millis)).len();
    assert_eq!((at(20 * DAY - 1), at(20 * DAY)), (4, 1));
    let body = br#"{"action":"REPRESENTMENT","comment":"late"}"#;
    let refused = find(body, &record, &user_of("GTB"), SINCE.plus(20 * DAY)).unwrap_err();
    let rule = "is not allowed now: see the dispute's statusActions.";
    assert_eq!(refused, ApiError::Invalid(FieldErrors::one("action", rule)));
    let body = br#"{"action":"COMMENT","comment":"late"}"#;
    assert!(find(body, &record, &user_of("GTB"), SINCE.plus(20 * DAY)).is_ok());
}

#[test]
fn a_domain_comments_a_hundred_times_and_still_acts_with_a_comment() {
    let mut record = chargeback("FBN", "GTB", "", Stage::First);
    let comment = |record: &DisputeRecord, domain: &str| {
        find(br#"{"action":"COMMENT","comment":"x"}"#, record, &user_of(domain), SINCE).map(|_| ())
    };
    for n in 0..MAX_COMMENTS {
        assert_eq!(comment(&record, "GTB"), Ok(()), "{n}");
        // Whoever of the domain it is.
        add(&mut record, EventKind::Commented, Actor::Acquirer, &format!("user{n}@GTB"), "x");
    }
    let rule = "has been done 100 times by your domain, and may not be more often.";
    assert_eq!(comment(&record, "GTB"), Err(ApiError::Invalid(FieldErrors::one("action", rule))));
    assert_eq!(names(&record, "GTB"), ["ACCEPT", "DECLINE", "REPRESENTMENT"]);
    let body = br#"{"action":"REPRESENTMENT","comment":"the receipt"}"#;
    assert!(find(body, &record, &user_of("GTB"), SINCE).is_ok());
    assert_eq!(comment(&record, "FBN"), Ok(()), "another party");
}
