//! Exact decimals without a currency: amounts and percentages as a client's own books have them.
//!
//! A whole number of units of 10^-18. Nothing is ever rounded: what does not fit is refused. What a
//! client's binary floating point prints fits, `0.30000000000000004` too: it is taken as the
//! decimal that it says.

use std::fmt;

use serde::Deserialize;

/// How many decimals there are: one more than a binary double needs between 0.1 and 1, and with the
/// digits before the point far below what a `u128` holds.
const DECIMALS: usize = 18;
/// The most digits before the decimal point.
const MAX_WHOLE_DIGITS: usize = 15;
/// The longest text that is looked at, in bytes.
const MAX_BYTES: usize = 64;
/// The largest exponent that is looked at, either way.
const MAX_EXPONENT: u32 = 32;

/// A decimal number, never negative: at most 15 digits before the point and 18 behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Decimal(u128);

/// A text that is no such number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a decimal number, not negative, of at most 15 digits before the point and 18 behind it")]
pub struct InvalidDecimal;

impl Decimal {
    /// Reads digits with or without a point, with or without an exponent as JSON numbers may have
    /// one: `50`, `0.5`, `1e2`.
    ///
    /// # Errors
    /// [`InvalidDecimal`] for signs, spaces, groups and for what would have to be rounded.
    pub fn parse(text: &str) -> Result<Self, InvalidDecimal> {
        if text.len() > MAX_BYTES {
            return Err(InvalidDecimal);
        }
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| InvalidDecimal)?),
            None => (text, 0),
        };
        let (whole, decimals) = match mantissa.split_once('.') {
            Some((_, "")) => return Err(InvalidDecimal),
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(decimals) || exponent.unsigned_abs() > MAX_EXPONENT {
            return Err(InvalidDecimal);
        }
        let units = format!("{whole}{decimals}");
        let units = units.trim_start_matches('0');
        let places = i32::try_from(decimals.len()).map_err(|_| InvalidDecimal)? - exponent;
        Self::scaled(units, places)
    }

    /// `units` shifted by `places` to the right.
    fn scaled(units: &str, places: i32) -> Result<Self, InvalidDecimal> {
        let significant = units.trim_end_matches('0');
        if significant.is_empty() {
            return Ok(Self(0));
        }
        let zeros = i32::try_from(units.len() - significant.len()).map_err(|_| InvalidDecimal)?;
        let decimals = i32::try_from(DECIMALS).map_err(|_| InvalidDecimal)?;
        let missing = usize::try_from(decimals - (places - zeros)).map_err(|_| InvalidDecimal)?;
        if significant.len() + missing > MAX_WHOLE_DIGITS + DECIMALS {
            return Err(InvalidDecimal);
        }
        format!("{significant}{}", "0".repeat(missing)).parse().map(Self).map_err(|_| InvalidDecimal)
    }

    /// The number in units of 10^-18; below 10^33.
    pub(crate) fn units(self) -> u128 {
        self.0
    }
}

/// The shortest form: no zeros at the end, no point without decimals. A JSON number, too.
impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut whole = format!("{:0>width$}", self.0, width = DECIMALS + 1);
        let decimals = whole.split_off(whole.len() - DECIMALS);
        match decimals.trim_end_matches('0') {
            "" => out.write_str(&whole),
            decimals => write!(out, "{whole}.{decimals}"),
        }
    }
}

stored_as_text!(Decimal, InvalidDecimal, Decimal::parse);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prints_the_shortest_form_of_what_it_reads() {
        for (text, output) in [
            ("0", "0"),
            ("000", "0"),
            ("0.00", "0"),
            ("50", "50"),
            ("050.50", "50.5"),
            ("0.000000000000000001", "0.000000000000000001"),
            ("0.0000000000000000010", "0.000000000000000001"),
            ("999999999999999.999999999999999999", "999999999999999.999999999999999999"),
            // What JavaScript makes of 0.1 + 0.2, of 100 / 3, and of a millionth of a third.
            ("0.30000000000000004", "0.30000000000000004"),
            ("33.333333333333336", "33.333333333333336"),
            ("3.3333333333e-7", "0.00000033333333333"),
            ("1e2", "100"),
            ("1.5E+3", "1500"),
            ("25e-1", "2.5"),
            ("0e32", "0"),
            ("0.0000000000000001e10", "0.000001"),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), output, "{text}");
        }
    }

    #[test]
    fn what_is_no_decimal() {
        let long = "0".repeat(MAX_BYTES + 1);
        for text in [
            "",
            ".",
            ".5",
            "5.",
            "-1",
            "+1",
            " 1",
            "1 ",
            "1,000",
            "0x10",
            "NaN",
            "Infinity",
            "1e",
            "e5",
            "1e33",
            "1e-19",
            "1e2147483647",
            "1e-2147483648",
            "1e99999999999",
            "0.0000000000000000001",
            "1000000000000000",
            "١",
            "1.2.3",
            "5.e1",
            long.as_str(),
        ] {
            assert_eq!(Decimal::parse(text), Err(InvalidDecimal), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_leads_back_and_sorts_as_numbers_do(one in 0..10_u128.pow(33), other in 0..10_u128.pow(33)) {
            prop_assert_eq!(Decimal::parse(&Decimal(one).to_string()), Ok(Decimal(one)));
            prop_assert_eq!(Decimal(one) < Decimal(other), one < other);
        }

        /// The last digits of very small numbers are after the eighteenth place.
        #[test]
        fn what_javascript_prints_is_taken_digit_for_digit(number in prop_oneof![0.0..1e15_f64, 0.0..100.0_f64, 0.01..1.0_f64]) {
            let text = number.to_string();
            prop_assume!(text.split_once('.').is_none_or(|(_, decimals)| decimals.len() <= DECIMALS));
            prop_assert_eq!(Decimal::parse(&text).map(|read| read.to_string()), Ok(text));
        }

        #[test]
        fn no_text_panics(text in any::<String>(), number in "[0-9]{0,30}[.]?[0-9]{0,30}(e[+-]?[0-9]{1,3})?") {
            let _ = (Decimal::parse(&text), Decimal::parse(&number));
        }
    }
}
