//! The texts of the API, byte for byte (vendor specification, IIMMPACT "Dispute Transaction").

use std::borrow::Cow;

use recourse_dispute::ids::Refid;
use recourse_edge::ApiResponse;
use serde::Serialize;

/// Vendor specification, IIMMPACT "Dispute Transaction", "Success — case created".
const CREATED: &str = "We've received your request for a status update and are in the midst of checking with the relevant service provider. We'll keep you updated on the status of your request via email.";
/// Vendor specification, IIMMPACT "Dispute Transaction", "Failed — duplicate request".
const DUPLICATE: &str = "Sorry, a support request has already been created for this transaction. We're working on it and will provide an update shortly.";
/// Vendor specification, IIMMPACT "Dispute Transaction", "Failed — transaction already refunded",
/// up to the address; that of the deployment follows.
const REFUNDED: &str = "Sorry, Report Issue is not available for failed transactions as the transaction has been automatically refunded. Please contact us at ";
/// The rest of it.
const REFUNDED_END: &str = " if you need further assistance.";
/// Recourse-specific: the contract publishes no text for a transaction that has not completed.
const PENDING: &str =
    "Sorry, Report Issue is not available until the transaction has completed. Please try again once it has.";

/// How a report about a known transaction ends (IIMMPACT contract, "Business answers").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A case was opened.
    Created,
    /// A case was live already.
    Duplicate,
    /// The transaction failed or was refunded.
    Refunded,
    /// The transaction has not completed.
    Pending,
}

impl Outcome {
    /// The answer, always with the transaction's own reference, also when it was asked for by
    /// trxid.
    #[must_use]
    pub fn answer(self, refid: &Refid, support_address: &str) -> ApiResponse {
        let (outcome, status, message): (_, _, Cow<'_, str>) = match self {
            Self::Created => ("created", "Success", CREATED.into()),
            Self::Duplicate => ("duplicate", "Failed", DUPLICATE.into()),
            Self::Refunded => ("refunded", "Failed", format!("{REFUNDED}{support_address}{REFUNDED_END}").into()),
            Self::Pending => ("pending", "Failed", PENDING.into()),
        };
        ApiResponse::json(200, outcome, &Body { data: Data { refid, status, message: &message } })
    }
}

/// The body of an answer, its members in the order of the vendor's samples.
#[derive(Serialize)]
struct Body<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    refid: &'a Refid,
    status: &'a str,
    message: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_of_the_vendors_specification() {
        let samples = [
            (
                Outcome::Created,
                "123456",
                r#"{"data": {"refid": "123456", "status": "Success", "message": "We've received your request for a status update and are in the midst of checking with the relevant service provider. We'll keep you updated on the status of your request via email."}}"#,
            ),
            (
                Outcome::Duplicate,
                "123456",
                r#"{"data": {"refid": "123456", "status": "Failed", "message": "Sorry, a support request has already been created for this transaction. We're working on it and will provide an update shortly."}}"#,
            ),
            (
                Outcome::Refunded,
                "12345678ABCd",
                r#"{"data": {"refid": "12345678ABCd", "status": "Failed", "message": "Sorry, Report Issue is not available for failed transactions as the transaction has been automatically refunded. Please contact us at support@iimmpact.com if you need further assistance."}}"#,
            ),
        ];
        for (outcome, refid, sample) in samples {
            let answer = outcome.answer(&Refid::parse(refid).unwrap(), "support@iimmpact.com");
            // Printed in its own order, which is that of the answer, too.
            let sample = serde_json::from_str::<serde_json::Value>(sample).unwrap().to_string();
            assert_eq!((answer.status(), answer.body()), (200, sample.as_str()));
        }
    }
}
