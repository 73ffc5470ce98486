//! The Platform API: how transactions get in. Recourse-specific; no vendor publishes one.
//!
//! A dispute is about a transaction, so the payment platform sends transactions as they change. It
//! signs as the clients of the IIMMPACT API do, with a key whose role is `platform`. Unlike at the
//! vendors' APIs, an unknown field is an error: it is likely a misspelt one.

mod caller;
mod error;
mod fields;
mod response;
mod transaction;
mod upsert;

pub use caller::{caller, environment};
pub use error::{ApiError, Platform};
pub use response::to_response;
pub use transaction::{MAX_AHEAD_MS, MAX_BYTES, TWICE, read};
pub use upsert::{UpdateOutcome, upsert};
