//! The clock, the randomness and the metrics sink of a function, which reads them nowhere else.

use std::time::{SystemTime, UNIX_EPOCH};

use recourse_aws::metrics::{EmfRecord, Unit};
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::UnixMillis;
use recourse_store::WriteToken;

/// Where time and randomness come from, and where metrics go.
#[derive(Clone, Copy, Debug)]
pub struct SystemContext {
    /// What time it is.
    pub clock: fn() -> UnixMillis,
    /// Fills a slice with random bytes.
    pub random: fn(&mut [u8]) -> Result<(), getrandom::Error>,
    /// Writes a line of metrics.
    pub print: fn(&str),
}

/// The system has no random bytes to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system has no random bytes: {0}")]
pub struct NoRandomness(#[from] getrandom::Error);

impl SystemContext {
    /// The system's own clock and randomness, and standard output. In a build for development, the
    /// clock follows that of the local cloud.
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

    /// Prints a log record, at the time that it is.
    pub fn print_record(&self, record: EmfRecord) {
        (self.print)(&record.text(self.now().0));
    }

    /// Prints the log record of a worker's call that started then, with how long the call took. Its
    /// metrics are split by the member `worker`.
    pub fn print_call(&self, record: EmfRecord, started: UnixMillis) {
        self.print_record(record.metric("duration_ms", self.since(started), Unit::Milliseconds).by(["worker"]));
    }

    /// Random bytes.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], NoRandomness> {
        let mut bytes = [0; N];
        (self.random)(&mut bytes)?;
        Ok(bytes)
    }

    /// A new write token.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn write_token(&self) -> Result<WriteToken, NoRandomness> {
        self.bytes().map(WriteToken::new)
    }

    /// As many write tokens as a write with version conflicts needs, all out of one draw.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn write_tokens(&self) -> Result<impl FnMut() -> WriteToken + use<>, NoRandomness> {
        let mut draws = self.draws()?;
        Ok(move || WriteToken::new(draws()))
    }

    /// Bytes for a write and for its retries, all out of one draw: each time others.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn draws(&self) -> Result<impl FnMut() -> [u8; 16] + use<>, NoRandomness> {
        let mut next = u128::from_be_bytes(self.bytes()?);
        Ok(move || {
            next = next.wrapping_add(1);
            next.to_be_bytes()
        })
    }

    /// A number for a new dispute. The write finds out whether it is free.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn number(&self) -> Result<DisputeNumber, NoRandomness> {
        loop {
            if let Some(number) = DisputeNumber::draw(self.bytes()?) {
                return Ok(number);
            }
        }
    }
}

fn system_clock() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX).saturating_add(crate::moved::by()))
}
