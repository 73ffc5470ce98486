//! What can be done to a dispute, and why it may not be.

use super::Level;
use serde::{Deserialize, Serialize};

/// What can be done to a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Send a draft off, with its evidence.
    Submit,
    /// The opener takes its own dispute back: `Closing::Withdrawn`, or of a draft
    /// `Closing::Cancelled`.
    Cancel,
    /// Correct details.
    Update,
    /// Add evidence to a draft.
    UploadEvidence,
    /// The merchant's side gives in, because the claim is right: `Closing::Customer`.
    Accept,
    /// The merchant's side refuses the claim for good: `Closing::Merchant`.
    Decline,
    /// The issuer gives up its claim: `Closing::Merchant`, as if the merchant had won.
    Withdraw,
    /// Answer the claim.
    Represent,
    /// Make the claim again.
    PreArbitrate,
    /// Answer it again.
    PreArbitrateAgain,
    /// Ask the operators to decide.
    Arbitrate,
    /// The merchant's verdict that it won (Tutelar).
    VerdictWon,
    /// The merchant's verdict that it lost (Tutelar).
    VerdictLost,
    /// On to the next of Tutelar's levels.
    MoveLevel,
    /// Take up again, at this level, what was decided (Tutelar).
    Reopen(Level),
    /// An operator decides for the customer.
    CloseForCustomer,
    /// An operator decides for the merchant.
    CloseForMerchant,
    /// The transaction was refunded.
    Refund,
    /// The transaction turned out to have failed.
    Fail,
    /// The time for this state is over.
    Expire,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 22] = [
        Self::Submit,
        Self::Cancel,
        Self::Update,
        Self::UploadEvidence,
        Self::Accept,
        Self::Decline,
        Self::Withdraw,
        Self::Represent,
        Self::PreArbitrate,
        Self::PreArbitrateAgain,
        Self::Arbitrate,
        Self::VerdictWon,
        Self::VerdictLost,
        Self::MoveLevel,
        Self::Reopen(Level::One),
        Self::Reopen(Level::Two),
        Self::Reopen(Level::Three),
        Self::CloseForCustomer,
        Self::CloseForMerchant,
        Self::Refund,
        Self::Fail,
        Self::Expire,
    ];
}

/// Why an action is not taken. Nothing changes then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// This actor may never do this.
    #[error("this party may not do that to a dispute")]
    NotTheirs,
    /// The action needs a submitted dispute, this is a draft.
    #[error("the dispute is a draft and has to be submitted first")]
    NotSubmitted,
    /// The action needs a draft, this is live.
    #[error("the dispute was submitted already")]
    AlreadySubmitted,
    /// The action needs an open dispute, this is closed.
    #[error("the dispute is closed")]
    AlreadyClosed,
    /// Only a closed dispute can be reopened.
    #[error("the dispute is not closed")]
    NotClosed,
    /// Only what was decided for one side can be reopened.
    #[error("the dispute was closed without a decision and stays closed")]
    NotDecided,
    /// Only the merchant's own verdict can be taken back.
    #[error("the dispute was decided by somebody else, for good")]
    NotTheirVerdict,
    /// The other side has to act, or an operator has to decide.
    #[error("it is another party's turn")]
    NotTheirTurn,
    /// A claim that somebody else made is not refused without evidence.
    #[error("no evidence is on the dispute's record")]
    NoEvidence,
    /// A bank or the merchant acted on the dispute, so it is not its opener's alone any more.
    #[error("another party has acted on the dispute")]
    OthersActed,
    /// The time of its status is up: the dispute is the clock's.
    #[error("the time to act on the dispute is up")]
    TimeIsUp,
    /// The action belongs to another stage.
    #[error("the dispute is at a stage that does not allow this")]
    WrongStage,
    /// The dispute's category has no such stage.
    #[error("disputes of this category do not go that far")]
    NotInCategory,
}
