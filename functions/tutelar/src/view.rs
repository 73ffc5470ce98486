//! A dispute as the view call shows it (Tutelar contract, "View").
//!
//! The published members come first, in their order. The members that the update call has and the
//! vendor's page does not show follow, under the names of the update call: Recourse-specific. A
//! member is `null` where nobody has sent it, or the caller may not read it
//! ([`visibility`](recourse_dispute::policy::visibility)). The history names roles only, so every
//! caller reads all of it.

use recourse_dispute::channels::tutelar;
use recourse_dispute::channels::tutelar::charges::{Basis, Charge, Measure};
use recourse_dispute::channels::tutelar::details::DueDate;
use recourse_dispute::claim::EvidenceFile;
use recourse_dispute::decimal::Decimal;
use recourse_dispute::event::{EventKind, HistoryEntry};
use recourse_dispute::lifecycle::{Action, Actor};
use recourse_dispute::money::Money;
use recourse_dispute::policy::visibility::{Field, Viewer};
use recourse_dispute::text::Private;
use recourse_dispute::time::{Day, UnixMillis};
use recourse_store::{Account, DisputeRecord};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::caller::viewer;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    documents: Documents<'a>,
    level: &'static str,
    status: &'static str,
    verdict: &'static str,
    created_at: String,
    updated_at: String,
    dispute_id: String,
    merchant_name: Option<&'a str>,
    merchant_id: Option<&'a str>,
    merchant_mobile: Option<&'a str>,
    business_name: Option<&'a str>,
    merchant_email: Option<&'a str>,
    transaction_id: &'a str,
    customer_name: Option<&'a str>,
    customer_email: Option<&'a str>,
    customer_mobile: Option<&'a str>,
    amount: Box<RawValue>,
    dispute_amount_tdr_details: Option<ChargeResponse>,
    dispute_amount_tax_details: Option<ChargeResponse>,
    journey: Vec<JourneyEntry>,
    dispute_amount: Box<RawValue>,
    transaction_date: Option<&'a str>,
    dispute_type: Option<&'a str>,
    internal_due_date: Option<Day>,
    due_date: Option<DueDate>,
    payment_type: Option<&'a str>,
    acquirer_bank_code: Option<&'a str>,
    remitter_bank: Option<&'a str>,
    reason_code: Option<&'a str>,
    nodal_account_no: Option<&'a str>,
    gateway_order_id: Option<&'a str>,
    payment_instrument_id: Option<&'a str>,
    comments: Option<&'a str>,
}

/// The files of each level. No call of this API adds one; the evidence of a dispute of another API
/// is all of its first stage.
#[derive(Serialize)]
struct Documents<'a> {
    level_1: Vec<Document<'a>>,
    level_2: [(); 0],
    level_3: [(); 0],
}

#[derive(Serialize)]
struct Document<'a> {
    key: &'a str,
    #[serde(rename = "_id")]
    id: String,
}

impl<'a> Documents<'a> {
    fn of(evidence: &'a [EvidenceFile], viewer: &Viewer) -> Self {
        let evidence = evidence.iter().filter(|_| viewer.may_see(Field::EvidenceList));
        let level_1 = evidence.map(|file| Document { key: &file.name, id: file.id.to_string() }).collect();
        Self { level_1, level_2: [], level_3: [] }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChargeResponse {
    r#type: &'static str,
    amount_type: &'static str,
    amount: Box<RawValue>,
}

/// An entry of the dispute's journey: who in which role, and neither keys nor names.
#[derive(Serialize)]
struct JourneyEntry {
    at: String,
    by: &'static str,
    what: String,
}

/// A dispute, as far as `account` may read it.
#[must_use]
pub fn view<'a>(record: &'a DisputeRecord, account: &'a Account) -> impl Serialize + 'a {
    let dispute = &record.dispute;
    let (details, facts) = (&dispute.details, &dispute.facts);
    let view = tutelar::view(dispute.state);
    let otherwise = || facts.amount.decimal();
    let updated_at = record.events.last().map_or(dispute.state_since, |event| event.at);
    let viewer = viewer(dispute, account);
    let may = |field| viewer.may_see(field);
    let text = |field, text: &'a Option<Private>| text.as_ref().filter(|_| may(field)).map(Private::expose);
    View {
        documents: Documents::of(&dispute.claim.evidence, &viewer),
        level: view.level.name(),
        status: view.status,
        verdict: view.verdict,
        created_at: millis(dispute.opened_at),
        updated_at: millis(updated_at),
        dispute_id: dispute.number.tutelar_id(),
        merchant_name: text(Field::MerchantName, &details.merchant.name),
        merchant_id: account.merchant_id.as_ref().filter(|_| may(Field::MerchantId)).map(|id| id.as_str()),
        merchant_mobile: text(Field::MerchantMobile, &details.merchant.mobile),
        business_name: text(Field::MerchantName, &details.merchant.business_name),
        merchant_email: text(Field::MerchantEmail, &details.merchant.email),
        transaction_id: facts.trxid.as_str(),
        customer_name: text(Field::CustomerName, &details.customer.name),
        customer_email: text(Field::CustomerEmail, &details.customer.email),
        customer_mobile: text(Field::CustomerMobile, &details.customer.mobile),
        amount: number(details.customer.amount.map_or_else(otherwise, |amount| amount.to_string())),
        dispute_amount_tdr_details: details.tdr.as_ref().filter(|_| may(Field::Charges)).map(charge),
        dispute_amount_tax_details: details.tax.as_ref().filter(|_| may(Field::Charges)).map(charge),
        journey: record.events.iter().map(moment).collect(),
        dispute_amount: number(shortest(dispute.amount)),
        transaction_date: details.customer.paid_at.as_deref(),
        dispute_type: details.dispute_type.as_deref(),
        internal_due_date: details.internal_due.filter(|_| may(Field::InternalDueDate)),
        due_date: details.due.filter(|_| may(Field::DueDate)),
        payment_type: details.payment_type.as_deref(),
        acquirer_bank_code: details.acquirer_bank.as_deref(),
        remitter_bank: details.remitter_bank.as_deref(),
        reason_code: details.reason_code.as_deref(),
        nodal_account_no: text(Field::NodalAccount, &details.nodal_account),
        gateway_order_id: details.gateway_order.as_deref().filter(|_| may(Field::GatewayOrder)),
        payment_instrument_id: text(Field::PaymentInstrument, &details.payment_instrument),
        comments: text(Field::Comments, &details.comments),
    }
}

/// An amount in its shortest form: a number has no zeros behind it.
fn shortest(amount: Money) -> String {
    let decimal = amount.decimal();
    Decimal::parse(&decimal).map_or(decimal, |shortest| shortest.to_string())
}

/// A decimal as a JSON number, digit for digit: no binary floating point on the way.
fn number(decimal: String) -> Box<RawValue> {
    RawValue::from_string(decimal).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// ISO 8601 in UTC with all three decimals.
fn millis(at: UnixMillis) -> String {
    let second = UnixMillis(at.seconds().saturating_mul(1000)).iso8601();
    format!("{}.{:03}Z", second.trim_end_matches('Z'), at.0.rem_euclid(1000))
}

fn charge(charge: &Charge) -> ChargeResponse {
    ChargeResponse {
        r#type: match charge.basis {
            Basis::Include => "include",
            Basis::Exclude => "exclude",
        },
        amount_type: match charge.measure {
            Measure::Price => "price",
            Measure::Percentage => "percentage",
        },
        amount: number(charge.amount.to_string()),
    }
}

fn moment(event: &HistoryEntry) -> JourneyEntry {
    let by = match event.by.actor {
        Actor::Opener => "opener",
        Actor::Issuer => "issuer",
        Actor::Acquirer => "acquirer",
        Actor::Account | Actor::Merchant => "merchant",
        Actor::Operator => "operator",
        Actor::Automation => "automation",
        Actor::Platform => "platform",
        Actor::Clock => "deadline",
    };
    JourneyEntry { at: millis(event.at), by, what: what(event) }
}

/// What happened, in a few Recourse-specific words.
fn what(event: &HistoryEntry) -> String {
    let action = match event.kind {
        EventKind::Opened => return "raised".to_owned(),
        EventKind::Commented => return "commented".to_owned(),
        EventKind::Reminded => return "reminded".to_owned(),
        EventKind::Attached => return "attached".to_owned(),
        EventKind::Did(action) => action,
    };
    let level = tutelar::view(event.state).level.name();
    match action {
        Action::Submit => "submitted",
        Action::Cancel => "cancelled",
        Action::Update => "updated",
        Action::UploadEvidence => "evidence added",
        Action::Accept => "accepted",
        Action::Decline => "declined",
        Action::Withdraw => "withdrawn",
        Action::Represent => "represented",
        Action::PreArbitrate | Action::PreArbitrateAgain => "pre-arbitration",
        Action::Arbitrate => "arbitration",
        Action::VerdictWon | Action::CloseForMerchant => "merchant won",
        Action::VerdictLost | Action::CloseForCustomer => "merchant lost",
        Action::MoveLevel => return format!("moved to {level}"),
        Action::Reopen(_) => return format!("reopened to {level}"),
        Action::Refund | Action::Fail => "transaction refunded or failed",
        Action::Expire => "expired",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_decimals_and_numbers_keep_their_digits() {
        assert_eq!(millis(UnixMillis(1_527_667_460_000)), "2018-05-30T08:04:20.000Z");
        assert_eq!(millis(UnixMillis(1_527_667_460_070)), "2018-05-30T08:04:20.070Z");
        let exact = "999999999999999.99999999";
        assert_eq!(serde_json::to_string(&number(exact.to_owned())).unwrap(), exact);
    }
}
