//! The Platform API: how transactions get in, and how their disputes are read. Recourse-specific;
//! no vendor publishes one.
//!
//! A dispute is about a transaction, so the payment platform sends transactions as they change. It
//! signs as the clients of the IIMMPACT API do, with a key whose role is `platform`. Or it sends the
//! same by a queue, which [`ingest`] reads. Unlike at the vendors' APIs, an unknown field is an
//! error: it is likely a misspelt one.

mod caller;
mod dispute;
mod error;
mod fields;
pub mod ingest;
mod listing;
mod response;
mod transaction;
mod upsert;

pub use caller::{caller, environment};
pub use dispute::{DisputeResponse, number, to_dispute_response};
pub use error::{ApiError, Platform};
pub use listing::{DisputePage, DisputeQuery};
pub use response::to_response;
pub use transaction::{MAX_AHEAD_MS, MAX_BYTES, MAX_TRANSACTIONS, read, read_list};
pub use upsert::{UpdateOutcome, upsert};
