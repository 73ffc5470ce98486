//! Trying candidates: which key, over which text, in which encoding.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use data_encoding::HEXLOWER_PERMISSIVE;

use super::Refusal;
use crate::Secret;

/// How many mistakes in the signed text are looked for at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// One, within some tens of MACs.
    One,
    /// Two, within some hundreds of MACs.
    Two,
}

/// A key, and the mistake of using it; `None` is the right one.
pub(super) struct Key {
    pub(super) secret: Secret,
    pub(super) mistake: Option<Refusal>,
}

/// Another value of one part of the signed text, and the mistake of signing it.
#[derive(Clone)]
pub(super) struct Edit {
    /// Which part, counted from 0.
    pub(super) part: usize,
    pub(super) value: Vec<u8>,
    pub(super) mistake: Refusal,
}

impl Edit {
    pub(super) fn of(part: usize, mistake: Refusal, value: impl Into<Vec<u8>>) -> Self {
        Self { part, value: value.into(), mistake }
    }
}

/// A signature as its 32 bytes, and what is wrong with its encoding.
pub(super) struct Given {
    pub(super) bytes: Vec<u8>,
    pub(super) mistake: Option<Refusal>,
}

impl Given {
    /// Reads a signature in each encoding that clients use.
    pub(super) fn read(text: &str) -> Option<Self> {
        let given = |bytes: Vec<u8>, mistake| (bytes.len() == 32).then_some(Self { bytes, mistake });
        let hex = |text: &[u8]| HEXLOWER_PERMISSIVE.decode(text).ok();
        let text = text.trim();
        let standard = STANDARD.decode(text).ok();
        if let Some(found) = standard.clone().and_then(|bytes| given(bytes, None)) {
            return Some(found);
        }
        // The digits themselves, or the base64 of the digits.
        let digits = hex(text.as_bytes()).or_else(|| standard.and_then(|bytes| hex(&bytes)));
        if let Some(found) = digits.and_then(|bytes| given(bytes, Some(Refusal::HexSignature))) {
            return Some(found);
        }
        let url_safe = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
        let other = URL_SAFE_NO_PAD.decode(url_safe).ok();
        other.and_then(|bytes| given(bytes, Some(Refusal::Base64Form)))
    }
}

/// The mistakes that together explain the signature, the fewest that do; none where it is right.
/// `None` where no candidate fits.
pub(super) fn find(
    keys: &[Key],
    parts: &[Vec<u8>],
    edits: &[Edit],
    given: &Given,
    depth: Depth,
) -> Option<Vec<Refusal>> {
    let mut best: Option<Vec<Refusal>> = None;
    let mut attempt = |made: &[&Edit]| {
        let text = text(parts, made);
        for key in keys {
            if key.secret.verify_bytes(&text, &given.bytes) {
                let of_text = made.iter().map(|edit| edit.mistake);
                let mut mistakes: Vec<Refusal> = key.mistake.into_iter().chain(of_text).chain(given.mistake).collect();
                mistakes.dedup();
                if best.as_ref().is_none_or(|best| mistakes.len() < best.len()) {
                    best = Some(mistakes);
                }
            }
        }
    };
    attempt(&[]);
    for (place, first) in edits.iter().enumerate() {
        attempt(&[first]);
        if depth == Depth::Two {
            for second in edits.iter().skip(place + 1).filter(|second| second.part != first.part) {
                attempt(&[first, second]);
            }
        }
    }
    best
}

/// The parts one after the other, with what is edited in its place.
fn text(parts: &[Vec<u8>], edits: &[&Edit]) -> Vec<u8> {
    let part = |(place, part): (usize, &Vec<u8>)| {
        edits.iter().find(|edit| edit.part == place).map_or_else(|| part.clone(), |edit| edit.value.clone())
    };
    parts.iter().enumerate().map(part).collect::<Vec<_>>().concat()
}
