//! How a body changes the details of a dispute: the allow-list, and the checks in the order of the
//! vendor's specification.
//!
//! **Invariant:** a dispute has one amount. It is what its opener claims, every API shows it, and
//! the limits of fee and tax go by it. An amount that cannot be claimed is refused and never cut.
//!
//! **Invariant:** of a body only the members that are named here are read. Of a dispute they change
//! only its details and the amount of its opener, never status, verdict, level or owner.

use recourse_dispute::channels::tutelar::charges::{Excess, excess};
use recourse_dispute::channels::tutelar::configuration::{Configuration, MAX_DAYS};
use recourse_dispute::channels::tutelar::details::{DisputeDetails, DueDate};
use recourse_dispute::claim_amount::{ClaimAmountError, claimable};
use recourse_dispute::decimal::Decimal;
use recourse_dispute::ids::TransactionType;
use recourse_dispute::money::Money;
use recourse_dispute::time::Day;
use recourse_dispute::transaction::Facts;

use crate::ApiError;
use crate::charge::charge;
use crate::fields::{InvalidValue, Object, set};
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
    /// Whether the caller may say how much is disputed: it raised the dispute here, and the dispute
    /// is open.
    pub may_restate_amount: bool,
    /// The day in UTC.
    pub today: Day,
}

/// What a body can amend of a dispute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendable {
    /// The details.
    pub details: DisputeDetails,
    /// How much is disputed.
    pub amount: Money,
}

/// A dispute's details and amount with what a body says of them. What it does not say stays as it
/// was; a member of `transactionDetails` and `merchantDetails`, too.
///
/// # Errors
/// [`ApiError::Refused`] with the first text that applies, in the order of the vendor's
/// specification; the Recourse-specific texts come before its three sums.
pub fn amend(before: &Amendable, sent: &Object<'_>, rules: &Rules<'_>) -> Result<Amendable, ApiError> {
    let mut details = before.details.clone();
    classify(&mut details, sent, rules)?;
    if let Some(tdr) = charge(sent, &TDR)? {
        details.tdr = Some(tdr);
    }
    if let Some(tax) = charge(sent, &TAX)? {
        details.tax = Some(tax);
    }
    people(&mut details, sent)?;
    let mut disputed = None;
    set(&mut disputed, sent.decimal("disputeAmount"), "disputeAmount")?;
    rest(&mut details, sent, rules.today)?;
    let amount = match disputed {
        Some(disputed) => restated(disputed, before.amount, rules)?,
        None => before.amount,
    };
    let claimed = Decimal::parse(&amount.decimal()).unwrap_or_default();
    match excess(claimed, details.tdr.as_ref(), details.tax.as_ref()) {
        None => Ok(Amendable { details, amount }),
        Some(Excess::Tdr) => Err(ApiError::of(texts::TDR_EXCEEDS)),
        Some(Excess::Tax) => Err(ApiError::of(texts::TAX_EXCEEDS)),
        Some(Excess::Total) => Err(ApiError::of(texts::TOTAL_EXCEEDS)),
    }
}

/// The amount that a body names. Whoever sends the amount that the dispute has changes nothing, and
/// needs no right to.
fn restated(disputed: Decimal, before: Money, rules: &Rules<'_>) -> Result<Money, ApiError> {
    let paid = rules.facts.amount;
    let disputed = Money::parse(&disputed.to_string(), paid.currency());
    let disputed = disputed.map_err(|_| ApiError::of(texts::invalid("disputeAmount")))?;
    let claimed = claimable(disputed, paid).map_err(|error| match error {
        ClaimAmountError::Zero => ApiError::of(texts::AMOUNT_ZERO),
        ClaimAmountError::NothingPaid if disputed.minor() == 0 => ApiError::of(texts::AMOUNT_ZERO),
        ClaimAmountError::MoreThanPaid | ClaimAmountError::NothingPaid => ApiError::of(texts::AMOUNT_EXCEEDS),
        ClaimAmountError::OtherCurrency => ApiError::of(texts::invalid("disputeAmount")),
    })?;
    if claimed == before || rules.may_restate_amount { Ok(claimed) } else { Err(ApiError::of(texts::AMOUNT_FIXED)) }
}

/// Kind, due date, reason and bank: what the configuration has a say in.
fn classify(details: &mut DisputeDetails, sent: &Object<'_>, rules: &Rules<'_>) -> Result<(), ApiError> {
    let Rules { configuration, facts, .. } = rules;
    if let Some(kind) = sent.text("disputeType") {
        let kind = kind.ok().filter(|kind| configuration.has_type(kind));
        details.dispute_type = Some(kind.ok_or(ApiError::of(texts::DISPUTE_TYPE))?);
    }
    if let Some(due) = sent.text("internalDueDate") {
        let due = due.ok().and_then(|due| Day::parse(&due).ok()).ok_or(ApiError::of(texts::DUE_FORM))?;
        if due <= rules.today {
            return Err(ApiError::of(texts::due_passed(rules.today)));
        }
        details.internal_due = Some(due);
    }
    if let Some(code) = sent.text("reasonCode") {
        let kind = facts.details.transaction_type.as_ref().map(TransactionType::as_str);
        let code = code.ok().filter(|code| configuration.has_reason(kind, code));
        details.reason_code = Some(code.ok_or(ApiError::of(texts::REASON_CODE))?);
    }
    if let Some(bank) = sent.line("acquirerBankCode") {
        let bank = bank.ok().filter(|bank| bank.chars().count() == 4).ok_or(ApiError::of(texts::BANK_FORM))?;
        if rules.known_banks && !configuration.has_bank(&bank) {
            return Err(ApiError::of(texts::BANK_UNKNOWN));
        }
        details.acquirer_bank = Some(bank);
    }
    Ok(())
}

/// The customer, the payment and the merchant. Their ids name things and are no details.
fn people(details: &mut DisputeDetails, sent: &Object<'_>) -> Result<(), ApiError> {
    let object = |name| {
        let object = sent.object(name).unwrap_or(Ok(Object::default()));
        object.map_err(|InvalidValue| ApiError::of(texts::invalid(name)))
    };
    let (paid, to) = (object("transactionDetails")?, object("merchantDetails")?);
    let customer = &mut details.customer;
    set(&mut customer.name, paid.private("customerName"), "transactionDetails.customerName")?;
    set(&mut customer.email, paid.address("customerEmail"), "transactionDetails.customerEmail")?;
    set(&mut customer.mobile, paid.private("customerMobile"), "transactionDetails.customerMobile")?;
    set(&mut customer.amount, paid.decimal("amount"), "transactionDetails.amount")?;
    set(&mut customer.paid_at, paid.line("transactionDate"), "transactionDetails.transactionDate")?;
    let merchant = &mut details.merchant;
    set(&mut merchant.name, to.private("name"), "merchantDetails.name")?;
    set(&mut merchant.business_name, to.private("businessName"), "merchantDetails.businessName")?;
    set(&mut merchant.email, to.address("chargebackEmail"), "merchantDetails.chargebackEmail")?;
    set(&mut merchant.mobile, to.private("mobile"), "merchantDetails.mobile")
}

fn rest(details: &mut DisputeDetails, sent: &Object<'_>, today: Day) -> Result<(), ApiError> {
    let known = details.due;
    set(&mut details.due, due(sent, |due| !is_past(due, today) || known == Some(due)), "dueDate")?;
    set(&mut details.payment_type, sent.line("paymentType"), "paymentType")?;
    set(&mut details.remitter_bank, sent.line("remitterBank"), "remitterBank")?;
    set(&mut details.nodal_account, sent.private("nodalAccountNo"), "nodalAccountNo")?;
    set(&mut details.gateway_order, sent.line("gatewayOrderId"), "gatewayOrderId")?;
    set(&mut details.payment_instrument, sent.private("paymentInstrumentId"), "paymentInstrumentId")?;
    set(&mut details.comments, sent.comment("comments"), "comments")
}

/// `dueDate`: a number of days, as in the sample of the vendor's specification, or a day that
/// `may_be` allows.
pub(crate) fn due(sent: &Object<'_>, may_be: impl Fn(DueDate) -> bool) -> Option<Result<DueDate, InvalidValue>> {
    let read = |text: String| match text.parse() {
        Ok(days) if days <= MAX_DAYS => Some(DueDate::In(days)),
        _ => Day::parse(&text).ok().map(DueDate::On),
    };
    sent.text("dueDate").map(|text| text.ok().and_then(read).filter(|due| may_be(*due)).ok_or(InvalidValue))
}

/// Whether a day is before today. Zero days are today, so today itself is not past.
pub(crate) fn is_past(due: DueDate, today: Day) -> bool {
    match due {
        DueDate::In(_) => false,
        DueDate::On(day) => day < today,
    }
}

/// The names of what differs between two versions, as bodies have them: what the history says of an
/// update.
pub(crate) fn changed(before: &Amendable, after: &Amendable) -> Vec<&'static str> {
    let amount_is_same = before.amount == after.amount;
    let (before, after) = (&before.details, &after.details);
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
        ("disputeAmount", amount_is_same),
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
