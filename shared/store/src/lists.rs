//! The lists of a party's disputes: what each line says, and whose lists a dispute is in.
//!
//! **Invariant:** a line says what is so. One that would say something else after a change is rewritten by the change's own transaction, in
//! every list.

use recourse_dispute::deadlines::Deadline;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::faces;
use recourse_dispute::ids::{AccountId, DomainCode, Trxid};
use recourse_dispute::lifecycle::{Category, Door};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction::Party;
use serde::{Deserialize, Serialize};

use crate::keys;
use crate::keys::Key;

/// What a party's list says of a dispute: all that a list is filtered by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which dispute.
    pub number: DisputeNumber,
    /// Its transaction.
    pub trxid: Trxid,
    /// The door it came through.
    pub door: Door,
    /// The account that opened it.
    pub opener: AccountId,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When the transaction was made.
    pub occurred_at: UnixMillis,
    /// The customer's bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<DomainCode>,
    /// The merchant's bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acquirer: Option<DomainCode>,
    /// Who was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant: Option<DomainCode>,
    /// The transaction's region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What kind of claim it is.
    #[serde(default = "inquiry")]
    pub category: Category,
    /// Its status as the Arbiter door shows it; `None` is not shown there.
    #[serde(default, rename = "shown_status", skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// When its status ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<UnixMillis>,
}

/// Schema 1 began without a category in its lines, when only reports were there.
fn inquiry() -> Category {
    Category::Inquiry
}

impl Line {
    pub(crate) fn of(dispute: &Dispute) -> Self {
        let parties = &dispute.facts.parties;
        let code = |party: &Option<Party>| party.as_ref().map(|party| party.code.clone());
        Self {
            number: dispute.number,
            trxid: dispute.facts.trxid.clone(),
            door: dispute.door,
            opener: dispute.opener.clone(),
            opened_at: dispute.opened_at,
            occurred_at: dispute.facts.occurred_at,
            issuer: code(&parties.issuer),
            acquirer: code(&parties.acquirer),
            merchant: code(&parties.merchant),
            region: dispute.facts.details.region.clone(),
            category: dispute.category,
            status: faces::arbiter_status(dispute.state, dispute.category).map(str::to_owned),
            ends_at: dispute.deadline.map(|Deadline { ends_at, .. }| ends_at),
        }
    }
}

/// The list of every party: the account that opened it, the transaction's account, the domains of its banks and its merchant.
pub(crate) fn of(dispute: &Dispute) -> Vec<Key> {
    let mut accounts = vec![&dispute.opener];
    if dispute.facts.account != dispute.opener {
        accounts.push(&dispute.facts.account);
    }
    let (created, number) = (dispute.opened_at, dispute.number);
    let domains = dispute.facts.parties.domain_codes();
    accounts
        .into_iter()
        .map(|account| keys::account_list(account, created, number))
        .chain(domains.into_iter().map(|domain| keys::domain_list(domain, created, number)))
        .collect()
}
