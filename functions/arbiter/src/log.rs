//! The body of a log (vendor specification, Arbiter "Create Dispute", "REQUEST").

use recourse_dispute::decimal::Decimal;
use recourse_dispute::ids::{Reference, TransactionType};
use recourse_dispute::lifecycle::Category;
use recourse_dispute::money::Money;
use recourse_dispute::text::is_blank;
use recourse_edge::{BodyReader, BodyRules, FieldError, FieldErrors, has_control_characters};

use crate::amount::Amount;
use crate::{ApiError, rules};

/// Far more bytes than any honest request has.
const BODY: BodyRules = BodyRules { max_bytes: 16 * 1024, empty_is_absent: true, numbers_are_texts: false };
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
        let fields = read_body(body)?;
        let mut errors = FieldErrors::default();
        let transaction_type = errors.check(fields.get("transactionType").required(TransactionType::parse));
        let reference = errors.check(fields.get("transactionReference").required(Reference::parse));
        let amount = errors.check(amount(&fields));
        let comment = errors.check_sent(fields.get("comment").parsed(comment));
        let reason = errors.check(fields.get("reasonCode").required(str::parse::<String>));
        let category = |text: &str| Category::parse(text).ok_or("must be one of the dispute categories");
        let category = errors.check(fields.get("category").required(category));
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
pub(crate) fn read_body(body: &[u8]) -> Result<BodyReader<'_>, ApiError> {
    BODY.read(body).map_err(|error| ApiError::Invalid(FieldErrors::unreadable(&error, "must appear only once.")))
}

/// What a party says, on one or more lines. It is shown in answers only, never in a header or a
/// mail.
pub(crate) fn comment(text: &str) -> Result<String, String> {
    if text.chars().count() > MAX_COMMENT || has_control_characters(text) {
        Err(format!("must be at most {MAX_COMMENT} characters without control characters but line breaks and tabs"))
    } else if is_blank(text) {
        Err("must not be blank".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// `FULL` or `PARTIAL` in any case; an amount belongs to `PARTIAL`, as a JSON number in any form or
/// a string of one.
fn amount(fields: &BodyReader<'_>) -> Result<Amount, FieldError> {
    let is_partial = fields.get("disputeAmountType").required(|kind| match kind.to_ascii_lowercase().as_str() {
        "full" => Ok(false),
        "partial" => Ok(true),
        _ => Err("must be FULL or PARTIAL"),
    })?;
    if !is_partial {
        return Ok(Amount::Full);
    }
    let sent = fields.get("disputeAmount");
    let value = sent.value().filter(|value| !value.is_empty_text());
    let value = value.ok_or_else(|| sent.error("is required for PARTIAL"))?;
    let decimal = value.text().unwrap_or_else(|| value.json().to_owned());
    Decimal::parse(&decimal).map(Amount::Partial).map_err(|rule| sent.error(rule))
}

#[cfg(test)]
mod tests;
