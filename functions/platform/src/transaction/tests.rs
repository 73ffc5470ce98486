use std::collections::BTreeSet;

use super::*;
use crate::response;

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

/// 2026-11-30T08:00:00Z.
const NOW: UnixMillis = UnixMillis(1_796_025_600_000);

/// Reads a production transaction.
fn read(json: &str, path: Option<&str>) -> Result<Transaction, FieldErrors> {
    super::read(json.as_bytes(), path, Environment::Production, NOW)
}

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
    let errors = read(json, None).unwrap_err();
    let fields: BTreeSet<&str> = errors.fields().into_iter().collect();
    fields.into_iter().map(str::to_owned).collect()
}

#[test]
fn the_sample_comes_out_as_it_went_in() {
    let transaction = read(SAMPLE, Some("50001")).unwrap();
    assert_eq!(transaction.facts.amount.minor(), 155_000);
    let (out, sample): (serde_json::Value, serde_json::Value) = (
        serde_json::to_value(response::to_response(&transaction, Vec::new())).unwrap(),
        serde_json::from_str(SAMPLE).unwrap(),
    );
    assert_eq!(out, sample);
}

#[test]
fn additional_info_keeps_its_bytes() {
    let info = r#"{ "z": 1.10, "a": [1,  2] }"#;
    let transaction = read(&SAMPLE.replace(r#"{"Card Scheme": "Verve"}"#, info), None).unwrap();
    assert!(serde_json::to_string(&response::to_response(&transaction, Vec::new())).unwrap().contains(info));
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
fn a_field_that_stands_there_twice_is_refused_wherever_it_is() {
    let twice = |once: &str, field: &str| {
        let json = SAMPLE.replacen(once, &format!("{once}, {once}"), 1);
        assert_ne!(json, SAMPLE);
        let errors = serde_json::to_value(read(&json, None).unwrap_err()).unwrap();
        assert_eq!(errors, serde_json::json!({ field: ["must appear only once."] }), "{once}");
    };
    twice(r#""amount": "1550.00""#, "amount");
    twice(r#""trxid": "50001""#, "trxid");
    twice(r#""code": "FBN""#, "parties.issuer.code");
    twice(r#""surcharge": "100.00""#, "details.surcharge");
    twice(r#""captures": []"#, "details.captures");
    // `null` counts as not sent, and is in the body all the same; so is an unknown member.
    let json = SAMPLE.replacen(r#""amount": "1550.00""#, r#""amount": "1.00", "amount": null, "x": 1, "x": 1"#, 1);
    assert_eq!(refused(&json), ["amount", "x"]);
    let info = r#"{"Card Scheme": "Verve", "a": [{"b": 1, "b": 2}]}"#;
    let json = SAMPLE.replacen(r#"{"Card Scheme": "Verve"}"#, info, 1);
    assert_eq!(refused(&json), ["details.additional_info.a.0.b"]);
    let scheme = r#""captures": [], "scheme": {"amount": "1.00", "amount": "9.00", "currency": "USD"}"#;
    assert_eq!(refused(&SAMPLE.replacen(r#""captures": []"#, scheme, 1)), ["details.scheme.amount"]);
}

#[test]
fn a_type_and_a_reference_are_bounded() {
    for field in ["details.type", "details.reference"] {
        for character in ["#", "漢", "\u{10fffd}"] {
            assert!(read(&with(field, character.repeat(128).into()), None).is_ok(), "{field} {character}");
            assert_eq!(refused(&with(field, character.repeat(129).into())), [field]);
        }
        assert_eq!(refused(&with(field, "".into())), [field]);
    }
}

#[test]
fn updated_at_is_kept_to_the_nanosecond() {
    let transaction = read(&with("updated_at", "2018-05-30T09:04:25.123456+01:00".into()), None).unwrap();
    let out = serde_json::to_value(response::to_response(&transaction, Vec::new())).unwrap();
    assert_eq!(out["updated_at"], "2018-05-30T08:04:25.123456Z");
    assert_eq!(refused(&with("updated_at", "9999-12-31T23:59:59-01:00".into())), ["updated_at"]);
}

#[test]
fn what_is_wrong_with_additional_info_is_what_is_said() {
    let said = |info: &str| {
        let errors = read(&SAMPLE.replace(r#"{"Card Scheme": "Verve"}"#, info), None).unwrap_err();
        serde_json::to_value(errors).unwrap()["details.additional_info"][0].as_str().unwrap().to_owned()
    };
    assert_eq!(said("[]"), "must be an object of at most 64 members.");
    for unreadable in [r#"{"a": 1e999}"#, r#"{"a": "\ud800"}"#] {
        assert!(
            said(unreadable).starts_with("must be readable: at most 32 levels deep, numbers within"),
            "{unreadable}"
        );
    }
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
    assert_eq!(refused(&SAMPLE.replace("\"Verve\"", &deep)), ["body"]);
    let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    assert_eq!(refused(&SAMPLE.replace("\"Verve\"", &deep)), ["details.additional_info"]);
    assert_eq!(refused(&with("product", "x".repeat(MAX_BYTES).into())), ["body"]);
}

#[test]
fn a_time_that_has_not_come_is_refused_with_the_servers_own() {
    for field in ["updated_at", "occurred_at"] {
        assert!(read(&with(field, NOW.plus(MAX_AHEAD_MS).iso8601().into()), None).is_ok(), "{field}");
        for ahead in [NOW.plus(MAX_AHEAD_MS + 1).iso8601(), "2062-01-01T00:00:00Z".to_owned()] {
            let errors = read(&with(field, ahead.into()), None).unwrap_err();
            let rule = "must not be more than 5 minutes after the server's time, which is 2026-11-30T08:00:00Z.";
            assert_eq!(serde_json::to_value(errors).unwrap(), serde_json::json!({ field: [rule] }));
        }
    }
}

/// `serde_json` has a member name of its own for JSON text; an object with it is no text.
#[test]
fn an_object_is_never_read_as_a_text() {
    for field in ["refid", "amount", "product", "details.type"] {
        let object = serde_json::json!({ "$serde_json::private::RawValue": "\"123\"" });
        let json = with(field, "@".into()).replacen("\"@\"", &object.to_string(), 1);
        assert_eq!(refused(&json), [field]);
    }
}

#[test]
fn references_that_look_the_same_are_refused_with_the_reason() {
    for field in ["refid", "details.type", "details.reference", "details.customer_reference"] {
        for (text, rule) in [
            ("x ", "must not begin or end with white space."),
            ("x\u{200b}", "must not have invisible characters, such as a zero-width space."),
        ] {
            let errors = read(&with(field, text.into()), None).unwrap_err();
            assert_eq!(serde_json::to_value(errors).unwrap(), serde_json::json!({ field: [rule] }), "{text:?}");
        }
    }
    let merchant = serde_json::json!({"code": "AIRTEL", "name": "Airtel", "reference": "7\u{2060}"});
    assert_eq!(refused(&with("parties.merchant", merchant)), ["parties.merchant.reference"]);
    assert!(read(&with("details.customer_reference", "".into()), None).is_ok());
}

#[test]
fn what_no_path_can_hold_is_refused() {
    for (kind, reference) in
        [("BillPayment", "a/b?c%d e#f"), ("Bill?", "2018/05/..30"), ("...", "..."), ("a.b", "x"), ("100%", "1/2")]
    {
        for (field, text) in [("details.type", kind), ("details.reference", reference)] {
            assert!(read(&with(field, text.into()), None).is_ok(), "{field} {text}");
        }
    }
    for kind in ["a/b", ".", "..", "/a", "a/"] {
        assert_eq!(refused(&with("details.type", kind.into())), ["details.type"], "{kind}");
    }
    for reference in [".", "..", "a/../b", "a/.", "./a", "/a", "a/", "a//b"] {
        assert_eq!(refused(&with("details.reference", reference.into())), ["details.reference"], "{reference}");
    }
    for dots in [".", ".."] {
        assert_eq!(refused(&with("trxid", dots.into())), ["trxid"]);
        assert_eq!(refused(&with("details.captures", [dots].as_slice().into())), ["details.captures"]);
    }
}
