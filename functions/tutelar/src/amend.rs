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
use recourse_edge::{BodyReader, FieldError};

use crate::ApiError;
use crate::charge::charge;
use crate::fields::{INVALID, address, comment, line, private, set, valid};
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
pub fn amend(before: &Amendable, sent: &BodyReader<'_>, rules: &Rules<'_>) -> Result<Amendable, ApiError> {
    let mut details = before.details.clone();
    classify(&mut details, sent, rules)?;
    if let Some(tdr) = charge(sent, &TDR)? {
        details.tdr = Some(tdr);
    }
    if let Some(tax) = charge(sent, &TAX)? {
        details.tax = Some(tax);
    }
    people(&mut details, sent)?;
    let disputed = sent.get("disputeAmount").parsed(Decimal::parse)?;
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
fn classify(details: &mut DisputeDetails, sent: &BodyReader<'_>, rules: &Rules<'_>) -> Result<(), ApiError> {
    let Rules { configuration, facts, .. } = rules;
    let refused = |text| move |_: FieldError| ApiError::of(text);
    let kind = sent.get("disputeType").parsed(|kind| valid(kind, configuration.has_type(kind)));
    set(&mut details.dispute_type, kind).map_err(refused(texts::DISPUTE_TYPE))?;
    if let Some(due) = sent.get("internalDueDate").parsed(Day::parse).map_err(refused(texts::DUE_FORM))? {
        if due <= rules.today {
            return Err(ApiError::of(texts::due_passed(rules.today)));
        }
        details.internal_due = Some(due);
    }
    let transaction_type = facts.details.transaction_type.as_ref().map(TransactionType::as_str);
    let code = sent.get("reasonCode").parsed(|code| valid(code, configuration.has_reason(transaction_type, code)));
    set(&mut details.reason_code, code).map_err(refused(texts::REASON_CODE))?;
    let bank = |bank: &str| valid(bank, bank.chars().count() == 4).and_then(|bank| line(&bank));
    if let Some(bank) = sent.get("acquirerBankCode").parsed(bank).map_err(refused(texts::BANK_FORM))? {
        if rules.known_banks && !configuration.has_bank(&bank) {
            return Err(ApiError::of(texts::BANK_UNKNOWN));
        }
        details.acquirer_bank = Some(bank);
    }
    Ok(())
}

/// The customer, the payment and the merchant. Their ids name things and are no details.
fn people(details: &mut DisputeDetails, sent: &BodyReader<'_>) -> Result<(), ApiError> {
    let object = |name| sent.get(name).object().map(Option::unwrap_or_default);
    let (paid, to) = (object("transactionDetails")?, object("merchantDetails")?);
    let customer = &mut details.customer;
    set(&mut customer.name, paid.get("customerName").parsed(private))?;
    set(&mut customer.email, address(&paid.get("customerEmail")))?;
    set(&mut customer.mobile, paid.get("customerMobile").parsed(private))?;
    set(&mut customer.amount, paid.get("amount").parsed(Decimal::parse))?;
    set(&mut customer.paid_at, paid.get("transactionDate").parsed(line))?;
    let merchant = &mut details.merchant;
    set(&mut merchant.name, to.get("name").parsed(private))?;
    set(&mut merchant.business_name, to.get("businessName").parsed(private))?;
    set(&mut merchant.email, address(&to.get("chargebackEmail")))?;
    Ok(set(&mut merchant.mobile, to.get("mobile").parsed(private))?)
}

fn rest(details: &mut DisputeDetails, sent: &BodyReader<'_>, today: Day) -> Result<(), FieldError> {
    let known = details.due;
    set(&mut details.due, due(sent, |due| !is_past(due, today) || known == Some(due)))?;
    set(&mut details.payment_type, sent.get("paymentType").parsed(line))?;
    set(&mut details.remitter_bank, sent.get("remitterBank").parsed(line))?;
    set(&mut details.nodal_account, sent.get("nodalAccountNo").parsed(private))?;
    set(&mut details.gateway_order, sent.get("gatewayOrderId").parsed(line))?;
    set(&mut details.payment_instrument, sent.get("paymentInstrumentId").parsed(private))?;
    set(&mut details.comments, sent.get("comments").parsed(comment))
}

/// `dueDate`: a number of days, as in the sample of the vendor's specification, or a day that
/// `may_be` allows.
pub(crate) fn due(sent: &BodyReader<'_>, may_be: impl Fn(DueDate) -> bool) -> Result<Option<DueDate>, FieldError> {
    let read = |text: &str| match text.parse() {
        Ok(days) if days <= MAX_DAYS => Some(DueDate::In(days)),
        _ => Day::parse(text).ok().map(DueDate::On),
    };
    sent.get("dueDate").parsed(|text| read(text).filter(|due| may_be(*due)).ok_or(INVALID))
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
