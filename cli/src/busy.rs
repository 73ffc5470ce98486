//! Saying that something still runs: whoever waits longer than two seconds hears for what.

use std::io::{IsTerminal, stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use crate::output::note;

/// How long nothing is said.
const FIRST: Duration = Duration::from_secs(2);
/// How long it is until something is said again: on a terminal somebody watches, a log fills up.
const NEXT: Duration = Duration::from_secs(5);
const NEXT_IN_A_LOG: Duration = Duration::from_secs(30);

/// Something that runs until this is dropped.
pub(crate) struct Busy {
    /// Dropping it ends the thread.
    running: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Busy {
    /// Begins to watch over `what`, such as "reading the keys of the accounts".
    pub(crate) fn with(what: impl Into<String>) -> Self {
        let what = what.into();
        let next = if stderr().is_terminal() { NEXT } else { NEXT_IN_A_LOG };
        Self::every(FIRST, next, move |passed| note(&format!("{what}: {} s so far ...", passed.as_secs())))
    }

    /// Does `work` and watches over it.
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
            // It ends by itself now, and nothing is told after what it tells of is over.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_is_told_until_it_is_over() {
        let (sent, heard) = channel();
        let report = move |_| sent.send(()).unwrap();
        let busy = Busy::every(Duration::from_millis(1), Duration::from_millis(1), report);
        for _ in 0..3 {
            heard.recv_timeout(Duration::from_secs(10)).unwrap();
        }
        drop(busy);
        let _ = heard.try_iter().count();
        assert_eq!(heard.recv(), Err(std::sync::mpsc::RecvError), "nothing is told afterwards");
    }

    #[test]
    fn what_is_quick_is_not_told() {
        let (sent, heard) = channel();
        let report = move |_| sent.send(()).unwrap();
        drop(Busy::every(Duration::from_secs(3_600), Duration::from_secs(1), report));
        assert_eq!(heard.recv(), Err(std::sync::mpsc::RecvError));
    }
}
