//! The checks one by one, and what no body can do.

use std::collections::BTreeSet;

use proptest::prelude::*;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, Refid, TransactionType, Trxid};
use recourse_dispute::money::Currency;
use recourse_dispute::text::Private;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::{self, Parties};
use serde_json::{Map, Value, json};

use super::*;

fn facts(currency: &str) -> Facts {
    Facts {
        environment: Environment::Production,
        trxid: Trxid::parse("50001").unwrap(),
        account: AccountId::parse("acct_demo").unwrap(),
        refid: Refid::parse("123456").unwrap(),
        product: None,
        amount: Money::parse("1550", Currency::parse(currency).unwrap()).unwrap(),
        occurred_at: UnixMillis(0),
        parties: Parties::default(),
        details: transaction::TransactionDetails {
            transaction_type: Some(TransactionType::parse("BillPayment").unwrap()),
            ..Default::default()
        },
    }
}

fn configuration() -> Configuration {
    let json = br#"{"acquirer_banks": [{"code": "HDFC", "name": "HDFC Bank"}], "reason_codes": {"BillPayment": ["109"], "*": ["10.1"]}}"#;
    Configuration::parse(json).unwrap()
}

/// A dispute about all of the transaction, with these details.
fn whole(details: DisputeDetails) -> Amendable {
    Amendable { details, amount: facts("NGN").amount }
}

fn amended_in(currency: &str, before: &DisputeDetails, body: &Value) -> Result<Amendable, ApiError> {
    let (configuration, facts) = (configuration(), facts(currency));
    let today = Day::parse("2024-04-10").unwrap();
    let before = Amendable { details: before.clone(), amount: facts.amount };
    let rules =
        Rules { configuration: &configuration, known_banks: true, facts: &facts, may_restate_amount: true, today };
    amend(&before, &crate::read_body(body.to_string().as_bytes()).unwrap(), &rules)
}

fn amended(before: &DisputeDetails, body: &Value) -> Result<DisputeDetails, ApiError> {
    amended_in("NGN", before, body).map(|after| after.details)
}

fn text(before: &DisputeDetails, body: &Value) -> String {
    match amended(before, body) {
        Err(ApiError::Refused(text)) => text.into_owned(),
        other => panic!("{body}: {other:?}"),
    }
}

/// A body that is wrong in every way and is corrected step by step: each check comes before all
/// that follow.
#[test]
fn the_checks_come_in_the_order_of_the_vendors_specification() {
    let mut body = json!({
        "disputeType": "nonsense", "internalDueDate": "31-12-2023", "reasonCode": "10.1", "acquirerBankCode": "HDF",
        "disputeAmountTdrDetails": {}, "disputeAmountTaxDetails": 7, "disputeAmount": {}, "comments": [],
    });
    let steps = [
        ("Invalid data received from Dispute type", "/disputeType", json!("BO")),
        ("Invalid Date format in Internal Due date", "/internalDueDate", json!("2024-04-10")),
        ("Internal due date should be greater than 2024-04-10", "/internalDueDate", json!("2024-04-11")),
        ("Invalid reason code.", "/reasonCode", json!("109")),
        ("Acquirer bank code should be 4 characters", "/acquirerBankCode", json!("ABCD")),
        ("Please add acquirer bank details", "/acquirerBankCode", json!("HDFC")),
        ("dispute-tdr type field is missing", "/disputeAmountTdrDetails/type", json!("Include")),
        ("Invalid data received from dispute-tdr type", "/disputeAmountTdrDetails/type", json!("include")),
        ("dispute-tdr amount type field is missing", "/disputeAmountTdrDetails/amountType", json!(5)),
        ("Invalid data received from dispute-tdr amount type", "/disputeAmountTdrDetails/amountType", json!("price")),
        ("Dispute-tdr amount missing", "/disputeAmountTdrDetails/amount", json!("fifty")),
        ("Dispute-tdr amount is should be an number", "/disputeAmountTdrDetails/amount", json!("60")),
        ("Invalid data received from dispute-tax type", "/disputeAmountTaxDetails", json!({})),
        ("dispute-tdr amount tax field is missing", "/disputeAmountTaxDetails/type", json!(["exclude"])),
        ("Invalid data received from dispute-tax type", "/disputeAmountTaxDetails/type", json!("exclude")),
        ("Dispute-tax amount type missing", "/disputeAmountTaxDetails/amountType", json!("percent")),
        (
            "Invalid data received from dispute-tax amount type",
            "/disputeAmountTaxDetails/amountType",
            json!("percentage"),
        ),
        ("Dispute-tax amount missing", "/disputeAmountTaxDetails/amount", json!(-1)),
        ("Dispute-tax amount is should be an number", "/disputeAmountTaxDetails/amount", json!(200)),
        ("Invalid data received from disputeAmount", "/disputeAmount", json!(50)),
        ("Invalid data received from comments", "/comments", json!("none")),
        (
            "Dispute-tdr amount should not be greater than dispute amount",
            "/disputeAmountTdrDetails/amount",
            json!("50"),
        ),
        (
            "Dispute-tax amount should not be greater than dispute amount",
            "/disputeAmountTaxDetails/amount",
            json!("0.01"),
        ),
        (
            "Total of tax and tdr amount should not be greater than dispute amount",
            "/disputeAmountTaxDetails/amount",
            json!(0),
        ),
    ];
    for (expected, mended, with) in steps {
        assert_eq!(text(&DisputeDetails::default(), &body), expected);
        match body.pointer_mut(mended) {
            Some(place) => *place = with,
            None => {
                let (object, member) = mended.rsplit_once('/').unwrap();
                body.pointer_mut(object).unwrap()[member] = with;
            }
        }
    }
    amended(&DisputeDetails::default(), &body).unwrap();
}

#[test]
fn the_sums_are_of_what_is_sent_and_what_is_known_together() {
    let tdr =
        |amount: &str| json!({"disputeAmountTdrDetails": {"type": "include", "amountType": "price", "amount": amount}});
    let known = amended(&DisputeDetails::default(), &tdr("1550")).unwrap();
    let exceeds = "Dispute-tdr amount should not be greater than dispute amount";
    assert_eq!(text(&DisputeDetails::default(), &tdr("1550.01")), exceeds, "of the dispute's own amount");
    assert_eq!(text(&known, &json!({"disputeAmount": "1549.99"})), exceeds, "a smaller amount under a known fee");
    let tax = json!({"disputeAmountTaxDetails": {"type": "include", "amountType": "percentage", "amount": 0.00000001}});
    assert_eq!(text(&known, &tax), "Total of tax and tdr amount should not be greater than dispute amount");
}

#[test]
fn what_is_not_sent_stays() {
    let before = amended(
        &DisputeDetails::default(),
        &json!({"transactionDetails": {"customerName": "Johnson", "amount": 1001}, "comments": " Transaction issues ", "dueDate": "9"}),
    )
    .unwrap();
    let after = amended(
        &before,
        &json!({"transactionDetails": {"customerEmail": "j@x.example"}, "merchantDetails": {"name": "T"}, "comments": null, "dueDate": "2030-01-01"}),
    )
    .unwrap();
    assert_eq!(after.customer.name.as_ref().map(Private::expose), Some("Johnson"));
    assert_eq!(after.comments.as_ref().map(Private::expose), Some(" Transaction issues "));
    let names = ["transactionDetails.customerEmail", "merchantDetails.name", "dueDate"];
    let (before, after) = (whole(before), whole(after));
    assert_eq!(changed(&before, &after), names);
    assert_eq!(changed(&after, &after), [""; 0]);
}

#[test]
fn the_disputes_amount_is_the_one_that_is_said_or_the_body_is_refused() {
    let of = |said: Value, currency: &str| {
        let after = amended_in(currency, &DisputeDetails::default(), &json!({ "disputeAmount": said }));
        after.map(|after| after.amount.decimal())
    };
    assert_eq!(of(Value::Null, "NGN").unwrap(), "1550.00");
    assert_eq!(of(json!("100.5"), "NGN").unwrap(), "100.50");
    assert_eq!(of(json!("1550.00"), "NGN").unwrap(), "1550.00");
    assert_eq!(of(json!("100.00000000"), "JPY").unwrap(), "100");
    for (said, text) in [
        (json!(0), "Dispute amount should be greater than 0"),
        (json!("0.00"), "Dispute amount should be greater than 0"),
        (json!("1550.01"), "Dispute amount should not be greater than transaction amount"),
        (json!(99_999), "Dispute amount should not be greater than transaction amount"),
        (json!("999999999999999"), "Dispute amount should not be greater than transaction amount"),
        (json!("0.001"), "Invalid data received from disputeAmount"),
    ] {
        assert_eq!(of(said.clone(), "NGN").unwrap_err(), ApiError::of(text), "{said}");
    }
    assert_eq!(of(json!("100.5"), "JPY").unwrap_err(), ApiError::of("Invalid data received from disputeAmount"));
}

#[test]
fn a_due_date_is_not_past_unless_it_is_the_one_that_is_known() {
    let due = |before: &DisputeDetails, day: &str| amended(before, &json!({ "dueDate": day }));
    let known =
        DisputeDetails { due: Some(DueDate::On(Day::parse("2024-04-09").unwrap())), ..DisputeDetails::default() };
    let past = Err(ApiError::of("Invalid data received from dueDate"));
    assert_eq!(due(&DisputeDetails::default(), "2024-04-09"), past);
    assert_eq!(due(&known, "2024-04-08"), past);
    assert_eq!(due(&known, "2024-04-09").unwrap(), known, "who sends all of the details back");
    assert!(due(&known, "2024-04-10").is_ok() && due(&known, "0").is_ok(), "today");
}

/// The members that a body may change.
const ALLOWED: [&str; 15] = [
    "transactionDetails",
    "merchantDetails",
    "disputeAmount",
    "disputeAmountTdrDetails",
    "disputeAmountTaxDetails",
    "disputeType",
    "internalDueDate",
    "dueDate",
    "paymentType",
    "acquirerBankCode",
    "remitterBank",
    "reasonCode",
    "nodalAccountNo",
    "gatewayOrderId",
    "paymentInstrumentId",
];

fn values() -> impl Strategy<Value = Value> {
    let scalars = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u32>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("won")),
        Just(json!("closed")),
        Just(json!("level_3")),
    ];
    scalars.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z_]{1,8}", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn names() -> impl Strategy<Value = String> {
    let known = vec![
        "status",
        "verdict",
        "level",
        "state",
        "version",
        "opener",
        "owner",
        "account",
        "facts",
        "amount",
        "number",
        "recipients",
        "environment",
        "channel",
        "category",
        "details",
        "customer",
        "disputed",
        "tdr",
        "tax",
        "dispute_type",
        "internal_due",
        "id",
        "_id",
        "disputeId",
        "createdAt",
        "journey",
        "__proto__",
        "constructor",
        "PK",
        "SK",
    ];
    prop_oneof![prop::sample::select(known).prop_map(str::to_owned), "[a-zA-Z_.$]{1,12}"]
}

#[test]
fn the_white_space_around_a_typed_address_is_not_stored() {
    let body = json!({"transactionDetails": {"customerEmail": " j@x.example\u{a0}"}, "merchantDetails": {"chargebackEmail": " m@x.example "}});
    let details = amended(&DisputeDetails::default(), &body).unwrap();
    assert_eq!(details.customer.email, Some(Private::new("j@x.example")));
    assert_eq!(details.merchant.email, Some(Private::new("m@x.example")));
    let tabs = amended(&details, &json!({"transactionDetails": {"customerEmail": "\tJ@X.example\r\n"}})).unwrap();
    assert_eq!(tabs.customer.email, Some(Private::new("J@X.example")), "as it was typed");
    let taken_back = amended(&tabs, &json!({"transactionDetails": {"customerEmail": ""}})).unwrap();
    assert_eq!(taken_back.customer.email, Some(Private::new("")));
}

#[test]
fn an_address_that_is_none_is_refused_with_what_is_wrong() {
    for (address, rule) in [
        ("j @x.example", "must not have white space in it"),
        ("j@x.ex\tample", "must not have white space in it"),
        ("nobody", "must be a mail address of the form name@domain"),
        (" ", "must be a mail address of the form name@domain"),
        ("j@localhost", "the part after the @ must be a host name with at least one dot, such as example.com"),
        ("=?utf-8?q?j?=@x.example", "must not have an encoded word such as =?utf-8?q?name?= before the @"),
    ] {
        for (object, member) in [("transactionDetails", "customerEmail"), ("merchantDetails", "chargebackEmail")] {
            let refused = amended(&DisputeDetails::default(), &json!({object: {member: address}})).unwrap_err();
            let text = format!("Invalid data received from {object}.{member}: {rule}");
            assert_eq!(refused, ApiError::of(text), "{address:?}");
        }
    }
}

proptest! {
    /// Mass assignment: whatever is sent under whatever name, but under one of the allowed ones,
    /// changes nothing.
    #[test]
    fn no_other_member_changes_anything(sent in prop::collection::btree_map(names(), values(), 0..6)) {
        let allowed: BTreeSet<_> = ALLOWED.into_iter().chain(["comments"]).collect();
        let body: Map<String, Value> = sent.into_iter().filter(|(name, _)| !allowed.contains(name.as_str())).collect();
        let before = amended(&DisputeDetails::default(), &json!({"comments": "x", "disputeType": "fraud"})).unwrap();
        prop_assert_eq!(amended(&before, &Value::Object(body)), Ok(before));
    }

    /// And within the two objects, only what they are said to hold does.
    #[test]
    fn nor_does_another_member_of_the_two_objects(name in names(), value in values()) {
        let known = ["customerName", "customerEmail", "customerMobile", "amount", "transactionDate", "name", "businessName",
            "chargebackEmail", "mobile"];
        prop_assume!(!known.contains(&name.as_str()));
        let body = json!({"transactionDetails": {(name.clone()): value.clone()}, "merchantDetails": {(name): value}});
        prop_assert_eq!(amended(&DisputeDetails::default(), &body), Ok(DisputeDetails::default()));
    }

    #[test]
    fn no_value_panics(name in prop::sample::select(ALLOWED.to_vec()), value in values()) {
        let _ = amended(&DisputeDetails::default(), &json!({(name): value}));
    }
}
