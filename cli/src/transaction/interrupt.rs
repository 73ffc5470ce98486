//! Ctrl-C: the first one asks for an end after the batch that is under way, the second one ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::platform::Waited;
use crate::ending::Ending;
use crate::output::note;

/// How long the answer to a Ctrl-C may take while nothing else happens.
const STEP: Duration = Duration::from_millis(50);

/// Whether Ctrl-C was pressed.
#[derive(Clone, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on. Where that cannot be done, Ctrl-C ends the process as it always does.
    pub(super) fn listen() -> Self {
        let interrupt = Self::default();
        let pressed = interrupt.clone();
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
            thread::spawn(move || {
                runtime.block_on(async {
                    if tokio::signal::ctrl_c().await.is_ok() {
                        pressed.0.store(true, Ordering::Relaxed);
                        note("ending after the batch that is under way; Ctrl-C again ends at once");
                    }
                    if tokio::signal::ctrl_c().await.is_ok() {
                        std::process::exit(Ending::Interrupted.code().into());
                    }
                });
            });
        }
        interrupt
    }

    /// Whether it was pressed.
    pub(super) fn pressed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// As Ctrl-C does.
    #[cfg(test)]
    pub(super) fn press(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Waits, unless it is pressed.
    pub(super) fn wait(&self, time: Duration) -> Waited {
        let end = Instant::now() + time;
        while !self.pressed() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Waited::Through;
            }
            thread::sleep(left.min(STEP));
        }
        Waited::Interrupted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_when_it_is_over_or_interrupted() {
        let interrupt = Interrupt::default();
        assert_eq!(interrupt.wait(Duration::from_millis(1)), Waited::Through);
        interrupt.press();
        assert_eq!(interrupt.wait(Duration::from_secs(60)), Waited::Interrupted);
    }
}
