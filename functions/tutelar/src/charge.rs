//! The TDR and the tax object: six checks each, in the contract's order.

use recourse_dispute::channels::tutelar::charges::{Basis, Charge, Measure};

use crate::ApiError;
use crate::fields::Object;
use crate::texts::ChargeTexts;

/// Reads a charge, if it was sent. It is taken as a whole: all three members belong to it.
///
/// # Errors
/// [`ApiError::Refused`] with the first text that fits.
pub(crate) fn charge(sent: &Object<'_>, texts: &ChargeTexts) -> Result<Option<Charge>, ApiError> {
    let Some(object) = sent.object(texts.member) else { return Ok(None) };
    let object = object.map_err(|_| ApiError::of(texts.type_invalid))?;
    let basis = match required_text(&object, "type", texts.type_missing)?.as_deref() {
        Some("include") => Basis::Include,
        Some("exclude") => Basis::Exclude,
        _ => return Err(ApiError::of(texts.type_invalid)),
    };
    let measure = match required_text(&object, "amountType", texts.measure_missing)?.as_deref() {
        Some("price") => Measure::Price,
        Some("percentage") => Measure::Percentage,
        _ => return Err(ApiError::of(texts.measure_invalid)),
    };
    let amount = object.decimal("amount").ok_or(ApiError::of(texts.amount_missing))?;
    let amount = amount.map_err(|_| ApiError::of(texts.amount_invalid))?;
    Ok(Some(Charge { basis, measure, amount }))
}

/// A text that has to be there; `None` is a value that is no text.
fn required_text(object: &Object<'_>, name: &str, missing: &'static str) -> Result<Option<String>, ApiError> {
    object.text(name).map(Result::ok).ok_or(ApiError::of(missing))
}
