//! The clock and the dice: the only place where the command line reads either.

use std::time::{SystemTime, UNIX_EPOCH};

use recourse_dispute::time::UnixMillis;
use recourse_store::AttemptId;

use crate::ending::Failure;

/// What time it is.
pub(crate) fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A nonce that no other request has: 32 hexadecimal digits.
///
/// # Errors
/// [`Failure`] when the system has no random bytes.
pub(crate) fn nonce() -> Result<String, Failure> {
    Ok(format!("{:032x}", u128::from_be_bytes(random()?)))
}

/// The id of a new attempt to write.
///
/// # Errors
/// As [`nonce`].
pub(crate) fn attempt() -> Result<AttemptId, Failure> {
    random().map(AttemptId::new)
}

fn random() -> Result<[u8; 16], Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::refused(format!("the system has no random bytes: {error}")))?;
    Ok(bytes)
}
