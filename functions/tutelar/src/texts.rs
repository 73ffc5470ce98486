//! The texts of the API, byte for byte: those of the vendor's Tutelar "Update Dispute",
//! misspellings included, those of the vendor's public pages, and Recourse-specific ones where
//! neither has one.

use recourse_dispute::lifecycle::Level;
use recourse_dispute::time::Day;

/// Vendor specification, Tutelar "Update Dispute", at its head. At its end it prints `Updated
/// successful` for the same; the contract takes the first.
pub const UPDATED: &str = "Dispute Details updated successfully";

/// Vendor specification, Tutelar "Update Dispute": the account has no configuration yet.
pub const NO_CONFIGURATION: &str = "Please Update general configuration";
/// Vendor specification, Tutelar "Update Dispute".
pub(crate) const DISPUTE_TYPE: &str = "Invalid data received from Dispute type";
/// Vendor specification, Tutelar "Update Dispute".
pub(crate) const DUE_FORM: &str = "Invalid Date format in Internal Due date";
/// Vendor specification, Tutelar "Update Dispute".
pub(crate) const REASON_CODE: &str = "Invalid reason code.";
/// Vendor specification, Tutelar "Update Dispute".
pub(crate) const BANK_FORM: &str = "Acquirer bank code should be 4 characters";
/// Vendor specification, Tutelar "Update Dispute".
pub(crate) const BANK_UNKNOWN: &str = "Please add acquirer bank details";
/// Vendor specification, Tutelar "Update Dispute".
pub(crate) const TDR_EXCEEDS: &str = "Dispute-tdr amount should not be greater than dispute amount";
/// Vendor specification, Tutelar "Update Dispute".
pub(crate) const TAX_EXCEEDS: &str = "Dispute-tax amount should not be greater than dispute amount";
/// Vendor specification, Tutelar "Update Dispute".
pub(crate) const TOTAL_EXCEEDS: &str = "Total of tax and tdr amount should not be greater than dispute amount";

/// Vendor specification, Tutelar "Update Dispute", with the day of today in UTC.
pub(crate) fn due_passed(today: Day) -> String {
    format!("Internal due date should be greater than {today}")
}

/// What is said of a charge, in the order of the checks.
pub(crate) struct ChargeTexts {
    pub(crate) member: &'static str,
    pub(crate) type_missing: &'static str,
    /// Also where the member is no object.
    pub(crate) type_invalid: &'static str,
    pub(crate) measure_missing: &'static str,
    pub(crate) measure_invalid: &'static str,
    pub(crate) amount_missing: &'static str,
    pub(crate) amount_invalid: &'static str,
}

/// Vendor specification, Tutelar "Update Dispute".
pub(crate) const TDR: ChargeTexts = ChargeTexts {
    member: "disputeAmountTdrDetails",
    type_missing: "dispute-tdr type field is missing",
    type_invalid: "Invalid data received from dispute-tdr type",
    measure_missing: "dispute-tdr amount type field is missing",
    measure_invalid: "Invalid data received from dispute-tdr amount type",
    amount_missing: "Dispute-tdr amount missing",
    amount_invalid: "Dispute-tdr amount is should be an number",
};

/// Vendor specification, Tutelar "Update Dispute". The text for a missing type is the vendor's
/// specification's own.
pub(crate) const TAX: ChargeTexts = ChargeTexts {
    member: "disputeAmountTaxDetails",
    type_missing: "dispute-tdr amount tax field is missing",
    type_invalid: "Invalid data received from dispute-tax type",
    measure_missing: "Dispute-tax amount type missing",
    measure_invalid: "Invalid data received from dispute-tax amount type",
    amount_missing: "Dispute-tax amount missing",
    amount_invalid: "Dispute-tax amount is should be an number",
};

/// Published: a dispute that can be won.
pub const RAISED: &str = "Dispute raised successfully";
/// Published: the transaction failed.
pub const RAISED_FAILED: &str = "Your transaction failed, Dispute closed";
/// Published: the transaction was refunded.
pub const RAISED_REFUNDED: &str = "Your dispute has been closed due to a refunded transaction";
/// Published.
pub const DETAILS: &str = "Dispute details are";
/// Published.
pub const WON: &str = "Merchant Won this dispute";
/// Published.
pub const LOST: &str = "Merchant Loss this dispute";
/// Published.
pub const ALREADY_REACTED: &str = "Already reacted to this dispute";

/// Recourse-specific: published for level 2 alone.
#[must_use]
pub fn moved(level: Level) -> String {
    format!("Dispute moved to {}", level.name())
}

/// Published.
#[must_use]
pub fn reopened(level: Level) -> String {
    format!("Dispute reopened to {}", level.name())
}

/// Published for verdicts; of a dispute or a transaction that is not there, or not the caller's.
pub(crate) const NO_DATA: &str = "No data found";
/// Published.
pub(crate) const UNAUTHORIZED: &str = "Unauthorized access";
/// Published.
pub(crate) const NOT_FOUND: &str = "Request not found";
/// Published.
pub(crate) const BROKEN: &str = "Something went wrong";

/// Recourse-specific.
pub const NOT_COMPLETED: &str = "Transaction not completed";
/// Recourse-specific.
pub const DUPLICATE: &str = "Dispute already raised for this transaction";
/// Recourse-specific.
pub const CLOSED: &str = "Dispute already closed";
/// Recourse-specific: a level or a reopening of a dispute that was raised through another API, or a
/// call of an account whose transaction it is not.
pub(crate) const NOT_RAISED_HERE: &str = "Dispute was not raised by this merchant here";
/// Recourse-specific: a bank has to act, or an operator has to decide.
pub(crate) const NOT_YOUR_TURN: &str = "Dispute waits for another party";
/// Recourse-specific: a claim that somebody else made.
pub(crate) const NO_EVIDENCE: &str = "Dispute has no evidence to win it by";
/// Recourse-specific: the dispute is not the merchant's own record any more.
pub(crate) const OTHERS_ACTED: &str = "Dispute was acted on by a bank";
/// Recourse-specific.
pub(crate) const NOT_SUBMITTED: &str = "Dispute not submitted yet";
/// Recourse-specific.
pub(crate) const LAST_LEVEL: &str = "Dispute is at its last level";
/// Recourse-specific: some kinds of disputes, opened at other APIs, have one level.
pub(crate) const NO_LEVEL: &str = "Dispute has no such level";
/// Published, for reopening.
pub(crate) const OPEN: &str = "Dispute already in open status";
/// Published, for reopening and moving.
pub(crate) const DUE_DATE: &str = "Invalid Due date";
/// Recourse-specific: a claim is of more than nothing.
pub(crate) const AMOUNT_ZERO: &str = "Dispute amount should be greater than 0";
/// Recourse-specific: a claim is of at most what was paid.
pub(crate) const AMOUNT_EXCEEDS: &str = "Dispute amount should not be greater than transaction amount";
/// Recourse-specific: the claim is another party's, or it is decided or due to be.
pub(crate) const AMOUNT_FIXED: &str = "Dispute amount cannot be changed";
/// Recourse-specific: a dispute has only so many changes of its details.
pub(crate) const CHANGE_LIMIT_REACHED: &str = "Dispute cannot be updated any more";
/// Recourse-specific: somebody else decided it, it was cancelled or closed on creation, its money
/// went back, or it has changed too often.
pub const NOT_REOPENED: &str = "Dispute cannot be reopened";
/// Recourse-specific.
pub(crate) const NOT_JSON: &str = "Request body should be a JSON object";
/// Recourse-specific.
pub(crate) const BYTE_ORDER_MARK: &str =
    "Request body should not have a byte order mark (U+FEFF) outside of its strings";
/// Recourse-specific.
pub(crate) const TOO_DEEP: &str = "Request body should be at most 64 levels deep";
/// Recourse-specific.
pub(crate) const TOO_LARGE: &str = "Request body should not be larger than 65536 bytes";

/// Recourse-specific, after the published ones.
pub(crate) fn invalid(field: &str) -> String {
    format!("Invalid data received from {field}")
}

/// Recourse-specific: as [`invalid`], with the rule.
pub(crate) fn invalid_because(field: &str, rule: &str) -> String {
    format!("{}: {rule}", invalid(field))
}

/// Recourse-specific, after the published ones.
pub(crate) fn twice(field: &str) -> String {
    format!("{field} field is there twice")
}

/// Recourse-specific, after the published ones.
pub(crate) fn missing(field: &str) -> String {
    format!("{field} field is missing")
}
