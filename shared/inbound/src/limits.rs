//! How much of a mail is read. Every limit is Recourse-specific.

/// SES hands over mails of at most 40 MB, counted as it stores them.
pub const MAX_MAIL: usize = 40 * 1024 * 1024;
/// Parts that are looked at. What comes after them is not read.
pub const MAX_PARTS: usize = 10_000;
/// Multiparts inside each other. A deeper one is a part that is not opened.
pub const MAX_DEPTH: usize = 20;
/// Attachments that are handed over. The others are counted.
pub const MAX_ATTACHMENTS: usize = 20;
/// Characters of new text that are kept.
pub const MAX_TEXT: usize = 20_000;
/// Recipients that are read, over all headers.
pub const MAX_RECIPIENTS: usize = 50;
/// Message ids of References that are kept.
pub const MAX_REFERENCES: usize = 100;
/// Characters of a message id. RFC 5322 allows no longer line.
pub const MAX_MESSAGE_ID: usize = 998;
/// Characters of the name beside the sender's address that are kept.
pub const MAX_SENDER_NAME: usize = 200;
/// Characters of a subject that are kept.
pub const MAX_SUBJECT: usize = 500;
/// Bytes of an attachment's name.
pub const MAX_NAME: usize = 255;

/// Bytes of a part's text that are searched for new text, before decoding.
pub(crate) const MAX_TEXT_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of one header's value that are read: 64 ids of the longest, or more recipients than are
/// kept.
pub(crate) const MAX_VALUE: usize = 64 * 1024;
/// Bytes of the header of one address list, and of a part's type, that are read.
pub(crate) const MAX_STRUCTURED: usize = 16 * 1024;
/// Bytes of all parts' types together that are read. A part after that has no type.
pub(crate) const MAX_ALL_TYPES: usize = 4 * 1024 * 1024;
/// Header fields of a mail or a part that are looked at.
pub(crate) const MAX_FIELDS: usize = 2_000;
