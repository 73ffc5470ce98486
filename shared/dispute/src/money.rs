//! Exact money: an integer number of a currency's smallest units.
//!
//! No floating point anywhere. A decimal text becomes minor units by the currency's own exponent
//! (ISO 4217) and back; every sum is checked for overflow.

mod withdrawn;

use std::fmt;

use iso_currency::Currency as Iso;
use serde::{Deserialize, Serialize};

use self::withdrawn::{Withdrawn, withdrawn};

/// The most digits an amount may have before its decimal point: enough for any payment, and far
/// from overflow.
const MAX_WHOLE_DIGITS: usize = 15;

/// A currency of ISO 4217 that has minor units. A currency that was withdrawn in 2015 or later is
/// one too, since payments of its time are in it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Currency(Listing);

/// Where a currency is listed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Listing {
    /// The crate lists it.
    Crate(Iso),
    /// Only our own table of withdrawn currencies lists it.
    Withdrawn(&'static Withdrawn),
}

/// Why a text is no amount or no currency; the message states the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMoney {
    /// Not one of ISO 4217's alphabetic codes, or one without minor units (gold, test codes).
    #[error("must be an ISO 4217 currency code such as NGN")]
    Currency,
    /// Not a plain decimal number.
    #[error("must be a decimal number in quotes, such as \"1550.00\"")]
    Form,
    /// More decimals than the currency has, zeros at the end not counted.
    #[error("must have at most as many decimals as its currency")]
    Decimals,
    /// Too many digits to be an amount.
    #[error("must have at most 15 digits before the decimal point")]
    TooLarge,
}

impl Currency {
    /// Takes an alphabetic code, upper case.
    ///
    /// # Errors
    /// [`BadMoney::Currency`].
    pub fn parse(code: &str) -> Result<Self, BadMoney> {
        let listed = Iso::from_code(code).filter(|iso| iso.exponent().is_some()).map(Listing::Crate);
        let listed = listed.or_else(|| withdrawn(code).map(Listing::Withdrawn));
        listed.map(Self).ok_or(BadMoney::Currency)
    }

    /// The alphabetic code, such as `NGN`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self.0 {
            Listing::Crate(iso) => iso.code(),
            Listing::Withdrawn(currency) => currency.code,
        }
    }

    /// The three digits of ISO 4217, such as `566`.
    #[must_use]
    pub fn numeric(self) -> String {
        let numeric = match self.0 {
            Listing::Crate(iso) => iso.numeric(),
            Listing::Withdrawn(currency) => currency.numeric,
        };
        format!("{numeric:03}")
    }

    /// How many decimals the currency has: 0 for JPY, 2 for NGN, 3 for KWD.
    #[must_use]
    pub fn decimals(self) -> usize {
        match self.0 {
            Listing::Crate(iso) => iso.exponent().map_or(0, usize::from),
            Listing::Withdrawn(currency) => currency.decimals,
        }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

stored_as_text!(Currency, BadMoney, Currency::parse, |currency| currency.code());

/// An amount of a currency, in its smallest units; never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: u64,
    currency: Currency,
}

impl Money {
    /// An amount given in the currency's smallest units.
    #[must_use]
    pub fn from_minor(minor: u64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads a plain decimal: digits, and after a point as many decimals as the currency has. Zeros
    /// after those say nothing, so `705.00` is a number of yen, at every API. A digit there that is
    /// not zero is refused: nothing is ever rounded.
    ///
    /// # Errors
    /// [`BadMoney`] says which rule was broken; signs, exponents, grouping and spaces are
    /// [`BadMoney::Form`].
    pub fn parse(text: &str, currency: Currency) -> Result<Self, BadMoney> {
        let (whole, decimals) = match text.split_once('.') {
            Some((_, "")) => return Err(BadMoney::Form),
            Some(parts) => parts,
            None => (text, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(decimals) {
            return Err(BadMoney::Form);
        }
        if whole.len() > MAX_WHOLE_DIGITS {
            return Err(BadMoney::TooLarge);
        }
        let (decimals, beyond) = decimals.split_at(decimals.len().min(currency.decimals()));
        if beyond.bytes().any(|digit| digit != b'0') {
            return Err(BadMoney::Decimals);
        }
        let minor = format!("{whole}{decimals:0<width$}", width = currency.decimals());
        let minor = minor.parse().map_err(|_| BadMoney::TooLarge)?;
        Ok(Self { minor, currency })
    }

    /// The amount in the currency's smallest units.
    #[must_use]
    pub fn minor(self) -> u64 {
        self.minor
    }

    /// The currency of the amount.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The plain decimal, with all of the currency's decimals: `1550.00`.
    #[must_use]
    pub fn decimal(self) -> String {
        let (whole, decimals) = self.digits();
        if decimals.is_empty() { whole } else { format!("{whole}.{decimals}") }
    }

    /// The form people read, and that the Arbiter API prints (vendor specification, Arbiter "Create
    /// Dispute"): `NGN 1,550.00`.
    #[must_use]
    pub fn grouped(self) -> String {
        let (whole, decimals) = self.digits();
        let mut text = String::from(self.currency.code());
        text.push(' ');
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        if !decimals.is_empty() {
            text.push('.');
            text.push_str(&decimals);
        }
        text
    }

    fn digits(self) -> (String, String) {
        let width = self.currency.decimals();
        let mut whole = format!("{:0>width$}", self.minor, width = width + 1);
        let decimals = whole.split_off(whole.len() - width);
        (whole, decimals)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn the_amounts_of_seed_002() {
        let amount = Money::parse("1550.00", currency("NGN")).unwrap();
        assert_eq!(amount.minor(), 155_000);
        assert_eq!(amount.grouped(), "NGN 1,550.00");
        assert_eq!(amount.currency().numeric(), "566");
        assert_eq!(Money::parse("1000", currency("NGN")).unwrap().grouped(), "NGN 1,000.00");
        assert_eq!(Money::parse("1234567", currency("JPY")).unwrap().grouped(), "JPY 1,234,567");
        assert_eq!(Money::parse("0.005", currency("KWD")).unwrap().decimal(), "0.005");
    }

    #[test]
    fn zeros_beyond_the_currencys_decimals_say_nothing() {
        for (text, code, decimal) in [
            ("705.00", "JPY", "705"),
            ("705.0", "JPY", "705"),
            ("1550.000", "NGN", "1550.00"),
            ("1550.5", "NGN", "1550.50"),
            ("0.0050", "KWD", "0.005"),
            (&format!("1.{}", "0".repeat(1_000)), "NGN", "1.00"),
        ] {
            assert_eq!(Money::parse(text, currency(code)).unwrap().decimal(), decimal, "{text} {code}");
        }
        assert_eq!(Money::parse("705.01", currency("JPY")), Err(BadMoney::Decimals));
        assert_eq!(Money::parse("1550.001", currency("NGN")), Err(BadMoney::Decimals));
    }

    #[test]
    fn what_is_no_amount() {
        let ngn = currency("NGN");
        for text in ["", ".", ".5", "5.", "-1", "+1", "1e3", "1,000", " 1", "1 ", "١", "NaN", "1.2.3"] {
            assert_eq!(Money::parse(text, ngn), Err(BadMoney::Form), "{text}");
        }
        assert_eq!(Money::parse("1.001", ngn), Err(BadMoney::Decimals));
        assert_eq!(Money::parse("1.5", currency("JPY")), Err(BadMoney::Decimals));
        assert_eq!(Money::parse("1.0005", currency("KWD")), Err(BadMoney::Decimals));
        assert_eq!(Money::parse("1000000000000000", ngn), Err(BadMoney::TooLarge));
        for code in ["", "ngn", "XAU", "XXX", "ZZZ", "NG"] {
            assert_eq!(Currency::parse(code), Err(BadMoney::Currency), "{code}");
        }
    }

    /// Every code that ISO 4217 withdrew in 2015 or later, by its amendments, and what followed it.
    #[test]
    fn a_payment_of_a_withdrawn_currencys_time_keeps_its_currency() {
        for (code, numeric, decimals, successor) in [
            ("LTL", "440", 2, "EUR"),
            ("BYR", "974", 0, "BYN"),
            ("MRO", "478", 2, "MRU"),
            ("STD", "678", 2, "STN"),
            ("VEF", "937", 2, "VES"),
            ("CUC", "931", 2, "CUP"),
            ("HRK", "191", 2, "EUR"),
            ("SLL", "694", 2, "SLE"),
            ("ZWL", "932", 2, "ZWG"),
            ("ANG", "532", 2, "XCG"),
            ("BGN", "975", 2, "EUR"),
        ] {
            let old = currency(code);
            assert_eq!((old.code(), old.numeric().as_str(), old.decimals()), (code, numeric, decimals));
            let stored = serde_json::to_string(&Money::from_minor(5, old)).unwrap();
            assert_eq!(serde_json::from_str::<Money>(&stored).unwrap().currency(), old, "{stored}");
            assert_ne!(currency(successor), old);
        }
        assert_eq!(Money::parse("150000", currency("BYR")).unwrap().grouped(), "BYR 150,000");
        assert_eq!(currency("XCG").numeric(), currency("ANG").numeric(), "the guilder took the code along");
        for code in ["byr", "BYB", "LTL "] {
            assert_eq!(Currency::parse(code), Err(BadMoney::Currency), "{code}");
        }
    }

    proptest! {
        #[test]
        fn a_decimal_leads_back(minor in 0..100_000_000_000_000_000_u64, code in prop::sample::select(vec!["NGN", "JPY", "KWD", "MYR"])) {
            let amount = Money::from_minor(minor, currency(code));
            if let Ok(read) = Money::parse(&amount.decimal(), amount.currency()) {
                prop_assert_eq!(read, amount);
            } else {
                prop_assert!(amount.decimal().split('.').next().unwrap().len() > 15);
            }
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = Money::parse(&text, currency("NGN"));
        }
    }
}
