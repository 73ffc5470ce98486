//! Points in time, as whole numbers since the Unix epoch. Nothing here reads a clock.

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(pub i64);

/// A point in time to the nanosecond, for what is compared with a word of the same millisecond.
///
/// It is kept as two numbers, because nanoseconds since 1970 leave an `i64` in the year 2262.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PreciseTime {
    millis: UnixMillis,
    /// Nanoseconds after that millisecond, less than [`NANOS_PER_MILLI`].
    nanos: u32,
}

const NANOS_PER_MILLI: u32 = 1_000_000;
/// `2018-05-30`, in bytes.
const LENGTH_OF_A_DATE: usize = 10;

/// A text that is not an RFC 3339 point in time between the years 1970 and 9999, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a date and time as RFC 3339 has it, such as 2018-05-30T08:04:20Z or 2018-05-30T09:04:20+01:00: \
     with a T between them, and with Z or an offset that has a colon"
)]
pub struct InvalidTimestamp;

impl UnixMillis {
    /// Reads an RFC 3339 text; fractions below a millisecond are cut off.
    ///
    /// # Errors
    /// [`NotATime`] for any other form, and for a time that is before 1970 or after 9999 in UTC.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        PreciseTime::parse(text).map(PreciseTime::millis)
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

    /// ISO 8601 in UTC with up to three decimals, trailing zeros trimmed: `2018-05-30T08:04:20Z`, `...23.41Z` (as vendor specification, Arbiter "Create Dispute" prints times).
    #[must_use]
    pub fn iso8601(self) -> String {
        iso8601(i128::from(self.0) * i128::from(NANOS_PER_MILLI)).unwrap_or_else(|| format!("{}ms", self.0))
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

impl PreciseTime {
    /// Reads an RFC 3339 text with a `T` between date and time; fractions below a nanosecond are cut
    /// off. Of the offsets of ISO 8601 those alone are taken that RFC 3339 has: `Z` and `+01:00`, not
    /// `+0100`.
    ///
    /// # Errors
    /// As [`UnixMillis::parse`].
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        // The parser takes any character between date and time.
        if !matches!(text.as_bytes().get(LENGTH_OF_A_DATE), Some(b'T' | b't')) {
            return Err(InvalidTimestamp);
        }
        let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InvalidTimestamp)?;
        // The offset can lead out of the years that a text can name.
        let at = at
            .checked_to_offset(UtcOffset::UTC)
            .filter(|at| (1970..=9999).contains(&at.year()))
            .ok_or(InvalidTimestamp)?;
        let (millis, nanos) = (i64::from(at.millisecond()), at.nanosecond() % NANOS_PER_MILLI);
        Ok(Self { millis: UnixMillis(at.unix_timestamp() * 1000 + millis), nanos })
    }

    /// A moment so many nanoseconds after a millisecond; `None` where they are a millisecond or more.
    #[must_use]
    pub fn new(millis: UnixMillis, nanos: u32) -> Option<Self> {
        (nanos < NANOS_PER_MILLI).then_some(Self { millis, nanos })
    }

    /// The millisecond that it is in.
    #[must_use]
    pub fn millis(self) -> UnixMillis {
        self.millis
    }

    /// The nanoseconds after [`Self::millis`].
    #[must_use]
    pub fn nanos(self) -> u32 {
        self.nanos
    }

    /// This moment moved by a number of milliseconds, held at the ends of the range.
    #[must_use]
    pub fn plus(self, millis: i64) -> Self {
        Self { millis: self.millis.plus(millis), ..self }
    }

    /// ISO 8601 in UTC with up to nine decimals, trailing zeros trimmed, as [`UnixMillis::iso8601`].
    #[must_use]
    pub fn iso8601(self) -> String {
        iso8601(i128::from(self.millis.0) * i128::from(NANOS_PER_MILLI) + i128::from(self.nanos))
            .unwrap_or_else(|| self.millis.iso8601())
    }
}

impl From<UnixMillis> for PreciseTime {
    fn from(millis: UnixMillis) -> Self {
        Self { millis, nanos: 0 }
    }
}

/// `None` outside the years that RFC 3339 can name.
fn iso8601(nanos: i128) -> Option<String> {
    OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?.format(&Rfc3339).ok()
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
            "2026-01-15 03:10:00Z",
            "2026-01-15_03:10:00Z",
            "2026-01-15T03:10:00-0700",
            "2026-01-15T03:10:00-07",
            "2026-01-15T03:10:00 Z",
            " 2026-01-15T03:10:00Z",
            "1969-12-31T23:59:59Z",
            "1969-12-31T23:59:59.9999Z",
            "1970-01-01T00:00:00+00:01",
            "0000-01-01T00:00:00+01:00",
            "99999-01-01T00:00:00Z",
            "9999-12-31T23:59:59-00:01",
        ] {
            assert_eq!(UnixMillis::parse(text), Err(InvalidTimestamp), "{text}");
        }
        for text in ["2026-01-15t03:10:00z", "2026-01-15T03:10:00-07:00", "2026-01-15T03:10:00+00:00"] {
            assert!(UnixMillis::parse(text).is_ok(), "{text}: RFC 3339 has small letters, too");
        }
        for text in ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59+00:01", "1969-12-31T23:59:59-00:01"] {
            assert!(UnixMillis::parse(text).unwrap().iso8601().ends_with('Z'), "{text}");
        }
    }

    #[test]
    fn a_moment_keeps_what_is_below_a_millisecond() {
        let at = |text| PreciseTime::parse(text).unwrap();
        let text = "2026-01-16T02:00:03.123456789Z";
        assert_eq!((at(text).iso8601().as_str(), at(text).nanos()), (text, 456_789));
        assert_eq!(at(text).millis(), UnixMillis::parse("2026-01-16T02:00:03.123Z").unwrap());
        assert_eq!(at("2026-01-16T02:00:03.1234567899Z"), at(text));
        assert!(at("2026-01-16T02:00:03.1234Z") < at("2026-01-16T02:00:03.123401Z"));
        assert!(at("2026-01-16T02:00:03.123999Z") < at("2026-01-16T02:00:03.124Z"));
        assert_eq!(at("2026-01-16T02:00:03.123Z"), at(text).millis().into());
        assert_eq!(
            (PreciseTime::new(UnixMillis(1), 999_999).unwrap().nanos(), PreciseTime::new(UnixMillis(1), 1_000_000)),
            (999_999, None)
        );
    }

    #[test]
    fn the_ends_of_the_range_hold() {
        assert_eq!(UnixMillis(i64::MAX).plus(1), UnixMillis(i64::MAX));
        assert_eq!(UnixMillis(-1).seconds(), -1);
        assert_eq!(UnixMillis(i64::MAX).iso8601(), "9223372036854775807ms");
    }
}
