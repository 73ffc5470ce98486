//! What the payment platform reports of a transaction, and which later update applies.
//!
//! **Invariant:** of a transaction only status, kind and `updated_at` ever change, and captures are
//! added. The first update fixes account, refid, type, reference, amount, currency and parties, so
//! that pointers to a transaction never need rewriting (platform contract). It also fixes all else
//! that pointers hold, such as `occurred_at`: a different value in a later update is ignored.

mod json;
mod update;

pub use json::{BadJsonText, JsonText};
pub use update::UpdateDecision;

use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::ids::{AccountId, CaptureId, DomainCode, Reference, Refid, TransactionType, Trxid};
use crate::lifecycle::Actor;
use crate::money::Money;
use crate::time::{PreciseTime, UnixMillis};

/// How far a transaction has come (IIMMPACT contract, "Transaction statuses").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Status {
    /// Taken in, not yet worked on.
    Accepted,
    /// Being worked on.
    Processing,
    /// Completed; the vendor's own spelling, and the only status in which a dispute can go live.
    #[serde(alias = "Successful")]
    Succesful,
    /// Paid back.
    Refund,
    /// Did not go through.
    Failed,
}

impl Status {
    /// Every status, in the order of a transaction's life.
    pub const ALL: [Self; 5] = [Self::Accepted, Self::Processing, Self::Succesful, Self::Refund, Self::Failed];

    /// The name as the IIMMPACT contract spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "Accepted",
            Self::Processing => "Processing",
            Self::Succesful => "Succesful",
            Self::Refund => "Refund",
            Self::Failed => "Failed",
        }
    }

    /// Reads a name; `Successful` is taken for `Succesful` (IIMMPACT contract).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = if text == "Successful" { "Succesful" } else { text };
        Self::ALL.into_iter().find(|status| status.name() == text)
    }

    /// Whether nothing but another final status can follow.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            Self::Accepted | Self::Processing => false,
            Self::Succesful | Self::Refund | Self::Failed => true,
        }
    }

    /// Whether the money went back or never moved, which ends a live dispute.
    #[must_use]
    pub fn ends_disputes(self) -> bool {
        match self {
            Self::Accepted | Self::Processing | Self::Succesful => false,
            Self::Refund | Self::Failed => true,
        }
    }
}

/// What was bought; picks the playbook of the support process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A voucher or PIN.
    Voucher,
    /// A payment of a bill.
    Bill,
    /// A top-up of a phone or a meter.
    Topup,
    /// Anything else.
    #[default]
    Other,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Voucher, Self::Bill, Self::Topup, Self::Other];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Voucher => "voucher",
            Self::Bill => "bill",
            Self::Topup => "topup",
            Self::Other => "other",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }
}

/// A bank or merchant as the Arbiter API names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its domain code.
    pub code: DomainCode,
    /// Its name, for people.
    pub name: String,
    /// The transaction's reference in the merchant's own system; only a merchant has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The merchant's category; only a merchant has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

/// Who a transaction was between.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parties {
    /// The customer's bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Party>,
    /// The merchant's bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acquirer: Option<Party>,
    /// Who was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant: Option<Party>,
}

impl Parties {
    /// The domain codes of the parties, each once.
    pub fn domain_codes(&self) -> Vec<&DomainCode> {
        let mut codes = Vec::new();
        for party in [&self.issuer, &self.acquirer, &self.merchant].into_iter().flatten() {
            if !codes.contains(&&party.code) {
                codes.push(&party.code);
            }
        }
        codes
    }

    /// The party in this role of the bank network.
    #[must_use]
    pub fn of(&self, role: Actor) -> Option<&Party> {
        match role {
            Actor::Issuer => self.issuer.as_ref(),
            Actor::Acquirer => self.acquirer.as_ref(),
            Actor::Merchant => self.merchant.as_ref(),
            _ => None,
        }
    }
}

/// What further is known of a transaction; the Arbiter API needs type and reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TransactionDetails {
    /// The transaction's type, such as `BillPayment`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub transaction_type: Option<TransactionType>,
    /// The unique reference within the type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// The system that has the transaction, such as `PAYDIRECT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// The fee on top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surcharge: Option<Money>,
    /// The customer's own reference, such as a phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_reference: Option<String>,
    /// Such as `Bank Branch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminal_type: Option<String>,
    /// Such as `Domestic Bill Payment`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Whatever else the platform wants shown, byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_info: Option<JsonText>,
    /// Capture ids by which the Connect API knows the transaction besides its trxid, at most
    /// [`Self::MAX_CAPTURES`]. Later updates may add some; none is ever taken away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub captures: Vec<CaptureId>,
    /// What was settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement: Option<Money>,
    /// The amount in the card scheme's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Money>,
    /// Whether the merchant, not the acquirer, handles the dispute: [`Facts::respondent`].
    pub merchant_disputant: bool,
}

impl TransactionDetails {
    /// The most captures that a transaction may have (platform contract).
    pub const MAX_CAPTURES: usize = 20;
}

/// What never changes of a transaction, but for captures that are added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The environment of its account. Its trxid and its other names are unique within it.
    pub environment: Environment,
    /// The platform's id.
    pub trxid: Trxid,
    /// Whose transaction it is.
    pub account: AccountId,
    /// The account's own reference.
    pub refid: Refid,
    /// What was bought, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// How much.
    pub amount: Money,
    /// When.
    pub occurred_at: UnixMillis,
    /// Who it was between.
    #[serde(default)]
    pub parties: Parties,
    /// What further is known.
    #[serde(default)]
    pub details: TransactionDetails,
}

impl Facts {
    /// Who answers for the merchant's side: the merchant or its bank, as the transaction says
    /// (vendor specification, Arbiter "Create Dispute", `merchantDisputant`), or the other one
    /// where that one is absent.
    #[must_use]
    pub fn respondent(&self) -> Option<(Actor, &Party)> {
        let acquirer = self.parties.acquirer.as_ref().map(|bank| (Actor::Acquirer, bank));
        let merchant = self.parties.merchant.as_ref().map(|merchant| (Actor::Merchant, merchant));
        if self.details.merchant_disputant { merchant.or(acquirer) } else { acquirer.or(merchant) }
    }
}

/// A transaction as it is known now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// What was fixed by the first update.
    pub facts: Facts,
    /// Its status.
    pub status: Status,
    /// What was bought.
    pub kind: Kind,
    /// When the platform last changed it, as exactly as it says: two changes may fall into one
    /// millisecond.
    pub updated_at: PreciseTime,
}

#[cfg(test)]
mod tests;
