//! A transaction as the platform writes it (platform contract).

use std::fmt;

use recourse_dispute::environment::Environment;
use recourse_dispute::ids::{AccountId, BadName, CaptureId, DomainCode, Refid, Trxid};
use recourse_dispute::money::{BadMoney, Currency, Money};
use recourse_dispute::time::{InvalidTimestamp, PreciseTime, UnixMillis};
use recourse_dispute::transaction::{Facts, JsonText, Kind, Parties, Party, Status, Transaction, TransactionDetails};
use recourse_edge::{BodyReader, BodyRules, FieldErrors, JsonObject, JsonValue};

use crate::fields::{end, kind_in_paths, reference, reference_in_paths, text};

/// The most bytes of one transaction (platform contract, "Limits").
pub const MAX_BYTES: usize = 32 * 1024;

/// The most transactions of one list (platform contract).
pub const MAX_TRANSACTIONS: usize = 100;

/// The rule for a member that appears twice.
pub(crate) const TWICE: &str = "must appear only once.";

const BODY: BodyRules = BodyRules { max_bytes: MAX_BYTES, empty_is_absent: false, numbers_are_texts: false };

/// How far a time may be ahead of the server's clock, in milliseconds: five minutes, as far as a
/// signature's time may be by default. Clocks differ, and a time beyond that is a mistake.
pub const MAX_AHEAD_MS: i64 = 5 * 60 * 1000;

/// Why a text is no time of something that has happened; the message states the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InvalidTime {
    Malformed(InvalidTimestamp),
    /// It is ahead of the server's clock, which says this.
    Future(UnixMillis),
}

impl fmt::Display for InvalidTime {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(rule) => rule.fmt(out),
            Self::Future(now) => {
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
pub fn read(
    json: &[u8],
    path: Option<&str>,
    environment: Environment,
    now: UnixMillis,
) -> Result<Transaction, FieldErrors> {
    let mut fields = BODY.read(json).map_err(|error| FieldErrors::unreadable(&error, TWICE))?;
    let mut errors = FieldErrors::default();
    let e = &mut errors;

    let trxid = e.check(fields.take("trxid").required(Trxid::parse));
    if let (Some(trxid), Some(path)) = (&trxid, path)
        && trxid.as_str() != path
    {
        e.add("trxid", "must be the trxid of the path, which is not signed.");
    }
    let account = e.check(fields.take("account").required(AccountId::parse));
    let refid = e.check(fields.take("refid").required(Refid::parse));
    let status = e.check(fields.take("status").required(status));
    let kind = e.check_sent(fields.take("kind").parsed(kind)).unwrap_or_default();
    let product = e.check_sent(fields.take("product").parsed(text));
    let currency = e.check(fields.take("currency").required(Currency::parse));
    let amount = e.check(fields.take("amount").required(|text| amount(text, currency)));
    let occurred_at = e.check(fields.take("occurred_at").required(|text| past(text, now))).map(PreciseTime::millis);
    let updated_at = e.check(fields.take("updated_at").required(|text| past(text, now)));
    let parties = e.check_sent(fields.take("parties").object()).map(|object| parties(object, e)).unwrap_or_default();
    let details =
        e.check_sent(fields.take("details").object()).map(|object| details(object, currency, e)).unwrap_or_default();
    end(&fields, e);

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

/// Reads a list of transactions, `{"transactions": [ ... ]}`, each of which is then read, and
/// refused, on its own.
///
/// # Errors
/// What is wrong with the list as a whole.
pub fn read_list(json: &[u8]) -> Result<Vec<JsonValue<'_>>, FieldErrors> {
    let body = JsonObject::read_outermost(json, MAX_TRANSACTIONS * MAX_BYTES);
    let mut body = body.map_err(|error| FieldErrors::unreadable(&error, TWICE))?;
    let transactions = body.take("transactions").and_then(JsonValue::list).filter(|_| body.names().next().is_none());
    let transactions = transactions
        .ok_or_else(|| FieldErrors::one("body", r#"must be {"transactions": [ ... ]} and nothing else."#))?;
    if transactions.len() > MAX_TRANSACTIONS {
        let rule = format!("must hold at most {MAX_TRANSACTIONS} transactions.");
        return Err(FieldErrors::one("transactions", rule));
    }
    Ok(transactions)
}

/// A time that has come by the server's clock, or comes within [`MAX_AHEAD_MS`]. A later
/// `updated_at` would make every later update a stale one.
fn past(text: &str, now: UnixMillis) -> Result<PreciseTime, InvalidTime> {
    let at = PreciseTime::parse(text).map_err(InvalidTime::Malformed)?;
    if at.millis() > now.plus(MAX_AHEAD_MS) { Err(InvalidTime::Future(now)) } else { Ok(at) }
}

fn status(text: &str) -> Result<Status, BadName> {
    Status::parse(text).ok_or(BadName("must be Accepted, Processing, Succesful, Refund or Failed"))
}

fn kind(text: &str) -> Result<Kind, BadName> {
    Kind::parse(text).ok_or(BadName("must be voucher, bill, topup or other"))
}

/// An amount of the transaction's currency. Where the currency is missing, the error is the one of
/// the currency.
fn amount(text: &str, currency: Option<Currency>) -> Result<Option<Money>, BadMoney> {
    currency.map(|currency| Money::parse(text, currency)).transpose()
}

fn parties(mut object: BodyReader<'_>, errors: &mut FieldErrors) -> Parties {
    let issuer = errors.check_sent(object.take("issuer").object());
    let issuer = issuer.and_then(|object| party(object, Names::Bank, errors));
    let acquirer = errors.check_sent(object.take("acquirer").object());
    let acquirer = acquirer.and_then(|object| party(object, Names::Bank, errors));
    let merchant = errors.check_sent(object.take("merchant").object());
    let merchant = merchant.and_then(|object| party(object, Names::Merchant, errors));
    end(&object, errors);
    Parties { issuer, acquirer, merchant }
}

/// What a party has besides its code and name.
enum Names {
    Bank,
    Merchant,
}

fn party(mut object: BodyReader<'_>, names: Names, errors: &mut FieldErrors) -> Option<Party> {
    let code = errors.check(object.take("code").required(DomainCode::parse));
    let name = errors.check(object.take("name").required(text));
    let (reference, category) = match names {
        Names::Bank => (None, None),
        Names::Merchant => (
            errors.check_sent(object.take("reference").parsed(reference)),
            errors.check_sent(object.take("category").parsed(text)),
        ),
    };
    end(&object, errors);
    Some(Party { code: code?, name: name?, reference, category })
}

fn details(mut object: BodyReader<'_>, currency: Option<Currency>, errors: &mut FieldErrors) -> TransactionDetails {
    let details = TransactionDetails {
        transaction_type: errors.check_sent(object.take("type").parsed(kind_in_paths)),
        reference: errors.check_sent(object.take("reference").parsed(reference_in_paths)),
        store: errors.check_sent(object.take("store").parsed(text)),
        surcharge: errors.check_sent(object.take("surcharge").parsed(|text| amount(text, currency))).flatten(),
        customer_reference: errors.check_sent(object.take("customer_reference").parsed(reference)),
        terminal_type: errors.check_sent(object.take("terminal_type").parsed(text)),
        region: errors.check_sent(object.take("region").parsed(text)),
        additional_info: additional_info(&mut object, errors),
        captures: captures(&mut object, errors),
        settlement: errors.check_sent(object.take("settlement").object()).and_then(|object| money(object, errors)),
        scheme: errors.check_sent(object.take("scheme").object()).and_then(|object| money(object, errors)),
        merchant_disputant: errors
            .check_sent(object.take("merchant_disputant").plain("must be true or false"))
            .unwrap_or_default(),
    };
    end(&object, errors);
    details
}

fn additional_info(object: &mut BodyReader<'_>, errors: &mut FieldErrors) -> Option<JsonText> {
    let info = JsonText::object(object.take("additional_info").value()?.json());
    info.map_err(|error| errors.add("details.additional_info", format!("{error}."))).ok()
}

fn captures(object: &mut BodyReader<'_>, errors: &mut FieldErrors) -> Vec<CaptureId> {
    let rule = "must be an array of capture ids";
    let given: Vec<String> = errors.check_sent(object.take("captures").plain(rule)).unwrap_or_default();
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
fn money(mut object: BodyReader<'_>, errors: &mut FieldErrors) -> Option<Money> {
    let currency = errors.check(object.take("currency").required(Currency::parse));
    let amount = errors.check(object.take("amount").required(|text| amount(text, currency)));
    end(&object, errors);
    amount.flatten()
}

#[cfg(test)]
mod tests;
