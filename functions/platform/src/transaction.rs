//! A transaction as the platform writes it (platform contract).

use std::fmt;

use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, BadName, CaptureId, DomainCode, Reference, Refid, TransactionType, Trxid};
use recourse_dispute::money::{BadMoney, Currency, Money};
use recourse_dispute::time::{InvalidTimestamp, PreciseTime, UnixMillis};
use recourse_dispute::transaction::{Facts, JsonText, Kind, Parties, Party, Status, Transaction, TransactionDetails};

use crate::error::Errors;
use crate::fields::{FieldReader, reference, text};

/// The most bytes of one transaction (platform contract, "Limits").
pub const MAX_BYTES: usize = 32 * 1024;

/// How far a time may be ahead of the server's clock, in milliseconds: five minutes, as far as a
/// signature's time may be by default. Clocks differ, and a time beyond that is a mistake.
pub const MAX_AHEAD_MS: i64 = 5 * 60 * 1000;

/// Why a text is no time of something that has happened; the message states the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotPast {
    NotATime(InvalidTimestamp),
    /// It is ahead of the server's clock, which says this.
    Ahead(UnixMillis),
}

impl fmt::Display for NotPast {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotATime(rule) => rule.fmt(out),
            Self::Ahead(now) => {
                let (minutes, now) = (MAX_AHEAD_MS / 60_000, now.iso8601());
                write!(out, "must not be more than {minutes} minutes after the server's time, which is {now}")
            }
        }
    }
}

/// Reads a transaction of this environment at `now`; `path` is the trxid in the path, where there
/// is one. The path is not signed, so a body that names another one is refused.
///
/// # Errors
/// Everything that is wrong, by field.
pub fn read(json: &[u8], path: Option<&str>, environment: Environment, now: UnixMillis) -> Result<Transaction, Errors> {
    let mut fields = FieldReader::read(json, MAX_BYTES)?;
    let mut errors = Errors::default();
    let e = &mut errors;

    let trxid = fields.required("trxid", Trxid::parse, e);
    if let (Some(trxid), Some(path)) = (&trxid, path)
        && trxid.as_str() != path
    {
        e.add("trxid", "must be the trxid of the path, which is not signed.");
    }
    let account = fields.required("account", AccountId::parse, e);
    let refid = fields.required("refid", Refid::parse, e);
    let status = fields.required("status", status, e);
    let kind = fields.parsed("kind", kind, e).unwrap_or_default();
    let product = fields.text("product", e);
    let currency = fields.required("currency", Currency::parse, e);
    let amount = fields.required("amount", |text| amount(text, currency), e);
    let occurred_at = fields.required("occurred_at", |text| past(text, now), e).map(PreciseTime::millis);
    let updated_at = fields.required("updated_at", |text| past(text, now), e);
    let parties = fields.object("parties", "parties.", e).map(|object| parties(object, e)).unwrap_or_default();
    let details =
        fields.object("details", "details.", e).map(|object| details(object, currency, e)).unwrap_or_default();
    fields.end(e);

    match (trxid, account, refid, status, amount.flatten(), occurred_at, updated_at) {
        (Some(trxid), Some(account), Some(refid), Some(status), Some(amount), Some(occurred_at), Some(updated_at))
            if errors.is_empty() =>
        {
            let facts = Facts { environment, trxid, account, refid, product, amount, occurred_at, parties, details };
            Ok(Transaction { facts, status, kind, updated_at })
        }
        _ => Err(errors),
    }
}

/// A time that has come by the server's clock, or comes within [`MAX_AHEAD_MS`]. A later
/// `updated_at` would make every later update a stale one.
fn past(text: &str, now: UnixMillis) -> Result<PreciseTime, NotPast> {
    let at = PreciseTime::parse(text).map_err(NotPast::NotATime)?;
    if at.millis() > now.plus(MAX_AHEAD_MS) { Err(NotPast::Ahead(now)) } else { Ok(at) }
}

fn status(text: &str) -> Result<Status, BadName> {
    Status::parse(text).ok_or(BadName("must be Accepted, Processing, Succesful, Refund or Failed"))
}

fn kind(text: &str) -> Result<Kind, BadName> {
    Kind::parse(text).ok_or(BadName("must be voucher, bill or other"))
}

/// An amount of the transaction's currency. Where the currency is missing, the error is the one of
/// the currency.
fn amount(text: &str, currency: Option<Currency>) -> Result<Option<Money>, BadMoney> {
    currency.map(|currency| Money::parse(text, currency)).transpose()
}

fn parties(mut object: FieldReader<'_>, errors: &mut Errors) -> Parties {
    let issuer = object.object("issuer", "parties.issuer.", errors);
    let issuer = issuer.and_then(|object| party(object, Names::Bank, errors));
    let acquirer = object.object("acquirer", "parties.acquirer.", errors);
    let acquirer = acquirer.and_then(|object| party(object, Names::Bank, errors));
    let merchant = object.object("merchant", "parties.merchant.", errors);
    let merchant = merchant.and_then(|object| party(object, Names::Merchant, errors));
    object.end(errors);
    Parties { issuer, acquirer, merchant }
}

/// What a party has besides its code and name.
enum Names {
    Bank,
    Merchant,
}

fn party(mut object: FieldReader<'_>, names: Names, errors: &mut Errors) -> Option<Party> {
    let code = object.required("code", DomainCode::parse, errors);
    let name = object.required("name", text, errors);
    let (reference, category) = match names {
        Names::Bank => (None, None),
        Names::Merchant => (object.parsed("reference", reference, errors), object.text("category", errors)),
    };
    object.end(errors);
    Some(Party { code: code?, name: name?, reference, category })
}

fn details(mut object: FieldReader<'_>, currency: Option<Currency>, errors: &mut Errors) -> TransactionDetails {
    let details = TransactionDetails {
        transaction_type: object.parsed("type", kind_in_paths, errors),
        reference: object.parsed("reference", reference_in_paths, errors),
        store: object.text("store", errors),
        surcharge: object.parsed("surcharge", |text| amount(text, currency), errors).flatten(),
        customer_reference: object.parsed("customer_reference", reference, errors),
        terminal_type: object.text("terminal_type", errors),
        region: object.text("region", errors),
        additional_info: additional_info(&mut object, errors),
        captures: captures(&mut object, errors),
        settlement: object.object("settlement", "details.settlement.", errors).and_then(|object| money(object, errors)),
        scheme: object.object("scheme", "details.scheme.", errors).and_then(|object| money(object, errors)),
        merchant_disputant: object.plain("merchant_disputant", "must be true or false.", errors).unwrap_or_default(),
    };
    object.end(errors);
    details
}

/// A bank names a transaction by type and reference in the path of `GET
/// .../types/{type}/references/{reference}`. A text that cannot be in that path is refused: a type
/// is one part of a path, a reference the rest of it.
fn kind_in_paths(text: &str) -> Result<TransactionType, BadName> {
    if text.contains('/') || !has_parts(text) {
        return Err(BadName("must have no slash and not be . or .., as it is a part of paths"));
    }
    TransactionType::parse(text)
}

fn reference_in_paths(text: &str) -> Result<Reference, BadName> {
    if !has_parts(text) {
        return Err(BadName("must have no part between slashes that is empty, . or .., as it stands in paths"));
    }
    Reference::parse(text)
}

/// Whether a path keeps the text as it is. An empty one is refused by its own rule.
fn has_parts(text: &str) -> bool {
    text.is_empty() || !text.split('/').any(|part| ["", ".", ".."].contains(&part))
}

fn additional_info(object: &mut FieldReader<'_>, errors: &mut Errors) -> Option<JsonText> {
    let info = JsonText::object(object.raw("additional_info")?);
    info.map_err(|error| errors.add("details.additional_info", format!("{error}."))).ok()
}

fn captures(object: &mut FieldReader<'_>, errors: &mut Errors) -> Vec<CaptureId> {
    let rule = "must be an array of capture ids.";
    let given: Vec<String> = object.plain("captures", rule, errors).unwrap_or_default();
    let mut captures: Vec<CaptureId> = Vec::new();
    for capture in given {
        match CaptureId::try_from(capture) {
            Ok(capture) if captures.contains(&capture) => {}
            Ok(capture) => captures.push(capture),
            Err(error) => errors.add("details.captures", format!("each {error}.")),
        }
    }
    if captures.len() > TransactionDetails::MAX_CAPTURES {
        errors.add("details.captures", format!("must hold at most {} captures.", TransactionDetails::MAX_CAPTURES));
    }
    captures
}

/// An amount with a currency of its own.
fn money(mut object: FieldReader<'_>, errors: &mut Errors) -> Option<Money> {
    let currency = object.required("currency", Currency::parse, errors);
    let amount = object.required("amount", |text| amount(text, currency), errors);
    object.end(errors);
    amount.flatten()
}

#[cfg(test)]
mod tests;
