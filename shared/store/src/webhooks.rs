//! Events that are delivered to webhook endpoints: handing them out, claiming a delivery, and
//! storing how an attempt ended.
//!
//! The history of a dispute is the outbox of its events: the entry is written in the transaction of
//! the change, so a change costs nothing more, whether somebody gets its event or not. A worker
//! reads the table's stream and hands the new entries out: one delivery for each event and endpoint
//! that gets it. Deliveries are in the ephemeral table, which keeps them for [`DELIVERY_DAYS`].
//!
//! Until a delivery succeeded or is given up, a sparse index holds it under its endpoint and the
//! time at which it is due, so no endpoint's backlog hides another's. A worker claims a delivery by
//! a conditional write for a limited time. What it writes afterwards is conditional on that claim.

mod claim;
mod delivery;
mod fan_out;
mod list;
mod page;
mod removal;
mod replay;

pub use claim::{ClaimDeliveryOutcome, ClaimedDelivery, DeliveryEnd};
pub use delivery::{DELIVERY_DAYS, Delivery, DeliveryAttempt, DeliveryId, DeliveryState};
pub use list::DeliveryRange;
pub use page::DeliveryPage;
pub use replay::ReplayRequest;
