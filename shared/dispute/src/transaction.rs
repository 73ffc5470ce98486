//! What the payment platform tells us of a transaction, and how a later word about it is taken.
//!
//! **Invariant:** of a transaction only status, kind and times ever change. Account, refid, type, reference, amount, currency and
//! parties are fixed by the first word, so that pointers to a transaction never need rewriting (platform contract).

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, CaptureId, DomainCode, Reference, Refid, Trxid};
use crate::lifecycle::Actor;
use crate::money::Money;
use crate::time::UnixMillis;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A voucher or PIN.
    Voucher,
    /// A payment of a bill.
    Bill,
    /// Anything else.
    #[default]
    Other,
}

impl Kind {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Voucher => "voucher",
            Self::Bill => "bill",
            Self::Other => "other",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Voucher, Self::Bill, Self::Other].into_iter().find(|kind| kind.name() == text)
    }
}

/// A bank or merchant as the Arbiter door names it.
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
}

/// A JSON object kept as the text it arrived in, so that it goes out byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JsonText(String);

impl JsonText {
    /// The most members an `additional_info` may have (platform contract, "Limits").
    pub const MOST_MEMBERS: usize = 64;

    /// Takes a text that is a JSON object of at most [`Self::MOST_MEMBERS`] members.
    #[must_use]
    pub fn object(text: &str) -> Option<Self> {
        let members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
        (members.len() <= Self::MOST_MEMBERS).then(|| Self(text.to_owned()))
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What further is known of a transaction; the Arbiter door needs type and reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// The transaction's type, such as `BillPayment`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub transaction_type: Option<String>,
    /// The unique reference within the type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// Where the transaction is kept, such as `PAYDIRECT`.
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
    /// Capture ids by which the Connect door knows the transaction besides its trxid.
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

/// What never changes of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
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
    pub details: Details,
}

impl Facts {
    /// Who answers for the merchant's side: the merchant or its bank, as the transaction says (seed 002, `merchantDisputant`), or the other one
    /// where that one is absent.
    #[must_use]
    pub fn respondent(&self) -> Option<(Actor, &Party)> {
        let acquirer = self.parties.acquirer.as_ref().map(|bank| (Actor::Acquirer, bank));
        let merchant = self.parties.merchant.as_ref().map(|merchant| (Actor::Merchant, merchant));
        if self.details.merchant_disputant { merchant.or(acquirer) } else { acquirer.or(merchant) }
    }
}

/// A transaction as it is known now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// What never changes.
    pub facts: Facts,
    /// How far it has come.
    pub status: Status,
    /// What was bought.
    pub kind: Kind,
    /// When the platform last changed it.
    pub updated_at: UnixMillis,
}

/// How a word about a known transaction is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Its status, kind and times replace what is known.
    Replaces,
    /// What is known is newer, or final where the word is not: nothing changes.
    Stale,
    /// It contradicts a fixed fact; the field's name on the wire.
    Contradicts(&'static str),
}

impl Transaction {
    /// How `word` is taken, given what is known (platform contract): the newer `updated_at` wins, an equal one replaces, a final status
    /// never goes back, and a different fixed fact is a contradiction whatever its age.
    #[must_use]
    pub fn hears(&self, word: &Self) -> Word {
        if let Some(field) = self.facts.contradicted_by(&word.facts) {
            Word::Contradicts(field)
        } else if word.updated_at < self.updated_at || (self.status.is_final() && !word.status.is_final()) {
            Word::Stale
        } else {
            Word::Replaces
        }
    }
}

impl Facts {
    fn contradicted_by(&self, other: &Self) -> Option<&'static str> {
        let fixed = [
            ("account", self.account == other.account),
            ("refid", self.refid == other.refid),
            ("details.type", self.details.transaction_type == other.details.transaction_type),
            ("details.reference", self.details.reference == other.details.reference),
            ("currency", self.amount.currency() == other.amount.currency()),
            ("amount", self.amount.minor() == other.amount.minor()),
            ("parties.issuer", self.parties.issuer == other.parties.issuer),
            ("parties.acquirer", self.parties.acquirer == other.parties.acquirer),
            ("parties.merchant", self.parties.merchant == other.parties.merchant),
        ];
        fixed.into_iter().find(|(_, same)| !same).map(|(field, _)| field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn transaction(status: Status, updated_at: i64) -> Transaction {
        Transaction {
            facts: Facts {
                trxid: Trxid::parse("50001").unwrap(),
                account: AccountId::parse("acct_demo").unwrap(),
                refid: Refid::parse("123456").unwrap(),
                product: None,
                amount: Money::from_minor(155_000, Currency::parse("NGN").unwrap()),
                occurred_at: UnixMillis(0),
                parties: Parties::default(),
                details: Details::default(),
            },
            status,
            kind: Kind::Other,
            updated_at: UnixMillis(updated_at),
        }
    }

    #[test]
    fn the_newer_word_wins_and_an_equal_one_replaces() {
        let known = transaction(Status::Processing, 10);
        assert_eq!(known.hears(&transaction(Status::Succesful, 11)), Word::Replaces);
        assert_eq!(known.hears(&transaction(Status::Succesful, 10)), Word::Replaces);
        assert_eq!(known.hears(&transaction(Status::Succesful, 9)), Word::Stale);
    }

    #[test]
    fn a_final_status_never_goes_back() {
        for known in Status::ALL.into_iter().filter(|status| status.is_final()) {
            for word in Status::ALL {
                let expected = if word.is_final() { Word::Replaces } else { Word::Stale };
                assert_eq!(transaction(known, 10).hears(&transaction(word, 20)), expected, "{known:?} {word:?}");
            }
        }
    }

    #[test]
    fn a_fixed_fact_does_not_change_however_new_the_word() {
        let known = transaction(Status::Succesful, 10);
        let mut word = transaction(Status::Succesful, 20);
        word.facts.amount = Money::from_minor(1, word.facts.amount.currency());
        assert_eq!(known.hears(&word), Word::Contradicts("amount"));
        word = transaction(Status::Succesful, 20);
        word.facts.refid = Refid::parse("x").unwrap();
        assert_eq!(known.hears(&word), Word::Contradicts("refid"));
        word = transaction(Status::Succesful, 20);
        word.facts.product = Some("renamed".into());
        assert_eq!(known.hears(&word), Word::Replaces);
    }

    #[test]
    fn both_spellings_are_read_and_one_is_written() {
        assert_eq!(Status::parse("Successful"), Some(Status::Succesful));
        assert_eq!(serde_json::to_string(&Status::Succesful).unwrap(), "\"Succesful\"");
        assert_eq!(Status::parse("successful"), None);
    }
}
