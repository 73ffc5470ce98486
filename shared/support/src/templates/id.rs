//! The mails of the process, the questions, and what each needs on record.

use serde::{Deserialize, Serialize};

use super::Slot;
use crate::case::Fact;
use crate::reason::Reason;

/// A mail of the support process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateId {
    /// Asks for a photo of the voucher.
    AskVoucherPhoto,
    /// Asks for the account number at the biller.
    AskAccountNumber,
    /// Asks for the number that was to be topped up.
    AskTopupNumber,
    /// Asks what happened.
    AskDetails,
    /// The provider was asked.
    ProviderAsked,
    /// The provider is still working on it.
    StillWaiting,
    /// The provider delivered; here is what it says, and how to object.
    Delivered,
    /// The provider says that the payment did not go through.
    ProviderFailed,
    /// The platform reports a refund.
    TransactionRefunded,
    /// The platform reports that the payment failed.
    TransactionFailed,
    /// We still need the customer's answer.
    Reminder,
    /// A person has the case now.
    HandedToAgent,
    /// Closed, as the customer wrote that it works.
    ClosedWorks,
    /// Closed, as the customer did not object.
    ClosedNoObjection,
    /// To the supervisors: nobody has acted on this case.
    Supervisors,
}

/// What has to be on record before a mail may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Nothing: the mail claims nothing.
    Nothing,
    /// The provider was asked and has not given a final answer.
    ProviderPending,
    /// The provider said delivered.
    ProviderDelivered,
    /// The provider said failed.
    ProviderFailed,
    /// The transaction's status is `Refund`.
    Refund,
    /// The transaction's status is `Failed`.
    Failed,
    /// The case was resolved for one of these reasons.
    Resolved(&'static [Reason]),
    /// The case waits for a person.
    WithAgent,
}

impl TemplateId {
    /// Every mail.
    pub const ALL: [Self; 15] = [
        Self::AskVoucherPhoto,
        Self::AskAccountNumber,
        Self::AskTopupNumber,
        Self::AskDetails,
        Self::ProviderAsked,
        Self::StillWaiting,
        Self::Delivered,
        Self::ProviderFailed,
        Self::TransactionRefunded,
        Self::TransactionFailed,
        Self::Reminder,
        Self::HandedToAgent,
        Self::ClosedWorks,
        Self::ClosedNoObjection,
        Self::Supervisors,
    ];

    /// The name in files, records and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AskVoucherPhoto => "ask_voucher_photo",
            Self::AskAccountNumber => "ask_account_number",
            Self::AskTopupNumber => "ask_topup_number",
            Self::AskDetails => "ask_details",
            Self::ProviderAsked => "provider_asked",
            Self::StillWaiting => "still_waiting",
            Self::Delivered => "delivered",
            Self::ProviderFailed => "provider_failed",
            Self::TransactionRefunded => "transaction_refunded",
            Self::TransactionFailed => "transaction_failed",
            Self::Reminder => "reminder",
            Self::HandedToAgent => "handed_to_agent",
            Self::ClosedWorks => "closed_works",
            Self::ClosedNoObjection => "closed_no_objection",
            Self::Supervisors => "supervisors",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.name() == name)
    }

    /// What has to be on record for it.
    #[must_use]
    pub fn basis(self) -> Basis {
        match self {
            Self::AskVoucherPhoto | Self::AskAccountNumber | Self::AskTopupNumber | Self::AskDetails => Basis::Nothing,
            Self::Reminder => Basis::Nothing,
            Self::ProviderAsked | Self::StillWaiting => Basis::ProviderPending,
            Self::Delivered => Basis::ProviderDelivered,
            Self::ProviderFailed => Basis::ProviderFailed,
            Self::TransactionRefunded => Basis::Refund,
            Self::TransactionFailed => Basis::Failed,
            Self::HandedToAgent | Self::Supervisors => Basis::WithAgent,
            Self::ClosedWorks => Basis::Resolved(&[Reason::CustomerSaysWorks]),
            Self::ClosedNoObjection => Basis::Resolved(&[Reason::NoObjection]),
        }
    }

    /// Slots that every language has to use.
    #[must_use]
    pub fn required(self) -> &'static [Slot] {
        match self {
            Self::Delivered | Self::Reminder => &[Slot::CaseId, Slot::Refid, Slot::Date],
            Self::Supervisors => &[Slot::CaseId, Slot::Reason, Slot::State],
            _ => &[Slot::CaseId, Slot::Refid],
        }
    }

    /// Slots that a language may use besides. A paragraph with one that has no value is left out.
    #[must_use]
    pub fn optional(self) -> &'static [Slot] {
        match self {
            Self::Delivered | Self::ProviderFailed => {
                &[Slot::Product, Slot::Amount, Slot::ProviderReference, Slot::Evidence]
            }
            Self::Supervisors => &[Slot::Product, Slot::Refid, Slot::Agent],
            _ => &[Slot::Product, Slot::Amount],
        }
    }

    /// Whether the customer can still say that it works: the mail has a button for that.
    #[must_use]
    pub fn has_button(self) -> bool {
        match self {
            Self::AskVoucherPhoto | Self::AskAccountNumber | Self::AskTopupNumber | Self::AskDetails => true,
            Self::ProviderAsked | Self::StillWaiting | Self::Delivered | Self::Reminder | Self::HandedToAgent => true,
            Self::ProviderFailed | Self::TransactionRefunded | Self::TransactionFailed => false,
            Self::ClosedWorks | Self::ClosedNoObjection | Self::Supervisors => false,
        }
    }

    /// Whether a step `answer` of a playbook may send it: it gives the customer the answer.
    #[must_use]
    pub fn is_answer(self) -> bool {
        matches!(self, Self::Delivered)
    }

    /// Whether it may go along with a question to the provider or a pause, or be a model's answer:
    /// it is about the progress.
    #[must_use]
    pub fn is_information(self) -> bool {
        matches!(self, Self::ProviderAsked | Self::StillWaiting)
    }
}

/// An approved question to the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// For a photo of the voucher.
    VoucherPhoto,
    /// For the account number at the biller.
    AccountNumber,
    /// For the number that was to be topped up.
    TopupNumber,
    /// For a description.
    Details,
}

impl Question {
    /// Every question.
    pub const ALL: [Self; 4] = [Self::VoucherPhoto, Self::AccountNumber, Self::TopupNumber, Self::Details];

    /// The name in files and in the model's tool.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::VoucherPhoto => "voucher_photo",
            Self::AccountNumber => "account_number",
            Self::TopupNumber => "topup_number",
            Self::Details => "details",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|question| question.name() == name)
    }

    /// The mail that asks it.
    #[must_use]
    pub fn template(self) -> TemplateId {
        match self {
            Self::VoucherPhoto => TemplateId::AskVoucherPhoto,
            Self::AccountNumber => TemplateId::AskAccountNumber,
            Self::TopupNumber => TemplateId::AskTopupNumber,
            Self::Details => TemplateId::AskDetails,
        }
    }

    /// What is known once it is answered.
    #[must_use]
    pub fn fact(self) -> Fact {
        match self {
            Self::VoucherPhoto => Fact::Photo,
            Self::AccountNumber => Fact::AccountNumber,
            Self::TopupNumber => Fact::TopupNumber,
            Self::Details => Fact::Details,
        }
    }
}
