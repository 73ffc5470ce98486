//! What a step asks its caller to do.

use crate::decision::{DecisionRequest, HistoryEntry};
use crate::event::InFavourOf;
use crate::reason::Reason;
use crate::templates::{Slots, TemplateId};

/// A mail to the customer that the outbox gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailOrder {
    /// Which mail.
    pub template: TemplateId,
    /// What the step knows; case id, refid, product and amount come from the dispute's record.
    pub slots: Slots,
}

/// What the caller does after a step. Everything but [`Self::AskProvider`] and [`Self::AskModel`]
/// is written in the same database transaction as the case; these two are done after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Put an automatic mail to the customer into the outbox.
    SendMail(MailOrder),
    /// Mail the supervisors that nobody has acted.
    MailSupervisors {
        /// Why the case waits for a person.
        reason: Reason,
    },
    /// Ask the playbook for a decision; [`crate::advance`] does it at once.
    Decide(DecisionRequest),
    /// Ask the provider now, and bring its answer as an event. A worker that dies before it does so
    /// loses nothing: the case is due again after a pause.
    AskProvider {
        /// Which attempt it is, from 1.
        attempt: u32,
    },
    /// Ask the model now, and bring its answer as an event with this number.
    AskModel {
        /// The number of the call, from 1.
        call: u32,
    },
    /// Close the dispute.
    CloseDispute {
        /// For whom.
        in_favour_of: InFavourOf,
        /// Why.
        reason: Reason,
    },
    /// Write this into the case's history.
    Record(HistoryEntry),
}
