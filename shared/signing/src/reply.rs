//! Signed plus-address tokens: `cases+TOKEN@..` in a Reply-To names the dispute that an answer
//! belongs to, and proves that Recourse wrote it. Mails to banks and merchants have other tokens
//! than those to the people of the case, so whoever has one cannot answer as the other.
//! Recourse-specific.
//!
//! A token is 26 characters of lower-case base32, since local parts get lower-cased on the way, and
//! reads in any case. With 80 bits of signature nobody makes one for a dispute that was never
//! written to them.

use data_encoding::{BASE32_NOPAD, BASE32_NOPAD_NOCASE};
use hmac::Mac;

use crate::Secret;
use crate::mac::mac;

/// Bytes of the number, most significant first: dispute numbers are below 62^8, which is below
/// 2^48.
const NUMBER: usize = 6;
/// Bytes of the signature that are kept, so that the token has 16 in all and 26 characters.
const TAG: usize = 10;

/// Whom the mail was for that has a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReplyRole {
    /// The people of the case: the customer and the account.
    Case,
    /// A bank or a merchant that is a party of the dispute.
    Party,
}

impl ReplyRole {
    /// Every role.
    pub const ALL: [Self; 2] = [Self::Case, Self::Party];

    /// What is signed before the number: the purpose, so that the key can serve others too.
    fn purpose(self) -> &'static [u8] {
        match self {
            Self::Case => b"reply-to:",
            Self::Party => b"reply-to-party:",
        }
    }
}

/// The token for a dispute's number; `None` when the number does not fit 48 bits.
#[must_use]
pub fn token(key: &Secret, number: u64, role: ReplyRole) -> Option<String> {
    let [0, 0, digits @ ..] = number.to_be_bytes() else { return None };
    let tag = mac(key, &signed(digits, role)).finalize().into_bytes();
    let bytes: Vec<u8> = digits.into_iter().chain(tag.into_iter().take(TAG)).collect();
    Some(BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
}

/// The number and the role of a token that [`token`] made with the same key, in upper or lower
/// case; `None` for every other text.
#[must_use]
pub fn open(key: &Secret, text: &str) -> Option<(u64, ReplyRole)> {
    let bytes: [u8; NUMBER + TAG] = BASE32_NOPAD_NOCASE.decode(text.as_bytes()).ok()?.try_into().ok()?;
    let (digits, tag) = bytes.split_first_chunk::<NUMBER>()?;
    let is_of = |role: &ReplyRole| mac(key, &signed(*digits, *role)).verify_truncated_left(tag).is_ok();
    let role = ReplyRole::ALL.into_iter().find(is_of)?;
    Some((digits.iter().fold(0, |number, digit| number << 8 | u64::from(*digit)), role))
}

fn signed(digits: [u8; NUMBER], role: ReplyRole) -> Vec<u8> {
    [role.purpose(), &digits].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::flip;
    use proptest::prelude::*;

    fn key() -> Secret {
        Secret::from_bytes(&[7; 32]).unwrap()
    }

    /// Computed a second time in Python.
    #[test]
    fn makes_a_known_token() {
        assert_eq!(token(&key(), 551, ReplyRole::Case).unwrap(), "aaaaaaace4dj23mgjhakdaae7u");
    }

    #[test]
    fn a_number_of_more_than_48_bits_has_none() {
        for role in ReplyRole::ALL {
            let last = (1 << 48) - 1;
            assert_eq!(open(&key(), &token(&key(), last, role).unwrap()), Some((last, role)));
            assert_eq!(token(&key(), 1 << 48, role), None);
            assert_eq!(token(&key(), u64::MAX, role), None);
        }
    }

    #[test]
    fn another_length_does_not_open() {
        let good = token(&key(), 551, ReplyRole::Case).unwrap();
        let short = good.strip_suffix('u').unwrap();
        for bad in ["", "a", short, &format!("{good}a"), &format!("{good}======"), &format!("{good} ")] {
            assert_eq!(open(&key(), bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn opens_in_any_case_and_with_its_own_key_only(number in 0_u64..1 << 48, is_case: bool, other in prop::array::uniform32(any::<u8>()), bit in any::<prop::sample::Index>()) {
            let role = if is_case { ReplyRole::Case } else { ReplyRole::Party };
            let made = token(&key(), number, role).unwrap();
            prop_assert_eq!(made.len(), 26);
            prop_assert!(made.bytes().all(|byte| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte)));
            prop_assert_eq!(open(&key(), &made), Some((number, role)));
            prop_assert_eq!(open(&key(), &made.to_ascii_uppercase()), Some((number, role)));
            prop_assert_eq!(open(&Secret::from_bytes(&other).unwrap(), &made), None);
            let flipped = flip::text(&made, bit);
            if !flipped.eq_ignore_ascii_case(&made) {
                prop_assert_eq!(open(&key(), &flipped), None);
            }
        }

        #[test]
        fn never_panics(text: String, near in "[a-zA-Z2-7]{26}") {
            prop_assert_eq!(open(&key(), &text), None);
            prop_assert_eq!(open(&key(), &near), None);
        }
    }
}
