//! Who acts, and on which side.

use serde::{Deserialize, Serialize};

listed! {
    /// The role in which a caller acts. A caller may have several at once: the account that opened
    /// a dispute may be its merchant's.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Actor {
        /// The account that opened the dispute.
        Opener,
        /// The account whose transaction is disputed: the merchant's, as the Tutelar API has it.
        Account,
        /// The customer's bank.
        Issuer,
        /// The merchant's bank.
        Acquirer,
        /// The merchant, as the bank network knows it: the transaction names it by a domain code.
        Merchant,
        /// A person of the company that runs this service, with the command line.
        Operator,
        /// The support process, which answers a report, and ends it on the word of the provider or
        /// the customer.
        Automation,
        /// The payment platform, which says what became of the transaction.
        Platform,
        /// A deadline that passed.
        Clock,
    }
}

/// What everybody else calls the operators, in mails and in histories: nobody reads which of them
/// acted.
pub const DISPUTE_TEAM: &str = "payment platform's dispute team";

impl Actor {
    /// The name in documents and views: `issuer`, `transaction's account`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Opener => "opener",
            Self::Account => "transaction's account",
            Self::Issuer => "issuer",
            Self::Acquirer => "acquirer",
            Self::Merchant => "merchant",
            Self::Operator => "operator",
            Self::Automation => "automation",
            Self::Platform => "platform",
            Self::Clock => "time",
        }
    }

    /// Whether it is one of the parties that the transaction names to the bank network.
    #[must_use]
    pub fn is_party(self) -> bool {
        match self {
            Self::Issuer | Self::Acquirer | Self::Merchant => true,
            Self::Opener | Self::Account | Self::Operator | Self::Automation | Self::Platform | Self::Clock => false,
        }
    }

    /// The side it takes between the two that take turns. It follows from the transaction, not from
    /// who logged the dispute: Recourse-specific, as the Arbiter contract says only that the
    /// issuer, the acquirer and the merchant may each log one.
    #[must_use]
    pub fn side(self) -> Side {
        match self {
            Self::Opener => Side::Opener,
            Self::Issuer => Side::Claimant,
            Self::Account | Self::Acquirer | Self::Merchant => Side::Respondent,
            Self::Operator | Self::Automation | Self::Platform | Self::Clock => Side::Operator,
        }
    }
}

/// The sides that can have to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The account that opened the dispute, while it is a draft.
    Opener,
    /// The customer's side.
    Claimant,
    /// The merchant's side.
    Respondent,
    /// The operators of Recourse.
    Operator,
}
