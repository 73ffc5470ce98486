//! The members of bodies that each call reads. All others are passed over, and named in the
//! answer's `Recourse-Ignored-Members` (Recourse-specific).

/// What the two create calls read.
pub const CREATE: &[&str] = &[
    "amountOfMoney.amount",
    "amountOfMoney.currencyCode",
    "contactPerson",
    "emailAddress",
    "replyTo",
    "requestMessage",
];

/// What the start of an upload reads.
pub const UPLOAD_START: &[&str] = &["fileName", "fileType", "fileSize"];

/// What calls without a body read: nothing.
pub const NONE: &[&str] = &[];
