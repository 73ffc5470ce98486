//! Whom a step of a party is told to, and by which letter: the same at whichever door it was taken.
//!
//! Ours. A dispute that a bank logged has its parties' addresses, who are told of all. One that was opened at another door has those of its customer and of
//! the account: they are told how it ended, and the parties of every status on the way. Who opened it at the Tutelar door is a party itself, and is written
//! to as one.

use crate::dispute::Dispute;
use crate::lifecycle::{Closing, Door, State};
use crate::notice::Letter;

/// Whom a letter goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Who gets the dispute's mail.
    Case(Letter),
    /// The parties to the transaction, at their accounts' addresses.
    Parties(Letter),
}

impl Dispute {
    /// Whom the step that led here is told to. `None` of what is told by the call that does it: a withdrawal, a refund.
    #[must_use]
    pub fn told(&self) -> Option<Told> {
        let is_logged = self.door == Door::Arbiter;
        let is_parties = is_logged || self.door == Door::Tutelar;
        let by_reader = |party, customer| Some(Told::Case(if is_parties { party } else { customer }));
        match self.state {
            State::Live(_) if is_logged => Some(Told::Case(Letter::Advanced)),
            State::Live(_) => Some(Told::Parties(Letter::Advanced)),
            State::Closed { closing: Closing::Customer, .. } => by_reader(Letter::Accepted, Letter::DecidedForCustomer),
            State::Closed { closing: Closing::Merchant, .. } => by_reader(Letter::Declined, Letter::DecidedForMerchant),
            State::Draft
            | State::Closed { closing: Closing::Cancelled | Closing::Refunded | Closing::BornClosed, .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispute::tests::dispute;
    use crate::lifecycle::Stage;

    #[test]
    fn a_logged_dispute_tells_its_parties_all_and_any_other_its_readers_the_end() {
        let told = |door, state| Dispute { state, ..dispute(door) }.told();
        let closed = |closing| State::Closed { closing, stage: Stage::First };
        let (live, lost, won) =
            (State::Live(Stage::PreArbitration), closed(Closing::Customer), closed(Closing::Merchant));
        assert_eq!(told(Door::Arbiter, live), Some(Told::Case(Letter::Advanced)));
        assert_eq!(told(Door::Arbiter, lost), Some(Told::Case(Letter::Accepted)));
        assert_eq!(told(Door::Arbiter, won), Some(Told::Case(Letter::Declined)));
        for door in [Door::Iimmpact, Door::Tutelar, Door::Connect] {
            assert_eq!(told(door, live), Some(Told::Parties(Letter::Advanced)));
        }
        assert_eq!(told(Door::Tutelar, lost), Some(Told::Case(Letter::Accepted)));
        assert_eq!(told(Door::Tutelar, won), Some(Told::Case(Letter::Declined)));
        for door in [Door::Iimmpact, Door::Connect] {
            assert_eq!(told(door, lost), Some(Told::Case(Letter::DecidedForCustomer)));
            assert_eq!(told(door, won), Some(Told::Case(Letter::DecidedForMerchant)));
        }
        for state in [State::Draft, closed(Closing::Cancelled), closed(Closing::Refunded), State::BORN_CLOSED] {
            assert_eq!(told(Door::Connect, state), None);
        }
    }
}
