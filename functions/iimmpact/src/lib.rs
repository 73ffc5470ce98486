//! The IIMMPACT API: report an issue with a completed transaction.
//!
//! Everything that is only this API's: its texts, its errors, the form of its request. The vendor's
//! specifications "Dispute Transaction" and "Report Issue" are the published contract of the one
//! call; what they leave open is marked as Recourse-specific.

mod body;
mod error;
mod simulation;
mod texts;

pub use body::{Report, TransactionRef};
pub use error::{ApiError, Iimmpact};
pub use simulation::{failing, simulated};
pub use texts::Outcome;
