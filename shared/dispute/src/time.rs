//! Points in time, as whole numbers since the Unix epoch. Nothing here reads a clock.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(pub i64);

/// A text that is not an RFC 3339 point in time between the years 1970 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an ISO 8601 date and time with an offset, such as 2018-05-30T08:04:20Z")]
pub struct NotATime;

impl UnixMillis {
    /// Reads an RFC 3339 text; fractions below a millisecond are cut off.
    ///
    /// # Errors
    /// [`NotATime`] for any other form, and for a time before 1970.
    pub fn parse(text: &str) -> Result<Self, NotATime> {
        let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| NotATime)?;
        let millis = i64::try_from(at.unix_timestamp_nanos() / 1_000_000).map_err(|_| NotATime)?;
        if millis < 0 { Err(NotATime) } else { Ok(Self(millis)) }
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This time moved by a number of milliseconds, held at the ends of the range.
    #[must_use]
    pub fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// ISO 8601 in UTC with up to three decimals, trailing zeros trimmed: `2018-05-30T08:04:20Z`, `...23.41Z` (as seed 002 prints times).
    #[must_use]
    pub fn iso8601(self) -> String {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .and_then(|at| at.format(&Rfc3339).ok())
            .unwrap_or_else(|| format!("{}ms", self.0))
    }

    /// For people, in full: `20 March 2019, 11:15:23 UTC`.
    #[must_use]
    pub fn in_words(self) -> String {
        let format = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute]:[second] UTC");
        OffsetDateTime::from_unix_timestamp(self.seconds())
            .ok()
            .and_then(|at| at.format(format).ok())
            .unwrap_or_else(|| self.iso8601())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_reads() {
        for text in
            ["2018-05-30T08:04:20Z", "2019-02-28T11:15:23.403Z", "2019-02-28T11:15:23.41Z", "1970-01-01T00:00:00Z"]
        {
            assert_eq!(UnixMillis::parse(text).unwrap().iso8601(), text);
        }
        assert_eq!(UnixMillis::parse("2018-05-30T09:04:20+01:00").unwrap().iso8601(), "2018-05-30T08:04:20Z");
    }

    #[test]
    fn tells_people_the_time_with_its_zone() {
        let at = |text| UnixMillis::parse(text).unwrap().in_words();
        assert_eq!(at("2019-03-20T11:15:23.403Z"), "20 March 2019, 11:15:23 UTC");
        assert_eq!(at("2026-01-01T01:00:05+02:00"), "31 December 2025, 23:00:05 UTC");
        assert_eq!(UnixMillis(i64::MAX).in_words(), "9223372036854775807ms");
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "2018-05-30",
            "2018-05-30T08:04:20",
            "2018-02-30T08:04:20Z",
            "1969-12-31T23:59:59Z",
            "99999-01-01T00:00:00Z",
        ] {
            assert_eq!(UnixMillis::parse(text), Err(NotATime), "{text}");
        }
    }

    #[test]
    fn the_ends_of_the_range_hold() {
        assert_eq!(UnixMillis(i64::MAX).plus(1), UnixMillis(i64::MAX));
        assert_eq!(UnixMillis(-1).seconds(), -1);
        assert_eq!(UnixMillis(i64::MAX).iso8601(), "9223372036854775807ms");
    }
}
