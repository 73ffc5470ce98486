//! A transaction as the platform reads it back: in the form in which it sends it, and with its
//! disputes.

use recourse_dispute::money::Money;
use recourse_dispute::transaction::{Party, Transaction, TransactionDetails};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::DisputeResponse;

/// The form on the wire.
#[derive(Debug, Serialize)]
pub struct TransactionResponse<'a> {
    trxid: &'a str,
    account: &'a str,
    refid: &'a str,
    status: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<&'a str>,
    amount: String,
    currency: &'static str,
    occurred_at: String,
    updated_at: String,
    parties: Parties<'a>,
    details: DetailsResponse<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    disputes: Vec<DisputeResponse<'a>>,
}

#[derive(Debug, Serialize)]
struct Parties<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a Party>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acquirer: Option<&'a Party>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant: Option<&'a Party>,
}

#[derive(Debug, Serialize)]
struct DetailsResponse<'a> {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    transaction_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    surcharge: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    terminal_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_info: Option<&'a RawValue>,
    captures: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheme: Option<Amount>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    merchant_disputant: bool,
}

#[derive(Debug, Serialize)]
struct Amount {
    amount: String,
    currency: &'static str,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { amount: money.decimal(), currency: money.currency().code() }
    }
}

/// A transaction in the form on the wire, with its disputes, the oldest first.
#[must_use]
pub fn to_response<'a>(transaction: &'a Transaction, disputes: Vec<DisputeResponse<'a>>) -> TransactionResponse<'a> {
    let facts = &transaction.facts;
    TransactionResponse {
        trxid: facts.trxid.as_str(),
        account: facts.account.as_str(),
        refid: facts.refid.as_str(),
        status: transaction.status.name(),
        kind: transaction.kind.name(),
        product: facts.product.as_deref(),
        amount: facts.amount.decimal(),
        currency: facts.amount.currency().code(),
        occurred_at: facts.occurred_at.iso8601(),
        updated_at: transaction.updated_at.iso8601(),
        parties: Parties {
            issuer: facts.parties.issuer.as_ref(),
            acquirer: facts.parties.acquirer.as_ref(),
            merchant: facts.parties.merchant.as_ref(),
        },
        details: details(&facts.details),
        disputes,
    }
}

fn details(details: &TransactionDetails) -> DetailsResponse<'_> {
    DetailsResponse {
        transaction_type: details.transaction_type.as_ref().map(|kind| kind.as_str()),
        reference: details.reference.as_ref().map(|reference| reference.as_str()),
        store: details.store.as_deref(),
        surcharge: details.surcharge.map(Money::decimal),
        customer_reference: details.customer_reference.as_deref(),
        terminal_type: details.terminal_type.as_deref(),
        region: details.region.as_deref(),
        // It was a JSON object when it came in.
        additional_info: details.additional_info.as_ref().and_then(|info| serde_json::from_str(info.as_str()).ok()),
        captures: details.captures.iter().map(|capture| capture.as_str()).collect(),
        settlement: details.settlement.map(Amount::from),
        scheme: details.scheme.map(Amount::from),
        merchant_disputant: details.merchant_disputant,
    }
}
