//! Which request it is, in the words of its caller: the header `Idempotency-Key`.

use recourse_edge::{AuthenticatedRequest, FieldErrors, Request};
use recourse_operations::webhooks::RequestId;

use crate::ApiError;

/// The header.
const HEADER: &str = "Idempotency-Key";
/// The longest key, in characters.
const MAX_KEY: usize = 64;

/// The request that a call is, by the caller's account, the call, what it is about and the key that
/// the caller chose. It has to be there: without one, nobody could tell a call that is sent again
/// from another one.
///
/// # Errors
/// [`ApiError::InvalidRequest`].
pub fn request_id(
    request: &Request,
    caller: &AuthenticatedRequest,
    call: &str,
    about: &str,
) -> Result<RequestId, ApiError> {
    let invalid = |rule: &str| ApiError::InvalidRequest(FieldErrors::one(HEADER, rule));
    let key = request.header(HEADER).ok_or_else(|| invalid("is required."))?;
    if !is_key(key) {
        return Err(invalid("must be 1 to 64 visible ASCII characters other than a comma, and sent once."));
    }
    Ok(RequestId::of(&[caller.credential.account.id.as_str(), call, about, key]))
}

/// A header that is sent twice arrives as one, with a comma between both.
fn is_key(key: &str) -> bool {
    (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_visible_text() {
        let longest = "k".repeat(MAX_KEY);
        for key in ["1", "5ded4dda-0000-4000-8000-000000000000", longest.as_str()] {
            assert!(is_key(key), "{key}");
        }
        let longer = "k".repeat(MAX_KEY + 1);
        for key in ["", " ", "a b", "a,b", "a\n", "é", longer.as_str()] {
            assert!(!is_key(key), "{key}");
        }
    }
}
