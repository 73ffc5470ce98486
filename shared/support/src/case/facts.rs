//! What is known in a case, and what has been done.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::event::{ProviderAnswer, ProviderState};
use crate::time::UnixSeconds;

/// What has been done in a case, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Automatic mails to the customer.
    pub automatic_mails: u32,
    /// When the last of them was sent.
    pub last_automatic_mail_at: Option<UnixSeconds>,
    /// Calls of a model.
    pub model_calls: u32,
    /// Questions to the provider.
    pub provider_attempts: u32,
    /// Decisions that were carried out.
    pub decisions: u32,
    /// Mails to the supervisors.
    pub supervisor_mails: u32,
}

/// Something that a playbook can need to know from the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// A photo or another accepted attachment.
    Photo,
    /// The account number at the biller.
    AccountNumber,
    /// The number that was to be topped up.
    TopupNumber,
    /// A description in the customer's own words.
    Details,
}

impl Fact {
    /// The name in records and histories.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::AccountNumber => "account_number",
            Self::TopupNumber => "topup_number",
            Self::Details => "details",
        }
    }
}

/// What is known in a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What the customer provided.
    pub provided: BTreeSet<Fact>,
    /// The provider's last answer.
    pub provider: Option<ProviderAnswer>,
    /// Whether the customer objected to an answer.
    pub objected: bool,
    /// Whether somebody wrote who is no recipient of the case.
    pub third_party_wrote: bool,
    /// The day that a mail named to the customer, until which to object or to reply.
    pub answer_by: Option<UnixSeconds>,
}

impl Facts {
    /// Whether the provider's last answer is this one.
    #[must_use]
    pub fn provider_said(&self, state: ProviderState) -> bool {
        self.provider.as_ref().is_some_and(|answer| answer.state == state)
    }
}
