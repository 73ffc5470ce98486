//! What a body makes of a dispute's details: the allow-list, and the checks in the seed's order.
//!
//! **Invariant:** nothing of a body but the members that are named here is ever looked at, and nothing of a dispute but its details, and its opener's own
//! amount, is ever changed by one. Status, verdict, level and owner are not among them.

use recourse_dispute::charges::Excess;
use recourse_dispute::configuration::{Configuration, MOST_DAYS};
use recourse_dispute::decimal::Decimal;
use recourse_dispute::details::{Day, Details, Due};
use recourse_dispute::ids::TransactionType;
use recourse_dispute::money::Money;
use recourse_dispute::transaction::Facts;

use crate::Refusal;
use crate::charge::charge;
use crate::fields::{NotThat, Object, set};
use crate::texts::{self, TAX, TDR};

/// What details are checked against.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// What the account lets them be.
    pub configuration: &'a Configuration,
    /// Whether a bank has to be one of the configuration's.
    pub known_banks: bool,
    /// What is disputed.
    pub facts: &'a Facts,
    /// The dispute's amount where its details name none.
    pub amount: Money,
    /// The day in UTC.
    pub today: Day,
}

/// The details with what a body says of them. What it does not say stays as it was; a member of `transactionDetails` and `merchantDetails`, too.
///
/// # Errors
/// [`Refusal::Refused`] with the first text that fits: the seed's in its order, ours for what the seed does not name before its three sums.
pub fn amend(before: &Details, sent: &Object<'_>, rules: &Rules<'_>) -> Result<Details, Refusal> {
    let mut details = before.clone();
    classify(&mut details, sent, rules)?;
    if let Some(tdr) = charge(sent, &TDR)? {
        details.tdr = Some(tdr);
    }
    if let Some(tax) = charge(sent, &TAX)? {
        details.tax = Some(tax);
    }
    people(&mut details, sent)?;
    rest(&mut details, sent)?;
    disputed(&details, rules.facts, rules.amount)?;
    let otherwise = Decimal::parse(&rules.amount.decimal()).unwrap_or_default();
    match details.excess(otherwise) {
        None => Ok(details),
        Some(Excess::Tdr) => Err(Refusal::of(texts::TDR_EXCEEDS)),
        Some(Excess::Tax) => Err(Refusal::of(texts::TAX_EXCEEDS)),
        Some(Excess::Total) => Err(Refusal::of(texts::TOTAL_EXCEEDS)),
    }
}

/// The amount that details say, but never more than the transaction's; `otherwise` where they say none.
///
/// # Errors
/// [`Refusal::Refused`] when it has more decimals than the transaction's currency.
pub fn disputed(details: &Details, facts: &Facts, otherwise: Money) -> Result<Money, Refusal> {
    let Some(disputed) = details.disputed else { return Ok(otherwise) };
    let disputed = Money::parse(&disputed.to_string(), facts.amount.currency());
    let disputed = disputed.map_err(|_| Refusal::of(texts::invalid("disputeAmount")))?;
    Ok(if disputed.minor() > facts.amount.minor() { facts.amount } else { disputed })
}

/// Kind, due date, reason and bank: what the configuration has a say in.
fn classify(details: &mut Details, sent: &Object<'_>, rules: &Rules<'_>) -> Result<(), Refusal> {
    let Rules { configuration, facts, .. } = rules;
    if let Some(kind) = sent.text("disputeType") {
        let kind = kind.ok().filter(|kind| configuration.has_type(kind));
        details.dispute_type = Some(kind.ok_or(Refusal::of(texts::DISPUTE_TYPE))?);
    }
    if let Some(due) = sent.text("internalDueDate") {
        let due = due.ok().and_then(|due| Day::parse(&due).ok()).ok_or(Refusal::of(texts::DUE_FORM))?;
        if due <= rules.today {
            return Err(Refusal::of(texts::due_passed(rules.today)));
        }
        details.internal_due = Some(due);
    }
    if let Some(code) = sent.text("reasonCode") {
        let kind = facts.details.transaction_type.as_ref().map(TransactionType::as_str);
        let code = code.ok().filter(|code| configuration.has_reason(kind, code));
        details.reason_code = Some(code.ok_or(Refusal::of(texts::REASON_CODE))?);
    }
    if let Some(bank) = sent.line("acquirerBankCode") {
        let bank = bank.ok().filter(|bank| bank.chars().count() == 4).ok_or(Refusal::of(texts::BANK_FORM))?;
        if rules.known_banks && !configuration.has_bank(&bank) {
            return Err(Refusal::of(texts::BANK_UNKNOWN));
        }
        details.acquirer_bank = Some(bank);
    }
    Ok(())
}

/// The customer, the payment and the merchant. Their ids name things and are no details.
fn people(details: &mut Details, sent: &Object<'_>) -> Result<(), Refusal> {
    let object = |name| {
        let object = sent.object(name).unwrap_or(Ok(Object::default()));
        object.map_err(|NotThat| Refusal::of(texts::invalid(name)))
    };
    let (paid, to) = (object("transactionDetails")?, object("merchantDetails")?);
    let customer = &mut details.customer;
    set(&mut customer.name, paid.private("customerName"), "transactionDetails.customerName")?;
    set(&mut customer.email, paid.private("customerEmail"), "transactionDetails.customerEmail")?;
    set(&mut customer.mobile, paid.private("customerMobile"), "transactionDetails.customerMobile")?;
    set(&mut customer.amount, paid.decimal("amount"), "transactionDetails.amount")?;
    set(&mut customer.paid_at, paid.line("transactionDate"), "transactionDetails.transactionDate")?;
    let merchant = &mut details.merchant;
    set(&mut merchant.name, to.private("name"), "merchantDetails.name")?;
    set(&mut merchant.business_name, to.private("businessName"), "merchantDetails.businessName")?;
    set(&mut merchant.email, to.private("chargebackEmail"), "merchantDetails.chargebackEmail")?;
    set(&mut merchant.mobile, to.private("mobile"), "merchantDetails.mobile")
}

fn rest(details: &mut Details, sent: &Object<'_>) -> Result<(), Refusal> {
    set(&mut details.disputed, sent.decimal("disputeAmount"), "disputeAmount")?;
    set(&mut details.due, due(sent), "dueDate")?;
    set(&mut details.payment_type, sent.line("paymentType"), "paymentType")?;
    set(&mut details.remitter_bank, sent.line("remitterBank"), "remitterBank")?;
    set(&mut details.nodal_account, sent.private("nodalAccountNo"), "nodalAccountNo")?;
    set(&mut details.gateway_order, sent.line("gatewayOrderId"), "gatewayOrderId")?;
    set(&mut details.payment_instrument, sent.private("paymentInstrumentId"), "paymentInstrumentId")?;
    set(&mut details.comments, sent.comment("comments"), "comments")
}

/// `dueDate`: a number of days as the seed's sample has it, or a day.
pub(crate) fn due(sent: &Object<'_>) -> Option<Result<Due, NotThat>> {
    let read = |text: String| match text.parse() {
        Ok(days) if days <= MOST_DAYS => Some(Due::In(days)),
        _ => Day::parse(&text).ok().map(Due::On),
    };
    sent.text("dueDate").map(|text| text.ok().and_then(read).ok_or(NotThat))
}

/// The names of what differs between two versions of the details, as bodies have them: what the history says of an update.
pub(crate) fn changed(before: &Details, after: &Details) -> Vec<&'static str> {
    let (customer, merchant) = ((&before.customer, &after.customer), (&before.merchant, &after.merchant));
    let same = [
        ("transactionDetails.customerName", customer.0.name == customer.1.name),
        ("transactionDetails.customerEmail", customer.0.email == customer.1.email),
        ("transactionDetails.customerMobile", customer.0.mobile == customer.1.mobile),
        ("transactionDetails.amount", customer.0.amount == customer.1.amount),
        ("transactionDetails.transactionDate", customer.0.paid_at == customer.1.paid_at),
        ("merchantDetails.name", merchant.0.name == merchant.1.name),
        ("merchantDetails.businessName", merchant.0.business_name == merchant.1.business_name),
        ("merchantDetails.chargebackEmail", merchant.0.email == merchant.1.email),
        ("merchantDetails.mobile", merchant.0.mobile == merchant.1.mobile),
        ("disputeAmount", before.disputed == after.disputed),
        ("disputeAmountTdrDetails", before.tdr == after.tdr),
        ("disputeAmountTaxDetails", before.tax == after.tax),
        ("disputeType", before.dispute_type == after.dispute_type),
        ("internalDueDate", before.internal_due == after.internal_due),
        ("dueDate", before.due == after.due),
        ("paymentType", before.payment_type == after.payment_type),
        ("acquirerBankCode", before.acquirer_bank == after.acquirer_bank),
        ("remitterBank", before.remitter_bank == after.remitter_bank),
        ("reasonCode", before.reason_code == after.reason_code),
        ("nodalAccountNo", before.nodal_account == after.nodal_account),
        ("gatewayOrderId", before.gateway_order == after.gateway_order),
        ("paymentInstrumentId", before.payment_instrument == after.payment_instrument),
        ("comments", before.comments == after.comments),
    ];
    same.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests;
