use super::*;
use crate::printed;

/// The platform contract's own example.
const SAMPLE: &str = r#"{
  "trxid": "50001", "account": "acct_demo", "refid": "123456",
  "status": "Succesful", "kind": "voucher", "product": "Steam Wallet 50",
  "amount": "1550.00", "currency": "NGN",
  "occurred_at": "2018-05-30T08:04:20Z", "updated_at": "2018-05-30T08:04:25Z",
  "parties": {
    "issuer": {"code": "FBN", "name": "FIRST BANK OF NIGERIA"},
    "acquirer": {"code": "GTB", "name": "GUARANTY TRUST BANK"},
    "merchant": {"code": "AIRTEL", "name": "Airtel Nigeria", "reference": "", "category": "Regular"}
  },
  "details": {"type": "BillPayment", "reference": "1286176", "store": "PAYDIRECT", "surcharge": "100.00",
              "customer_reference": "0802221412", "terminal_type": "Bank Branch", "region": "Domestic Bill Payment",
              "additional_info": {"Card Scheme": "Verve"}, "captures": []}
}"#;

fn with(field: &str, value: serde_json::Value) -> String {
    let mut sample: serde_json::Value = serde_json::from_str(SAMPLE).unwrap();
    match field.split_once('.') {
        Some((outer, inner)) => sample[outer][inner] = value,
        None => sample[field] = value,
    }
    sample.to_string()
}

#[track_caller]
fn refused(json: &str) -> Vec<String> {
    read(json, None).unwrap_err().fields().into_iter().map(str::to_owned).collect()
}

#[test]
fn the_sample_comes_out_as_it_went_in() {
    let transaction = read(SAMPLE, Some("50001")).unwrap();
    assert_eq!(transaction.facts.amount.minor(), 155_000);
    let (out, sample): (serde_json::Value, serde_json::Value) =
        (serde_json::to_value(printed(&transaction)).unwrap(), serde_json::from_str(SAMPLE).unwrap());
    assert_eq!(out, sample);
}

#[test]
fn additional_info_keeps_its_bytes() {
    let info = r#"{ "z": 1.10, "a": [1,  2] }"#;
    let transaction = read(&SAMPLE.replace(r#"{"Card Scheme": "Verve"}"#, info), None).unwrap();
    assert!(serde_json::to_string(&printed(&transaction)).unwrap().contains(info));
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    assert_eq!(
        refused("{}"),
        ["account", "amount", "currency", "occurred_at", "refid", "status", "trxid", "updated_at"]
    );
    assert_eq!(refused(&with("amount", 1550.into())), ["amount"]);
    assert_eq!(refused(&with("amount", "1550.001".into())), ["amount"]);
    assert_eq!(refused(&with("currency", "ngn".into())), ["currency"]);
    assert_eq!(refused(&with("status", "Success".into())), ["status"]);
    assert_eq!(refused(&with("occurred_at", "2018-05-30".into())), ["occurred_at"]);
    assert_eq!(refused(&with("trxid", "a#b".into())), ["trxid"]);
    assert_eq!(refused(&with("kind", "gift".into())), ["kind"]);
    assert_eq!(refused(&with("produkt", "x".into())), ["produkt"]);
    assert_eq!(refused(&with("details.captures", serde_json::json!(["a b"]))), ["details.captures"]);
    assert_eq!(refused(&with("details.scheme", serde_json::json!({"amount": "1"}))), ["details.scheme.currency"]);
    assert_eq!(refused(&with("parties.issuer", serde_json::json!({"code": "FBN"}))), ["parties.issuer.name"]);
    assert_eq!(refused(&with("parties.issuer", "FBN".into())), ["parties.issuer"]);
    let captures: Vec<String> = (0..21).map(|number| format!("c{number}")).collect();
    assert_eq!(refused(&with("details.captures", captures.into())), ["details.captures"]);
    let members: serde_json::Map<_, _> = (0..65).map(|number| (number.to_string(), 1.into())).collect();
    assert_eq!(refused(&with("details.additional_info", members.into())), ["details.additional_info"]);
}

#[test]
fn another_trxid_than_the_paths_is_refused() {
    assert_eq!(read(SAMPLE, Some("50002")).unwrap_err().fields(), ["trxid"]);
}

#[test]
fn nothing_hostile_panics() {
    assert_eq!(refused(&"[".repeat(20_000)), ["body"]);
    assert_eq!(refused(&format!(r#"{{"details": {}"#, "{\"a\":".repeat(5_000))), ["body"]);
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    assert_eq!(refused(&SAMPLE.replace("\"Verve\"", &deep)), ["details.additional_info"]);
    assert_eq!(refused(&with("product", "x".repeat(MOST_BYTES).into())), ["body"]);
}
