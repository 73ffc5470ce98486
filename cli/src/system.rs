//! The clock, random bytes and the event loop. Nothing else in the command line reads a clock or
//! random bytes.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use recourse_dispute::time::UnixMillis;
use recourse_store::WriteToken;

use crate::ending::Failure;

/// How far the clock of the local cloud that this process speaks to was moved, in milliseconds.
static AHEAD: OnceLock<i64> = OnceLock::new();

/// Follows the clock of a local cloud, which stores in `file` how far it was moved. Requests to
/// that cloud are then signed by its time. Call this once. Without a number in the file, nobody
/// moved the clock.
pub(crate) fn follow(file: &str) {
    let ahead = std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok());
    let _ = AHEAD.set(ahead.unwrap_or_default());
}

pub(crate) fn now() -> UnixMillis {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(passed.as_millis()).unwrap_or(i64::MAX);
    UnixMillis(now.saturating_add(AHEAD.get().copied().unwrap_or_default()))
}

/// A new nonce: 32 random hexadecimal digits.
pub(crate) fn nonce() -> Result<String, Failure> {
    Ok(format!("{:032x}", u128::from_be_bytes(random()?)))
}

pub(crate) fn write_token() -> Result<WriteToken, Failure> {
    random().map(WriteToken::new)
}

/// Write tokens for a write and for its retries after version conflicts, all from one draw.
pub(crate) fn write_tokens() -> Result<impl FnMut() -> WriteToken, Failure> {
    let mut draw = draws()?;
    Ok(move || WriteToken::new(draw()))
}

/// Bytes for a write and for its retries, all from one draw: each time others.
pub(crate) fn draws() -> Result<impl FnMut() -> [u8; 16], Failure> {
    let mut next = u128::from_be_bytes(random()?);
    Ok(move || {
        next = next.wrapping_add(1);
        next.to_be_bytes()
    })
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::refused(format!("the operating system gives no random bytes: {error}")))?;
    Ok(bytes)
}

/// Runs work that calls AWS, and waits for it.
pub(crate) fn wait<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::refused(format!("the event loop cannot be started: {error}")))?;
    runtime.block_on(work)
}
