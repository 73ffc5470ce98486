//! Points in time as whole seconds. Nothing here reads a clock.

use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixSeconds(pub i64);

impl UnixSeconds {
    /// This time moved by a number of seconds, held at the ends of the range.
    #[must_use]
    pub fn plus(self, seconds: u32) -> Self {
        Self(self.0.saturating_add(i64::from(seconds)))
    }

    /// Day, month (1 to 12) and year in UTC; `None` outside the years that have a date.
    #[must_use]
    pub fn date(self) -> Option<(u8, u8, i32)> {
        let at = time::OffsetDateTime::from_unix_timestamp(self.0).ok()?;
        Some((at.day(), u8::from(at.month()), at.year()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_that_of_utc() {
        assert_eq!(UnixSeconds(0).date(), Some((1, 1, 1970)));
        assert_eq!(UnixSeconds(1_782_950_399).date(), Some((1, 7, 2026)));
        assert_eq!(UnixSeconds(i64::MAX).date(), None);
        assert_eq!(UnixSeconds(i64::MAX).plus(1), UnixSeconds(i64::MAX));
    }
}
