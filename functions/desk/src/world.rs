//! The clock and the dice: the only place where a worker reads either. And where its metrics go.

use std::time::{SystemTime, UNIX_EPOCH};

use recourse_dispute::time::UnixMillis;
use recourse_store::AttemptId;

/// Where time and randomness come from, and where metrics go.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// What time it is.
    pub clock: fn() -> UnixMillis,
    /// Fills a slice with random bytes.
    pub random: fn(&mut [u8]) -> Result<(), getrandom::Error>,
    /// Writes a line of metrics.
    pub print: fn(&str),
}

impl World {
    /// The system's own clock and randomness, and standard output.
    #[must_use]
    pub fn real() -> Self {
        Self { clock: system_clock, random: getrandom::fill, print: recourse_aws::metrics::print }
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

    /// As many attempt ids as a write that is overtaken needs, all out of one draw.
    ///
    /// # Errors
    /// As [`Self::attempt`].
    pub fn attempts(&self) -> Result<impl FnMut() -> AttemptId + use<>, getrandom::Error> {
        let mut bytes = [0; 16];
        (self.random)(&mut bytes)?;
        let mut next = u128::from_be_bytes(bytes);
        Ok(move || {
            next = next.wrapping_add(1);
            AttemptId::new(next.to_be_bytes())
        })
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
