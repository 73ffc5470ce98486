//! Workers without an API: what was promised gets done.
//!
//! A case's changes are written by the APIs, together with the mails they promise. The workers here do what was promised: [`outbox`] sends mails, called by the
//! table's stream as soon as one is promised, and by a schedule for all that did not go out then; [`feedback`] sees to it that an address whose mail came back
//! gets no more; [`expire`] ends what nobody acted on in time, and [`index`] counts.
//!
//! **Invariant:** a worker assumes neither order nor company of what it is called for: an outbox item says all that is needed to do it.

pub mod counters;
pub mod deadlines;
pub mod feedback;
pub mod outbox;
pub mod stream;

pub use recourse_runtime::SystemContext;
