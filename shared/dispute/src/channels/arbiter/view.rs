//! The status that the Arbiter API shows.

use crate::lifecycle::{Category, Closing, State};

/// The Arbiter API's status; `None` of a dispute that this API does not show.
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
