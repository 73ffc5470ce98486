//! The state of a dispute, and what follows from it alone.

use super::{Category, Side, Stage};
use serde::{Deserialize, Serialize};

/// Why a dispute is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// Decided for the customer: the merchant lost.
    Customer,
    /// Decided for the merchant: the merchant won.
    Merchant,
    /// A draft that was never submitted. Nobody but its opener ever saw it.
    Cancelled,
    /// Withdrawn, after it was live, by the account that opened it. Who saw it live sees it ended.
    Withdrawn,
    /// The transaction was refunded, or turned out to have failed, while the dispute was open.
    Refunded,
    /// Never open: of a failed or refunded transaction (Tutelar contract), or of a category that
    /// knows only `Accepted` (Arbiter contract).
    ClosedOnCreation,
}

impl Closing {
    /// Every reason.
    pub const ALL: [Self; 6] =
        [Self::Customer, Self::Merchant, Self::Cancelled, Self::Withdrawn, Self::Refunded, Self::ClosedOnCreation];
}

/// What a dispute keeps others from opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lock {
    /// A second draft of the same opener about the same transaction, and nothing else.
    Draft,
    /// Any other live dispute about the same transaction: the active-dispute lock.
    Active,
}

/// The state of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Created and not submitted. Only the Connect API has drafts.
    Draft,
    /// Under way.
    Live(Stage),
    /// Over.
    Closed {
        /// Why.
        closing: Closing,
        /// The stage it was in when it closed, which Tutelar's level still shows; [`Stage::First`]
        /// for a draft and for what was closed on creation.
        stage: Stage,
    },
}

impl State {
    /// Never open. See [`Closing::ClosedOnCreation`].
    pub const CLOSED_ON_CREATION: Self = Self::Closed { closing: Closing::ClosedOnCreation, stage: Stage::First };

    /// What a dispute of this category is when it is opened without a draft, or when its draft is
    /// submitted.
    #[must_use]
    pub fn initial(category: Category) -> Self {
        category.stages().first().map_or(Self::CLOSED_ON_CREATION, |first| Self::Live(*first))
    }

    /// Every state there is, reachable or not.
    pub fn all() -> impl Iterator<Item = Self> {
        let live = Stage::ALL.into_iter().map(Self::Live);
        let closed = Closing::ALL
            .into_iter()
            .flat_map(|closing| Stage::ALL.into_iter().map(move |stage| Self::Closed { closing, stage }));
        std::iter::once(Self::Draft).chain(live).chain(closed)
    }

    /// Whether something can still become of the dispute: it is a draft or live.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.lock().is_some()
    }

    /// Which lock on its transaction the dispute holds; none once it is closed.
    #[must_use]
    pub fn lock(self) -> Option<Lock> {
        match self {
            Self::Draft => Some(Lock::Draft),
            Self::Live(_) => Some(Lock::Active),
            Self::Closed { .. } => None,
        }
    }

    /// The stage it is in, or was in when it closed; a draft is before the first.
    #[must_use]
    pub fn stage(self) -> Stage {
        match self {
            Self::Draft => Stage::First,
            Self::Live(stage) | Self::Closed { stage, .. } => stage,
        }
    }

    /// Why it is closed, if it is.
    #[must_use]
    pub fn closing(self) -> Option<Closing> {
        match self {
            Self::Draft | Self::Live(_) => None,
            Self::Closed { closing, .. } => Some(closing),
        }
    }

    /// Who has to act next; `None` when it is closed. The sides act in turn: a claim is answered,
    /// made again, answered again, and decided.
    #[must_use]
    pub fn party_due(self) -> Option<Side> {
        match self {
            Self::Draft => Some(Side::Opener),
            Self::Live(Stage::First | Stage::PreArbitration) => Some(Side::Respondent),
            Self::Live(Stage::Representment | Stage::PreArbitrationTwo) => Some(Side::Claimant),
            Self::Live(Stage::Arbitration) => Some(Side::Operator),
            Self::Closed { .. } => None,
        }
    }

    /// This state, closed.
    pub(super) fn close(self, closing: Closing) -> Self {
        Self::Closed { closing, stage: self.stage() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_under_stable_names() {
        let closed = State::Closed { closing: Closing::ClosedOnCreation, stage: Stage::PreArbitrationTwo };
        for (state, stored) in [
            (State::Draft, r#""draft""#),
            (State::Live(Stage::PreArbitration), r#"{"live":"pre_arbitration"}"#),
            (closed, r#"{"closed":{"closing":"closed_on_creation","stage":"pre_arbitration_two"}}"#),
        ] {
            assert_eq!(serde_json::to_string(&state).unwrap(), stored);
            assert_eq!(serde_json::from_str::<State>(stored).unwrap(), state);
        }
    }

    #[test]
    fn all_names_each_state_once() {
        let all: Vec<State> = State::all().collect();
        let different: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!((all.len(), different.len()), (1 + 5 + 30, 1 + 5 + 30));
    }
}
