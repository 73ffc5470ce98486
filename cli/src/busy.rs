//! Messages about work that takes longer than two seconds.

use std::io::{IsTerminal, stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use crate::output::note;

/// After how long the first message comes.
const FIRST: Duration = Duration::from_secs(2);
/// After how long each further message comes. Where nobody watches a terminal, a log would fill up.
const NEXT: Duration = Duration::from_secs(5);
const NEXT_IN_A_LOG: Duration = Duration::from_secs(30);

/// Work that runs until this is dropped.
pub(crate) struct Busy {
    /// Dropping it ends the thread.
    running: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Busy {
    /// Begins to report on `what`, such as "reading the keys of the accounts".
    pub(crate) fn with(what: impl Into<String>) -> Self {
        let what = what.into();
        let next = if stderr().is_terminal() { NEXT } else { NEXT_IN_A_LOG };
        Self::every(FIRST, next, move |passed| note(&format!("{what}: {} s so far ...", passed.as_secs())))
    }

    /// Does `work`, and reports on it while it runs.
    pub(crate) fn during<T>(what: &str, work: impl FnOnce() -> T) -> T {
        let _busy = Self::with(what);
        work()
    }

    fn every(first: Duration, next: Duration, report: impl Fn(Duration) + Send + 'static) -> Self {
        let (running, ends) = channel();
        let started = Instant::now();
        let thread = spawn(move || {
            let mut wait = first;
            while ends.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                report(started.elapsed());
                wait = next;
            }
        });
        Self { running: Some(running), thread: Some(thread) }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        drop(self.running.take());
        if let Some(thread) = self.thread.take() {
            // The thread ends now, so no message comes after the end of the work.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_work_is_reported_until_it_is_over() {
        let (sent, reports) = channel();
        let report = move |_| sent.send(()).unwrap();
        let busy = Busy::every(Duration::from_millis(1), Duration::from_millis(1), report);
        for _ in 0..3 {
            reports.recv_timeout(Duration::from_secs(10)).unwrap();
        }
        drop(busy);
        let _ = reports.try_iter().count();
        assert_eq!(reports.recv(), Err(std::sync::mpsc::RecvError), "no message comes afterwards");
    }

    #[test]
    fn quick_work_is_not_reported() {
        let (sent, reports) = channel();
        let report = move |_| sent.send(()).unwrap();
        drop(Busy::every(Duration::from_secs(3_600), Duration::from_secs(1), report));
        assert_eq!(reports.recv(), Err(std::sync::mpsc::RecvError));
    }
}
