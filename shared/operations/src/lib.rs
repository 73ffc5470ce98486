#![doc = include_str!("../README.md")]

pub mod accounts;
mod agent;
pub mod allowed;
mod audit;
mod called;
mod close;
mod csv_row;
mod current;
mod decisive;
mod dry_run;
mod find;
mod forecast;
mod forget;
pub mod health;
pub mod keys;
pub mod labels;
pub mod outbox;
pub mod playbooks;
mod step_facts;
mod support_view;
mod thread;
mod timeline;
pub mod typed;
pub mod users;
pub mod webhooks;

use recourse_dispute::time::UnixMillis;

pub use agent::{ActError, ActOutcome, AgentOrder, Seen, Submission, Written, act};
pub use audit::AuditView;
pub use called::{disputes_called, typed_case};
pub use close::{CloseError, close, decision, mails_of, not_open};
pub use csv_row::csv_row;
pub use current::{CurrentCasework, MAX_PLAYBOOKS_BYTES, NoCasework, PLAYBOOKS_LIFETIME_MS};
pub use decisive::{Decisive, left};
pub use dry_run::{DRY_RUN_CASES, DryRun, DryRunCase, dry_run};
pub use find::{FindError, FoundDispute, Named, WhichDispute, find};
pub use forecast::{Forecast, Stop, forecast, stopped};
pub use forget::{
    Certificate, CertificateCase, ForgetBatch, ForgetError, ForgetOrder, ForgetOutcome, ForgetProgress, forget,
};
pub use step_facts::step_facts;
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
