//! Texts that people write, and texts that people are shown.
//!
//! Editors and shells put a byte order mark before a text; [`without_bom`] leaves it out.
//!
//! Names, references, comments and reasons come from clients. Some characters steer a terminal, some
//! turn the direction of the text around them, and some have no shape at all. [`visible`] writes each
//! of them as its escape. What prints such a text, on a terminal or on a page, prints what
//! [`visible`] makes of it.

use std::borrow::Cow;
use std::fmt::Write;

/// The byte order mark, which some editors and shells put before a text in UTF-8.
const BOM: char = '\u{feff}';
/// The same as it lies in a file.
const BOM_BYTES: &[u8] = b"\xef\xbb\xbf";

/// How many bytes a byte order mark takes.
pub const BOM_LENGTH: usize = BOM_BYTES.len();

/// A text without the byte order mark that it may begin with. Whatever people write files with, what
/// they wrote begins after it.
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

/// Whether a character has no shape of its own on one line: a control, a separator of lines or
/// paragraphs, a mark of direction, a joiner, a filler, or a tag (Unicode's categories Cc, Cf, Zl
/// and Zp, and the fillers, which are letters without a shape). Spaces of any width are no such
/// characters.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
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
        assert_eq!(bytes_without_bom(b"\xff\xfe{\0"), b"\xff\xfe{\0", "UTF-16 is none of ours");
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
        for text in ["", "order 7#a", "أجرة", "請求書", "naïve façade", r"C:\u{7}", "a\u{a0}b\u{3000}c", "👩"]
        {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text:?}");
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
