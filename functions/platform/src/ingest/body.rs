//! What is in a message, and what the log says about a part of it that is refused.

use std::panic::{AssertUnwindSafe, catch_unwind};

use recourse_dispute::environment::Environment;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Transaction;
use recourse_edge::{FieldErrors, JsonObject};

use crate::transaction::{MAX_BYTES, MAX_TRANSACTIONS, read, read_list};

/// The parts of the members' paths that a transaction has. A path with any other part is not
/// logged, because its sender made it up.
const MEMBERS: [&str; 32] = [
    "account",
    "acquirer",
    "additional_info",
    "amount",
    "body",
    "captures",
    "category",
    "code",
    "currency",
    "customer_reference",
    "details",
    "issuer",
    "kind",
    "merchant",
    "merchant_disputant",
    "name",
    "occurred_at",
    "parties",
    "product",
    "reference",
    "refid",
    "region",
    "scheme",
    "settlement",
    "status",
    "store",
    "surcharge",
    "terminal_type",
    "transactions",
    "trxid",
    "type",
    "updated_at",
];

/// The transactions of a message, each as it was read, or what is wrong with it: those of a list as
/// `POST /platform/v1/transactions` takes it, or one alone as `PUT` takes it.
pub(super) fn read_all(body: &str, environment: Environment, now: UnixMillis) -> Vec<Result<Transaction, FieldErrors>> {
    let body = body.as_bytes();
    let one = |json: &[u8]| isolated(|| read(json, None, environment, now));
    // What is no object is refused as a transaction that is none.
    let outermost = JsonObject::read_outermost(body, MAX_TRANSACTIONS * MAX_BYTES);
    if !outermost.is_ok_and(|object| object.names().any(|name| name == "transactions")) {
        return vec![one(body)];
    }
    match read_list(body) {
        Ok(list) => list.into_iter().map(|json| one(json.json().as_bytes())).collect(),
        Err(errors) => vec![Err(errors)],
    }
}

/// What `read` returns; a panic in it refuses what was read, and nothing else.
fn isolated<T>(read: impl FnOnce() -> Result<T, FieldErrors>) -> Result<T, FieldErrors> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(FieldErrors::one("body", "could not be read.")))
}

/// The rules that were broken, each once, for the log: no value, and no name that the sender made
/// up. So a line stays short, however many members a message has that no transaction has.
pub(super) fn reason(errors: &FieldErrors) -> String {
    let shown = |field: &str| {
        let is_ours = field.split('.').all(|part| MEMBERS.contains(&part));
        if is_ours { field.to_owned() } else { "(another member)".to_owned() }
    };
    let mut rules = Vec::new();
    for error in errors.list() {
        let rule = format!("{} {}", shown(&error.field), error.message);
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    rules.join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// 2026-11-30T08:00:00Z.
    const NOW: UnixMillis = UnixMillis(1_796_025_600_000);

    fn transaction(trxid: &str) -> Value {
        json!({
            "trxid": trxid, "account": "acct_demo", "refid": trxid, "status": "Succesful", "amount": "1550.00",
            "currency": "NGN", "occurred_at": "2018-05-30T08:04:20Z", "updated_at": "2018-05-30T08:04:25Z",
        })
    }

    /// The trxid of each transaction, or why it is refused.
    fn all(body: &str) -> Vec<Result<String, String>> {
        let read = read_all(body, Environment::Production, NOW).into_iter();
        read.map(|one| one.map(|update| update.facts.trxid.to_string()).map_err(|errors| reason(&errors))).collect()
    }

    #[test]
    fn a_message_is_a_list_or_one_transaction() {
        let list = json!({ "transactions": [transaction("1"), transaction("2")] });
        assert_eq!(all(&list.to_string()), [Ok("1".to_owned()), Ok("2".to_owned())]);
        assert_eq!(all(&transaction("3").to_string()), [Ok("3".to_owned())]);
        assert_eq!(all(r#"{"transactions": []}"#), []);
    }

    #[test]
    fn a_bad_entry_affects_only_itself_and_a_bad_list_is_one_refusal() {
        let mut bad = transaction("2");
        bad["amount"] = json!(1550);
        let list = json!({ "transactions": [transaction("1"), bad, "x"] }).to_string();
        let read = all(&list);
        assert_eq!((read.len(), read[0].as_deref()), (3, Ok("1")), "{read:?}");
        assert!(read[1].as_ref().is_err_and(|why| why.starts_with("amount must be")), "{read:?}");
        assert_eq!(read[2], Err("body must be a JSON object.".to_owned()));
        let many = json!({ "transactions": vec![transaction("1"); MAX_TRANSACTIONS + 1] }).to_string();
        assert_eq!(all(&many), [Err("transactions must hold at most 100 transactions.".to_owned())]);
        let both = json!({ "transactions": [], "environment": "production" }).to_string();
        let rule = r#"body must be {"transactions": [ ... ]} and nothing else."#;
        for list in [both.as_str(), r#"{"transactions": {}}"#, r#"{"transactions": null}"#] {
            assert_eq!(all(list), [Err(rule.to_owned())], "{list}");
        }
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        for body in ["", "x", "[]", "\u{feff}{}", "{\"trxid\": 1", &"[".repeat(100_000)] {
            let read = all(body);
            assert!(matches!(read.as_slice(), [Err(why)] if why.starts_with("body must")), "{read:?}");
        }
    }

    #[test]
    fn a_reason_has_nothing_that_the_sender_made_up() {
        let mut body = transaction("1");
        body["4111 1111 1111 1111"] = json!("x");
        body["details"] = json!({ "jane@example.com": 1, "store": 7 });
        let read = all(&body.to_string());
        let [Err(why)] = read.as_slice() else { panic!("{read:?}") };
        assert!(!why.contains("4111") && !why.contains("jane"), "{why}");
        assert!(why.contains("(another member) is not a field of a transaction."), "{why}");
        assert!(why.contains("details.store must be"), "{why}");
        let twice = all(r#"{"4111": 1, "4111": 2}"#);
        assert_eq!(twice, [Err("(another member) must appear only once.".to_owned())]);
    }

    #[test]
    fn a_rule_is_in_a_reason_once() {
        let mut body = transaction("1");
        let unknown = (0..1_000).map(|number| (number.to_string(), json!(0)));
        body.as_object_mut().unwrap().extend(unknown);
        body["amount"] = json!(1550);
        let read = all(&body.to_string());
        let [Err(why)] = read.as_slice() else { panic!("{read:?}") };
        assert!(why.starts_with("amount must be"), "{why}");
        assert_eq!(why.matches("(another member) is not a field of a transaction.").count(), 1, "{why}");
    }

    #[test]
    fn a_panic_refuses_what_was_read_alone() {
        let read = isolated::<u8>(|| panic!("on purpose"));
        assert_eq!(reason(&read.unwrap_err()), "body could not be read.");
    }
}
