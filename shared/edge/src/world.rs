//! The clock and the dice: the only place where a function reads either.

use std::time::{SystemTime, UNIX_EPOCH};

use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_store::AttemptId;

use crate::Fault;

/// Where time and randomness come from.
#[derive(Clone, Copy, Debug)]
pub struct World {
    clock: fn() -> SystemTime,
    random: fn(&mut [u8]) -> Result<(), getrandom::Error>,
}

impl World {
    /// The system's own clock and randomness.
    #[must_use]
    pub fn real() -> Self {
        Self { clock: SystemTime::now, random: getrandom::fill }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> UnixMillis {
        let since = (self.clock)().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// Random bytes.
    ///
    /// # Errors
    /// [`Fault::Broken`] when the system has none to give.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        (self.random)(&mut bytes).map_err(|error| Fault::Broken(format!("no random bytes: {error}")))?;
        Ok(bytes)
    }

    /// The id of a new attempt to write.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn attempt(&self) -> Result<AttemptId, Fault> {
        self.bytes().map(AttemptId::new)
    }

    /// As many attempt ids as a write that is overtaken needs, all out of one draw.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn attempts(&self) -> Result<impl FnMut() -> AttemptId, Fault> {
        let mut next = u128::from_be_bytes(self.bytes()?);
        Ok(move || {
            next = next.wrapping_add(1);
            AttemptId::new(next.to_be_bytes())
        })
    }

    /// A number for a new dispute; whether it is free, the write will tell.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn number(&self) -> Result<DisputeNumber, Fault> {
        loop {
            if let Some(number) = DisputeNumber::draw(self.bytes()?) {
                return Ok(number);
            }
        }
    }
}
