//! Ctrl-C: the first one ends the import after the present batch, the second one at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::platform::Waited;
use crate::ending::Ending;
use crate::output::note;

/// How soon a pause notices a Ctrl-C.
const STEP: Duration = Duration::from_millis(50);

#[derive(Clone, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens for Ctrl-C. Where that cannot be done, Ctrl-C ends the process at once.
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

    pub(super) fn pressed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    #[cfg(test)]
    pub(super) fn press(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Waits until the time has passed or Ctrl-C is pressed.
    pub(super) fn wait(&self, time: Duration) -> Waited {
        let end = Instant::now() + time;
        while !self.pressed() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Waited::Completed;
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
    fn a_pause_ends_when_its_time_has_passed_or_at_ctrl_c() {
        let interrupt = Interrupt::default();
        assert_eq!(interrupt.wait(Duration::from_millis(1)), Waited::Completed);
        interrupt.press();
        assert_eq!(interrupt.wait(Duration::from_secs(60)), Waited::Interrupted);
    }
}
