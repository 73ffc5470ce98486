//! Workers: functions that no API calls.
//!
//! The APIs write a dispute's changes together with the mails that they enqueue. [`outbox`] sends
//! the mails: the table's stream calls it for each new mail, and a schedule for all that did not go
//! out then. [`feedback`] marks addresses that bounced, so that they get no more mail.
//! [`deadlines`] ends what nobody acted on in time, and [`counters`] counts.
//!
//! **Invariant:** a worker assumes nothing about the order of its calls, or about what else is in
//! one. An outbox item says everything that is needed to send it.

pub mod counters;
pub mod deadlines;
pub mod feedback;
pub mod outbox;
pub mod stream;

pub use recourse_runtime::SystemContext;
