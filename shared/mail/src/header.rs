//! Header values that cannot break out of their line.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// SES takes a header's name and value of at most this many characters together (SES v2 API,
/// `MessageHeader`).
pub(crate) const LONGEST_HEADER: usize = 996;

/// The value of a header: 1 to 995 printable ASCII characters (SES v2 API, `MessageHeader`), so
/// never CR, LF or any other control.
///
/// Debug shows none of it: a value can hold an address.
#[derive(Clone, PartialEq, Eq)]
pub struct HeaderValue(String);

/// A text that cannot be in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be printable ASCII without a space at either end, and with its header's name at most {LONGEST_HEADER} characters"
)]
pub struct BadHeader;

impl HeaderValue {
    /// Takes a text that a header can carry as it is.
    ///
    /// # Errors
    /// [`BadHeader`]; nothing is trimmed, encoded or cut.
    pub fn parse(text: impl Into<String>) -> Result<Self, BadHeader> {
        let text = text.into();
        let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let trimmed = text.trim().len() == text.len();
        if printable && trimmed && (1..LONGEST_HEADER).contains(&text.len()) { Ok(Self(text)) } else { Err(BadHeader) }
    }

    /// The value as it goes into the header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HeaderValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("HeaderValue([REDACTED])")
    }
}

/// As many bytes as one encoded word takes: base64 of 45 bytes is 60 characters, and with
/// `=?UTF-8?B?` and `?=` it may have 75 (RFC 2047).
const ENCODED_WORD: usize = 45;

/// A text in encoded words (RFC 2047).
pub(crate) fn encoded_words(text: &str) -> String {
    let mut words = vec![String::new()];
    for character in text.chars() {
        match words.last_mut() {
            Some(word) if word.len() + character.len_utf8() <= ENCODED_WORD => word.push(character),
            _ => words.push(character.to_string()),
        }
    }
    let encoded = |word: &String| format!("=?UTF-8?B?{}?=", STANDARD.encode(word));
    words.iter().map(encoded).collect::<Vec<_>>().join(" ")
}

/// A header that we add to a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    name: &'static str,
    value: HeaderValue,
}

impl Header {
    /// A header of one of our own names; at most 996 characters with its value.
    ///
    /// # Errors
    /// [`BadHeader`].
    pub fn new(name: &'static str, value: impl Into<String>) -> Result<Self, BadHeader> {
        let value = HeaderValue::parse(value)?;
        if name.len() + value.0.len() > LONGEST_HEADER { Err(BadHeader) } else { Ok(Self { name, value }) }
    }

    /// The header's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The header's value.
    #[must_use]
    pub fn value(&self) -> &str {
        self.value.as_str()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_break_a_header_is_refused() {
        for text in ["", " ", " a", "a ", "a\r\nBcc: x@example.com", "a\nb", "a\rb", "a\0b", "a\tb", "a\u{7f}", "é"] {
            assert_eq!(HeaderValue::parse(text), Err(BadHeader), "{text:?}");
        }
        assert_eq!(HeaderValue::parse("auto-generated").unwrap().as_str(), "auto-generated");
    }

    #[test]
    fn name_and_value_have_996_characters() {
        assert!(Header::new("References", "a".repeat(986)).is_ok());
        assert_eq!(Header::new("References", "a".repeat(987)), Err(BadHeader));
    }

    #[test]
    fn debug_shows_no_value() {
        let header = Header::new("Subject", "secret").unwrap();
        assert!(!format!("{header:?}").contains("secret"));
    }

    proptest! {
        #[test]
        fn only_printable_ascii_passes(text in any::<String>(), near in "[ -~]{0,4}[\r\n\t\u{0}\u{85}\u{2028}a]{1,2}[ -~]{0,4}") {
            for text in [text, near] {
                if let Ok(value) = HeaderValue::parse(text.as_str()) {
                    prop_assert_eq!(value.as_str(), text.as_str());
                    prop_assert!(text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
                }
            }
        }
    }
}
