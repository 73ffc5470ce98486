#![doc = include_str!("../README.md")]

mod agent;
pub mod allowed;
mod called;
mod close;
mod decisive;
mod find;
mod forget;
pub mod labels;
mod support_view;
mod thread;
mod timeline;

use recourse_dispute::time::UnixMillis;

pub use agent::{ActError, ActOutcome, AgentOrder, Seen, Submission, Written, act};
pub use called::disputes_called;
pub use close::{CloseError, close, decision, mails_of, not_open};
pub use decisive::{Decisive, left};
pub use find::{FindError, FoundDispute, Named, WhichDispute, find};
pub use forget::{Certificate, CertificateCase, ForgetError, ForgetOrder, ForgetOutcome, ForgetProgress, forget};
pub use support_view::{AUTOMATION, SupportView, millis, owner_name, seconds, sentence};
pub use thread::{Entry, attachment_outcome, notes, received, thread};
pub use timeline::{Addresses, StepWords, TimelineEntry, Words, step_words, timeline};

/// A time to the second, in UTC.
#[must_use]
pub fn utc(at: UnixMillis) -> String {
    UnixMillis(at.seconds().saturating_mul(1000)).iso8601()
}

#[cfg(test)]
mod testing;
