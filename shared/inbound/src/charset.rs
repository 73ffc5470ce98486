//! Bytes become text, whatever the mail says they are.
//!
//! **Invariant:** every input gives a text. A charset that is missing, unknown or wrong costs at
//! most some letters.

use std::borrow::Cow;

use encoding_rs::{BIG5, Encoding, GB18030, GBK, UTF_8, WINDOWS_1252};
use mail_parser::decoders::charsets::map::charset_decoder;

/// The text of bytes that are said to be in `label`.
///
/// Bytes outside ASCII that make valid UTF-8 are UTF-8, also where the label names a charset that
/// would read them as something else: other charsets' texts are hardly ever valid UTF-8.
pub(crate) fn decode<'a>(bytes: &'a [u8], label: Option<&str>) -> Cow<'a, str> {
    let label = label.map(|label| label.trim_matches(|letter: char| letter == '\'' || letter == '"' || letter == ' '));
    let Some(label) = label.filter(|label| !label.is_empty()) else { return undeclared(bytes) };
    // RFC 2231: a language may follow.
    let label = label.split('*').next().unwrap_or(label);
    match Encoding::for_label_no_replacement(label.as_bytes()) {
        Some(encoding) if encoding == UTF_8 => undeclared(bytes),
        Some(encoding) if encoding == WINDOWS_1252 || encoding == GBK || encoding == GB18030 || encoding == BIG5 => {
            if is_utf8(bytes) {
                return undeclared(bytes);
            }
            let wider = if encoding == GBK { GB18030 } else { encoding };
            wider.decode_without_bom_handling(bytes).0
        }
        // Its byte order mark, if there is one, decides.
        Some(encoding) => encoding.decode(bytes).0,
        // UTF-7 and a few old ones, which browsers do not read.
        None if label.len() <= 45 && label.is_ascii() => match charset_decoder(label.as_bytes()) {
            Some(decoder) => {
                Some(decoder(bytes)).filter(|text| text != "\u{fffd}").map_or_else(|| undeclared(bytes), Cow::Owned)
            }
            None => undeclared(bytes),
        },
        None => undeclared(bytes),
    }
}

/// The text of bytes of which nothing is known: UTF-8, Chinese in GB 18030, or Windows-1252.
pub(crate) fn undeclared(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) if is_mostly_utf8(bytes, error.valid_up_to()) => String::from_utf8_lossy(bytes),
        Err(_) if is_chinese(bytes) => GB18030.decode_without_bom_handling(bytes).0,
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

fn is_utf8(bytes: &[u8]) -> bool {
    !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok()
}

/// Whether only a few bytes of UTF-8 are broken, or its end is cut off.
fn is_mostly_utf8(bytes: &[u8], valid: usize) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    let start = bytes.get(..valid).is_some_and(|start| !start.is_ascii());
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 4 * bad || (start && bad == 1)
}

/// Whether most bytes outside ASCII are in pairs of GB 2312. In Western text they are single.
fn is_chinese(bytes: &[u8]) -> bool {
    let (mut paired, mut alone) = (0_usize, 0_usize);
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first.is_ascii() {
            continue;
        }
        match after.split_first() {
            Some((second, after)) if (0xa1..=0xf7).contains(&first) && *second >= 0xa1 => {
                paired += 1;
                rest = after;
            }
            _ => alone += 1,
        }
    }
    paired >= 2 && paired > 4 * alone
}

#[cfg(test)]
mod tests;
