//! A panic in the work on one thing stays in it: a worker goes on with the others.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

/// The work panicked. What it said of itself is in the log of the panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a panic")]
pub(crate) struct Panicked;

/// Does `work`, or says that it panicked. The work on one thing is large, so it is kept off the
/// stack.
///
/// What the work changed of the caller's before it panicked stays changed: callers give it nothing
/// that a half-done change would spoil.
pub(crate) async fn unpanicked<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    AssertUnwindSafe(Box::pin(work)).catch_unwind().await.map_err(|_| Panicked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_and_all_else_passes() {
        let work = async |panics: bool| {
            tokio::task::yield_now().await;
            assert!(!panics, "on purpose");
            7
        };
        assert_eq!(unpanicked(work(false)).await, Ok(7));
        assert_eq!(unpanicked(work(true)).await, Err(Panicked));
    }
}
