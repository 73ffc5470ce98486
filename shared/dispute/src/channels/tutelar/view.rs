//! How the Tutelar API shows a dispute.

use crate::lifecycle::{Closing, Level, State};

/// How the Tutelar API shows a dispute. `closed`, `won` and `lost` are inferred or
/// Recourse-specific (Tutelar contract, "View").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct View {
    /// `open` or `closed`.
    pub status: &'static str,
    /// `pending`, `won` or `lost`, from the merchant's view.
    pub verdict: &'static str,
    /// Its level, or that at which it closed.
    pub level: Level,
}

/// How the Tutelar API shows a state.
#[must_use]
pub fn view(state: State) -> View {
    let (status, verdict) = match state.closing() {
        None => ("open", "pending"),
        Some(Closing::Customer) => ("closed", "lost"),
        Some(Closing::Merchant) => ("closed", "won"),
        Some(Closing::Cancelled | Closing::Withdrawn | Closing::Refunded | Closing::ClosedOnCreation) => {
            ("closed", "pending")
        }
    };
    View { status, verdict, level: Level::from(state.stage()) }
}
