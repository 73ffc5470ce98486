//! One request's attempt to write: what its items are known by, and how long it waits between its tries.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use data_encoding::HEXLOWER;

use crate::items::{Item, text};

const FIRST_WAIT_MS: u64 = 8;
const LONGEST_WAIT_MS: u64 = 500;

/// The attribute in which an item names the attempt that wrote it.
pub(crate) const ATTEMPT: &str = "write_token";

/// One request's attempt to write: random, and the same through all its retries.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct WriteToken(String);

impl WriteToken {
    /// Makes an id of 16 random bytes.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(HEXLOWER.encode(&random))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// How long to wait before try number `tries + 1`: anything up to a bound that doubles. Jitter comes out of the attempt's own
    /// randomness, so that two attempts that met do not meet again.
    pub(crate) fn wait(&self, attempts_made: u32) -> Duration {
        self.wait_below(attempts_made, FIRST_WAIT_MS.saturating_mul(1 << attempts_made.min(16)).min(LONGEST_WAIT_MS))
    }

    /// How long to wait before try number `tries + 1`, with a bound of one's own, in milliseconds.
    pub(crate) fn wait_below(&self, attempts_made: u32, bound: u64) -> Duration {
        let mut hasher = DefaultHasher::new();
        (self, attempts_made).hash(&mut hasher);
        Duration::from_millis(1 + hasher.finish() % bound)
    }

    /// Whether an item that stands in the way was written by this attempt.
    pub(crate) fn wrote(&self, item: Option<&Item>) -> bool {
        item.and_then(|item| text(item, ATTEMPT)) == Some(self.as_str())
    }
}

impl fmt::Debug for WriteToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_stay_within_their_bounds_and_differ() {
        let one = WriteToken::new([1; 16]);
        let other = WriteToken::new([2; 16]);
        assert!((0..40).all(|attempts_made| one.wait(attempts_made) <= Duration::from_millis(LONGEST_WAIT_MS + 1)));
        assert!((0..10).any(|attempts_made| one.wait(attempts_made) != other.wait(attempts_made)));
    }
}
