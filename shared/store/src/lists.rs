//! The lists of a party's disputes: what a summary says, and whose lists a dispute is in.
//!
//! **Invariant:** a summary in a list is never out of date. The transaction that changes a dispute
//! rewrites the summaries that would differ.

use recourse_dispute::channel::Channel;
use recourse_dispute::channels::arbiter::arbiter_status;
use recourse_dispute::deadlines::Deadline;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, DomainCode, Trxid};
use recourse_dispute::lifecycle::Category;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_dispute::transaction;
use serde::{Deserialize, Serialize};

use crate::error::{StoreError, sdk};
use crate::items::{Item, body, keyed, text, value};
use crate::keys::{ItemKey, SK};
use crate::{Store, keys};

/// The kind of the items in which lists have their summaries.
const LISTED: &str = "dispute-summary";

/// What a party's list says of a dispute: all that a list is filtered by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeSummary {
    /// Which dispute.
    pub number: DisputeNumber,
    /// Its transaction.
    pub trxid: Trxid,
    /// The API it came through.
    pub channel: Channel,
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
    /// Its status as the Arbiter API shows it; `None` is not shown there.
    #[serde(default, rename = "shown_status", skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// When its status ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<UnixMillis>,
}

/// Schema 1 began without a category in its summaries, when only reports were there.
fn inquiry() -> Category {
    Category::Inquiry
}

impl DisputeSummary {
    /// The summary of a dispute.
    #[must_use]
    pub fn of(dispute: &Dispute) -> Self {
        let parties = &dispute.facts.parties;
        let code = |party: &Option<transaction::Party>| party.as_ref().map(|party| party.code.clone());
        Self {
            number: dispute.number,
            trxid: dispute.facts.trxid.clone(),
            channel: dispute.channel,
            opener: dispute.opener.clone(),
            opened_at: dispute.opened_at,
            occurred_at: dispute.facts.occurred_at,
            issuer: code(&parties.issuer),
            acquirer: code(&parties.acquirer),
            merchant: code(&parties.merchant),
            region: dispute.facts.details.region.clone(),
            category: dispute.category,
            status: arbiter_status(dispute.state, dispute.category).map(str::to_owned),
            ends_at: dispute.deadline.map(|Deadline { ends_at, .. }| ends_at),
        }
    }
}

/// A dispute's summary for each list that it is in.
pub(crate) fn listed(dispute: &Dispute, summary: &Item) -> Vec<Item> {
    of(dispute).iter().map(|list| keyed(list, LISTED, summary.clone())).collect()
}

/// The lists of all parties: the account that opened it, the account of the transaction, the
/// domains of its banks and its merchant.
fn of(dispute: &Dispute) -> Vec<ItemKey> {
    let mut accounts = vec![&dispute.opener];
    if dispute.facts.account != dispute.opener {
        accounts.push(&dispute.facts.account);
    }
    let (created, number) = (dispute.opened_at, dispute.number);
    let domains = dispute.facts.parties.domain_codes();
    accounts
        .into_iter()
        .map(|account| keys::account_list(account, created, number))
        .chain(domains.into_iter().map(|domain| keys::domain_list(dispute.facts.environment, domain, created, number)))
        .collect()
}

/// Whose list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListOwner {
    /// A bank's or merchant's, of disputes of this environment.
    Domain(Environment, DomainCode),
    /// An account's.
    Account(AccountId),
}

/// From when to when disputes were opened, both included; `None` is without an end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DateRange {
    /// The first moment.
    pub from: Option<UnixMillis>,
    /// The last moment.
    pub to: Option<UnixMillis>,
}

/// Some summaries of a list, the newest first.
#[derive(Debug, Default)]
pub struct DisputePage {
    /// The summaries.
    pub summaries: Vec<DisputeSummary>,
    /// The disputes of those that this release cannot read, and why.
    pub unread: Vec<(DisputeNumber, StoreError)>,
    /// Where the next ones begin, if there are any.
    pub next: Option<String>,
}

impl DisputePage {
    /// The summaries, for a caller that must not go on without one of them.
    ///
    /// # Errors
    /// Why the first of those that cannot be read cannot be.
    pub fn all(self) -> Result<(Vec<DisputeSummary>, Option<String>), StoreError> {
        match self.unread.into_iter().next() {
            None => Ok((self.summaries, self.next)),
            Some((_, error)) => Err(error),
        }
    }
}

impl Store {
    /// At most `most` summaries of a party's list, the newest first, from where the last ones
    /// ended; strongly consistent. Where that is newer than the range, they begin with the range,
    /// and where it is older, there are none: a range that ends today is another one tomorrow.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dispute_summaries(
        &self,
        party: &ListOwner,
        range: DateRange,
        after: Option<&str>,
        most: i32,
    ) -> Result<DisputePage, StoreError> {
        let pk = match party {
            ListOwner::Domain(environment, code) => keys::domain_partition(*environment, code),
            ListOwner::Account(account) => keys::account_partition(account),
        };
        // Keys have no sign, and nothing is older than 1970.
        if range.to.is_some_and(|to| to < UnixMillis(0)) {
            return Ok(DisputePage::default());
        }
        let from = range.from.map_or_else(String::new, |from| keys::at_date(from.max(UnixMillis(0))));
        // `$` is the character after `#`: every entry of the last moment is before it.
        let to = range.to.map_or_else(|| "~".to_owned(), |to| keys::at_date(to).replace('#', "$"));
        if from > to {
            return Ok(DisputePage::default());
        }
        let from = if from.is_empty() { "0".to_owned() } else { from };
        // DynamoDB refuses to begin outside of the range.
        let after = after.filter(|after| *after <= to.as_str());
        if after.is_some_and(|after| after < from.as_str()) {
            return Ok(DisputePage::default());
        }
        let start = after.map(|sk| ItemKey { pk: pk.clone(), sk: sk.to_owned() }.attributes());
        let page = self
            .client
            .query()
            .table_name(&self.tables.disputes)
            .consistent_read(true)
            .key_condition_expression("PK = :pk AND SK BETWEEN :from AND :to")
            .expression_attribute_values(":pk", value(&pk)?)
            .expression_attribute_values(":from", value(from)?)
            .expression_attribute_values(":to", value(to)?)
            .scan_index_forward(false)
            .limit(most)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(sdk("Query"))?;
        let next = page.last_evaluated_key.and_then(|key| text(&key, SK).map(str::to_owned));
        let mut found = DisputePage { next, ..DisputePage::default() };
        for item in page.items.unwrap_or_default() {
            let number = text(&item, SK).and_then(keys::number_of_entry);
            match (body(item), number) {
                (Ok(summary), _) => found.summaries.push(summary),
                (Err(error), Some(number)) => found.unread.push((number, error)),
                (Err(error), None) => return Err(error),
            }
        }
        Ok(found)
    }
}
