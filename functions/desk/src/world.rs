//! The clock and the dice: the only place where a worker reads either.

use std::time::{SystemTime, UNIX_EPOCH};

use recourse_dispute::time::UnixMillis;
use recourse_store::AttemptId;

/// Where time and randomness come from.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// What time it is.
    pub clock: fn() -> UnixMillis,
    /// Fills a slice with random bytes.
    pub random: fn(&mut [u8]) -> Result<(), getrandom::Error>,
}

impl World {
    /// The system's own clock and randomness.
    #[must_use]
    pub fn real() -> Self {
        Self { clock: system_clock, random: getrandom::fill }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> UnixMillis {
        (self.clock)()
    }

    /// Milliseconds since a point in time; none when the clock went back.
    #[must_use]
    pub fn since(&self, then: UnixMillis) -> u64 {
        u64::try_from(self.now().0.saturating_sub(then.0)).unwrap_or_default()
    }

    /// The id of a new attempt to write.
    ///
    /// # Errors
    /// When the system has no random bytes to give.
    pub fn attempt(&self) -> Result<AttemptId, getrandom::Error> {
        let mut bytes = [0; 16];
        (self.random)(&mut bytes)?;
        Ok(AttemptId::new(bytes))
    }
}

fn system_clock() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
