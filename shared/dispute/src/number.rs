//! One number, four forms.
//!
//! A dispute has one number, drawn at random below 62^8 and claimed by a conditional write. Nothing
//! counts up, so nobody can guess a number, and no item is touched by every request. Each API shows
//! the number in its own form: Arbiter as the number itself and in its log code, Tutelar as
//! `dispute_` and eight base-62 characters, Connect as a decimal string, and mails as `RC-` and the
//! eight characters.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS: usize = 8;
/// 62^8 = 218,340,105,584,896: the first number that eight base-62 characters cannot write.
const LIMIT: u64 = 62_u64.pow(8);

/// The number of a dispute: 1 to 62^8 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct DisputeNumber(u64);

/// The error for a number or text that cannot be a dispute's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not the number of a dispute")]
pub struct InvalidDisputeNumber;

impl DisputeNumber {
    /// The number of no dispute: mails that belong to no case are stored under it. It is the
    /// largest number, and [`Self::draw`] never returns it.
    pub const NO_CASE: Self = Self(LIMIT - 1);

    /// Draws a number from random bytes; `None` (about one time in four) means that the caller must
    /// draw again with fresh bytes.
    #[must_use]
    pub fn draw(random: [u8; 6]) -> Option<Self> {
        let [a, b, c, d, e, f] = random;
        let number = Self::try_from(u64::from_be_bytes([0, 0, a, b, c, d, e, f])).ok();
        number.filter(|number| *number != Self::NO_CASE)
    }

    /// The number itself.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }

    /// Eight characters of `[0-9A-Za-z]`.
    #[must_use]
    pub fn base62(self) -> String {
        let mut rest = self.0;
        let mut text = [b'0'; DIGITS];
        for place in text.iter_mut().rev() {
            let digit = usize::try_from(rest % 62).unwrap_or_default();
            *place = ALPHABET.get(digit).copied().unwrap_or(b'0');
            rest /= 62;
        }
        text.iter().copied().map(char::from).collect()
    }

    /// Reads what [`Self::base62`] writes.
    ///
    /// # Errors
    /// [`InvalidDisputeNumber`] for anything but eight characters of the alphabet, and for zero.
    pub fn from_base62(text: &str) -> Result<Self, InvalidDisputeNumber> {
        if text.len() != DIGITS {
            return Err(InvalidDisputeNumber);
        }
        let mut number: u64 = 0;
        for byte in text.bytes() {
            let digit = ALPHABET.iter().position(|&character| character == byte).ok_or(InvalidDisputeNumber)?;
            number = number * 62 + u64::try_from(digit).map_err(|_| InvalidDisputeNumber)?;
        }
        Self::try_from(number)
    }

    /// The case id that mails carry: `RC-` and the eight characters.
    #[must_use]
    pub fn case_id(self) -> String {
        format!("RC-{}", self.base62())
    }

    /// Reads any form: the case id, Tutelar's id, the log code, or the decimal number.
    ///
    /// # Errors
    /// [`InvalidDisputeNumber`] for anything else.
    pub fn from_any_view(text: &str) -> Result<Self, InvalidDisputeNumber> {
        if let Some(characters) = text.strip_prefix("RC-").or_else(|| text.strip_prefix("dispute_")) {
            return Self::from_base62(characters);
        }
        let digits = text.rsplit_once("II").map_or(text, |(_, digits)| digits);
        digits.parse()
    }
}

impl TryFrom<u64> for DisputeNumber {
    type Error = InvalidDisputeNumber;

    fn try_from(number: u64) -> Result<Self, InvalidDisputeNumber> {
        if (1..LIMIT).contains(&number) { Ok(Self(number)) } else { Err(InvalidDisputeNumber) }
    }
}

impl From<DisputeNumber> for u64 {
    fn from(number: DisputeNumber) -> Self {
        number.0
    }
}

/// Connect's form: the decimal string, without sign or leading zero.
impl FromStr for DisputeNumber {
    type Err = InvalidDisputeNumber;

    fn from_str(text: &str) -> Result<Self, InvalidDisputeNumber> {
        if text.starts_with('0') || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidDisputeNumber);
        }
        text.parse::<u64>().map_err(|_| InvalidDisputeNumber)?.try_into()
    }
}

impl fmt::Display for DisputeNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_log_code_of_the_vendors_page() {
        assert_eq!(DisputeNumber(551).log_code("FBN"), "FBN00II551");
        assert_eq!(DisputeNumber(551).log_code("LONGCODE"), "LONGCODEII551");
    }

    #[test]
    fn what_is_no_number() {
        for text in [
            "",
            "0",
            "007",
            "-1",
            "+1",
            "1 ",
            "218340105584896",
            "RC-",
            "RC-0000000",
            "RC-00000000",
            "dispute_1234567!",
            "FBN00II",
            "II0",
        ] {
            assert_eq!(DisputeNumber::from_any_view(text), Err(InvalidDisputeNumber), "{text}");
        }
        assert_eq!(DisputeNumber::draw([0; 6]), None);
        assert_eq!(DisputeNumber::draw([255; 6]), None);
    }

    #[test]
    fn the_number_of_no_case_is_never_drawn() {
        let random = |number: u64| number.to_be_bytes().last_chunk::<6>().copied().unwrap();
        assert_eq!(DisputeNumber::draw(random(LIMIT - 1)), None);
        assert_eq!(DisputeNumber::draw(random(LIMIT - 2)), Some(DisputeNumber(LIMIT - 2)));
        assert_eq!(DisputeNumber::NO_CASE.case_id(), "RC-zzzzzzzz");
    }

    proptest! {
        #[test]
        fn every_form_leads_back(number in 1..LIMIT, domain in "[A-Z]{1,8}") {
            let number = DisputeNumber(number);
            for id in [number.case_id(), number.tutelar_id(), number.log_code(&domain), number.to_string()] {
                prop_assert_eq!(DisputeNumber::from_any_view(&id), Ok(number));
            }
            prop_assert_eq!(number.base62().len(), 8);
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = DisputeNumber::from_any_view(&text);
        }
    }
}
