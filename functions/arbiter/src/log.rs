//! The body of a log (vendor specification, Arbiter "Create Dispute", "REQUEST").

use recourse_dispute::decimal::Decimal;
use recourse_dispute::ids::{Reference, TransactionType};
use recourse_dispute::lifecycle::Category;
use recourse_dispute::money::Money;
use recourse_edge::{BodyError, JsonObject, JsonValue};

use crate::amount::Amount;
use crate::{ApiError, Errors, rules};

/// Far more than any honest request, in bytes.
pub(crate) const MAX_BYTES: usize = 16 * 1024;
/// The most characters of a comment.
const MAX_COMMENT: usize = 1_000;

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

impl Log {
    /// Reads a body. Fields that are not read are ignored.
    ///
    /// # Errors
    /// [`ApiError::Invalid`] with all that is wrong.
    pub fn read(body: &[u8]) -> Result<Self, ApiError> {
        let fields = object(body)?;
        let mut errors = Errors::default();
        let transaction_type = required("transactionType", &fields, &mut errors)
            .and_then(|text| valid_or_report("transactionType", TransactionType::parse(&text), &mut errors));
        let reference = required("transactionReference", &fields, &mut errors)
            .and_then(|text| valid_or_report("transactionReference", Reference::parse(&text), &mut errors));
        let amount = amount(&fields, &mut errors);
        let comment = comment(&fields, &mut errors);
        let reason = required("reasonCode", &fields, &mut errors);
        let category = required("category", &fields, &mut errors).and_then(|text| {
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
            _ => Err(ApiError::Invalid(errors)),
        }
    }

    /// How much is disputed of a transaction of `whole`.
    ///
    /// # Errors
    /// [`ApiError::Invalid`].
    pub fn amount(&self, whole: Money) -> Result<Money, ApiError> {
        self.amount.of(whole).map_err(ApiError::Invalid)
    }

    /// Whether it disputes a part, as it says.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.amount.is_partial()
    }
}

/// Reads a body that has to be a JSON object, whose fields are each there once.
pub(crate) fn object(body: &[u8]) -> Result<JsonObject<'_>, ApiError> {
    JsonObject::read(body, MAX_BYTES).map_err(|error| {
        let BodyError::Duplicates(names) = &error else {
            return ApiError::Invalid(Errors::one("body", format!("{error}.")));
        };
        let mut errors = Errors::default();
        names.iter().for_each(|name| errors.add(name, "must be there once."));
        ApiError::Invalid(errors)
    })
}

/// The text of a field; `null` and the empty text count as not sent.
fn text(field: &str, fields: &JsonObject<'_>, errors: &mut Errors) -> Option<String> {
    match fields.get(field)?.text() {
        Some(text) => Some(text).filter(|text| !text.is_empty()),
        None => none(field, "must be a string.", errors),
    }
}

pub(crate) fn required(field: &str, fields: &JsonObject<'_>, errors: &mut Errors) -> Option<String> {
    if fields.get(field).is_none_or(JsonValue::is_empty_text) {
        return none(field, "is required.", errors);
    }
    text(field, fields, errors)
}

/// What a party says, on one or more lines. It is shown in answers only, never in a header or a
/// mail.
pub(crate) fn comment(fields: &JsonObject<'_>, errors: &mut Errors) -> Option<String> {
    let text = text("comment", fields, errors)?;
    let control = |character: char| character.is_control() && !['\n', '\r', '\t'].contains(&character);
    if text.chars().count() > MAX_COMMENT || text.chars().any(control) {
        let rule =
            format!("must be at most {MAX_COMMENT} characters without control characters but line breaks and tabs.");
        errors.add("comment", rule);
    } else if text.trim().is_empty() {
        errors.add("comment", "must not be blank.");
    } else {
        return Some(text);
    }
    None
}

fn valid_or_report<T>(field: &str, read: Result<T, impl std::fmt::Display>, errors: &mut Errors) -> Option<T> {
    read.map_err(|rule| errors.add(field, format!("{rule}."))).ok()
}

fn none<T>(field: &str, rule: &str, errors: &mut Errors) -> Option<T> {
    errors.add(field, rule);
    None
}

/// `FULL` or `PARTIAL` in any case; an amount belongs to `PARTIAL`, as a JSON number in any form or
/// a string of one.
fn amount(fields: &JsonObject<'_>, errors: &mut Errors) -> Option<Amount> {
    let kind = required("disputeAmountType", fields, errors)?;
    if kind.eq_ignore_ascii_case("full") {
        return Some(Amount::Full);
    }
    if !kind.eq_ignore_ascii_case("partial") {
        return none("disputeAmountType", "must be FULL or PARTIAL.", errors);
    }
    let Some(sent) = fields.get("disputeAmount").filter(|sent| !sent.is_empty_text()) else {
        return none("disputeAmount", "is required for PARTIAL.", errors);
    };
    let decimal = sent.text().unwrap_or_else(|| sent.json().to_owned());
    valid_or_report("disputeAmount", Decimal::parse(&decimal), errors).map(Amount::Partial)
}

#[cfg(test)]
mod tests;
