//! The Platform API: how transactions get in, how their disputes are read, and how webhook
//! endpoints are managed. Recourse-specific; no vendor publishes one.
//!
//! A dispute is about a transaction, so the payment platform sends transactions as they change. It
//! signs as the clients of the IIMMPACT API do, with a key whose role is `platform`. Or it sends
//! the same by a queue, which [`ingest`] reads. Unlike at the vendors' APIs, an unknown field is an
//! error: it is likely a misspelt one.

mod caller;
mod dispute;
mod error;
mod fields;
mod idempotency;
pub mod ingest;
mod listing;
mod query;
mod response;
mod transaction;
mod upsert;
mod webhook;

pub use caller::{caller, environment};
pub use dispute::{DisputeResponse, number, to_dispute_response};
pub use error::{ApiError, Platform};
pub use idempotency::request_id;
pub use listing::{DisputePage, DisputeQuery};
pub use response::to_response;
pub use transaction::{MAX_AHEAD_MS, MAX_BYTES, MAX_TRANSACTIONS, read, read_list};
pub use upsert::{UpdateOutcome, upsert};
pub use webhook::{
    AddRequest, DeliveryQuery, EndpointPage, EndpointQuery, MAX_REPLAYED, audit, endpoint, no_body, owned, read_replay,
    secret, to_disclosure, webhook_error,
};
