//! The body of a log (seed 002, "REQUEST").

use recourse_dispute::decimal::Decimal;
use recourse_dispute::ids::{Reference, TransactionType};
use recourse_dispute::lifecycle::Category;
use recourse_dispute::money::Money;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::amount::Amount;
use crate::{Errors, Refusal, rules};

/// Far more than any honest request, in bytes.
pub(crate) const MOST_BYTES: usize = 16 * 1024;
/// The most characters of a comment.
const MOST_COMMENT: usize = 1_000;

/// A log, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The transaction's type.
    pub transaction_type: TransactionType,
    /// Its reference.
    pub reference: Reference,
    /// What kind of claim it is.
    pub category: Category,
    /// One of the category's reasons.
    pub reason: String,
    /// What the bank says besides.
    pub comment: Option<String>,
    pub(crate) amount: Amount,
}

/// The fields that are read; others are ignored.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Fields<'a> {
    #[serde(borrow)]
    transaction_type: Option<&'a RawValue>,
    #[serde(borrow)]
    transaction_reference: Option<&'a RawValue>,
    #[serde(borrow)]
    dispute_amount_type: Option<&'a RawValue>,
    #[serde(borrow)]
    dispute_amount: Option<&'a RawValue>,
    #[serde(borrow)]
    comment: Option<&'a RawValue>,
    #[serde(borrow)]
    reason_code: Option<&'a RawValue>,
    #[serde(borrow)]
    category: Option<&'a RawValue>,
}

impl Log {
    /// Reads a body.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with all that is wrong.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let fields: Fields<'_> = object(body)?;
        let mut errors = Errors::default();
        let transaction_type = required("transactionType", fields.transaction_type, &mut errors)
            .and_then(|text| kept("transactionType", TransactionType::parse(&text), &mut errors));
        let reference = required("transactionReference", fields.transaction_reference, &mut errors)
            .and_then(|text| kept("transactionReference", Reference::parse(&text), &mut errors));
        let amount = amount(fields.dispute_amount_type, fields.dispute_amount, &mut errors);
        let comment = comment(fields.comment, &mut errors);
        let reason = required("reasonCode", fields.reason_code, &mut errors);
        let category = required("category", fields.category, &mut errors).and_then(|text| {
            let rule = "must be one of the dispute categories.";
            Category::parse(&text).or_else(|| none("category", rule, &mut errors))
        });
        if let (Some(category), Some(reason)) = (category, &reason) {
            let rules = rules(category)?;
            if rules.reason(reason).is_none() {
                errors.add("reasonCode", "must be one of the category's reasons.");
            }
            let named = amount.as_ref().map(|amount| Amount::name(amount.is_partial()));
            if named.is_some_and(|name| !rules.amounts.iter().any(|allowed| allowed == name)) {
                let allowed = rules.amounts.join(" or ");
                errors.add("disputeAmountType", format!("must be {allowed} in this category."));
            }
        }
        match (transaction_type, reference, amount, reason, category) {
            (Some(transaction_type), Some(reference), Some(amount), Some(reason), Some(category))
                if errors.is_empty() =>
            {
                Ok(Self { transaction_type, reference, category, reason, comment, amount })
            }
            _ => Err(Refusal::Invalid(errors)),
        }
    }

    /// How much is disputed of a transaction of `whole`.
    ///
    /// # Errors
    /// [`Refusal::Invalid`].
    pub fn amount(&self, whole: Money) -> Result<Money, Refusal> {
        self.amount.of(whole).map_err(Refusal::Invalid)
    }

    /// Whether it disputes a part, as it says.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.amount.is_partial()
    }
}

/// Reads a body that has to be a JSON object, whose fields are each there once.
pub(crate) fn object<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    let wrong = |rule: String| Refusal::Invalid(Errors::one("body", rule));
    if body.len() > MOST_BYTES {
        return Err(wrong(format!("must not be larger than {MOST_BYTES} bytes.")));
    }
    let body = std::str::from_utf8(body).map_err(|_| wrong("must be UTF-8.".to_owned()))?;
    // Serde takes an array for a struct, too.
    if !body.trim_ascii_start().starts_with('{') {
        return Err(wrong("must be a JSON object.".to_owned()));
    }
    serde_json::from_str(body).map_err(|error| {
        // Fields are taken whatever they are, so nothing else can be wrong with good JSON.
        let twice = error.classify() == serde_json::error::Category::Data;
        wrong(if twice { "must not have a field twice." } else { "must be a JSON object." }.to_owned())
    })
}

/// The text of a field; `null` and the empty text count as not sent.
fn text(field: &str, json: Option<&RawValue>, errors: &mut Errors) -> Option<String> {
    let json = json.map(RawValue::get).filter(|json| *json != "null")?;
    match serde_json::from_str::<String>(json) {
        Ok(text) => Some(text).filter(|text| !text.is_empty()),
        Err(_) => none(field, "must be a string.", errors),
    }
}

pub(crate) fn required(field: &str, json: Option<&RawValue>, errors: &mut Errors) -> Option<String> {
    if json.is_none_or(|json| ["null", "\"\""].contains(&json.get())) {
        return none(field, "is required.", errors);
    }
    text(field, json, errors)
}

/// What a party says: of more than one line, if it likes. It is printed in answers only, never in a header or a mail.
pub(crate) fn comment(json: Option<&RawValue>, errors: &mut Errors) -> Option<String> {
    let text = text("comment", json, errors)?;
    let control = |letter: char| letter.is_control() && !['\n', '\r', '\t'].contains(&letter);
    if text.chars().count() > MOST_COMMENT || text.chars().any(control) {
        let rule =
            format!("must be at most {MOST_COMMENT} characters without control characters but line breaks and tabs.");
        errors.add("comment", rule);
    } else if text.trim().is_empty() {
        errors.add("comment", "must not be blank.");
    } else {
        return Some(text);
    }
    None
}

fn kept<T>(field: &str, read: Result<T, impl std::fmt::Display>, errors: &mut Errors) -> Option<T> {
    read.map_err(|rule| errors.add(field, format!("{rule}."))).ok()
}

fn none<T>(field: &str, rule: &str, errors: &mut Errors) -> Option<T> {
    errors.add(field, rule);
    None
}

/// `FULL` or `PARTIAL` in any case; an amount belongs to `PARTIAL`, as a JSON number in any form or a string of one.
fn amount(kind: Option<&RawValue>, decimal: Option<&RawValue>, errors: &mut Errors) -> Option<Amount> {
    let kind = required("disputeAmountType", kind, errors)?;
    if kind.eq_ignore_ascii_case("full") {
        return Some(Amount::Full);
    }
    if !kind.eq_ignore_ascii_case("partial") {
        return none("disputeAmountType", "must be FULL or PARTIAL.", errors);
    }
    let Some(json) = decimal.map(RawValue::get).filter(|json| !["null", "\"\""].contains(json)) else {
        return none("disputeAmount", "is required for PARTIAL.", errors);
    };
    let decimal = serde_json::from_str(json).unwrap_or_else(|_| json.to_owned());
    kept("disputeAmount", Decimal::parse(&decimal), errors).map(Amount::Partial)
}

#[cfg(test)]
mod tests;
