//! The APIs that a dispute can be opened through. One table says how they differ in who may act and
//! who is mailed. The words of mails that differ are in `channel_words` of recourse-mail.
//!
//! The Connect API publishes that a dispute can be cancelled while it is `DRAFT` or `CREATED`. The
//! Tutelar API publishes verdicts, levels and reopening for what was raised through it. The Arbiter
//! API publishes the categories. All else is Recourse-specific.

use serde::{Deserialize, Serialize};

use crate::lifecycle::{Actor, Category, Right, Stage, State};

/// The API that a dispute was opened through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A client reports an issue with a completed transaction.
    Iimmpact,
    /// A bank logs a dispute.
    Arbiter,
    /// A merchant raises a dispute and updates its details.
    Tutelar,
    /// A merchant sends a dispute with its evidence.
    Connect,
}

/// What is particular to the disputes of one API.
#[derive(Debug)]
pub struct ChannelPolicy {
    /// The API's name in records and logs.
    pub name: &'static str,
    /// The categories that its disputes have. Only a bank names one when it logs a dispute. A
    /// report is an inquiry, and what a merchant raises or submits is a chargeback.
    pub categories: &'static [Category],
    /// The roles that can open a dispute.
    pub openers: &'static [Actor],
    /// The states that a dispute can begin in.
    pub initial_states: &'static [State],
    /// Whether the statuses of a live dispute end by themselves. A report is the operators' own
    /// work, for which its contract sets no time.
    pub has_deadlines: bool,
    /// Whether the support process answers its disputes, and may end them.
    pub has_support_process: bool,
    /// When the opener may submit the dispute and add evidence to it.
    pub draft: Right,
    /// When the opener may withdraw the dispute.
    pub cancel: Right,
    /// When the transaction's account may give the verdict that it won.
    pub verdict_won: Right,
    /// When the transaction's account may give the verdict that it lost.
    pub verdict_lost: Right,
    /// When the transaction's account may move the dispute to another level.
    pub move_level: Right,
    /// When the transaction's account may reopen the dispute.
    pub reopen: Right,
    /// Whether the opener may change the disputed amount later.
    pub restates_amount: bool,
    /// The roles in which the recipients of the case's mail read. Whom an opener named reads as the
    /// opener does.
    pub case_readers: &'static [Actor],
    /// Whether the case's mail goes to the transaction's account alone. Elsewhere the opener names
    /// addresses, and the account is in Cc by contract.
    pub case_is_account: bool,
    /// Whether those readers act on the dispute and know its statuses. A customer does neither.
    pub case_reads_as_party: bool,
    /// Whether those readers are reminded while the respondent's side has to act.
    pub case_is_reminded: bool,
}

const IIMMPACT: ChannelPolicy = ChannelPolicy {
    name: "iimmpact",
    categories: &[Category::Inquiry],
    openers: &[Actor::Opener],
    initial_states: &[State::Live(Stage::First)],
    has_deadlines: false,
    has_support_process: true,
    draft: Right::Never,
    cancel: Right::UntilOthersAct,
    verdict_won: Right::WithEvidence,
    verdict_lost: Right::GivesIn,
    move_level: Right::Never,
    reopen: Right::Never,
    restates_amount: false,
    case_readers: &[Actor::Opener],
    case_is_account: false,
    case_reads_as_party: false,
    case_is_reminded: false,
};

const ARBITER: ChannelPolicy = ChannelPolicy {
    name: "arbiter",
    categories: &Category::ALL,
    openers: &[Actor::Issuer, Actor::Acquirer, Actor::Merchant],
    initial_states: &[State::Live(Stage::First), State::CLOSED_ON_CREATION],
    has_deadlines: true,
    has_support_process: false,
    draft: Right::Never,
    cancel: Right::UntilOthersAct,
    verdict_won: Right::WithEvidence,
    verdict_lost: Right::GivesIn,
    move_level: Right::Never,
    reopen: Right::Never,
    restates_amount: false,
    case_readers: &[Actor::Account],
    case_is_account: true,
    case_reads_as_party: true,
    case_is_reminded: false,
};

const TUTELAR: ChannelPolicy = ChannelPolicy {
    name: "tutelar",
    categories: &[Category::Chargeback],
    openers: &[Actor::Opener],
    initial_states: &[State::Live(Stage::First), State::CLOSED_ON_CREATION],
    has_deadlines: true,
    has_support_process: false,
    draft: Right::Never,
    cancel: Right::UntilOthersAct,
    verdict_won: Right::OwnRecord,
    verdict_lost: Right::OwnRecord,
    move_level: Right::OwnRecord,
    reopen: Right::OwnVerdict,
    restates_amount: true,
    case_readers: &[Actor::Opener, Actor::Account],
    case_is_account: true,
    case_reads_as_party: true,
    case_is_reminded: true,
};

const CONNECT: ChannelPolicy = ChannelPolicy {
    name: "connect",
    categories: &[Category::Chargeback],
    openers: &[Actor::Opener],
    initial_states: &[State::Draft],
    has_deadlines: true,
    has_support_process: false,
    draft: Right::Always,
    cancel: Right::Always,
    verdict_won: Right::WithEvidence,
    verdict_lost: Right::GivesIn,
    move_level: Right::Never,
    reopen: Right::Never,
    restates_amount: false,
    case_readers: &[Actor::Opener],
    case_is_account: false,
    case_reads_as_party: true,
    case_is_reminded: true,
};

impl Channel {
    /// Every API, in the order of their contracts.
    pub const ALL: [Self; 4] = [Self::Iimmpact, Self::Arbiter, Self::Tutelar, Self::Connect];

    /// What is particular to its disputes.
    #[must_use]
    pub const fn policy(self) -> &'static ChannelPolicy {
        match self {
            Self::Iimmpact => &IIMMPACT,
            Self::Arbiter => &ARBITER,
            Self::Tutelar => &TUTELAR,
            Self::Connect => &CONNECT,
        }
    }

    /// The name in records and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.policy().name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_stored_under_its_name() {
        for channel in Channel::ALL {
            assert_eq!(serde_json::to_string(&channel).unwrap(), format!("\"{}\"", channel.name()));
        }
    }
}
