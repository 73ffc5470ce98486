//! The examples of the vendor's specification, IIMMPACT "Dispute Transaction", as they are printed
//! there.

/// "Example Response (Success — case created)".
pub(crate) const SUCCESS: &str = r#"{
  "data": {
    "refid": "123456",
    "status": "Success",
    "message": "We've received your request for a status update and are in the midst of checking with the relevant service provider. We'll keep you updated on the status of your request via email."
  }
}"#;

/// "Example Response (Failed — duplicate request)".
pub(crate) const DUPLICATE: &str = r#"{
  "data": {
    "refid": "123456",
    "status": "Failed",
    "message": "Sorry, a support request has already been created for this transaction. We're working on it and will provide an update shortly."
  }
}"#;

/// "Example Response (Failed — transaction already refunded)".
pub(crate) const REFUNDED: &str = r#"{
  "data": {
    "refid": "12345678ABCd",
    "status": "Failed",
    "message": "Sorry, Report Issue is not available for failed transactions as the transaction has been automatically refunded. Please contact us at support@iimmpact.com if you need further assistance."
  }
}"#;

/// "Response 400, Example Response".
pub(crate) const INVALID: &str = r#"{
  "message": "The given data was invalid.",
  "errors": {
    "trxid": [
      "Invalid transaction ID or reference ID"
    ]
  }
}"#;

/// Recourse-specific: the specification has no text for a transaction that has not completed.
pub(crate) const PENDING: &str = r#"{
  "data": {
    "refid": "123456",
    "status": "Failed",
    "message": "Sorry, Report Issue is not available until the transaction has completed. Please try again once it has."
  }
}"#;

/// The support address of a deployment that chose none.
const DEFAULT_SUPPORT: &str = "support@recourse.example";

/// An example without the line breaks and spaces that make it readable: the bytes of the answer, in
/// its order.
pub(crate) fn bytes(example: &str) -> String {
    example.lines().map(str::trim_start).collect::<String>().replace("\": ", "\":")
}

/// An example for another transaction, from a deployment with the default support address.
pub(crate) fn about(example: &str, refid: &str) -> String {
    let refid = format!(r#""refid":"{refid}""#);
    let example = bytes(example).replace(r#""refid":"123456""#, &refid).replace(r#""refid":"12345678ABCd""#, &refid);
    example.replace("support@iimmpact.com", DEFAULT_SUPPORT)
}

#[test]
fn an_example_is_made_to_bytes() {
    assert_eq!(
        bytes(INVALID),
        r#"{"message":"The given data was invalid.","errors":{"trxid":["Invalid transaction ID or reference ID"]}}"#
    );
    assert!(about(REFUNDED, "x").starts_with(r#"{"data":{"refid":"x","status":"Failed","message":"Sorry, Report"#));
    assert!(about(REFUNDED, "x").contains("us at support@recourse.example if"));
}
