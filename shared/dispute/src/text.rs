//! Texts as editors and shells write them.

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

#[cfg(test)]
mod tests {
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
}
