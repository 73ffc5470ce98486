//! The sample request and the failures of the vendor's specification (Tutelar "Update Dispute"),
//! and a request for each failure.

use serde_json::{Value, json};
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

/// "Sample Post Parameters", byte for byte.
pub(super) const SAMPLE: &str = r#"{
  "transactionDetails": {
    "id": "trans_53146",
    "customerName": "Johnson",
    "customerEmail": "johnson.a@ippopay.com",
    "customerMobile": "9878987677",
    "amount": "1001",
    "transactionDate": "2023-10-11"
  },
  "merchantDetails": {
    "id": "TUT778t78yt",
    "name": "Thiyagarajan",
    "businessName": "Hamam",
    "chargebackEmail": "thiyagarajan.e@ippopay.com",
    "mobile": "9087657767"
  },
  "disputeAmount": "100",
  "disputeAmountTdrDetails": {
    "type": "include",
    "amountType": "price",
    "amount": "50"
  },
  "disputeAmountTaxDetails": {
    "type": "exclude",
    "amountType": "percentage",
    "amount": "50"
  },
  "disputeType": "dispute",
  "internalDueDate": "2023-12-31",
  "dueDate": 9,
  "level": "level_1",
  "paymentType": "cc",
  "acquirerBankCode": "HDFC",
  "remitterBank": "Indian Overseas Bank ",
  "reasonCode": "109",
  "nodalAccountNo": "0989778",
  "gatewayOrderId": "ORD_90045",
  "paymentInstrumentId": "89 09 78",
  "comments": " Transaction issues "
}"#;

/// "Failure Response": all 23 in the specification's order, each on one line. The fourth contains
/// the day on which the specification was written.
const FAILURES: [&str; 23] = [
    "Please Update general configuration",
    "Invalid data received from Dispute type",
    "Invalid Date format in Internal Due date",
    "Internal due date should be greater than 2024-04-10",
    "Invalid reason code.",
    "Acquirer bank code should be 4 characters",
    "Please add acquirer bank details",
    "dispute-tdr type field is missing",
    "Invalid data received from dispute-tdr type",
    "dispute-tdr amount type field is missing",
    "Invalid data received from dispute-tdr amount type",
    "Dispute-tdr amount missing",
    "Dispute-tdr amount is should be an number",
    "Invalid data received from dispute-tax type",
    "dispute-tdr amount tax field is missing",
    "Invalid data received from dispute-tax type",
    "Dispute-tax amount type missing",
    "Invalid data received from dispute-tax amount type",
    "Dispute-tax amount missing",
    "Dispute-tax amount is should be an number",
    "Dispute-tdr amount should not be greater than dispute amount",
    "Dispute-tax amount should not be greater than dispute amount",
    "Total of tax and tdr amount should not be greater than dispute amount",
];

/// A day, so many from today in UTC.
pub(super) fn day(from_today: i64) -> String {
    let day = OffsetDateTime::now_utc() + Duration::days(from_today);
    day.format(format_description!("[year]-[month]-[day]")).unwrap()
}

/// The vendor's specification's sample with its date moved into the future.
pub(super) fn sample() -> Value {
    serde_json::from_str(&SAMPLE.replace("2023-12-31", &day(30))).unwrap()
}

/// The sample with one member another.
fn with(pointer: &str, value: Value) -> Value {
    let mut sample = sample();
    *sample.pointer_mut(pointer).unwrap() = value;
    sample
}

/// The sample without one member.
fn without(object: &str, member: &str) -> Value {
    let mut sample = sample();
    sample[object].as_object_mut().unwrap().remove(member).unwrap();
    sample
}

/// Each failure of the specification, with a request that gets it as its answer. The first one
/// answers every request of an account without a configuration.
pub(super) fn failures() -> Vec<(String, Value)> {
    let (tdr, tax) = ("disputeAmountTdrDetails", "disputeAmountTaxDetails");
    let at = |object: &str, member: &str| format!("/{object}/{member}");
    let requests = [
        sample(),
        with("/disputeType", json!("nonsense")),
        with("/internalDueDate", json!("31-12-2023")),
        with("/internalDueDate", json!(day(0))),
        with("/reasonCode", json!("999.9")),
        with("/acquirerBankCode", json!("HDFC0")),
        with("/acquirerBankCode", json!("AXIS")),
        without(tdr, "type"),
        with(&at(tdr, "type"), json!("both")),
        without(tdr, "amountType"),
        with(&at(tdr, "amountType"), json!("percent")),
        without(tdr, "amount"),
        with(&at(tdr, "amount"), json!("fifty")),
        with("/disputeAmountTaxDetails", json!("50%")),
        without(tax, "type"),
        with(&at(tax, "type"), json!("both")),
        without(tax, "amountType"),
        with(&at(tax, "amountType"), json!("percent")),
        without(tax, "amount"),
        with(&at(tax, "amount"), json!({ "value": 50 })),
        with(&at(tdr, "amount"), json!("100.01")),
        with(&at(tax, "amount"), json!("100.01")),
        with(&at(tdr, "amount"), json!("50.01")),
    ];
    let today = |text: &str| text.replace("2024-04-10", &day(0));
    FAILURES.into_iter().map(today).zip(requests).collect()
}

#[test]
fn there_are_22_texts_of_23_samples() {
    let texts: std::collections::BTreeSet<_> = FAILURES.into_iter().collect();
    assert_eq!((failures().len(), texts.len()), (23, 22));
}
