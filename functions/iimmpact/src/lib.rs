//! The IIMMPACT API: report an issue with a completed transaction.
//!
//! Everything that is only this API's: its texts, its errors, the form of its request. Seeds 000 and 001 are the published contract of
//! the one call; what they leave open is marked as ours.

mod body;
mod error;
mod simulation;
mod texts;

pub use body::{Report, TransactionRef};
pub use error::{ApiError, Iimmpact};
pub use simulation::simulated;
pub use texts::Outcome;
