//! Texts that people write, and texts that people are shown.
//!
//! Editors and shells put a byte order mark before a text; [`without_bom`] leaves it out.
//!
//! Names, references, comments and reasons come from clients. Some characters steer a terminal,
//! some turn the direction of the text around them, and some have no shape at all. [`visible`]
//! writes each of them as its escape. Whatever shows such a text on a terminal or a page shows
//! [`visible`]'s result.

use std::borrow::Cow;
use std::fmt::{self, Write};

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;
use serde::{Deserialize, Serialize};

/// The byte order mark, which some editors and shells put before a text in UTF-8.
pub(crate) const BOM: char = '\u{feff}';
/// The same mark in the bytes of a file.
const BOM_BYTES: &[u8] = b"\xef\xbb\xbf";

/// How many bytes a byte order mark takes.
pub const BOM_LENGTH: usize = BOM_BYTES.len();

/// A text without the byte order mark that it may begin with.
#[must_use]
pub fn without_bom(text: &str) -> &str {
    text.strip_prefix(BOM).unwrap_or(text)
}

/// As [`without_bom`], of bytes that need not be text.
#[must_use]
pub fn bytes_without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BOM_BYTES).unwrap_or(bytes)
}

/// The text with every character that cannot be seen written as its escape: `\n`, `\t`, `\u{202e}`.
///
/// A text without such characters is returned as it is. What was made visible once stays the same.
/// Stored values and machine-readable output keep the characters themselves.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => shown.push_str(r"\n"),
            '\r' => shown.push_str(r"\r"),
            '\t' => shown.push_str(r"\t"),
            character if is_invisible(character) => {
                // Writing to a String does not fail.
                let _ = write!(shown, "{}", character.escape_unicode());
            }
            character => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// Whether fonts draw nothing for a character: Unicode's default-ignorable code points (zero-width
/// spaces and joiners, soft hyphens, variation selectors, marks of direction, fillers, tags), the
/// interlinear annotations U+FFF9 to U+FFFB, and the empty Braille pattern.
#[must_use]
pub fn is_ignorable(character: char) -> bool {
    // Of ASCII none is, and most of any text is ASCII.
    !character.is_ascii() && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
        || matches!(character, '\u{fff9}'..='\u{fffb}' | '\u{2800}')
}

/// Whether a character has no shape of its own on one line: one that [`is_ignorable`], a control,
/// or another of Unicode's categories Cf, Zl and Zp. Spaces of any width are not among them.
/// Neither are the variation selectors U+FE00 to U+FE0F, with which people write emoji.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || (is_ignorable(character) && !matches!(character, '\u{fe00}'..='\u{fe0f}'))
        || matches!(
            character,
            '\u{600}'..='\u{605}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{2028}'..='\u{2029}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
        )
}

/// Whether a character has effect beyond its own place on one line: a control character, a line or
/// paragraph separator, or one that turns the direction of the text around it (Unicode, UAX #9:
/// embeddings, overrides and isolates). Marks within a word, which scripts from right to left need,
/// are none of these.
#[must_use]
pub fn leaves_its_line(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether nothing of a text can be seen: it has white space and invisible characters at most.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|character| character.is_whitespace() || is_invisible(character) || is_ignorable(character))
}

/// A text about a person or an account of theirs; prints as `[REDACTED]`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Private(String);

impl Private {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[REDACTED]")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_mark_at_the_beginning_is_left_out_and_no_other() {
        for (text, without) in [
            ("\u{feff}{}", "{}"),
            ("{}", "{}"),
            ("", ""),
            ("\u{feff}", ""),
            ("\u{feff}\u{feff}a\u{feff}", "\u{feff}a\u{feff}"),
        ] {
            assert_eq!(without_bom(text), without, "{text:?}");
            assert_eq!(bytes_without_bom(text.as_bytes()), without.as_bytes(), "{text:?}");
        }
        assert_eq!(bytes_without_bom(b"\xff\xfe{\0"), b"\xff\xfe{\0", "UTF-16 has another mark");
        assert_eq!(BOM.len_utf8(), BOM_LENGTH);
    }

    #[test]
    fn what_steers_turns_or_hides_is_written_as_its_escape() {
        for (text, shown) in [
            ("a\u{1b}[31mb", r"a\u{1b}[31mb"),
            ("order\u{202e}7051", r"order\u{202e}7051"),
            ("one\r\ntwo\tthree", r"one\r\ntwo\tthree"),
            ("pay\u{200b}pal", r"pay\u{200b}pal"),
            ("a\u{2066}b\u{2069}\u{feff}", r"a\u{2066}b\u{2069}\u{feff}"),
            ("tag\u{e0041}", r"tag\u{e0041}"),
            ("\u{9b}2J\u{7}", r"\u{9b}2J\u{7}"),
            ("line\u{2028}para\u{2029}", r"line\u{2028}para\u{2029}"),
            ("fill\u{3164}er", r"fill\u{3164}er"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn what_can_be_seen_stays_as_it_is() {
        for text in
            ["", "order 7#a", "أجرة", "請求書", "naïve façade", r"C:\u{7}", "a\u{a0}b\u{3000}c", "👩", "❤\u{fe0f}"]
        {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text:?}");
        }
    }

    #[test]
    fn a_text_of_which_nothing_can_be_seen_is_blank() {
        for text in ["", " ", "\n\t", "\u{200b}", " \u{3000}\u{feff} ", "\u{fe0f}", "\u{2800}", "\u{202e}"] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["a", "\u{200b}.", "👩\u{200d}👩", "\u{301}"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_invisible_is_left_and_twice_is_once(text in any::<String>(), tricky in "[\u{200b}-\u{202e}\u{1b}\n a\\\\]{0,20}") {
            for text in [text, tricky] {
                let shown = visible(&text).into_owned();
                prop_assert!(!shown.chars().any(is_invisible));
                prop_assert_eq!(visible(&shown), shown.as_str());
            }
        }
    }
}
