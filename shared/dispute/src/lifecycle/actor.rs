//! Who acts, and on which side.

use serde::{Deserialize, Serialize};

/// In which quality a caller acts. A caller may have several at once: the account that opened a dispute may be its merchant's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The account that opened the dispute.
    Opener,
    /// The customer's bank.
    Issuer,
    /// The merchant's bank.
    Acquirer,
    /// The merchant's account.
    Merchant,
    /// A person of the desk, with the command line.
    Operator,
    /// The payment platform, which says what became of the transaction.
    Platform,
    /// A deadline that passed.
    Clock,
}

impl Actor {
    /// Every actor.
    pub const ALL: [Self; 7] =
        [Self::Opener, Self::Issuer, Self::Acquirer, Self::Merchant, Self::Operator, Self::Platform, Self::Clock];

    /// The side it takes between the two that take turns. It follows from the transaction, not from who logged the dispute: ours, as the
    /// Arbiter contract says only that the issuer, the acquirer and the merchant may each log one.
    #[must_use]
    pub fn side(self) -> Side {
        match self {
            Self::Opener => Side::Opener,
            Self::Issuer => Side::Claimant,
            Self::Acquirer | Self::Merchant => Side::Respondent,
            Self::Operator | Self::Platform | Self::Clock => Side::Desk,
        }
    }
}

/// Whose turn it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The account that opened the dispute, while it is a draft.
    Opener,
    /// The customer's side.
    Claimant,
    /// The merchant's side.
    Respondent,
    /// The desk itself.
    Desk,
}
