//! One state, a face at each API that shows disputes: how it shows where one stands.
//!
//! A dispute that was opened at one API can be read at every API its parties have, so every state has exactly one face at each of those. An API
//! that never knew such a state shows the nearest of its own published words. The IIMMPACT API shows none: what a report is answered, the
//! transaction's status and its live guard decide.
//!
//! **Invariant:** a face is a function of state and category alone; no API stores words of its own.

use crate::lifecycle::{Category, Closing, Level, State};

/// How the Tutelar API shows a dispute. `closed`, `won` and `lost` are inferred or ours (Tutelar contract, "View").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tutelar {
    /// `open` or `closed`.
    pub status: &'static str,
    /// `pending`, `won` or `lost`, from the merchant's view.
    pub verdict: &'static str,
    /// Where it is, or was when it closed.
    pub level: Level,
}

/// How the Connect API shows a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Connect {
    /// `DRAFT`, `CREATED` or `CANCELLED`.
    pub status: &'static str,
    /// 600 is `CREATED` (vendor specification, Connect "Submit dispute"). The vendor publishes no others; ours are 0 for `DRAFT` and 99999 for `CANCELLED`.
    pub status_code: u32,
}

/// The Arbiter API's face; `None` is a dispute that this API does not show.
#[must_use]
pub fn arbiter_status(state: State, category: Category) -> Option<&'static str> {
    match state {
        State::Draft => None,
        State::Live(stage) => Some(category.status(stage)),
        State::Closed { closing, .. } => match closing {
            Closing::Customer | Closing::Refunded | Closing::ClosedOnCreation => Some("Accepted"),
            Closing::Merchant | Closing::Withdrawn => Some("Declined"),
            Closing::Cancelled => None,
        },
    }
}

/// The Tutelar API's face.
#[must_use]
pub fn tutelar(state: State) -> Tutelar {
    let (status, verdict) = match state.closing() {
        None => ("open", "pending"),
        Some(Closing::Customer) => ("closed", "lost"),
        Some(Closing::Merchant) => ("closed", "won"),
        Some(Closing::Cancelled | Closing::Withdrawn | Closing::Refunded | Closing::ClosedOnCreation) => {
            ("closed", "pending")
        }
    };
    Tutelar { status, verdict, level: Level::from(state.stage()) }
}

/// The Connect API's face.
#[must_use]
pub fn connect(state: State) -> Connect {
    let (status, status_code) = match state {
        State::Draft => ("DRAFT", 0),
        State::Live(_) => ("CREATED", 600),
        State::Closed { closing, .. } => match closing {
            Closing::Customer | Closing::Merchant | Closing::ClosedOnCreation => ("CREATED", 600),
            Closing::Cancelled | Closing::Withdrawn | Closing::Refunded => ("CANCELLED", 99_999),
        },
    };
    Connect { status, status_code }
}

#[cfg(test)]
mod tests;
