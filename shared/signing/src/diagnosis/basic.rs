//! The mistakes at HTTP Basic, which signs nothing: what was sent instead of the secret.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Refusal;
use crate::basic::Authorization;

/// Why the password of a request is not `secret`: a mistake with the secret, or
/// [`Refusal::WrongSecret`]. `None` where it is the secret.
#[must_use]
pub fn basic(secret: &str, sent: &Authorization) -> Option<Refusal> {
    let is = |text: &str| sent.verify(text).is_ok();
    if is(secret) {
        return None;
    }
    let decoded = STANDARD.decode(secret).ok();
    let decoded = decoded.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
    Some(if ["\n", "\r\n"].iter().any(|end| is(&format!("{secret}{end}"))) {
        Refusal::TrailingNewline
    } else if decoded.is_some_and(is) {
        Refusal::SecretDecoded
    } else {
        Refusal::WrongSecret
    })
}
