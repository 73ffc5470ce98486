//! Work on what a stranger sent, kept apart: a panic in it, or time without end, stays there.

use std::time::Duration;

/// Why isolated work gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// It panicked. The log has the place.
    Panicked,
    /// It took too long. It goes on in its thread, and nobody waits for it.
    Late,
}

/// Runs `work` in a thread of its own, for `limit` at most.
pub(super) async fn isolated<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Stopped> {
    match tokio::time::timeout(limit, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_)) => Err(Stopped::Panicked),
        Err(_) => Err(Stopped::Late),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_and_endless_work_stay_where_they_are() {
        let soon = Duration::from_millis(20);
        assert_eq!(isolated(Duration::from_secs(5), || 7).await, Ok(7));
        assert_eq!(isolated(Duration::from_secs(5), || -> u8 { panic!("on purpose") }).await, Err(Stopped::Panicked));
        let (end, wait) = std::sync::mpsc::channel::<()>();
        assert_eq!(isolated(soon, move || wait.recv().is_ok()).await, Err(Stopped::Late));
        drop(end);
    }
}
