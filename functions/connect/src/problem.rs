//! The errors of this API: codes, ids and messages (Connect contract, "Errors").
//!
//! Published are 9002, 9007, 300240, 1409, 9999 and the vendor's Connect "Submit dispute"'s
//! 310400200. The others are Recourse-specific, as the contract leaves them open.

use recourse_dispute::claim::NoRoom;
use recourse_dispute::number::DisputeNumber;
use recourse_edge::FieldError;

const PLATFORM: &str = "CONNECT_PLATFORM_ERROR";
const PAYMENT: &str = "PAYMENT_PLATFORM_ERROR";
/// Vendor specification, Connect "Submit dispute", "Response 400".
const DISPUTE: &str = "DISPUTE_SERVICE_ERROR";
/// Vendor specification, Connect "Submit dispute", "Response 400".
const NOT_ALLOWED: &str = "Action not allowed for current state";

/// Why a call is refused or fails, for its client. `body` has the answer of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// 403: the signature is missing or wrong.
    Unauthorized,
    /// 403: the `Date` is missing or malformed.
    MalformedDate,
    /// 403: the `Date` is outside of the window of this many seconds.
    StaleDate(u64),
    /// 403: the key is another merchant's, or its role is not `client`.
    OtherMerchant,
    /// 404: a payment or capture that is unknown or another merchant's.
    UnknownPayment,
    /// 404: a dispute that is unknown or another merchant's.
    UnknownDispute,
    /// 404: a file that is unknown or another merchant's.
    UnknownFile,
    /// 400: the dispute's state does not allow the call, or this merchant may not make it.
    NotAllowed,
    /// 409: the payment has a live dispute already.
    Duplicate(DisputeNumber),
    /// 409: another request has used the idempotence key.
    KeyReused,
    /// 400: a value is missing or wrong; its place, and the rule.
    Invalid(String, String),
    /// 400: several values are missing or wrong; the place and the rule of each.
    InvalidValues(Vec<(String, String)>),
    /// 400: the file is too large for this call; the call that accepts it.
    TooLarge(&'static str),
    /// 400: the dispute has no room for another file.
    NoRoom(NoRoom),
    /// 400: malware scanning holds the file back.
    Infected,
    /// 400: malware scanning has not finished with the file.
    NotScanned,
    /// 500: Recourse failed, or AWS did.
    Internal,
}

/// The parts of an error's answer.
pub(crate) struct ErrorBody {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) id: &'static str,
    pub(crate) category: &'static str,
    pub(crate) message: String,
    pub(crate) property: Option<String>,
    /// What the log line calls it.
    pub(crate) outcome: &'static str,
}

impl Problem {
    /// The problem of a value, by its place and the rule.
    pub(crate) fn invalid(property: impl Into<String>, rule: impl Into<String>) -> Self {
        Self::Invalid(property.into(), rule.into())
    }

    /// The problem of these values, of which there is at least one.
    pub(crate) fn of_values(values: Vec<FieldError>) -> Self {
        let mut values: Vec<_> = values.into_iter().map(|error| (error.field, error.message)).collect();
        match (values.pop(), values.is_empty()) {
            (Some((property, rule)), true) => Self::Invalid(property, rule),
            (last, _) => Self::InvalidValues(values.into_iter().chain(last).collect()),
        }
    }

    /// The answer of each entry of the list of errors.
    pub(crate) fn bodies(&self) -> Vec<ErrorBody> {
        match self {
            Self::InvalidValues(values) => {
                values.iter().map(|(property, rule)| Self::invalid(property, rule).body()).collect()
            }
            _ => vec![self.body()],
        }
    }

    /// The answer, or the first entry of it.
    pub(crate) fn body(&self) -> ErrorBody {
        let error_body = |status, code, id, category, message: &str, outcome| ErrorBody {
            status,
            code,
            id,
            category,
            message: message.to_owned(),
            property: None,
            outcome,
        };
        const UNAUTHORIZED: &str = "MISSING_OR_INVALID_AUTHORIZATION";
        match self {
            Self::Unauthorized => error_body(403, "9002", UNAUTHORIZED, PLATFORM, UNAUTHORIZED, "unauthorized"),
            Self::MalformedDate => {
                let message = "The Date header must be in the form of Fri, 06 Jun 2014 13:39:43 GMT";
                error_body(403, "9002", UNAUTHORIZED, PLATFORM, message, "malformed_date")
            }
            Self::StaleDate(seconds) => {
                let message = format!("The Date header must be within {seconds} seconds of the current time");
                error_body(403, "9002", UNAUTHORIZED, PLATFORM, &message, "stale_date")
            }
            Self::OtherMerchant => {
                let id = "ACCESS_TO_MERCHANT_NOT_ALLOWED";
                error_body(403, "9007", id, PLATFORM, id, "other_merchant")
            }
            Self::UnknownPayment => {
                error_body(404, "300240", "UNKNOWN_PAYMENT_ID", PAYMENT, "UNKNOWN_PAYMENT_ID", "unknown_payment")
            }
            Self::UnknownDispute => {
                error_body(404, "310404001", "UNKNOWN_DISPUTE_ID", DISPUTE, "UNKNOWN_DISPUTE_ID", "unknown_dispute")
            }
            Self::UnknownFile => {
                error_body(404, "310404002", "UNKNOWN_FILE_ID", DISPUTE, "UNKNOWN_FILE_ID", "unknown_file")
            }
            Self::NotAllowed => {
                let id = "DISPUTE_ACTION_NOT_ALLOWED_ON_TRANSACTION";
                error_body(400, "310400200", id, DISPUTE, NOT_ALLOWED, "not_allowed")
            }
            Self::Duplicate(number) => {
                let message = format!("The dispute {number} of this payment is not closed");
                error_body(409, "310409001", "DUPLICATE_DISPUTE", DISPUTE, &message, "duplicate")
            }
            Self::KeyReused => {
                let message = "This X-GCS-Idempotence-Key was sent with another request";
                error_body(409, "310409002", "IDEMPOTENCE_KEY_REUSED", PLATFORM, message, "key_reused")
            }
            Self::Invalid(property, rule) => ErrorBody {
                property: Some(property.clone()),
                ..error_body(400, "310400001", "INVALID_VALUE", DISPUTE, rule, "invalid")
            },
            Self::InvalidValues(values) => {
                let (property, rule) = values.first().cloned().unwrap_or_default();
                Self::Invalid(property, rule).body()
            }
            Self::TooLarge(call) => {
                let message =
                    format!("This call carries files of up to 4194304 bytes; a larger one goes through {call}");
                let error_body =
                    error_body(400, "310400002", "FILE_TOO_LARGE_FOR_CALL", DISPUTE, &message, "too_large");
                ErrorBody { property: Some("file".to_owned()), ..error_body }
            }
            Self::NoRoom(limit) => {
                let error_body =
                    error_body(400, "310400003", "EVIDENCE_LIMIT_REACHED", DISPUTE, &sentence(limit), "no_room");
                ErrorBody { property: Some("file".to_owned()), ..error_body }
            }
            Self::Infected => error_body(
                400,
                "310400004",
                "FILE_WITHHELD",
                DISPUTE,
                "A scan for malware holds this file back",
                "infected",
            ),
            Self::NotScanned => {
                let message = "This file is still being scanned for malware; try again in a minute";
                error_body(400, "310400005", "FILE_NOT_SCANNED", DISPUTE, message, "not_scanned")
            }
            Self::Internal => {
                let id = "UNKNOWN_SERVER_ERROR";
                error_body(500, "9999", id, PLATFORM, id, "broken")
            }
        }
    }
}

/// A rule as a sentence.
fn sentence(rule: &impl std::fmt::Display) -> String {
    let rule = rule.to_string();
    let mut characters = rule.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
