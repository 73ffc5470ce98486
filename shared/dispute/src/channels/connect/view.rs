//! How the Connect API shows a dispute.

use crate::lifecycle::{Closing, State};

/// How the Connect API shows a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct View {
    /// `DRAFT`, `CREATED` or `CANCELLED`.
    pub status: &'static str,
    /// 600 is `CREATED` (vendor specification, Connect "Submit dispute"). The vendor publishes no
    /// others: 0 for `DRAFT` and 99999 for `CANCELLED` are Recourse-specific. The vendor has no
    /// status of a decided dispute either, so that stays `CREATED` with 600.
    pub status_code: u32,
}

/// How the Connect API shows a state.
#[must_use]
pub fn view(state: State) -> View {
    let (status, status_code) = match state {
        State::Draft => ("DRAFT", 0),
        State::Live(_) => ("CREATED", 600),
        State::Closed { closing, .. } => match closing {
            Closing::Customer | Closing::Merchant | Closing::ClosedOnCreation => ("CREATED", 600),
            Closing::Cancelled | Closing::Withdrawn | Closing::Refunded => ("CANCELLED", 99_999),
        },
    };
    View { status, status_code }
}
