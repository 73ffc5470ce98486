//! What can happen to a case.

mod message;
mod provider;

pub use message::{CustomerMessage, Intent, InvalidSenderTag, SenderTag};
pub use provider::{MAX_EVIDENCE, MAX_REFERENCE, ProviderAnswer, ProviderState};

use serde::{Deserialize, Serialize};

use crate::case::{AgentName, Language};
use crate::decision::Ruling;

/// For whom a dispute is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InFavourOf {
    /// The customer: the claim is right.
    Customer,
    /// The merchant: the payment was in order.
    Merchant,
}

/// What can happen to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The report was stored.
    Opened,
    /// A recipient of the case wrote.
    CustomerWrote(CustomerMessage),
    /// An automatic reply or a delivery report came in. It is noted and moves nothing.
    AutoReplyNoted,
    /// The account that reported for a customer wrote. It never speaks for the customer, so a
    /// person reads it.
    AccountWrote,
    /// Somebody wrote who is no recipient of the case. It is noted and moves nothing.
    ThirdPartyWrote,
    /// The provider answered.
    ProviderAnswered(ProviderAnswer),
    /// The provider did not answer: no connection, an error, no answer in time, or not its format.
    ProviderUnreachable,
    /// A playbook decided.
    Decided(Ruling),
    /// A model chose an approved answer, a question or a person.
    ModelAnswered {
        /// The number of the call, from [`crate::Effect::AskModel`].
        call: u32,
        /// What it chose.
        ruling: Ruling,
        /// The language in which the customer is answered from now on; none where the account's
        /// setting holds.
        language: Option<Language>,
    },
    /// A model answered against the rules, or below the threshold.
    ModelRefused {
        /// The number of the call.
        call: u32,
        /// Which rule, as [`crate::model::ModelRefusal::code`] has it.
        code: &'static str,
        /// Whether only the confidence was too low.
        is_unsure: bool,
    },
    /// A model could not be asked: throttled, unreachable, too late, blocked by its guardrail.
    ModelFailed {
        /// The number of the call.
        call: u32,
    },
    /// The rules of [`crate::guard`] refused a mail that this process ordered.
    MailRefused,
    /// The deadline worker found the case due.
    TimeReached,
    /// An agent took the case.
    AgentTook(AgentName),
    /// The case was given to an agent, or back to the queue.
    AgentAssigned {
        /// Who did that.
        by: AgentName,
        /// Whose it is now; nobody's in the queue.
        to: Option<AgentName>,
    },
    /// An agent wrote a note for the other agents. It moves nothing.
    AgentNoted(AgentName),
    /// An agent replied to the customer.
    AgentReplied(AgentName),
    /// An agent ended the case.
    AgentResolved {
        /// Who.
        by: AgentName,
        /// For whom.
        in_favour_of: InFavourOf,
    },
    /// The platform reports the transaction as refunded, and the dispute closed with that.
    TransactionRefunded,
    /// The platform reports the transaction as failed, and the dispute closed with that.
    TransactionFailed,
    /// The dispute was closed in another way, such as by an operator.
    DisputeEnded,
}
