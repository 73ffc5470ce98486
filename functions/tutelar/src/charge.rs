//! The TDR and the tax object: six checks each, in the contract's order.

use recourse_dispute::channels::tutelar::charges::{Basis, Charge, Measure};
use recourse_dispute::decimal::Decimal;
use recourse_edge::BodyReader;

use crate::ApiError;
use crate::texts::ChargeTexts;

/// Reads a charge, if it was sent. It is taken as a whole: all three members belong to it.
///
/// # Errors
/// [`ApiError::Refused`] with the first text that fits.
pub(crate) fn charge(sent: &BodyReader<'_>, texts: &ChargeTexts) -> Result<Option<Charge>, ApiError> {
    let object = sent.get(texts.member).object().map_err(|_| ApiError::of(texts.type_invalid))?;
    let Some(object) = object else { return Ok(None) };
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
    let amount = object.get("amount").parsed(Decimal::parse).map_err(|_| ApiError::of(texts.amount_invalid))?;
    let amount = amount.ok_or(ApiError::of(texts.amount_missing))?;
    Ok(Some(Charge { basis, measure, amount }))
}

/// A text that has to be there; `None` is a value that is no text.
fn required_text(object: &BodyReader<'_>, name: &str, missing: &'static str) -> Result<Option<String>, ApiError> {
    object.get(name).text().map_or(Ok(None), |text| text.map(Some).ok_or(ApiError::of(missing)))
}
