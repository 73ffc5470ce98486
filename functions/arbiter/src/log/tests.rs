//! What a log may say.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// The sample of vendor specification, Arbiter "Create Dispute".
fn sample() -> Value {
    json!({
        "transactionType": "BillPayment", "transactionReference": "1286176", "disputeAmountType": "Partial",
        "disputeAmount": 1000, "comment": "Log with comment", "reasonCode": "AP", "category": "Chargeback"
    })
}

fn with(field: &str, value: Value) -> Value {
    let mut body = sample();
    body[field] = value;
    body
}

fn fields(body: &Value) -> Vec<String> {
    match Log::read(body.to_string().as_bytes()) {
        Err(ApiError::Invalid(errors)) => errors.fields().into_iter().map(str::to_owned).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_sample_of_the_vendors_specification() {
    let log = Log::read(sample().to_string().as_bytes()).unwrap();
    assert_eq!((log.transaction_type.as_str(), log.reference.as_str()), ("BillPayment", "1286176"));
    assert_eq!((log.category, log.reason.as_str(), log.is_partial()), (Category::Chargeback, "AP", true));
    let thousand = Amount::Partial(Decimal::parse("1000").unwrap());
    assert_eq!((log.amount, log.comment.as_deref()), (thousand, Some("Log with comment")));
}

#[test]
fn enums_in_any_case_and_what_is_ignored() {
    for (field, value) in [
        ("disputeAmountType", json!("PARTIAL")),
        ("category", json!("CHARGEBACK")),
        ("disputeAmount", json!("1000.00")),
        ("comment", json!(null)),
        ("comment", json!("")),
        ("comment", json!("Two lines,\r\n\tthe second one indented.")),
        ("colour", json!("red")),
    ] {
        assert!(Log::read(with(field, value).to_string().as_bytes()).is_ok(), "{field}");
    }
    let full = json!({
        "transactionType": "T", "transactionReference": "1", "disputeAmountType": "full", "disputeAmount": {},
        "reasonCode": "RG", "category": "co_acquired"
    });
    assert_eq!(Log::read(full.to_string().as_bytes()).unwrap().amount, Amount::Full);
}

#[test]
fn every_field_that_is_wrong_is_named() {
    for (field, value) in [
        ("transactionType", json!(null)),
        ("transactionType", json!("")),
        ("transactionType", json!(7)),
        ("transactionType", json!("x".repeat(129))),
        ("transactionReference", json!("a\nb")),
        ("transactionReference", json!(1_286_176)),
        ("disputeAmountType", json!("HALF")),
        ("disputeAmount", json!(null)),
        ("disputeAmount", json!("")),
        ("disputeAmount", json!([])),
        ("disputeAmount", json!(-1)),
        ("disputeAmount", json!("1,000")),
        ("disputeAmount", json!("NaN")),
        ("disputeAmount", json!("99999999999999999999")),
        ("comment", json!("x".repeat(1_001))),
        ("comment", json!("a bell\u{7}")),
        ("comment", json!(" \r\n\t\u{a0}")),
        ("comment", json!({})),
        ("reasonCode", json!("ZZ")),
        ("reasonCode", json!("ap")),
        ("category", json!("Charge back")),
    ] {
        assert_eq!(fields(&with(field, value.clone())), [field], "{value}");
    }
    assert_eq!(
        fields(&json!({})),
        ["transactionType", "transactionReference", "disputeAmountType", "reasonCode", "category"]
    );
}

#[test]
fn an_amount_is_any_form_of_a_decimal_and_required_for_a_part() {
    let thousand = Amount::Partial(Decimal::parse("1000").unwrap());
    for form in ["1000", "1000.0", "1000.000", "1E+3", "1e3", "\"1000.00\"", "0.1e4"] {
        let body = sample().to_string().replace(":1000", &format!(":{form}"));
        assert_eq!(Log::read(body.as_bytes()).unwrap().amount, thousand, "{form}");
    }
    for missing in [json!(null), json!("")] {
        let Err(ApiError::Invalid(errors)) = Log::read(with("disputeAmount", missing).to_string().as_bytes()) else {
            panic!()
        };
        assert_eq!(errors, FieldErrors::one("disputeAmount", "is required for PARTIAL."));
    }
}

#[test]
fn what_is_wrong_with_a_body_is_said() {
    for (body, rule) in [
        (b"{\"comment\":\"\xff\"}".as_slice(), "must be UTF-8."),
        (b"[]", "must be a JSON object."),
        (b"{\"comment\":", "must be a JSON object."),
    ] {
        let Err(ApiError::Invalid(errors)) = Log::read(body) else { panic!("{rule}") };
        assert_eq!(errors, FieldErrors::one("body", rule));
    }
    for (body, field) in [
        (r#"{"category":"a","category":"b"}"#, "category"),
        (r#"{"category":"a","not":{"read":1,"read":1}}"#, "not.read"),
    ] {
        let Err(ApiError::Invalid(errors)) = Log::read(body.as_bytes()) else { panic!("{body}") };
        assert_eq!(errors, FieldErrors::one(field, "must appear only once."));
    }
}

/// `serde_json` has a member name of its own for JSON text; an object with it is no text.
#[test]
fn an_object_is_never_read_as_a_text() {
    let object = r#"{"$serde_json::private::RawValue": "\"1000\""}"#;
    for field in ["transactionReference", "disputeAmount", "comment", "category"] {
        let mut body = sample();
        body["disputeAmountType"] = "PARTIAL".into();
        body[field] = "@".into();
        let body = body.to_string().replacen("\"@\"", object, 1);
        let Err(ApiError::Invalid(errors)) = Log::read(body.as_bytes()) else { panic!("{field}") };
        assert_eq!(errors.fields(), [field]);
    }
}

#[test]
fn a_body_is_an_object_of_at_most_16_kb() {
    for body in ["", "[]", "null", "{", "[[[", &" ".repeat(BODY.max_bytes + 1)] {
        let Err(ApiError::Invalid(errors)) = Log::read(body.as_bytes()) else { panic!("{body}") };
        assert_eq!(errors.fields(), ["body"]);
    }
}

proptest! {
    #[test]
    fn no_body_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), amount in "[-0-9eE.+]{1,20}") {
        let _ = Log::read(&bytes);
        let body = sample().to_string().replace("1000", &amount);
        if let Ok(log) = Log::read(body.as_bytes()) {
            let currency = recourse_dispute::money::Currency::parse("NGN").unwrap();
            let _ = log.amount(Money::from_minor(155_000, currency));
        }
    }
}
