//! How large a page gets, and what a list leaves out so that it is an answer.

use recourse_dispute::channels::arbiter::Logged;
use recourse_dispute::ids::{DomainCode, Reference, TransactionType};
use recourse_dispute::lifecycle::Stage;
use recourse_dispute::money::{Currency, Money};
use recourse_dispute::transaction::JsonText;
use serde_json::Value;

use super::*;
use crate::testing::chargeback;

/// What an answer of a function may have at most, in bytes, as Lambda counts them: the body is a
/// string within JSON.
const MAX_ANSWER_BYTES: usize = 6 * 1024 * 1024;

/// A JSON object of this many bytes, all of which are escaped once more within the answer.
fn info(bytes: usize) -> JsonText {
    let frame = r#"{"a":""}"#.len();
    JsonText::object(&format!(r#"{{"a":"{}"}}"#, "\\\\".repeat((bytes - frame) / 2))).unwrap()
}

/// A dispute with as much of everything as the platform may send, of the longest characters.
fn largest(info_bytes: usize) -> Dispute {
    let characters = || "\"".repeat(1_000);
    let text = || Some(characters());
    let mut dispute = chargeback("FBN", "GTB", "AIRTEL", Stage::First).dispute;
    let parties = &mut dispute.facts.parties;
    for party in [&mut parties.issuer, &mut parties.acquirer, &mut parties.merchant].into_iter().flatten() {
        (party.name, party.reference, party.category) = (characters(), text(), text());
        party.code = DomainCode::parse(&"x".repeat(64)).unwrap_or_else(|_| party.code.clone());
    }
    let money = Money::from_minor(99_999_999_999_999_999, Currency::parse("NGN").unwrap());
    let details = &mut dispute.facts.details;
    details.transaction_type = TransactionType::parse(&"\"".repeat(128)).ok();
    details.reference = Reference::parse(&"\"".repeat(128)).ok();
    assert!(details.transaction_type.is_some() && details.reference.is_some());
    (details.store, details.customer_reference, details.terminal_type) = (text(), text(), text());
    details.region = text();
    (details.surcharge, details.settlement, details.scheme) = (Some(money), Some(money), Some(money));
    details.additional_info = Some(info(info_bytes));
    dispute.logged = Some(Logged {
        domain: DomainCode::parse("FBN").unwrap(),
        by: "x".repeat(129),
        reason: "AW".to_owned(),
        reason_name: None,
        partial: true,
        comment: text(),
    });
    dispute
}

#[test]
fn the_longest_page_of_the_largest_disputes_is_an_answer() {
    // What is a byte larger is left out of a list, so this is the most that one prints.
    let dispute = largest(MAX_LISTED_INFO_BYTES);
    let content: Vec<_> = (0..100).map(|_| to_list_response(&dispute).unwrap()).collect();
    let page = serde_json::json!({ "count": u64::MAX, "content": content }).to_string();
    let answer = serde_json::to_string(&page).unwrap().len();
    assert!(page.contains("additionalInfo") && (4_000_000..MAX_ANSWER_BYTES - 10_000).contains(&answer), "{answer}");
}

fn json(response: Option<impl Serialize>) -> Value {
    serde_json::to_value(response.unwrap()).unwrap()
}

#[test]
fn what_a_list_leaves_out_it_says_and_the_disputes_own_call_has_it() {
    let small = largest(MAX_LISTED_INFO_BYTES);
    let large = largest(MAX_LISTED_INFO_BYTES + 2);
    let (alone, in_list) = (json(to_response(&large)), json(to_list_response(&large)));
    assert!(alone["additionalInfo"].is_object() && alone.get("additionalInfoOmitted").is_none());
    assert!(in_list.get("additionalInfo").is_none() && in_list["additionalInfoOmitted"] == true);
    let small = json(to_list_response(&small));
    assert!(small["additionalInfo"].is_object() && small.get("additionalInfoOmitted").is_none());
}
