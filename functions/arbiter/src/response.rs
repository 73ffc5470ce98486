//! A dispute as the API shows it (vendor specification, Arbiter "Create Dispute", "RESPONSE"), in
//! the sample's order.
//!
//! The vendor shows every one of these members for each party, so nothing depends on who asks.

use std::borrow::Cow;

use recourse_dispute::channels::arbiter::arbiter_status;
use recourse_dispute::deadlines::Deadline;
use recourse_dispute::dispute::Dispute;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::transaction::Facts;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::amount::Amount;
use crate::{Caller, rules};

/// The largest `additionalInfo` that a list shows, in bytes. The rest of a dispute is bounded by
/// the limits of its fields, so a page of 100 disputes fits into what Lambda can answer: 6 MB, with
/// the page as a JSON string in it.
const MAX_LISTED_INFO_BYTES: usize = 8 * 1024;

/// A dispute. What a transaction does not have is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DisputeResponse<'a> {
    id: u64,
    log_code: String,
    #[serde(flatten)]
    transaction: About<'a>,
    dispute_amount_type: &'static str,
    dispute_amount: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_info: Option<&'a RawValue>,
    /// Only in lists, and only where `additional_info` is too large for one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    additional_info_omitted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    category: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    merchant_disputant: bool,
    domain_code: &'a str,
    status: &'static str,
    status_start_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_scheduled_end_date: Option<String>,
    created_by: Cow<'a, str>,
    created_on: String,
}

/// The transaction that a dispute is about: the middle of a dispute, and the head of the answer
/// about a transaction.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct About<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acquirer_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acquirer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_store: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_reference: Option<&'a str>,
    transaction_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_type: Option<&'a str>,
    transaction_amount: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    surcharge_amount: Option<String>,
    transaction_currency_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement_amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement_currency_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheme_amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheme_currency_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    terminal_type: Option<&'a str>,
}

impl<'a> About<'a> {
    pub(crate) fn of(facts: &'a Facts) -> Self {
        let (parties, details) = (&facts.parties, &facts.details);
        let (issuer, acquirer) = (parties.issuer.as_ref(), parties.acquirer.as_ref());
        let merchant = parties.merchant.as_ref();
        Self {
            issuer_code: issuer.map(|party| party.code.as_str()),
            issuer: issuer.map(|party| party.name.as_str()),
            acquirer_code: acquirer.map(|party| party.code.as_str()),
            acquirer: acquirer.map(|party| party.name.as_str()),
            merchant_code: merchant.map(|party| party.code.as_str()),
            merchant: merchant.map(|party| party.name.as_str()),
            merchant_reference: merchant.and_then(|party| party.reference.as_deref()),
            customer_reference: details.customer_reference.as_deref(),
            transaction_store: details.store.as_deref(),
            transaction_reference: details.reference.as_ref().map(|reference| reference.as_str()),
            transaction_date: facts.occurred_at.iso8601(),
            transaction_type: details.transaction_type.as_ref().map(|kind| kind.as_str()),
            transaction_amount: facts.amount.grouped(),
            surcharge_amount: details.surcharge.map(|amount| amount.grouped()),
            transaction_currency_code: facts.amount.currency().numeric(),
            settlement_amount: details.settlement.map(|amount| amount.grouped()),
            settlement_currency_code: details.settlement.map(|amount| amount.currency().numeric()),
            scheme_amount: details.scheme.map(|amount| amount.grouped()),
            scheme_currency_code: details.scheme.map(|amount| amount.currency().numeric()),
            terminal_type: details.terminal_type.as_deref(),
        }
    }
}

/// What the platform wants shown of a transaction, byte for byte.
pub(crate) fn additional_info(facts: &Facts) -> Option<&RawValue> {
    facts.details.additional_info.as_ref().and_then(|info| serde_json::from_str(info.as_str()).ok())
}

/// The number in a log code. Whether the text is the whole log code of that dispute is checked by
/// [`Dispute::log_code`].
#[must_use]
pub fn numbered(log_code: &str) -> Option<DisputeNumber> {
    let (_, digits) = log_code.rsplit_once("II")?;
    digits.parse().ok()
}

/// A dispute in a list: without an `additionalInfo` that is too large for a list, and
/// then with `additionalInfoOmitted` (Recourse-specific). The dispute's own call has it.
#[must_use]
pub fn to_list_response(dispute: &Dispute) -> Option<impl Serialize + '_> {
    let mut response = to_response(dispute)?;
    if response.additional_info.is_some_and(|info| info.get().len() > MAX_LISTED_INFO_BYTES) {
        response.additional_info = None;
        response.additional_info_omitted = true;
    }
    Some(response)
}

/// A dispute as this API shows it; `None` if the API does not show the dispute.
#[must_use]
pub fn to_response(dispute: &Dispute) -> Option<DisputeResponse<'_>> {
    let facts = &dispute.facts;
    let logged = dispute.logged.as_ref();
    let partial = logged.map_or(dispute.amount != facts.amount, |logged| logged.partial);
    let reason = logged.and_then(|logged| rules(dispute.category).ok()?.reason(&logged.reason));
    Some(DisputeResponse {
        id: dispute.number.get(),
        log_code: dispute.log_code()?,
        transaction: About::of(facts),
        dispute_amount_type: Amount::name(partial),
        dispute_amount: dispute.amount.grouped(),
        additional_info: additional_info(facts),
        additional_info_omitted: false,
        reason_code: logged.map(|logged| logged.reason.as_str()),
        reason: reason.map(|reason| reason.name.as_str()),
        category: dispute.category.name(),
        region: facts.details.region.as_deref(),
        merchant_disputant: facts.details.merchant_disputant,
        domain_code: dispute.initiator()?.as_str(),
        status: arbiter_status(dispute.state, dispute.category)?,
        status_start_date: dispute.state_since.iso8601(),
        status_scheduled_end_date: dispute.deadline.map(|Deadline { ends_at, .. }| ends_at.iso8601()),
        // It was not logged by a bank, so this is the API that it was opened with.
        created_by: logged.map_or(dispute.channel.name().into(), |logged| Caller::public_name(&logged.by)),
        created_on: dispute.opened_at.iso8601(),
    })
}

#[cfg(test)]
mod tests;
