//! The clock and the dice: the only place where the command line reads either. And the loop that it waits in.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use recourse_dispute::time::UnixMillis;
use recourse_store::WriteToken;

use crate::ending::Failure;

/// How far the clock of the local cloud that this process speaks to was moved, in milliseconds.
static AHEAD: OnceLock<i64> = OnceLock::new();

/// Goes by the clock of the local cloud that keeps this file from now on, so that what is signed for
/// it is signed by its time. Call it once. A file without a number says that nobody moved the clock.
pub(crate) fn follow(file: &str) {
    let ahead = std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok());
    let _ = AHEAD.set(ahead.unwrap_or_default());
}

/// What time it is.
pub(crate) fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    UnixMillis(now.saturating_add(AHEAD.get().copied().unwrap_or_default()))
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
pub(crate) fn write_token() -> Result<WriteToken, Failure> {
    random().map(WriteToken::new)
}

/// As many attempt ids as a write that is overtaken needs, all out of one draw.
///
/// # Errors
/// As [`nonce`].
pub(crate) fn write_tokens() -> Result<impl FnMut() -> WriteToken, Failure> {
    let mut next = u128::from_be_bytes(random()?);
    Ok(move || {
        next = next.wrapping_add(1);
        WriteToken::new(next.to_be_bytes())
    })
}

/// Random bytes.
///
/// # Errors
/// As [`nonce`].
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::refused(format!("the system has no random bytes: {error}")))?;
    Ok(bytes)
}

/// Waits for what speaks to AWS.
///
/// # Errors
/// [`Failure`] when the system has no event loop to wait in, or what was waited for failed.
pub(crate) fn wait<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::refused(format!("the system gives no event loop: {error}")))?;
    runtime.block_on(work)
}
