//! Transfer encodings (RFC 2045, 6) as mails really use them: what is broken is passed over.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The bytes of a part's body, by its `Content-Transfer-Encoding`. An unknown one is none.
pub(crate) fn decode<'a>(body: &'a [u8], encoding: &str) -> Cow<'a, [u8]> {
    if encoding.eq_ignore_ascii_case("base64") && is_base64(body) {
        Cow::Owned(base64(body))
    } else if encoding.eq_ignore_ascii_case("quoted-printable") {
        Cow::Owned(quoted_printable(body))
    } else {
        Cow::Borrowed(body)
    }
}

/// Base64, without what is no letter of it. Text after padding belongs to it: some programs encode
/// a body in pieces.
pub(crate) fn base64(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut piece = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        // Almost every line is whole by itself.
        if piece.is_empty() && line.len() % 4 == 0 {
            let length = out.len();
            if LENIENT.decode_vec(line, &mut out).is_ok() {
                continue;
            }
            out.truncate(length);
        }
        for byte in line {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => piece.push(*byte),
                b'=' => decode_piece(&mut piece, &mut out),
                _ => {}
            }
        }
        // What is whole is decoded; the rest goes on in the next line.
        let rest = piece.split_off(piece.len() / 4 * 4);
        decode_piece(&mut piece, &mut out);
        piece = rest;
    }
    decode_piece(&mut piece, &mut out);
    out
}

fn decode_piece(piece: &mut Vec<u8>, out: &mut Vec<u8>) {
    // A single letter holds no whole byte.
    if piece.len() % 4 == 1 {
        piece.pop();
    }
    // Only letters of the alphabet are left, so this does not fail.
    let _ = LENIENT.decode_vec(&piece, out);
    piece.clear();
}

/// Whether a body is what it says. Text that only claims to be base64 has blanks inside its lines.
fn is_base64(body: &[u8]) -> bool {
    let (mut fitting, mut other) = (0_usize, 0_usize);
    for line in body.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        let fits = line.iter().all(|byte| !byte.is_ascii_whitespace() && byte.is_ascii());
        *(if fits { &mut fitting } else { &mut other }) += line.len();
    }
    fitting >= other
}

/// Quoted-printable. An `=` that begins no escape stands for itself.
pub(crate) fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'=', rest) {
        let (plain, escape) = rest.split_at(at);
        out.extend_from_slice(plain);
        let after = escape.get(1..).unwrap_or_default();
        if let [high, low, after @ ..] = after
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.push(high << 4 | low);
            rest = after;
        } else if let Some(after) = soft_break(after) {
            rest = after;
        } else {
            out.push(b'=');
            rest = after;
        }
    }
    out.extend_from_slice(rest);
    out
}

/// What follows a soft line break: `=`, blanks that were added on the way, and the line's end.
fn soft_break(after: &[u8]) -> Option<&[u8]> {
    // More blanks than a line has are not searched.
    let blanks = after.iter().take(998).take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
    match after.get(blanks..)? {
        [] => Some(&[]),
        [b'\n', rest @ ..] => Some(rest),
        _ => None,
    }
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests;
