//! The mistakes at HTTP Basic, which signs nothing: what was sent instead of the secret.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::Refusal;
use crate::basic::Authorization;

/// Why the password of a request is not `secret`: a mistake with the secret, or
/// [`Refusal::WrongSecret`]. For a password that [`Authorization::verify`] refuses.
#[must_use]
pub fn basic(secret: &str, sent: &Authorization) -> Refusal {
    // A password is text. Bytes that are none are compared too, so that every secret takes as long.
    let decoded = Zeroizing::new(STANDARD.decode(secret).unwrap_or_else(|_| secret.into()));
    let with_line_feed = Zeroizing::new(format!("{secret}\n"));
    let with_line_end = Zeroizing::new(format!("{secret}\r\n"));
    let candidates = [
        (Refusal::TrailingNewline, with_line_feed.as_bytes()),
        (Refusal::TrailingNewline, with_line_end.as_bytes()),
        (Refusal::SecretDecoded, decoded.as_slice()),
    ];
    // All of them are compared, whichever fits.
    let found = candidates.into_iter().fold(None, |found, (mistake, candidate)| {
        let is_sent = sent.verify_bytes(candidate);
        found.or(is_sent.then_some(mistake))
    });
    found.unwrap_or(Refusal::WrongSecret)
}
