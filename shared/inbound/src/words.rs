//! Encoded words (RFC 2047) in header values.
//!
//! Words of one charset that follow each other are joined before they are decoded: programs split
//! them between the bytes of a letter. A word that cannot be read stays as it is written.

use crate::charset;
use crate::transfer;

/// A header's value with its encoded words decoded.
pub(crate) fn decode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    let mut held: Option<(&str, Vec<u8>)> = None;
    while let Some((before, word, after)) = next_word(rest) {
        let follows = held.is_some() && before.trim().is_empty();
        if !follows {
            flush(&mut held, &mut out);
            out.push_str(before);
        }
        match &mut held {
            Some((charset, bytes)) if charset.eq_ignore_ascii_case(word.charset) => bytes.extend(word.bytes),
            _ => {
                flush(&mut held, &mut out);
                held = Some((word.charset, word.bytes));
            }
        }
        rest = after;
    }
    flush(&mut held, &mut out);
    out.push_str(rest);
    out
}

struct EncodedWord<'a> {
    charset: &'a str,
    bytes: Vec<u8>,
}

fn flush(held: &mut Option<(&str, Vec<u8>)>, out: &mut String) {
    if let Some((charset, bytes)) = held.take() {
        out.push_str(&charset::decode(&bytes, Some(charset)));
    }
}

/// The next readable word with the text before and after it. Each `=?` is looked at once.
fn next_word(text: &str) -> Option<(&str, EncodedWord<'_>, &str)> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find("=?")?;
        let (before, start) = text.split_at_checked(at)?;
        if let Some((word, after)) = start.strip_prefix("=?").and_then(word) {
            return Some((before, word, after));
        }
        from = at + 2;
    }
}

/// The word that begins after `=?`, and what follows it. Neither its charset nor its encoding is
/// long, so a text full of beginnings is not searched to its end for each of them.
fn word(start: &str) -> Option<(EncodedWord<'_>, &str)> {
    let (charset, rest) = split(start, 64)?;
    let (kind, rest) = split(rest, 1)?;
    let body_end = rest.find('?').filter(|end| *end <= 4096)?;
    let (body, rest) = rest.split_at_checked(body_end)?;
    let after = rest.strip_prefix("?=")?;
    let bytes = match kind {
        "B" | "b" => transfer::base64(body.as_bytes()),
        "Q" | "q" => transfer::quoted_printable(body.replace('_', " ").as_bytes()),
        _ => return None,
    };
    Some((EncodedWord { charset, bytes }, after))
}

/// Up to the first `?` among the first bytes, and what follows it.
fn split(text: &str, most: usize) -> Option<(&str, &str)> {
    let end = text.bytes().take(most + 1).position(|byte| byte == b'?')?;
    let (head, rest) = text.split_at_checked(end)?;
    Some((head, rest.strip_prefix('?')?))
}

#[cfg(test)]
mod tests;
